/** From the bytes of a tag's value to numbers. Types as in TIFF 6.0 section 2 and BigTIFF. */

/** Offsets fit into 32 bits in classic TIFF; in BigTIFF they are doubles, exact up to 2^53. */
export type OffsetArray = Uint32Array | Float64Array;

const sizes: Readonly<Record<number, number>> = {
  1: 1, // BYTE
  2: 1, // ASCII
  3: 2, // SHORT
  4: 4, // LONG
  5: 8, // RATIONAL
  6: 1, // SBYTE
  7: 1, // UNDEFINED
  8: 2, // SSHORT
  9: 4, // SLONG
  10: 8, // SRATIONAL
  11: 4, // FLOAT
  12: 8, // DOUBLE
  13: 4, // IFD
  16: 8, // LONG8
  17: 8, // SLONG8
  18: 8, // IFD8
};

/** Bytes of one value; 0 for a type that is not known. */
export function typeSize(type: number): number {
  return sizes[type] ?? 0;
}

type Reader = (view: DataView, at: number, little: boolean) => number;

const u64: Reader = (view, at, little) => Number(view.getBigUint64(at, little));

const readers: Readonly<Record<number, Reader>> = {
  1: (view, at) => view.getUint8(at),
  2: (view, at) => view.getUint8(at),
  3: (view, at, little) => view.getUint16(at, little),
  4: (view, at, little) => view.getUint32(at, little),
  5: (view, at, little) => view.getUint32(at, little) / view.getUint32(at + 4, little),
  6: (view, at) => view.getInt8(at),
  7: (view, at) => view.getUint8(at),
  8: (view, at, little) => view.getInt16(at, little),
  9: (view, at, little) => view.getInt32(at, little),
  10: (view, at, little) => view.getInt32(at, little) / view.getInt32(at + 4, little),
  11: (view, at, little) => view.getFloat32(at, little),
  12: (view, at, little) => view.getFloat64(at, little),
  13: (view, at, little) => view.getUint32(at, little),
  16: u64,
  17: (view, at, little) => Number(view.getBigInt64(at, little)),
  18: u64,
};

export function decodeNumbers(bytes: Uint8Array, type: number, count: number, little: boolean): number[] {
  const read = readers[type];
  if (read === undefined) return [];
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const size = typeSize(type);
  return Array.from({ length: count }, (_, i) => read(view, i * size, little));
}

/** Whether this machine keeps the lowest byte first, as nearly all do. */
const isLittleEndian = new Uint8Array(Uint16Array.of(1).buffer)[0] === 1;

/** The bytes as 32-bit words where they can be read as they lie, which is ten times faster: tables have millions of entries. */
function wordsOf(bytes: Uint8Array, little: boolean): Uint32Array | null {
  if (!little || !isLittleEndian || bytes.byteOffset % 4 !== 0) return null;
  return new Uint32Array(bytes.buffer, bytes.byteOffset, Math.floor(bytes.byteLength / 4));
}

/**
 * A table of offsets or byte counts; null where the type is none that such a table has. The bytes are the caller's gift: the
 * table may lie in their memory.
 */
export function decodeOffsets(
  bytes: Uint8Array,
  type: number,
  count: number,
  little: boolean,
): OffsetArray | null {
  const words = wordsOf(bytes, little);
  if (words !== null && (type === 4 || type === 13)) return words.subarray(0, count);
  if (words !== null && (type === 16 || type === 18) && bytes.byteOffset % 8 === 0) {
    // In its own place: fresh memory for millions of entries costs more than converting them.
    const table = new Float64Array(bytes.buffer, bytes.byteOffset, count);
    for (let i = 0; i < count; i++) table[i] = (words[i * 2] ?? 0) + (words[i * 2 + 1] ?? 0) * 2 ** 32;
    return table;
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (type === 16 || type === 18) {
    const table = new Float64Array(count);
    const [low, high] = little ? [0, 4] : [4, 0];
    for (let i = 0; i < count; i++) {
      table[i] = view.getUint32(i * 8 + low, little) + view.getUint32(i * 8 + high, little) * 2 ** 32;
    }
    return table;
  }
  const table = new Uint32Array(count);
  if (type === 4 || type === 13) {
    for (let i = 0; i < count; i++) table[i] = view.getUint32(i * 4, little);
    return table;
  }
  if (type === 3) {
    for (let i = 0; i < count; i++) table[i] = view.getUint16(i * 2, little);
    return table;
  }
  return null;
}
