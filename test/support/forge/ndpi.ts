/**
 * Hamamatsu NDPI files: a classic TIFF header whose pointer has 64 bits; per level one JPEG with restart markers, put together
 * from pieces that are encoded alone (a piece's entropy-coded bytes are a restart interval's: both start afresh); directories
 * whose entries' upper halves follow them. `base` moves all but the header, for files beyond 4 GiB.
 */
import { closeSync, openSync, writeSync } from 'node:fs';
import type { Raster } from '../../../src-main/images/image-source.ts';
import { pictureAt } from './picture.ts';

export interface NdpiLevelOptions {
  width: number;
  height: number;
  /** Level-0 pixels a pixel. */
  scale: number;
  /** MCUs of a restart interval; 0: no restart markers. */
  interval: number;
  /** Which restart table is written: right, none, every place wrong by a few bytes, too short, or in wild order. */
  table?: 'right' | 'split' | 'none' | 'shifted' | 'short' | 'wild';
  /** Tag 65424; 0 is the plane that is shown. */
  focalPlane?: number;
  /** Says 0 x 0 in the JPEG, as large levels do. */
  hideSize?: boolean;
}

export interface NdpiOptions {
  levels: readonly NdpiLevelOptions[];
  /** A complete baseline JPEG with the standard tables, all of the same quality and sampling. */
  encode: (raster: Raster) => Uint8Array;
  /** An MCU's size in what `encode` makes. */
  mcuWidth: number;
  mcuHeight: number;
  lens?: number;
  base?: number;
  macro?: boolean;
  /** Changes a level's finished JPEG, for damaged files. */
  damage?: (jpeg: Buffer, level: number) => void;
}

interface Field {
  tag: number;
  type: number;
  count: number;
  bytes: Buffer;
}

export function forgeNdpi(options: NdpiOptions): Buffer {
  const { head, body, base } = forgeParts(options);
  return Buffer.concat([head, Buffer.alloc(base - head.length), body]);
}

/** Sparse where `base` is large: only what is written takes room. */
export function writeNdpi(path: string, options: NdpiOptions): void {
  const { head, body, base } = forgeParts(options);
  const fd = openSync(path, 'w');
  writeSync(fd, head, 0, head.length, 0);
  writeSync(fd, body, 0, body.length, base);
  closeSync(fd);
}

function forgeParts(options: NdpiOptions): { head: Buffer; body: Buffer; base: number } {
  const base = options.base ?? 16;
  const parts: Buffer[] = [];
  let end = base;
  const add = (bytes: Buffer): number => {
    const at = end;
    const padded = bytes.length % 2 === 0 ? bytes : Buffer.concat([bytes, Buffer.alloc(1)]);
    parts.push(padded);
    end += padded.length;
    return at;
  };
  const directories: { at: number; nextAt: number; bytes: Buffer }[] = [];
  const addDirectory = (fields: Field[]): void => {
    const sorted = fields.toSorted((a, b) => a.tag - b.tag);
    const bytes = Buffer.alloc(2 + sorted.length * 16 + 8);
    bytes.writeUInt16LE(sorted.length);
    for (const [i, field] of sorted.entries()) {
      const at = 2 + i * 12;
      const highAt = 2 + sorted.length * 12 + 8 + i * 4;
      bytes.writeUInt16LE(field.tag, at);
      bytes.writeUInt16LE(field.type, at + 2);
      bytes.writeUInt32LE(field.count, at + 4);
      if (field.bytes.length <= 4 && field.type !== 2) {
        field.bytes.copy(bytes, at + 8);
        continue;
      }
      if (field.bytes.length === 8 && field.type === 4 && field.count === 1) {
        field.bytes.copy(bytes, at + 8, 0, 4);
        field.bytes.copy(bytes, highAt, 4, 8);
        continue;
      }
      const valueAt = add(field.bytes);
      bytes.writeUInt32LE(valueAt % 2 ** 32, at + 8);
      bytes.writeUInt32LE(Math.floor(valueAt / 2 ** 32), highAt);
    }
    const at = add(bytes);
    directories.push({ at, nextAt: 2 + sorted.length * 12, bytes });
  };
  for (const [index, level] of options.levels.entries()) {
    const { jpeg, starts } = jpegOf(level, options);
    options.damage?.(jpeg, index);
    const lens = (options.lens ?? 20) / level.scale;
    addDirectory([
      ...imageFields(level.width, level.height, add(jpeg), jpeg.length, lens),
      long(65424, level.focalPlane ?? 0, 9),
      ...tableFields(level, starts),
      ...(index === 0 ? propertyFields : []),
      rational(282, 45_432 / level.scale),
      rational(283, 45_455 / level.scale),
    ]);
  }
  if (options.macro === true) {
    const jpeg = Buffer.from(options.encode(pictureAt(5000, 5000, 160, 64)));
    addDirectory(imageFields(160, 64, add(jpeg), jpeg.length, -1));
  }
  const head = Buffer.alloc(16);
  head.write('II*\0', 'latin1');
  head.writeBigUInt64LE(BigInt(directories[0]?.at ?? 0), 4);
  for (const [index, { bytes, nextAt }] of directories.entries()) {
    bytes.writeBigUInt64LE(BigInt(directories[index + 1]?.at ?? 0), nextAt);
  }
  return { head, body: Buffer.concat(parts), base };
}

