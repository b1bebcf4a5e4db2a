/**
 * Where an instance's frames lie in its file (PS3.5 annex A.4): one after the other where they are not compressed; else in
 * fragments, found by the Extended or the Basic Offset Table, or by going along them once.
 */
import { GigatileError } from '../../../contract/errors.ts';
import type { ImageFile } from '../../image-file.ts';
import { attribute, attributeName } from './attributes.ts';
import type { Instance } from './instance.ts';

/** A frame's bytes: one range, or several that follow one another. */
export type FrameRanges = readonly { offset: number; length: number }[];

const item = 0xfffe_e000;
const sequenceEnd = 0xfffe_e0dd;
/** Writers cut frames into few fragments; a hostile file could be made of nothing else. */
const mostFragments = 64;
/** Fragments that are smaller than this are cheaper read together than one by one. */
const closeBy = 2048;
/** A compressed frame that is longer than twice its pixels and this is none. */
const slack = 1024 * 1024;

export class FrameTable {
  readonly #instance: Instance;
  readonly #largest: number;
  readonly #locate: (frame: number) => FrameRanges;

  /** Reads and checks the offset tables; goes along the fragments only when the first frame is asked for. */
  constructor(instance: Instance) {
    this.#instance = instance;
    this.#largest = 2 * frameBytes(instance) + slack;
    this.#locate = this.#locator();
  }

  /** @throws {GigatileError} image-corrupt where the frame's bytes cannot be right */
  ranges(frame: number): FrameRanges {
    const found = this.#locate(frame);
    const length = found.reduce((sum, range) => sum + range.length, 0);
    if (length > this.#largest) throw this.#error(`frame ${frame + 1} has ${length} bytes`);
    return found;
  }

  #locator(): (frame: number) => FrameRanges {
    const { pixels, frames, file, data } = this.#instance;
    if (pixels.length !== null) return this.#native(pixels.length);
    const first = this.#item(pixels.at);
    if (first === null) throw this.#error('there is no offset table');
    // Offsets are counted from the first fragment.
    const base = first.at + first.length;
    const extended = data.element('ExtendedOffsetTable');
    if (extended !== null && extended.length !== null && extended.length > 0) {
      return this.#extended(base, extended.at, extended.length);
    }
    const isTrusted = file.size - base <= 0xffff_ffff;
    if (first.length > 0 && isTrusted) {
      if (first.length !== frames * 4) {
        throw this.#error(`the Basic Offset Table has ${first.length} bytes for ${frames} frames`);
      }
      return this.#basic(base, file.read(first.at, first.length, 'The Basic Offset Table'));
    }
    let walked: ((frame: number) => FrameRanges) | null = null;
    return (frame) => (walked ??= this.#walk(base))(frame);
  }

  /** Not compressed, not in fragments. */
  #native(length: number): (frame: number) => FrameRanges {
    const { pixels, frames, format } = this.#instance;
    if (format.encoding !== 'none') throw this.#error('compressed frames are not in fragments');
    const bytes = frameBytes(this.#instance);
    if (length < bytes * frames) {
      throw this.#error(`${frames} frames of ${bytes} bytes need more than the ${length} that are there`);
    }
    return (frame) => [{ offset: pixels.at + frame * bytes, length: bytes }];
  }

  #extended(base: number, at: number, bytes: number): (frame: number) => FrameRanges {
    const { frames, file, data } = this.#instance;
    const lengths = data.element('ExtendedOffsetTableLengths');
    if (bytes !== frames * 8)
      throw data.error('ExtendedOffsetTable', `has ${bytes} bytes for ${frames} frames`);
    if (lengths === null || lengths.length !== bytes) {
      throw data.error('ExtendedOffsetTableLengths', `does not have ${bytes} bytes`);
    }
    const offsets = this.#numbers64(file.read(at, bytes, 'The Extended Offset Table'));
    const sizes = this.#numbers64(file.read(lengths.at, bytes, 'The Extended Offset Table Lengths'));
    for (let frame = 0; frame < frames; frame++) {
      const end = base + 8 + (offsets[frame] ?? 0) + (sizes[frame] ?? 0);
      if (!(end <= file.size)) {
        throw data.error('ExtendedOffsetTable', `puts frame ${frame + 1} beyond the end of the file`);
      }
    }
    return (frame) => [{ offset: base + 8 + (offsets[frame] ?? 0), length: sizes[frame] ?? 0 }];
  }

