/** Where the fields of a TIFF lie, so that a mutation can hit one on purpose. Lenient: it reads files that are whole. */

export interface TiffField {
  tag: number;
  type: number;
  count: number;
  /** The 12 or 20 bytes of the entry. */
  entryAt: number;
  /** Where the count is written, and where the value or its offset is. */
  countAt: number;
  valueAt: number;
  /** Where the value's bytes lie: in the entry, or elsewhere. */
  dataAt: number;
  size: number;
}

export interface TiffMap {
  little: boolean;
  big: boolean;
  directories: { at: number; nextAt: number; fields: TiffField[] }[];
}

const sizes: Readonly<Record<number, number>> = {
  1: 1,
  2: 1,
  3: 2,
  4: 4,
  5: 8,
  6: 1,
  7: 1,
  8: 2,
  9: 4,
  10: 8,
  11: 4,
  12: 8,
  13: 4,
  16: 8,
  17: 8,
  18: 8,
};

export function readUint(bytes: Buffer, at: number, size: number, little: boolean): number {
  if (at < 0 || at + size > bytes.length) return 0;
  if (size === 1) return bytes[at] ?? 0;
  if (size === 2) return little ? bytes.readUInt16LE(at) : bytes.readUInt16BE(at);
  if (size === 4) return little ? bytes.readUInt32LE(at) : bytes.readUInt32BE(at);
  return Number(little ? bytes.readBigUInt64LE(at) : bytes.readBigUInt64BE(at));
}

/** Writes what fits of a number; nothing beyond the end. */
export function writeUint(bytes: Buffer, at: number, size: number, value: number, little: boolean): void {
  if (at < 0 || at + size > bytes.length) return;
  if (size === 1) bytes[at] = value & 255;
  else if (size === 2) {
    if (little) bytes.writeUInt16LE(value & 0xffff, at);
    else bytes.writeUInt16BE(value & 0xffff, at);
  } else if (size === 4) {
    if (little) bytes.writeUInt32LE(value >>> 0, at);
    else bytes.writeUInt32BE(value >>> 0, at);
  } else {
    const wide = BigInt.asUintN(64, BigInt(Math.trunc(value)));
    if (little) bytes.writeBigUInt64LE(wide, at);
    else bytes.writeBigUInt64BE(wide, at);
  }
}

/** null where the bytes are no TIFF, or none whose directories can be followed. */
export function walkTiff(bytes: Buffer): TiffMap | null {
  const mark = bytes.toString('latin1', 0, 2);
  if (bytes.length < 16 || (mark !== 'II' && mark !== 'MM')) return null;
  const little = mark === 'II';
  const magic = readUint(bytes, 2, 2, little);
  if (magic !== 42 && magic !== 43) return null;
  const big = magic === 43;
  const map: TiffMap = { little, big, directories: [] };
  const seen = new Set<number>();
  const pending = [readUint(bytes, big ? 8 : 4, big ? 8 : 4, little)];
  while (pending.length > 0 && map.directories.length < 64) {
    const at = pending.shift() ?? 0;
    if (at === 0 || seen.has(at) || at + 8 > bytes.length) continue;
    seen.add(at);
    const directory = readDirectory(bytes, at, little, big);
    map.directories.push(directory);
    pending.push(readUint(bytes, directory.nextAt, big ? 8 : 4, little));
    for (const field of directory.fields) {
      if (field.tag !== 330) continue;
      for (let i = 0; i < Math.min(field.count, 16); i++) {
        pending.push(readUint(bytes, field.dataAt + i * field.size, field.size, little));
      }
    }
  }
  return map.directories.length > 0 ? map : null;
}

function readDirectory(
  bytes: Buffer,
  at: number,
  little: boolean,
  big: boolean,
): TiffMap['directories'][number] {
  const head = big ? 8 : 2;
  const entry = big ? 20 : 12;
  const inline = big ? 8 : 4;
  const count = Math.min(readUint(bytes, at, head, little), 200);
  const fields: TiffField[] = [];
  for (let i = 0; i < count; i++) {
    const entryAt = at + head + i * entry;
    if (entryAt + entry > bytes.length) break;
    const type = readUint(bytes, entryAt + 2, 2, little);
    const size = sizes[type] ?? 1;
    const countAt = entryAt + 4;
    const values = readUint(bytes, countAt, inline, little);
    const valueAt = countAt + inline;
    const dataAt = values * size <= inline ? valueAt : readUint(bytes, valueAt, inline, little);
    const tag = readUint(bytes, entryAt, 2, little);
    fields.push({ tag, type, count: values, entryAt, countAt, valueAt, dataAt, size });
  }
  return { at, nextAt: at + head + count * entry, fields };
}