const propertyFields: Field[] = [
  long(65422, -1_234_567, 9),
  long(65423, 7_654_321, 9),
  text(65427, '4A0000000ABCDE'),
  text(65449, 'Created=2011/11/15\r\nProduct=C9600-12\r\nEmpty=\r\nNoEquals\r\nMacro=S/N = 000123\r\n'),
];

function imageFields(width: number, height: number, start: number, length: number, lens: number): Field[] {
  const offset = Buffer.alloc(8);
  offset.writeBigUInt64LE(BigInt(start));
  const float = Buffer.alloc(4);
  float.writeFloatLE(lens);
  return [
    long(256, width),
    long(257, height),
    { tag: 258, type: 3, count: 3, bytes: Buffer.from([8, 0, 8, 0, 8, 0]) },
    short(259, 7),
    short(262, 6),
    text(271, 'Hamamatsu'),
    text(272, 'NanoZoomer'),
    { tag: 273, type: 4, count: 1, bytes: offset },
    short(277, 3),
    long(278, height),
    long(279, length),
    short(296, 3),
    text(305, 'NDP.scan 2.5.88'),
    text(306, '2011:11:15 10:20:30'),
    long(65420, 1),
    { tag: 65421, type: 11, count: 1, bytes: float },
  ];
}

function tableFields(level: NdpiLevelOptions, starts: number[]): Field[] {
  const kind = level.table ?? 'right';
  if (kind === 'none' || starts.length < 2) return [];
  if (kind === 'shifted')
    return [
      longs(
        65426,
        starts.map((at) => at + 3),
      ),
    ];
  if (kind === 'short') return [longs(65426, starts.slice(1))];
  if (kind === 'wild')
    return [
      longs(
        65426,
        starts.map((at, i) => (at * 7919 + i) % 2 ** 32),
      ),
    ];
  const high = longs(
    65432,
    starts.map(() => 0),
  );
  return [longs(65426, starts), ...(kind === 'split' ? [high] : [])];
}

/** The JPEG of a level by itself, as libjpeg decodes it whole. */
export function ndpiJpeg(level: NdpiLevelOptions, options: NdpiOptions): Buffer {
  return jpegOf(level, options).jpeg;
}

/** One JPEG from pieces of `interval` MCUs, row by row; where each starts, from the JPEG's first byte on. */
function jpegOf(level: NdpiLevelOptions, options: NdpiOptions): { jpeg: Buffer; starts: number[] } {
  const { width, height, scale, interval } = level;
  if (interval === 0) {
    return { jpeg: Buffer.from(options.encode(pictureAt(0, 0, width, height, scale))), starts: [] };
  }
  const [partWidth, partHeight] = [interval * options.mcuWidth, options.mcuHeight];
  const parts: Buffer[] = [];
  const starts: number[] = [];
  let end = 0;
  const push = (bytes: Buffer): void => {
    parts.push(bytes);
    end += bytes.length;
  };
  for (let y = 0; y < height; y += partHeight) {
    for (let x = 0; x < width; x += partWidth) {
      const piece = Buffer.from(options.encode(pictureAt(x, y, partWidth, partHeight, scale)));
      const { frameAt, scanAt, dataAt } = landmarks(piece);
      if (starts.length === 0) {
        piece.writeUInt16BE(level.hideSize === true ? 0 : height, frameAt + 5);
        piece.writeUInt16BE(level.hideSize === true ? 0 : width, frameAt + 7);
        const restart = Buffer.from([0xff, 0xdd, 0, 4, interval >> 8, interval & 255]);
        push(Buffer.concat([piece.subarray(0, scanAt), restart, piece.subarray(scanAt, dataAt)]));
      } else {
        push(Buffer.from([0xff, 0xd0 + ((starts.length - 1) & 7)]));
      }
      starts.push(end);
      // Without its own end of image.
      push(piece.subarray(dataAt, piece.length - 2));
    }
  }
  push(Buffer.from([0xff, 0xd9]));
  return { jpeg: Buffer.concat(parts), starts };
}

/** Frame header, scan header and first coded byte of a baseline JPEG. */
function landmarks(jpeg: Buffer): { frameAt: number; scanAt: number; dataAt: number } {
  let frameAt = 0;
  for (let at = 2; at + 4 <= jpeg.length; at += 2 + jpeg.readUInt16BE(at + 2)) {
    if (jpeg[at + 1] === 0xc0) frameAt = at;
    if (jpeg[at + 1] === 0xda) return { frameAt, scanAt: at, dataAt: at + 2 + jpeg.readUInt16BE(at + 2) };
  }
  throw new Error('no baseline JPEG');
}

function long(tag: number, value: number, type = 4): Field {
  const bytes = Buffer.alloc(4);
  if (type === 9) bytes.writeInt32LE(value);
  else bytes.writeUInt32LE(value);
  return { tag, type, count: 1, bytes };
}

function longs(tag: number, values: number[]): Field {
  const bytes = Buffer.alloc(values.length * 4);
  for (const [i, value] of values.entries()) bytes.writeUInt32LE(value, i * 4);
  return { tag, type: 4, count: values.length, bytes };
}

function short(tag: number, value: number): Field {
  return { tag, type: 3, count: 1, bytes: Buffer.from([value, 0]) };
}

function text(tag: number, value: string): Field {
  return { tag, type: 2, count: value.length + 1, bytes: Buffer.from(`${value}\0`) };
}

function rational(tag: number, value: number): Field {
  const bytes = Buffer.alloc(8);
  bytes.writeUInt32LE(Math.round(value * 1000), 0);
  bytes.writeUInt32LE(1000, 4);
  return { tag, type: 5, count: 1, bytes };
}
