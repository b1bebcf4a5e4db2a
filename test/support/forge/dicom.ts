/**
 * DICOM whole-slide files byte by byte (PS3.5, PS3.10), to test a reader with: any organization, encoding and damage that the
 * standard allows or forbids. Pixels come from a function, so that every one of them is known.
 */

export type Value =
  | string
  | readonly string[]
  | number
  | readonly number[]
  | Uint8Array
  | { items: readonly DicomItem[]; undefinedLength?: boolean };

/** `[tag, value representation, value]`, in any order; written by rising tag. */
export type DicomElement = readonly [tag: number, vr: string, value: Value];
export type DicomItem = readonly DicomElement[];

export const syntaxes = {
  implicit: '1.2.840.10008.1.2',
  explicit: '1.2.840.10008.1.2.1',
  deflated: '1.2.840.10008.1.2.1.99',
  bigEndian: '1.2.840.10008.1.2.2',
  encapsulatedRaw: '1.2.840.10008.1.2.1.98',
  jpeg: '1.2.840.10008.1.2.4.50',
  jpegExtended: '1.2.840.10008.1.2.4.51',
  jpegLossless: '1.2.840.10008.1.2.4.70',
  jpegLs: '1.2.840.10008.1.2.4.80',
  jpeg2000Lossless: '1.2.840.10008.1.2.4.90',
  jpeg2000: '1.2.840.10008.1.2.4.91',
  rle: '1.2.840.10008.1.2.5',
} as const;

const longForms = new Set('OB OD OF OL OV OW SQ SV UC UN UR UT UV'.split(' '));
const undefinedLength = 0xffff_ffff;

function u32(...values: number[]): Buffer {
  const bytes = Buffer.alloc(values.length * 4);
  for (const [i, value] of values.entries()) bytes.writeUInt32LE(value, i * 4);
  return bytes;
}

function tagBytes(tag: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt16LE(Math.floor(tag / 0x1_0000), 0);
  bytes.writeUInt16LE(tag % 0x1_0000, 2);
  return bytes;
}

/** The file's first parts: preamble, and meta information that names the transfer syntax. */
export function dicomHead(transferSyntax: string, preamble?: Buffer): Buffer {
  const meta = encodeItem([[0x0002_0010, 'UI', transferSyntax]], true);
  const length = encodeItem([[0x0002_0000, 'UL', meta.length]], true);
  return Buffer.concat([preamble ?? Buffer.alloc(128), Buffer.from('DICM'), length, meta]);
}

export function encodeItem(elements: DicomItem, explicit: boolean): Buffer {
  const sorted = elements.toSorted((a, b) => a[0] - b[0]);
  return Buffer.concat(sorted.map((element) => encodeElement(element, explicit)));
}

export function encodeElement([tag, vr, value]: DicomElement, explicit: boolean): Buffer {
  const isOpen = typeof value === 'object' && 'items' in value && value.undefinedLength === true;
  const body = encodeValue(vr, value, explicit);
  return Buffer.concat([header(tag, vr, isOpen ? undefinedLength : body.length, explicit), body]);
}

function header(tag: number, vr: string, length: number, explicit: boolean): Buffer {
  if (!explicit) return Buffer.concat([tagBytes(tag), u32(length)]);
  const start = Buffer.concat([tagBytes(tag), Buffer.from(vr, 'latin1')]);
  if (longForms.has(vr)) return Buffer.concat([start, Buffer.alloc(2), u32(length)]);
  const short = Buffer.alloc(2);
  short.writeUInt16LE(length);
  return Buffer.concat([start, short]);
}

function encodeValue(vr: string, value: Value, explicit: boolean): Buffer {
  if (value instanceof Uint8Array) return even(Buffer.from(value), 0);
  if (typeof value === 'object' && 'items' in value) return encodeItems(value, explicit);
  const list = typeof value === 'string' || typeof value === 'number' ? [value] : value;
  const write = numberWriters[vr];
  if (write === undefined) return even(Buffer.from(list.join('\\'), 'utf8'), vr === 'UI' ? 0 : 0x20);
  return Buffer.concat(list.map((number) => write(Number(number))));
}

function encodeItems(
  sequence: { items: readonly DicomItem[]; undefinedLength?: boolean },
  explicit: boolean,
) {
  const open = sequence.undefinedLength === true;
  const items = sequence.items.map((item) => {
    const body = encodeItem(item, explicit);
    const end = open ? [tagBytes(0xfffe_e00d), u32(0)] : [];
    return Buffer.concat([tagBytes(0xfffe_e000), u32(open ? undefinedLength : body.length), body, ...end]);
  });
  return Buffer.concat(open ? [...items, tagBytes(0xfffe_e0dd), u32(0)] : items);
}

