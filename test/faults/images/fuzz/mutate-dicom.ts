/** DICOM data elements: lengths, values and representations of one of them. */
import { edges } from './chance.ts';
import type { Mutation } from './mutate.ts';

const longForms = new Set(['OB', 'OW', 'OF', 'OD', 'OL', 'OV', 'SQ', 'UC', 'UN', 'UR', 'UT']);
const representations = ['US', 'UL', 'IS', 'DS', 'FD', 'FL', 'CS', 'UI', 'LO', 'SH', 'AT', ...longForms];

/** Where explicit-VR elements seem to begin: two letters that are a representation, at an even place, after a tag. */
function elements(bytes: Buffer): number[] {
  const found: number[] = [];
  const known = new Set(representations);
  const end = Math.min(bytes.length - 8, 64 * 1024);
  for (let at = 132; at < end; at += 2) {
    if (known.has(bytes.toString('latin1', at + 4, at + 6))) found.push(at);
  }
  return found;
}

export function mutateDicom({ bytes, chance }: Mutation): Buffer | null {
  if (bytes.length < 140 || bytes.toString('latin1', 128, 132) !== 'DICM') return null;
  const places = elements(bytes);
  if (places.length === 0) return null;
  const at = chance.of(places);
  const isLong = longForms.has(bytes.toString('latin1', at + 4, at + 6));
  const value = chance.of(edges);
  switch (chance.below(4)) {
    case 0:
      if (isLong) bytes.writeUInt32LE(value >>> 0, Math.min(at + 8, bytes.length - 4));
      else bytes.writeUInt16LE(value & 0xffff, at + 6);
      break;
    case 1:
      bytes.write(chance.of(representations), at + 4, 'latin1');
      break;
    case 2: {
      const valueAt = at + (isLong ? 12 : 8);
      if (valueAt + 4 > bytes.length) return null;
      if (chance.yes(0.5)) bytes.writeUInt32LE(value >>> 0, valueAt);
      else bytes.write(chance.of(['0', '-1', '99999999', '1e9', '\\', ' ']), valueAt, 'latin1');
      break;
    }
    default:
      bytes.writeUInt16LE(chance.of([0x0008, 0x0028, 0x0048, 0x5200, 0x7fe0]), at);
      bytes.writeUInt16LE(
        chance.of([0x0000, 0x0008, 0x0010, 0x0011, 0x0006, 0x0007, 0x9230, 0x0001]),
        at + 2,
      );
  }
  return bytes;
}
