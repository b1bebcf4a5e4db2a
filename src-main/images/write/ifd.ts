/**
 * TIFF directories to bytes, little endian: classic (TIFF 6.0) with 4-byte offsets, or BigTIFF with 8-byte ones.
 */

/** Field types of TIFF 6.0 and BigTIFF that are written here. */
export const fieldType = {
  ascii: 2,
  short: 3,
  long: 4,
  rational: 5,
  undefined: 7,
  double: 12,
  long8: 16,
} as const;

const typeBytes: Record<number, number> = { 2: 1, 3: 2, 4: 4, 5: 8, 7: 1, 12: 8, 16: 8 };

export interface Field {
  tag: number;
  type: (typeof fieldType)[keyof typeof fieldType];
  /** Numbers; for rational the value itself; for ascii and undefined the bytes. */
  values: ArrayLike<number>;
}

export function asciiField(tag: number, text: string): Field {
  return { tag, type: fieldType.ascii, values: Buffer.from(`${text}\0`, 'utf8') };
}

/** A positive number as numerator and denominator of 32 bits, as exactly as they allow. */
export function toRational(value: number): [number, number] {
  let denominator = 1;
  while (denominator < 0x40000000 && !Number.isInteger(value * denominator)) denominator *= 2;
  while (value * denominator > 0xffffffff && denominator > 1) denominator /= 2;
  return [Math.min(0xffffffff, Math.round(value * denominator)), denominator];
}

function putValue(view: DataView, at: number, type: number, value: number): void {
  switch (type) {
    case fieldType.short:
      view.setUint16(at, value, true);
      break;
    case fieldType.long:
      view.setUint32(at, value, true);
      break;
    case fieldType.rational: {
      const [numerator, denominator] = toRational(value);
      view.setUint32(at, numerator, true);
      view.setUint32(at + 4, denominator, true);
      break;
    }
    case fieldType.double:
      view.setFloat64(at, value, true);
      break;
    case fieldType.long8:
      view.setBigUint64(at, BigInt(value), true);
      break;
    default:
      view.setUint8(at, value);
  }
}

const even = (n: number): number => n + (n & 1);

const subIfds = 330;

/**
 * Header, an optional block between header and first directory, then each directory followed by its own values.
 * The result starts the file. Its length depends on the fields' counts only, not on their values.
 *
 * @param nested all directories but the first are children of it (SubIFDs, TIFF Technical Note 1), not its successors
 */
export function encodeDirectories(
  given: Field[][],
  bigTiff: boolean,
  { ghost, nested = false }: { ghost?: Uint8Array | undefined; nested?: boolean } = {},
): Uint8Array {
  const children = new Float64Array(given.length - 1);
  const isNested = nested && children.length > 0;
  const directories = isNested
    ? [
        [
          ...(given[0] ?? []),
          { tag: subIfds, type: bigTiff ? fieldType.long8 : fieldType.long, values: children },
        ],
        ...given.slice(1),
      ]
    : given;
  const headerBytes = bigTiff ? 16 : 8;
  const entryBytes = bigTiff ? 20 : 12;
  const inlineBytes = bigTiff ? 8 : 4;
  const sizeOf = (field: Field): number => (typeBytes[field.type] ?? 1) * field.values.length;
  const sorted = directories.map((fields) => [...fields].sort((a, b) => a.tag - b.tag));

  const starts: number[] = [];
  let length = even(headerBytes + (ghost?.byteLength ?? 0));
  for (const fields of sorted) {
    starts.push(length);
    length += (bigTiff ? 16 : 6) + fields.length * entryBytes;
    for (const field of fields) if (sizeOf(field) > inlineBytes) length += even(sizeOf(field));
    length = (length + 7) & ~7;
  }

  children.set(starts.slice(1));
  const bytes = new Uint8Array(length);
  const view = new DataView(bytes.buffer);
  const putOffset = (at: number, value: number): void =>
    bigTiff ? view.setBigUint64(at, BigInt(value), true) : view.setUint32(at, value, true);
  view.setUint16(0, 0x4949, true);
  view.setUint16(2, bigTiff ? 43 : 42, true);
  if (bigTiff) view.setUint16(4, 8, true);
  putOffset(bigTiff ? 8 : 4, starts[0] ?? 0);
  if (ghost) bytes.set(ghost, headerBytes);

  sorted.forEach((fields, index) => {
    let at = starts[index] ?? 0;
    if (bigTiff) view.setBigUint64(at, BigInt(fields.length), true);
    else view.setUint16(at, fields.length, true);
    at += bigTiff ? 8 : 2;
    let valuesAt = at + fields.length * entryBytes + (bigTiff ? 8 : 4);
    for (const field of fields) {
      view.setUint16(at, field.tag, true);
      view.setUint16(at + 2, field.type, true);
      putOffset(at + 4, field.values.length);
      let valueAt = at + (bigTiff ? 12 : 8);
      if (sizeOf(field) > inlineBytes) {
        putOffset(valueAt, valuesAt);
        valueAt = valuesAt;
        valuesAt += even(sizeOf(field));
      }
      const step = typeBytes[field.type] ?? 1;
      for (let i = 0; i < field.values.length; i++) {
        putValue(view, valueAt + i * step, field.type, field.values[i] ?? 0);
      }
      at += entryBytes;
    }
    putOffset(at, isNested ? 0 : (starts[index + 1] ?? 0));
  });
  return bytes;
}