const numberWriters: Readonly<Record<string, (value: number) => Buffer>> = {
  US: (value) => filled(2, (bytes) => bytes.writeUInt16LE(value)),
  UL: (value) => filled(4, (bytes) => bytes.writeUInt32LE(value)),
  SL: (value) => filled(4, (bytes) => bytes.writeInt32LE(value)),
  FL: (value) => filled(4, (bytes) => bytes.writeFloatLE(value)),
  FD: (value) => filled(8, (bytes) => bytes.writeDoubleLE(value)),
};

function filled(length: number, write: (bytes: Buffer) => void): Buffer {
  const bytes = Buffer.alloc(length);
  write(bytes);
  return bytes;
}

function even(bytes: Buffer, pad: number): Buffer {
  return bytes.length % 2 === 0 ? bytes : Buffer.concat([bytes, Buffer.from([pad])]);
}

export interface Encapsulation {
  /** Compressed frames. */
  frames: readonly Uint8Array[];
  offsetTable?: 'basic' | 'extended' | 'none';
  /** Cut each frame into so many fragments. */
  fragments?: number;
  /** Written over the Basic Offset Table. */
  basicOffsets?: readonly number[];
}

/** (7FE0,0001), (7FE0,0002) where they are wanted, and (7FE0,0010) in fragments. */
export function encapsulated(options: Encapsulation): Buffer {
  const { frames, offsetTable = 'basic', fragments = 1 } = options;
  const parts: Buffer[] = [];
  const starts: number[] = [];
  let at = 0;
  for (const frame of frames) {
    starts.push(at);
    const size = Math.ceil(frame.length / fragments / 2) * 2;
    for (let from = 0; from < frame.length; from += size) {
      const fragment = even(Buffer.from(frame.subarray(from, from + size)), 0);
      parts.push(tagBytes(0xfffe_e000), u32(fragment.length), fragment);
      at += 8 + fragment.length;
    }
  }
  const table = options.basicOffsets ?? (offsetTable === 'basic' ? starts : []);
  const longs = (values: readonly number[]): Buffer => {
    const bytes = Buffer.alloc(values.length * 8);
    for (const [i, value] of values.entries()) bytes.writeBigUInt64LE(BigInt(value), i * 8);
    return bytes;
  };
  const extended: DicomItem =
    offsetTable === 'extended'
      ? [
          [0x7fe0_0001, 'OV', longs(starts)],
          [0x7fe0_0002, 'OV', longs(frames.map((frame) => frame.length))],
        ]
      : [];
  return Buffer.concat([
    encodeItem(extended, true),
    header(0x7fe0_0010, 'OB', undefinedLength, true),
    tagBytes(0xfffe_e000),
    u32(table.length * 4, ...table),
    ...parts,
    tagBytes(0xfffe_e0dd),
    u32(0),
  ]);
}

/** DICOM RLE of one frame: interleaved samples, little endian; only literal and equal runs, none cleverly chosen. */
export function encodeRle(pixels: Uint8Array, samples: number, bytesPerSample: number): Buffer {
  const stride = samples * bytesPerSample;
  const segments: Buffer[] = [];
  for (let sample = 0; sample < samples; sample++) {
    for (let byte = bytesPerSample - 1; byte >= 0; byte--) {
      const plane = Uint8Array.from(
        { length: pixels.length / stride },
        (_, i) => pixels[i * stride + sample * bytesPerSample + byte] ?? 0,
      );
      segments.push(even(packBits(plane), 0));
    }
  }
  let at = 64;
  const offsets = segments.map((segment) => (at += segment.length) - segment.length);
  const head = u32(segments.length, ...offsets);
  return Buffer.concat([head, Buffer.alloc(64 - head.length), ...segments]);
}

function packBits(bytes: Uint8Array): Buffer {
  const out: number[] = [];
  let at = 0;
  while (at < bytes.length) {
    let run = 1;
    while (run < 128 && at + run < bytes.length && bytes[at + run] === bytes[at]) run++;
    if (run > 1) {
      out.push(257 - run, bytes[at] ?? 0);
      at += run;
      continue;
    }
    const start = at;
    while (at < bytes.length && at - start < 128 && bytes[at] !== bytes[at + 1]) at++;
    if (at === start) at++;
    out.push(at - start - 1, ...bytes.subarray(start, at));
  }
  return Buffer.from(out);
}
