/** Decoded tiles of all levels, each decoded once while it is kept, and regions put together from them. */
import { GigatileError } from '../contract/errors.ts';
import type { PixelType } from '../contract/image.ts';
import { PixelMemory } from '../core/pixel-kernel/pixel-memory.ts';
import type { DisplayLevel } from './display-levels.ts';
import { halve, resample } from './box-filter.ts';
import { mostKernelBands } from './box-kernel.ts';
import type { NoData } from './box-filter.ts';
import { fetchBelow, fetchedAhead, tilesOf } from './fetch-ahead.ts';
import { ByteLru } from '../core/byte-lru.ts';
import type { PixelArray, Raster } from './image-source.ts';
import type { NativeLevel, PixelBackend } from './pixel-backend.ts';
import {
  bytesPerSample,
  copyRect,
  fillRect,
  filledRaster,
  hatchRect,
  pixelArray,
  uninitializedRaster,
} from './raster.ts';

/** Decoded native tiles: overlapping patches decode each stored tile once. Where nobody says how they will lie: see keepBlock. */
const nativeBudget = 40 * 1024 * 1024;
/** Halved tiles, which take four others (each maybe halved again) to make. */
const halvedBudget = 32 * 1024 * 1024;
/** Of either, where it is said how they will lie. */
const [leastKept, mostKept] = [8 * 1024 * 1024, 64 * 1024 * 1024];
/** What the kernel works in: decoded tiles, patches that are put together from them, and a model's input. */
const kernelBytes = 128 * 1024 * 1024;
/** Room for the tile index below the level in a key. */
const levelKey = 2 ** 40;

export interface Rectangle {
  x: number;
  y: number;
  width: number;
  height: number;
}

interface Grid {
  width: number;
  height: number;
  tileWidth: number;
  tileHeight: number;
}

/** Asked before a tile of a region is: resolves when its bytes are there; null where they are. */
type Ready = (column: number, row: number) => Promise<void> | null;

