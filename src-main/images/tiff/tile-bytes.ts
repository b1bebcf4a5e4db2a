/**
 * The stored bytes of tiles, read from the disk several at once: a call to the system costs as much as the bytes of several JPEG
 * tiles, and who decodes one tile decodes its neighbours next.
 */
import type { ImageFile } from '../image-file.ts';
import type { TiffPage } from './page.ts';

/** Tiles of a row that are read together; the groups begin at multiples of it. */
const groupTiles = 8;
/** Groups that lie further apart in the file, or are larger, are not worth it. */
const largestGroup = 512 * 1024;
/** Two for each row of tiles in a worker's band (core/tile-order.ts): a column of it may lie on the seam of two groups. */
const keptGroups = 64;

interface Group {
  from: number;
  to: number;
  bytes: Buffer;
}

export class TileBytes {
  readonly #file: ImageFile;
  /** The least recently used first. null: not worth it. */
  readonly #groups = new Map<number, Group | null>();
  /** Pages have numbers of their own in keys. */
  readonly #pages = new Map<TiffPage, number>();
  /** Of groups that were dropped: fresh memory costs as much as reading into it. */
  readonly #spare: Buffer[] = [];

  constructor(file: ImageFile) {
    this.#file = file;
  }

  /** Reads a stored tile into `target` from `at` on. `name` says what it is, for errors. */
  readInto(page: TiffPage, index: number, target: Buffer, at: number, name: () => string): void {
    const offset = page.offsets[index] ?? 0;
    const length = page.byteCounts[index] ?? 0;
    const group = this.#file.isRemote ? null : this.#groupOf(page, index, name);
    if (group === null || offset < group.from || offset + length > group.to) {
      this.#file.readInto(target, at, offset, length, name);
      return;
    }
    const start = offset - group.from;
    group.bytes.copy(target, at, start, start + length);
  }

  #groupOf(page: TiffPage, index: number, name: () => string): Group | null {
    const row = Math.floor(index / page.columns);
    const first = index - ((index - row * page.columns) % groupTiles);
    const key = this.#numberOf(page) * 2 ** 32 + first;
    let group = this.#groups.get(key);
    if (group === undefined) {
      group = this.#read(page, first, Math.min(first + groupTiles, (row + 1) * page.columns), name);
      if (this.#groups.size >= keptGroups) this.#dropOldest();
    } else this.#groups.delete(key);
    this.#groups.set(key, group);
    return group;
  }

  #read(page: TiffPage, first: number, end: number, name: () => string): Group | null {
    let from = Number.POSITIVE_INFINITY;
    let to = 0;
    let used = 0;
    for (let i = first; i < end; i++) {
      const count = page.byteCounts[i] ?? 0;
      const offset = page.offsets[i] ?? 0;
      if (count === 0 || offset === 0) continue;
      from = Math.min(from, offset);
      to = Math.max(to, offset + count);
      used += count;
    }
    const length = to - from;
    if (!(length > 0) || length > 2 * used || length > largestGroup) return null;
    const spare = this.#spare.findIndex((buffer) => buffer.length >= length);
    const bytes =
      spare < 0
        ? Buffer.allocUnsafeSlow(Math.ceil(length / 65_536) * 65_536)
        : this.#spare.splice(spare, 1)[0];
    if (bytes === undefined) return null;
    this.#file.readInto(bytes, 0, from, length, name);
    return { from, to, bytes };
  }

  #dropOldest(): void {
    for (const [key, group] of this.#groups) {
      this.#groups.delete(key);
      if (group !== null) this.#spare.push(group.bytes);
      return;
    }
  }

  #numberOf(page: TiffPage): number {
    const known = this.#pages.get(page) ?? this.#pages.size;
    this.#pages.set(page, known);
    return known;
  }
}
