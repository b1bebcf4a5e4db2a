/** Damage in what codecs read: sizes that bomb, lengths that lie. */
import { crc32 } from 'node:zlib';
import { edges } from './chance.ts';
import type { Mutation } from './mutate.ts';

/** Places of a two-byte marker FF xx. */
function markers(bytes: Buffer, wanted: (second: number) => boolean): number[] {
  const found: number[] = [];
  for (let at = bytes.indexOf(0xff); at >= 0 && found.length < 4096; at = bytes.indexOf(0xff, at + 1)) {
    if (wanted(bytes[at + 1] ?? 0)) found.push(at);
  }
  return found;
}

function isFrame(marker: number): boolean {
  return marker >= 0xc0 && marker <= 0xcf && marker !== 0xc4 && marker !== 0xc8 && marker !== 0xcc;
}

/** SOF sizes and components, lengths and contents of DHT, DQT, SOS, DRI. */
export function mutateJpeg({ bytes, chance }: Mutation): Buffer | null {
  const frames = markers(bytes, isFrame).filter((at) => at + 12 < bytes.length && bytes[at + 2] === 0);
  if (frames.length === 0) return null;
  if (chance.yes(0.5)) {
    // One tile, or all of them: a bomb is only one where the tags agree, or nobody looks.
    const at = chance.of(frames);
    const size = chance.of([0, 1, 255, 256, 4096, 16_384, 65_500, 65_535]);
    for (const frame of chance.yes(0.3) ? frames : [at]) {
      const part = chance.below(5);
      if (part === 0) bytes[frame + 9] = chance.of([0, 1, 2, 3, 4, 255]);
      else if (part === 1) bytes[frame + 4] = chance.of([0, 1, 2, 12, 16, 255]);
      else if (part === 2) bytes[frame + 11] = chance.below(256);
      else bytes.writeUInt16BE(size, frame + (part === 3 ? 5 : 7));
      if (chance.yes(0.2)) bytes[frame + 1] = 0xc0 + chance.below(16);
    }
    return bytes;
  }
  const segments = markers(bytes, (marker) => [0xc4, 0xda, 0xdb, 0xdd, 0xe0, 0xee].includes(marker));
  if (segments.length === 0) return null;
  const at = chance.of(segments);
  if (at + 20 > bytes.length) return null;
  if (chance.yes(0.5)) bytes.writeUInt16BE(chance.of([0, 1, 2, 3, 17, 255, 4096, 65_535]), at + 2);
  else for (let i = 0; i < 4; i++) bytes[at + 4 + chance.below(16)] = chance.below(256);
  return bytes;
}

/** SIZ (image and tile size, components), COD (resolutions, code blocks) of a codestream. */
export function mutateJpeg2000({ bytes, chance }: Mutation): Buffer | null {
  const sizes: number[] = [];
  for (let at = bytes.indexOf('ff4fff51', 'hex'); at >= 0; at = bytes.indexOf('ff4fff51', at + 4, 'hex')) {
    sizes.push(at + 2);
  }
  if (sizes.length === 0) return null;
  const at = chance.of(sizes);
  if (at + 48 > bytes.length) return null;
  if (chance.yes(0.6)) {
    // Xsiz, Ysiz, XOsiz, YOsiz, XTsiz, YTsiz, XTOsiz, YTOsiz: 32 bits each from byte 6 of the marker on; then Csiz.
    const field = chance.below(9);
    const value = chance.of(edges.filter((edge) => edge <= 0xffff_ffff));
    if (field === 8) bytes.writeUInt16BE(value & 0xffff, at + 38);
    else bytes.writeUInt32BE(value, at + 6 + field * 4);
    if (chance.yes(0.3)) bytes.writeUInt32BE(value, at + 6 + ((field + 1) % 8) * 4);
    return bytes;
  }
  const others = markers(bytes, (marker) => [0x52, 0x5c, 0x90, 0x93, 0x55].includes(marker));
  const other = others.length > 0 ? chance.of(others) : at;
  for (let i = 0; i < 3; i++) {
    const target = other + 2 + chance.below(14);
    if (target < bytes.length) bytes[target] = chance.below(256);
  }
  return bytes;
}

/** IHDR with a right checksum, so that the numbers in it are believed. */
export function mutatePng({ bytes, chance }: Mutation): Buffer | null {
  if (bytes.length < 33 || bytes.toString('latin1', 1, 4) !== 'PNG') return null;
  const part = chance.below(4);
  const value = chance.of(edges.filter((edge) => edge <= 0xffff_ffff));
  if (part === 0) bytes.writeUInt32BE(value, 16);
  else if (part === 1) bytes.writeUInt32BE(value, 20);
  else if (part === 2) bytes[24 + chance.below(5)] = chance.below(20);
  else {
    const side = chance.of([16_384, 20_000, 60_000, 2_000_000]);
    bytes.writeUInt32BE(side, 16);
    bytes.writeUInt32BE(side, 20);
  }
  bytes.writeUInt32BE(crc32(bytes.subarray(12, 29)), 29);
  return bytes;
}