export class TileStore {
  readonly #backend: PixelBackend;
  readonly #levels: readonly DisplayLevel[];
  readonly #background: number;
  readonly #noData: NoData;
  /** Made with the first tile: most images that are opened are only looked at. */
  #memory: PixelMemory | null = null;
  /**
   * Only tiles that were decoded synchronously: their memory is used again once dropped (fresh memory costs a fifth of a
   * decode). Safe because whoever gets one copies from it before the next await.
   */
  readonly #native = new ByteLru<{ tile: Raster; piece: Uint8Array | null }>(
    nativeBudget,
    ({ tile }) => tile.data.byteLength,
    ({ piece }) => {
      this.#giveBack(piece);
    },
  );
  readonly #made = new ByteLru<Raster>(halvedBudget, (tile) => tile.data.byteLength);
  /** Of derived tiles that are hatched in part: what is wrong with the stored ones. */
  readonly #damaged = new Map<number, GigatileError>();
  readonly #inProgress = new Map<number, Promise<Raster>>();

  /** `levels` are those of display; native ones among them name the backend's. */
  constructor(backend: PixelBackend, levels: readonly DisplayLevel[], background: number, noData: NoData) {
    this.#backend = backend;
    this.#levels = levels;
    this.#background = background;
    this.#noData = noData;
  }

  /** A region of one of the file's levels, into memory of its size where given; what lies outside is background. */
  nativeRegion(level: number, rect: Rectangle, into?: PixelArray, damage?: Damage): Promise<Raster> {
    const native = this.#backend.levels[level];
    if (native === undefined) return Promise.reject(new RangeError(`no level ${level}`));
    const tileAt = (column: number, row: number): Raster | null | Promise<Raster | null> =>
      this.#nativeTile(level, native, column, row);
    const ready = this.#backend.prefetch && this.#fetching(level, native, rect);
    return this.#region(native, rect, tileAt, into, damage, ready);
  }

  /**
   * A region of a display level. With `damage`, tiles that cannot be decoded are hatched and told of there: for the screen, where
   * one bad tile must not hide the others. Without, they are an error: a model never sees a hatched one.
   */
  region(index: number, rect: Rectangle, into?: PixelArray, damage?: Damage): Promise<Raster> {
    const level = this.#levels[index];
    if (level === undefined) return Promise.reject(new RangeError(`no display level ${index}`));
    if (level.native !== null) return this.nativeRegion(level.native, rect, into, damage);
    return this.#region(
      level,
      rect,
      (column, row) => this.#halvedTile(index, level, column, row, damage),
      into,
      damage,
    );
  }

  /**
   * For an image on a server: what is not decoded yet is fetched together. To be asked for each tile, in the order of `tilesOf`;
   * null where its bytes are there.
   */
  #fetching(level: number, native: NativeLevel, rect: Rectangle): Ready {
    const columns = Math.ceil(native.width / native.tileWidth);
    const tiles = tilesOf(native, rect).filter(({ column, row }) => {
      const key = level * levelKey + row * columns + column;
      return this.#native.get(key) === undefined && this.#made.get(key) === undefined;
    });
    const ahead = fetchedAhead(this.#backend, level, tiles);
    let index = 0;
    return (column, row) => {
      const next = tiles[index];
      return next?.column === column && next.row === row ? ahead(index++) : null;
    };
  }

  /**
   * Blocks of this size (pixels of the display level) will be read, each row after row and then the one beside it: what the two share
   * must still be there, and that is a column and two rows of tiles more than the block itself covers.
   */
  keepBlock(index: number, width: number, height: number): void {
    const level = this.#levels[index];
    if (level === undefined) return;
    const { bands, dtype } = this.#backend;
    const tiles = (Math.ceil(width / level.tileWidth) + 1) * (Math.ceil(height / level.tileHeight) + 2);
    const bytes = tiles * level.tileWidth * level.tileHeight * bands * bytesPerSample(dtype);
    const within = (needed: number): number => Math.min(mostKept, Math.max(leastKept, needed));
    if (level.native !== null) {
      // In the second one where their codec is not synchronous.
      this.#native.budget = this.#made.budget = within(bytes);
      return;
    }
    // Each tile of a derived level is made of four that nobody else needs: the stored ones go, derived ones are kept among the others.
    let made = bytes;
    for (let below = index - 1; this.#levels[below]?.native === null; below--) made = made * 4 + bytes;
    this.#native.budget = leastKept;
    this.#made.budget = within(made);
  }

  clear(): void {
    this.#native.clear();
    this.#made.clear();
    this.#damaged.clear();
    this.#memory = null;
  }

  async #region(
    grid: Grid,
    rect: Rectangle,
    tileAt: (column: number, row: number) => Raster | null | Promise<Raster | null>,
    into?: PixelArray,
    damage?: Damage,
    ready?: Ready,
  ): Promise<Raster> {
    const { bands, dtype } = this.#backend;
    const right = Math.min(rect.x + rect.width, grid.width);
    const bottom = Math.min(rect.y + rect.height, grid.height);
    const left = Math.max(0, rect.x);
    const top = Math.max(0, rect.y);
    const target = targetOf(rect, bands, dtype, into);
    if (right <= left || bottom <= top) {
      target.data.fill(this.#background);
      return target;
    }
    if (right - left !== rect.width || bottom - top !== rect.height) target.data.fill(this.#background);
    const { tileWidth, tileHeight } = grid;
    for (let row = Math.floor(top / tileHeight); row * tileHeight < bottom; row++) {
      const first = Math.floor(left / tileWidth);
      for (let column = first; column * tileWidth < right; column++) {
        let tile: Raster | null | 'damaged';
        try {
          const fetching = ready?.(column, row);
          if (fetching) await fetching;
          // Nothing may come between getting a tile that is there and copying from it: its memory is used again.
          const found = tileAt(column, row);
          tile = found instanceof Promise ? await found : found;
        } catch (error) {
          if (damage === undefined || !isDamage(error)) throw error;
          damage.error ??= error;
          tile = 'damaged';
        }
        const [x, y] = [Math.max(left, column * tileWidth), Math.max(top, row * tileHeight)];
        const width = Math.min(right, (column + 1) * tileWidth) - x;
        const height = Math.min(bottom, (row + 1) * tileHeight) - y;
        const to = { x: x - rect.x, y: y - rect.y };
        if (tile === null) fillRect(target, to.x, to.y, width, height, this.#background);
        else if (tile === 'damaged') hatchRect(target, to.x, to.y, width, height);
        else
          copyRect(tile, { x: x - column * tileWidth, y: y - row * tileHeight }, target, to, width, height);
      }
    }
    return target;
  }

  #nativeTile(
    level: number,
    native: NativeLevel,
    column: number,
    row: number,
  ): Raster | null | Promise<Raster | null> {
    const key = level * levelKey + row * Math.ceil(native.width / native.tileWidth) + column;
    const known = this.#native.get(key)?.tile ?? this.#made.get(key);
    if (known !== undefined) return known;
    const pending = this.#inProgress.get(key);
    if (pending !== undefined) return pending;
    const piece = this.#takePiece(native);
    let found: Raster | null | Promise<Raster | null>;
    try {
      found = this.#backend.decodeTile(level, column, row, piece ?? undefined);
    } catch (error) {
      this.#giveBack(piece);
      throw error;
    }
    if (found instanceof Promise) {
      const decoding = found;
      return this.#once(key, async () => {
        try {
          const tile = await decoding;
          if (tile !== null) return outside(tile, piece);
        } finally {
          this.#giveBack(piece);
        }
        return this.#missingTile(level, native, column, row);
      });
    }
    const isInPiece = piece !== null && found !== null && found.data.buffer === piece.buffer;
    if (!isInPiece) this.#giveBack(piece);
    if (found !== null) {
      this.#native.set(key, { tile: found, piece: isInPiece ? piece : null });
      return found;
    }
    if (!this.#backend.missingFromFiner || level === 0) return null;
    return this.#once(key, () => this.#missingTile(level, native, column, row));
  }

  /** A tile that is not stored: from the finer level, or background. */
  async #missingTile(level: number, native: NativeLevel, column: number, row: number): Promise<Raster> {
    const { tileWidth, tileHeight } = native;
    const finer = this.#backend.levels[level - 1];
    const { bands, dtype, missingFromFiner } = this.#backend;
    if (finer === undefined || !missingFromFiner) {
      return filledRaster(tileWidth, tileHeight, bands, dtype, this.#background);
    }
    const [stepX, stepY] = [native.scaleX / finer.scaleX, native.scaleY / finer.scaleY];
    const [x, y] = [column * tileWidth * stepX, row * tileHeight * stepY];
    const [left, top] = [Math.floor(x), Math.floor(y)];
    const source = await this.nativeRegion(level - 1, {
      x: left,
      y: top,
      width: Math.ceil(x + tileWidth * stepX) - left,
      height: Math.ceil(y + tileHeight * stepY) - top,
    });
    const rect = { x: x - left, y: y - top, width: tileWidth * stepX, height: tileHeight * stepY };
    return resample(source, rect, tileWidth, tileHeight, this.#noData);
  }

  /** Part of a derived level: half of four tiles of the display level before it. */
  #halvedTile(
    index: number,
    level: DisplayLevel,
    column: number,
    row: number,
    damage?: Damage,
  ): Raster | Promise<Raster> {
    const columns = Math.ceil(level.width / level.tileWidth);
    const key = (this.#backend.levels.length + index) * levelKey + row * columns + column;
    const known = this.#made.get(key);
    if (known !== undefined && !this.#damaged.has(key)) return known;
    const finer = this.#levels[index - 1];
    const made =
      known ??
      this.#once(key, async () => {
        // The top of a large image without a pyramid takes thousands of these: others get their turn in between.
        await new Promise((resolve) => setImmediate(resolve));
        await fetchBelow(this.#backend, this.#levels, index, {
          x: column * level.tileWidth,
          y: row * level.tileHeight,
          width: level.tileWidth,
          height: level.tileHeight,
        });
        const [x, y] = [column * level.tileWidth * 2, row * level.tileHeight * 2];
        const width = Math.min(level.tileWidth * 2, (finer?.width ?? 0) - x);
        const height = Math.min(level.tileHeight * 2, (finer?.height ?? 0) - y);
        const found: Damage = { error: null };
        const tile = await this.#halved(index - 1, { x, y, width, height }, found);
        if (found.error === null) this.#damaged.delete(key);
        else this.#damaged.set(key, found.error);
        return tile;
      });
    return this.#checked(key, made, damage);
  }

  /** A tile that is hatched in part is one only for those who asked for such. */
  async #checked(key: number, made: Raster | Promise<Raster>, damage: Damage | undefined): Promise<Raster> {
    const tile = await made;
    const error = this.#damaged.get(key);
    if (error === undefined) return tile;
    if (damage === undefined) throw error;
    damage.error ??= error;
    return tile;
  }

  /** Half a region of a display level; whole pairs of RGB bytes, which nearly all are, by the kernel. */
  async #halved(index: number, rect: Rectangle, damage: Damage): Promise<Raster> {
    const { bands, dtype } = this.#backend;
    const [width, height] = [rect.width / 2, rect.height / 2];
    const isPlain = bands === 3 && dtype === 'uint8' && this.#noData === null;
    const memory = this.#kernelMemory();
    const from =
      isPlain && width % 1 === 0 && height % 1 === 0 ? memory.take(rect.width * rect.height * 3) : null;
    const to = from === null ? null : memory.take(width * height * 3);
    try {
      if (from === null || to === null) {
        return halve(await this.region(index, rect, undefined, damage), this.#noData);
      }
      await this.region(index, rect, from, damage);
      memory.halveRgb(from, to, width, height);
      return { width, height, bands, dtype, data: to.slice() };
    } finally {
      if (from !== null) memory.give(from);
      if (to !== null) memory.give(to);
    }
  }

  /** Requests that come while a tile is being made wait for the same one. */
  #once(key: number, make: () => Promise<Raster>): Promise<Raster> {
    const pending = this.#inProgress.get(key);
    if (pending !== undefined) return pending;
    const made = make()
      .then((tile) => {
        this.#made.set(key, tile);
        return tile;
      })
      .finally(() => this.#inProgress.delete(key));
    this.#inProgress.set(key, made);
    return made;
  }

  /** Memory for a whole stored tile. */
  #takePiece(native: NativeLevel): Uint8Array | null {
    const { bands, dtype } = this.#backend;
    return this.#kernelMemory().take(native.tileWidth * native.tileHeight * bands * bytesPerSample(dtype));
  }

  #giveBack(piece: Uint8Array | null): void {
    if (piece !== null) this.#memory?.give(piece);
  }

  /** At least so many samples for a while: in the kernel's memory where it can do something with them. See `giveBack`. */
  borrow(samples: number): PixelArray {
    const { bands, dtype } = this.#backend;
    if (dtype !== 'uint8' || bands > mostKernelBands) return pixelArray(dtype, samples);
    // Sizes that follow from fractions differ by a row or two: powers of two, or pieces of every size would fill the memory.
    const size = 2 ** Math.ceil(Math.log2(samples));
    return this.#kernelMemory().take(size) ?? pixelArray(dtype, samples);
  }

  giveBack(borrowed: PixelArray): void {
    if (borrowed instanceof Uint8Array && PixelMemory.of(borrowed) === this.#memory) this.#giveBack(borrowed);
  }

  /** Memory of any type that regions come into fastest; ordinary memory where the kernel's is full. */
  memory(dtype: PixelType, length: number): PixelArray {
    const piece = this.#kernelMemory().take(length * bytesPerSample(dtype));
    return pixelArray(dtype, length, piece ?? undefined);
  }

  #kernelMemory(): PixelMemory {
    return (this.#memory ??= new PixelMemory(kernelBytes));
  }
}

/** What of a region could not be decoded: the first error. */
export interface Damage {
  error: GigatileError | null;
}

/** The stored bytes are wrong: asking again gives the same. A disk or a server that fails may come back, and is no damage. */
function isDamage(error: unknown): error is GigatileError {
  return (
    error instanceof GigatileError && (error.code === 'image-corrupt' || error.code === 'image-too-large')
  );
}

/** A tile that is kept for later, by whoever waits for it: not in memory that is used again. */
function outside(tile: Raster, piece: Uint8Array | null): Raster {
  return piece !== null && tile.data.buffer === piece.buffer ? { ...tile, data: tile.data.slice() } : tile;
}

/** Where a region goes: memory of the caller's where it is of the right type and size. */
export function targetOf(
  rect: Rectangle,
  bands: number,
  dtype: PixelType,
  into: PixelArray | undefined,
): Raster {
  const { width, height } = rect;
  if (into === undefined) return uninitializedRaster(width, height, bands, dtype);
  if (into.length !== width * height * bands || into.BYTES_PER_ELEMENT !== bytesPerSample(dtype)) {
    throw new RangeError(`${into.length} samples of memory for ${width} x ${height} x ${bands} of ${dtype}`);
  }
  return { width, height, bands, dtype, data: into };
}
