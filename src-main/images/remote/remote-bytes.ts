/** The bytes of a file on a server, in blocks: fetched ahead where somebody knows what comes, else when they are read. */
import { ByteLru } from '../../core/byte-lru.ts';
import type { FetchedFile } from './fetcher.ts';
import type { ByteRange } from './protocol.ts';

/** A few display tiles; a request costs more than this takes on most lines. */
export const blockBytes = 64 * 1024;
/** Directories and tile tables lie together: whoever reads one reads on. */
export const readAheadBytes = 256 * 1024;
/** Nobody wants what lies between, but one request for both is faster than two. */
const gapBytes = 64 * 1024;
const cacheBytes = 48 * 1024 * 1024;
/** Longer pieces are asked for in parts, so that the first tiles of many need not wait for the last. */
const pieceBlocks = 8;
/** What may be fetched ahead at once, so that nothing is dropped before it is used. */
export const aheadBytes = cacheBytes / 4;

/** What FetchedFile gives; tests count what is asked of it. */
export type ByteFetcher = Pick<FetchedFile, 'size' | 'get' | 'getNow' | 'close'>;

export class RemoteBytes {
  readonly size: number;
  readonly #fetched: ByteFetcher;
  readonly #blocks = new ByteLru<Uint8Array>(cacheBytes, (block) => block.byteLength);
  /** Blocks that are on their way. */
  readonly #coming = new Map<number, Promise<void>>();
  /** Blocks that were asked for in this turn of the event loop: their requests are made together. */
  #wanted: WantedBlocks | null = null;

  /** `head`: the first bytes, which came with the opening. */
  constructor(fetched: ByteFetcher, head: Uint8Array<ArrayBuffer>) {
    this.size = fetched.size;
    this.#fetched = fetched;
    this.#keep(0, head);
  }

  /** Sleeps where bytes are missing. The range lies within the file. @throws {GigatileError} what fetching throws */
  readInto(target: Uint8Array, at: number, offset: number, length: number): void {
    if (length === 0) return;
    const end = offset + length;
    const [from, to] = [blockOf(offset), blockOf(end - 1)];
    let missing = -1;
    for (let block = from; block <= to; block++) {
      const bytes = this.#blocks.get(block);
      if (bytes === undefined) {
        if (missing < 0) missing = block;
        continue;
      }
      if (missing >= 0) this.#fetchNow(target, at, offset, end, missing, block - 1);
      missing = -1;
      copyBlock(bytes, block, target, at, offset, end);
    }
    if (missing >= 0) this.#fetchNow(target, at, offset, end, missing, to);
  }

