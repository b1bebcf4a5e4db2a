/** Builds TIFF files tag by tag, right or wrong as a test wants them. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const root = mkdtempSync(join(tmpdir(), 'gigatile-forged-'));
const remove = (): void => rmSync(root, { recursive: true, force: true });
// The fuzzer forges files outside of a test runner.
if (process.env['VITEST'] === undefined) process.once('exit', remove);
else (await import('vitest')).afterAll(remove);
let files = 0;

export function writeForged(bytes: Uint8Array, name = `forged-${files++}.tif`): string {
  const path = join(root, name);
  writeFileSync(path, bytes);
  return path;
}

export interface ForgedTag {
  tag: number;
  /** 2 ASCII, 3 SHORT, 4 LONG, 12 DOUBLE, 16 LONG8 */
  type: number;
  /** Numbers, or the text of an ASCII tag. */
  value: number[] | string;
  /** Lies: what is written instead of the true count. */
  count?: number;
  /** Lies: an offset for the value instead of the true one. */
  offset?: number;
}

export interface ForgedFile {
  directories: {
    tags: ForgedTag[];
    /** Lies: where the next directory is said to be; a function of the directories' true offsets. */
    next?: (offsets: number[]) => number;
  }[];
  big?: boolean;
  bigEndian?: boolean;
  /** Bytes right after the header, which tile offsets may point to: see `dataOffset`. */
  data?: Uint8Array;
}

export function dataOffset(big: boolean): number {
  return big ? 16 : 8;
}

const sizes: Record<number, number> = { 1: 1, 2: 1, 3: 2, 4: 4, 5: 8, 7: 1, 12: 8, 13: 4, 16: 8 };

export function forgeTiff(file: ForgedFile): Buffer {
  const big = file.big ?? false;
  const little = !(file.bigEndian ?? false);
  const data = file.data ?? new Uint8Array(0);
  const inline = big ? 8 : 4;
  const entryBytes = big ? 20 : 12;
  const headBytes = big ? 8 : 2;
  let end = dataOffset(big) + data.length;
  const plans = file.directories.map(({ tags, next }) => {
    const offset = end;
    end += headBytes + tags.length * entryBytes + inline;
    const values = tags.map((tag) => {
      const length = tag.value.length + (typeof tag.value === 'string' ? 1 : 0);
      const bytes = length * (sizes[tag.type] ?? 1);
      const at = bytes <= inline ? null : end;
      if (at !== null) end += bytes + (bytes % 2);
      return { ...tag, length, at };
    });
    return { offset, values, next };
  });
  const bytes = Buffer.alloc(end);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const pointer = (at: number, value: number): void => {
    if (big) view.setBigUint64(at, BigInt(value), little);
    else view.setUint32(at, value, little);
  };
  bytes.write(little ? 'II' : 'MM', 'latin1');
  view.setUint16(2, big ? 43 : 42, little);
  if (big) view.setUint16(4, 8, little);
  pointer(big ? 8 : 4, plans[0]?.offset ?? 0);
  bytes.set(data, dataOffset(big));
  const offsets = plans.map((plan) => plan.offset);
  for (const [index, plan] of plans.entries()) {
    let at = plan.offset;
    if (big) view.setBigUint64(at, BigInt(plan.values.length), little);
    else view.setUint16(at, plan.values.length, little);
    at += headBytes;
    for (const tag of plan.values) {
      view.setUint16(at, tag.tag, little);
      view.setUint16(at + 2, tag.type, little);
      const count = tag.count ?? tag.length;
      if (big) view.setBigUint64(at + 4, BigInt(count), little);
      else view.setUint32(at + 4, count, little);
      const valueAt = at + (big ? 12 : 8);
      if (tag.at !== null) pointer(valueAt, tag.offset ?? tag.at);
      else if (tag.offset !== undefined) pointer(valueAt, tag.offset);
      if (tag.at !== null || tag.offset === undefined) writeValue(view, tag.at ?? valueAt, tag, little);
      at += entryBytes;
    }
    pointer(at, plan.next === undefined ? (offsets[index + 1] ?? 0) : plan.next(offsets));
  }
  return bytes;
}

function writeValue(view: DataView, at: number, tag: ForgedTag, little: boolean): void {
  if (typeof tag.value === 'string') {
    for (let i = 0; i < tag.value.length; i++) view.setUint8(at + i, tag.value.charCodeAt(i));
    return;
  }
  for (const [i, value] of tag.value.entries()) {
    switch (tag.type) {
      case 3:
        view.setUint16(at + i * 2, value, little);
        break;
      case 4:
      case 13:
        view.setUint32(at + i * 4, value, little);
        break;
      case 5:
        view.setUint32(at + i * 8, Math.round(value * 1000), little);
        view.setUint32(at + i * 8 + 4, 1000, little);
        break;
      case 12:
        view.setFloat64(at + i * 8, value, little);
        break;
      case 16:
        view.setBigUint64(at + i * 8, BigInt(value), little);
        break;
      default:
        view.setUint8(at + i, value);
    }
  }
}

/** Tags of an uncompressed 8-bit image; tile or strip tables are up to the test. */
export function imageTags(
  width: number,
  height: number,
  options: { bands?: number; compression?: number; photometric?: number } = {},
): ForgedTag[] {
  const bands = options.bands ?? 1;
  return [
    { tag: 256, type: 4, value: [width] },
    { tag: 257, type: 4, value: [height] },
    { tag: 258, type: 3, value: Array.from({ length: bands }, () => 8) },
    { tag: 259, type: 3, value: [options.compression ?? 1] },
    { tag: 262, type: 3, value: [options.photometric ?? (bands >= 3 ? 2 : 1)] },
    { tag: 277, type: 3, value: [bands] },
  ];
}

export function tileTags(
  tileWidth: number,
  tileHeight: number,
  offsets: number[],
  counts: number[],
  type = 4,
): ForgedTag[] {
  return [
    { tag: 322, type: 4, value: [tileWidth] },
    { tag: 323, type: 4, value: [tileHeight] },
    { tag: 324, type, value: offsets },
    { tag: 325, type, value: counts },
  ];
}

/** Codecs for tests that must not need any. */
export const noCodecs = {
  decodeJpeg: () => {
    throw new Error('no JPEG here');
  },
  encodeJpeg: () => new Uint8Array([0xff, 0xd8]),
  encodePng: () => Promise.resolve(new Uint8Array([0x89])),
  openFlat: () => Promise.reject(new Error('no flat images here')),
  decodeAny: () => Promise.reject(new Error('no other tiles here')),
  decodeJpeg2000: () => Promise.reject(new Error('no JPEG 2000 here')),
  decodeJpegLs: () => Promise.reject(new Error('no JPEG-LS here')),
  decodeLerc: () => Promise.reject(new Error('no LERC here')),
};
