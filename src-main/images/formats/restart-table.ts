/**
 * Where the restart intervals of a large JPEG lie in the file. The file's own table is taken at its word only where a marker
 * stands where it says; without one, and with one that is wrong, the markers are looked for, no further than is needed.
 */
import { GigatileError } from '../../contract/errors.ts';
import type { ImageFile } from '../image-file.ts';
import type { OffsetArray } from '../tiff/tag-values.ts';

export interface JpegSpan {
  /** The first interval's first byte. */
  start: number;
  /** Behind the JPEG's last byte. */
  end: number;
  /** Intervals that the picture has. */
  count: number;
}

/** As the file has it: where each interval starts, from `base` on; 32 bits, and what stands above them. */
export interface StoredTable {
  base: number;
  low: OffsetArray;
  high: OffsetArray | null;
}

const scanBlock = 1024 * 1024;
/** Others get their turn in between. */
const blocksAtOnce = 16;

export class RestartTable {
  readonly #file: ImageFile;
  readonly #where: string;
  readonly #span: JpegSpan;
  #stored: StoredTable | null;
  /** Starts that were found by looking; made when it is needed. */
  #found: Float64Array | null = null;
  #foundCount = 0;
  #scanAt: number;

  /** @throws {GigatileError} image-corrupt where the span cannot hold so many intervals */
  constructor(file: ImageFile, where: string, span: JpegSpan, stored: StoredTable | null) {
    this.#file = file;
    this.#where = where;
    this.#span = span;
    this.#stored = stored !== null && isPossible(stored, span) ? stored : null;
    this.#scanAt = span.start;
    // One byte and a marker are the least that an interval has: an absurd count must not be allocated.
    if (span.count * 3 > span.end - span.start + 2) {
      throw this.#corrupt(
        `would have ${span.count} restart intervals in ${span.end - span.start} bytes, which cannot be`,
      );
    }
  }

  /** The bytes of interval `index`, its closing marker included; null: not found yet (see `find`). */
  range(index: number): { from: number; to: number } | null {
    const from = this.#start(index);
    if (from === null) return null;
    if (index + 1 === this.#span.count) return { from, to: this.#span.end };
    const to = this.#start(index + 1);
    return to === null ? null : { from, to };
  }

  /** To be called where no marker stands where the stored table says. */
  distrust(): void {
    this.#stored = null;
  }

  /** Looks for markers until `range(index)` is known. @throws {GigatileError} image-corrupt where there are too few */
  async find(index: number): Promise<void> {
    const { count } = this.#span;
    const wanted = Math.min(index + 2, count);
    const found = (this.#found ??= new Float64Array(count));
    if (this.#foundCount === 0) found[this.#foundCount++] = this.#span.start;
    for (let block = 0; this.#stored === null && this.#foundCount < wanted; block++) {
      if (block % blocksAtOnce === blocksAtOnce - 1) await new Promise((resolve) => setImmediate(resolve));
      if (!this.#scan(found)) {
        throw this.#corrupt(
          `has only ${this.#foundCount} of ${count} restart intervals: no marker follows byte ${this.#scanAt}`,
        );
      }
    }
  }

  #start(index: number): number | null {
    if (index === 0) return this.#span.start;
    const stored = this.#stored;
    if (stored !== null) return startOf(stored, index);
    return index < this.#foundCount ? (this.#found?.[index] ?? null) : null;
  }

  /** Goes through one block of bytes; false: there are none left. */
  #scan(found: Float64Array): boolean {
    const at = this.#scanAt;
    const length = Math.min(scanBlock, this.#span.end - at);
    if (length < 2) return false;
    const bytes = this.#file.read(at, length, 'Restart markers');
    let next = bytes.indexOf(0xff);
    while (next >= 0 && next + 1 < length && this.#foundCount < found.length) {
      const code = bytes[next + 1] ?? 0;
      if (code >= 0xd0 && code <= 0xd7) found[this.#foundCount++] = at + next + 2;
      if (code === 0xd9) {
        this.#scanAt = this.#span.end;
        return true;
      }
      next = bytes.indexOf(0xff, next + (code === 0xff ? 1 : 2));
    }
    // A marker that the block's end cuts through is read again with the next one.
    this.#scanAt = next === length - 1 ? at + next : at + length;
    if (this.#foundCount === found.length) this.#scanAt = this.#span.end;
    return true;
  }

  #corrupt(what: string): GigatileError {
    return new GigatileError('image-corrupt', `The JPEG of this level ${what}`, {
      where: this.#where,
      hint: 'The file is damaged or was not copied completely.',
    });
  }
}

/** As many entries as there are intervals, rising, and all within the JPEG. */
function isPossible(stored: StoredTable, { start, end, count }: JpegSpan): boolean {
  if (stored.low.length !== count || (stored.high !== null && stored.high.length !== count)) return false;
  let last = start;
  for (let index = 1; index < count; index++) {
    const at = startOf(stored, index);
    if (at < last + 2 || at >= end) return false;
    last = at;
  }
  return true;
}

function startOf({ base, low, high }: StoredTable, index: number): number {
  return base + (low[index] ?? 0) + (high === null ? 0 : (high[index] ?? 0) * 2 ** 32);
}