  /** Fetches what of these is missing, all at once. null: nothing is missing. @throws {GigatileError} what fetching throws */
  prefetch(ranges: readonly ByteRange[]): Promise<void> | null {
    const waits = new Set<Promise<void>>();
    for (const { offset, length } of ranges) {
      if (length <= 0 || offset < 0 || offset + length > this.size) continue;
      for (let block = blockOf(offset); block <= blockOf(offset + length - 1); block++) {
        if (this.#blocks.get(block) !== undefined) continue;
        waits.add(this.#coming.get(block) ?? this.#want(block));
      }
    }
    if (waits.size === 0) return null;
    return Promise.all(waits).then(() => undefined);
  }

  /** Exactly these bytes, in parallel, past the cache: for what is read once. */
  async readRanges(ranges: readonly ByteRange[]): Promise<Uint8Array[]> {
    const merged = mergeRanges(ranges, gapBytes);
    const spans = await Promise.all(merged.map(async (span) => ({ span, bytes: await this.#span(span) })));
    return ranges.map(({ offset, length }) => {
      const found = spans.find(
        ({ span }) => offset >= span.offset && offset + length <= span.offset + span.length,
      );
      if (found === undefined) throw new RangeError('a range that was not fetched');
      const at = offset - found.span.offset;
      return found.bytes.subarray(at, at + length);
    });
  }

  /** Past the cache, so that the server says whether it still has the same file. */
  readAgain(range: ByteRange): Promise<Uint8Array> {
    return this.#fetched.get(range);
  }

  close(): void {
    this.#blocks.clear();
    this.#fetched.close();
  }

  #span(span: ByteRange): Promise<Uint8Array> | Uint8Array {
    const [from, to] = [blockOf(span.offset), blockOf(span.offset + span.length - 1)];
    for (let block = from; block <= to; block++) {
      if (this.#blocks.get(block) === undefined) return this.#fetched.get(span);
    }
    const bytes = new Uint8Array(span.length);
    this.readInto(bytes, 0, span.offset, span.length);
    return bytes;
  }

  #want(block: number): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    this.#coming.set(block, promise);
    if (this.#wanted === null) {
      const wanted: WantedBlocks = new Map();
      this.#wanted = wanted;
      setImmediate(() => {
        this.#wanted = null;
        this.#fetchWanted(wanted);
      });
    }
    this.#wanted.set(block, { resolve, reject });
    return promise;
  }

  #fetchWanted(wanted: WantedBlocks): void {
    const blocks = [...wanted.keys()].toSorted((a, b) => a - b);
    const ranges = blocks.map((block) => this.#rangeOf(block, block));
    for (const span of mergeRanges(ranges, gapBytes).flatMap(inPieces)) {
      const inSpan = blocks.filter(
        (block) => block * blockBytes >= span.offset && block * blockBytes < span.offset + span.length,
      );
      const settle = (act: (waiting: Waiting) => void): void => {
        for (const block of inSpan) {
          this.#coming.delete(block);
          const waiting = wanted.get(block);
          if (waiting !== undefined) act(waiting);
        }
      };
      this.#fetched.get(span).then(
        (bytes) => {
          this.#keep(span.offset, bytes);
          settle(({ resolve }) => resolve());
        },
        (error: unknown) => settle(({ reject }) => reject(error)),
      );
    }
  }

  /** Blocks `from` to `to` into `target`, which is of the bytes from `offset` to `end`. */
  #fetchNow(target: Uint8Array, at: number, offset: number, end: number, from: number, to: number): void {
    let last = to;
    // Whoever reads a long piece knows what it needs.
    const lastAhead = blockOf(Math.min(this.size - 1, from * blockBytes + readAheadBytes - 1));
    while (last < lastAhead && this.#blocks.get(last + 1) === undefined) last++;
    const span = this.#rangeOf(from, last);
    const bytes = this.#fetched.getNow(span);
    const [start, stop] = [Math.max(offset, span.offset), Math.min(end, span.offset + span.length)];
    target.set(bytes.subarray(start - span.offset, stop - span.offset), at + start - offset);
    if (span.length <= aheadBytes) this.#keep(span.offset, bytes);
  }

  #rangeOf(from: number, to: number): ByteRange {
    const offset = from * blockBytes;
    return { offset, length: Math.min(this.size, (to + 1) * blockBytes) - offset };
  }

  /** Whole blocks only, each in memory of its own: a part of a large buffer would keep all of it. */
  #keep(offset: number, bytes: Uint8Array): void {
    for (let at = 0; at < bytes.length; at += blockBytes) {
      const end = Math.min(at + blockBytes, bytes.length);
      const isWhole = end - at === blockBytes || offset + end === this.size;
      if (isWhole) this.#blocks.set(blockOf(offset + at), new Uint8Array(bytes.subarray(at, end)));
    }
  }
}

interface Waiting {
  resolve: () => void;
  reject: (error: unknown) => void;
}

type WantedBlocks = Map<number, Waiting>;

function blockOf(offset: number): number {
  return Math.floor(offset / blockBytes);
}

function copyBlock(
  bytes: Uint8Array,
  block: number,
  target: Uint8Array,
  at: number,
  offset: number,
  end: number,
): void {
  const start = Math.max(offset, block * blockBytes);
  const stop = Math.min(end, block * blockBytes + bytes.length);
  target.set(bytes.subarray(start - block * blockBytes, stop - block * blockBytes), at + start - offset);
}

/** A range that starts with a block, cut between blocks. */
function inPieces({ offset, length }: ByteRange): ByteRange[] {
  const bytes = pieceBlocks * blockBytes;
  return Array.from({ length: Math.ceil(length / bytes) }, (_, i) => ({
    offset: offset + i * bytes,
    length: Math.min(bytes, length - i * bytes),
  }));
}

/** By offset, in one piece where at most `gap` bytes lie between them. */
export function mergeRanges(ranges: readonly ByteRange[], gap: number): ByteRange[] {
  const merged: ByteRange[] = [];
  for (const { offset, length } of ranges.toSorted((a, b) => a.offset - b.offset)) {
    const last = merged.at(-1);
    if (last !== undefined && offset <= last.offset + last.length + gap) {
      last.length = Math.max(last.length, offset + length - last.offset);
    } else {
      merged.push({ offset, length });
    }
  }
  return merged;
}