  #basic(base: number, table: Buffer): (frame: number) => FrameRanges {
    const { frames, file } = this.#instance;
    const offsets = new Float64Array(frames);
    for (let frame = 0; frame < frames; frame++) {
      const offset = base + table.readUInt32LE(frame * 4);
      if (offset + 8 > file.size) {
        throw this.#error(`the Basic Offset Table puts frame ${frame + 1} beyond the end of the file`);
      }
      if (frame > 0 && offset <= (offsets[frame - 1] ?? 0)) {
        throw this.#error(`the Basic Offset Table puts frame ${frame + 1} before the one before it`);
      }
      offsets[frame] = offset;
    }
    return (frame) => {
      const end = offsets[frame + 1] ?? Infinity;
      const ranges: { offset: number; length: number }[] = [];
      for (let at = offsets[frame] ?? 0; at < end;) {
        const fragment = this.#item(at);
        if (fragment === null) break;
        ranges.push({ offset: fragment.at, length: fragment.length });
        if (ranges.length > mostFragments) throw this.#error(`frame ${frame + 1} has too many fragments`);
        at = fragment.at + fragment.length;
      }
      return ranges;
    };
  }

  /** All fragments, once. One is a frame where there are as many; else a frame begins where a stream does. */
  #walk(base: number): (frame: number) => FrameRanges {
    const { frames } = this.#instance;
    const offsets: number[] = [];
    const lengths: number[] = [];
    const starts: number[] = [];
    const fragments = new Window(this.#instance.file);
    for (let at = base; ;) {
      const fragment = this.#item(at, fragments);
      if (fragment === null) break;
      if (offsets.length >= (frames + 1) * mostFragments) throw this.#error('there are too many fragments');
      if (this.#beginsStream(fragment, fragments)) starts.push(offsets.length);
      offsets.push(fragment.at);
      lengths.push(fragment.length);
      at = fragment.at + fragment.length;
    }
    if (offsets.length === frames) {
      return (frame) => [{ offset: offsets[frame] ?? 0, length: lengths[frame] ?? 0 }];
    }
    const firsts = frames === 1 ? [0] : starts;
    if (firsts.length !== frames || firsts[0] !== 0) {
      throw this.#error(`${offsets.length} fragments cannot be told apart as ${frames} frames`);
    }
    return (frame) => {
      const from = firsts[frame] ?? 0;
      const to = firsts[frame + 1] ?? offsets.length;
      return offsets.slice(from, to).map((offset, i) => ({ offset, length: lengths[from + i] ?? 0 }));
    };
  }

  /** SOI of JPEG and JPEG-LS, SOC and SIZ of JPEG 2000: inside of a stream these bytes do not occur. */
  #beginsStream({ at, length }: { at: number; length: number }, bytes: Window): boolean {
    const { encoding } = this.#instance.format;
    if (length < 4 || encoding === 'none' || encoding === 'rle') return false;
    const head = bytes.view(at, 4).readUInt32BE(0);
    return encoding === 'jpeg2000' ? head === 0xff4f_ff51 : head >>> 8 === 0xff_d8ff;
  }

  /** The item that begins at a place; null: the end of all. */
  #item(at: number, bytes?: Window): { at: number; length: number } | null {
    const { file } = this.#instance;
    const head = bytes?.view(at, 8) ?? file.read(at, 8, 'A fragment of the pixels');
    const tag = head.readUInt16LE(0) * 0x1_0000 + head.readUInt16LE(2);
    if (tag === sequenceEnd) return null;
    const length = head.readUInt32LE(4);
    if (tag !== item || length === 0xffff_ffff) throw this.#error(`no fragment begins at byte ${at}`);
    if (at + 8 + length > file.size) {
      throw this.#error(`the fragment at byte ${at} reaches beyond the end of the file`);
    }
    return { at: at + 8, length };
  }

  #numbers64(bytes: Buffer): Float64Array {
    return Float64Array.from({ length: bytes.length / 8 }, (_, i) => Number(bytes.readBigUInt64LE(i * 8)));
  }

  #error(what: string): GigatileError {
    return new GigatileError('image-corrupt', `The pixels are damaged: ${what}`, {
      where: `${this.#instance.file.name}, ${attributeName(attribute.PixelData)}`,
      hint: 'The file is damaged or was not copied completely.',
    });
  }
}

/**
 * Small pieces of a file, from front to back: several of a read where they lie close together, but no more than they are where
 * they lie far apart.
 */
class Window {
  readonly #file: ImageFile;
  readonly #memory = Buffer.allocUnsafeSlow(32 * 1024);
  #start = 0;
  #length = 0;
  #next = 4096;

  constructor(file: ImageFile) {
    this.#file = file;
  }

  view(at: number, length: number): Buffer {
    if (at < this.#start || at + length > this.#start + this.#length) {
      const isClose = at - this.#start - this.#length < closeBy;
      this.#next = isClose ? Math.min(this.#memory.length, this.#next * 2) : 64;
      const size = Math.max(length, Math.min(this.#next, this.#file.size - at));
      this.#file.readInto(this.#memory, 0, at, size, 'A fragment of the pixels');
      this.#start = at;
      this.#length = size;
    }
    return this.#memory.subarray(at - this.#start, at - this.#start + length);
  }
}

/** Of a frame that is not compressed. */
export function frameBytes({ format }: Pick<Instance, 'format'>): number {
  const { rows, columns, samples, dtype } = format;
  return rows * columns * samples * (dtype === 'uint8' ? 1 : 2);
}

/** A frame's bytes in one piece, behind `room` bytes that the caller fills. */
export function readFrame(file: ImageFile, ranges: FrameRanges, room: number, what: () => string): Buffer {
  const length = ranges.reduce((sum, range) => sum + range.length, 0);
  const bytes = Buffer.allocUnsafe(room + length);
  let at = room;
  for (const range of ranges) {
    file.readInto(bytes, at, range.offset, range.length, what);
    at += range.length;
  }
  return bytes;
}
