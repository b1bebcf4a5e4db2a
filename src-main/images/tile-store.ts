/** Decoded tiles of all levels, each decoded once while it is kept, and regions put together from them. */
import type { PixelType } from '../contract/image.ts';
import type { DisplayLevel } from './display-levels.ts';
import { halve, resample } from './box-filter.ts';
import type { NoData } from './box-filter.ts';
import { ByteLru } from './byte-lru.ts';
import type { PixelArray, Raster } from './image-source.ts';
import type { NativeLevel, PixelBackend } from './pixel-backend.ts';
import { bytesPerSample, copyRect, fillRect, filledRaster, uninitializedRaster } from './raster.ts';

/** Decoded native tiles: overlapping patches decode each stored tile once. */
const nativeBudget = 64 * 1024 * 1024;
/** Halved tiles, which take four others (each maybe halved again) to make. */
const halvedBudget = 32 * 1024 * 1024;
/** Buffers of dropped tiles that wait to be used again: fresh memory costs a fifth of a decode. */
const maxSpare = 8;
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

export class TileStore {
  readonly #backend: PixelBackend;
  readonly #levels: readonly DisplayLevel[];
  readonly #background: number;
  readonly #noData: NoData;
  readonly #spare: ArrayBuffer[] = [];
  /**
   * Only tiles that were decoded synchronously: their memory is used again once dropped. Safe because whoever gets one copies
   * from it before the next await.
   */
  readonly #native = new ByteLru<Raster>(
    nativeBudget,
    (tile) => tile.data.buffer.byteLength,
    (tile) => {
      const memory = tile.data.buffer;
      if (memory instanceof ArrayBuffer && this.#spare.length < maxSpare) this.#spare.push(memory);
    },
  );
  readonly #made = new ByteLru<Raster>(halvedBudget, (tile) => tile.data.byteLength);
  readonly #inProgress = new Map<number, Promise<Raster>>();

  /** `levels` are those of display; native ones among them name the backend's. */
  constructor(backend: PixelBackend, levels: readonly DisplayLevel[], background: number, noData: NoData) {
    this.#backend = backend;
    this.#levels = levels;
    this.#background = background;
    this.#noData = noData;
  }

  /** A region of one of the file's levels, into memory of its size where given; what lies outside is background. */
  nativeRegion(level: number, rect: Rectangle, into?: PixelArray): Promise<Raster> {
    const native = this.#backend.levels[level];
    if (native === undefined) return Promise.reject(new RangeError(`no level ${level}`));
    return this.#region(native, rect, (column, row) => this.#nativeTile(level, native, column, row), into);
  }

  /** A region of a display level. */
  region(index: number, rect: Rectangle, into?: PixelArray): Promise<Raster> {
    const level = this.#levels[index];
    if (level === undefined) return Promise.reject(new RangeError(`no display level ${index}`));
    if (level.native !== null) return this.nativeRegion(level.native, rect, into);
    return this.#region(level, rect, (column, row) => this.#halvedTile(index, level, column, row), into);
  }

  clear(): void {
    this.#native.clear();
    this.#made.clear();
    this.#spare.length = 0;
  }

  async #region(
    grid: Grid,
    rect: Rectangle,
    tileAt: (column: number, row: number) => Raster | null | Promise<Raster | null>,
    into?: PixelArray,
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
      for (let column = Math.floor(left / tileWidth); column * tileWidth < right; column++) {
        const found = tileAt(column, row);
        const tile = found instanceof Promise ? await found : found;
        const [x, y] = [Math.max(left, column * tileWidth), Math.max(top, row * tileHeight)];
        const width = Math.min(right, (column + 1) * tileWidth) - x;
        const height = Math.min(bottom, (row + 1) * tileHeight) - y;
        const to = { x: x - rect.x, y: y - rect.y };
        if (tile === null) fillRect(target, to.x, to.y, width, height, this.#background);
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
    const known = this.#native.get(key) ?? this.#made.get(key);
    if (known !== undefined) return known;
    const pending = this.#inProgress.get(key);
    if (pending !== undefined) return pending;
    const found = this.#backend.decodeTile(level, column, row, this.#takeMemory(native));
    if (found instanceof Promise) {
      return this.#once(key, async () => (await found) ?? this.#missingTile(level, native, column, row));
    }
    if (found !== null) {
      this.#native.set(key, found);
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
  #halvedTile(index: number, level: DisplayLevel, column: number, row: number): Raster | Promise<Raster> {
    const columns = Math.ceil(level.width / level.tileWidth);
    const key = (this.#backend.levels.length + index) * levelKey + row * columns + column;
    const known = this.#made.get(key);
    if (known !== undefined) return known;
    const finer = this.#levels[index - 1];
    return this.#once(key, async () => {
      // The top of a large image without a pyramid takes thousands of these: others get their turn in between.
      await new Promise((resolve) => setImmediate(resolve));
      const [x, y] = [column * level.tileWidth * 2, row * level.tileHeight * 2];
      const width = Math.min(level.tileWidth * 2, (finer?.width ?? 0) - x);
      const height = Math.min(level.tileHeight * 2, (finer?.height ?? 0) - y);
      return halve(await this.region(index - 1, { x, y, width, height }), this.#noData);
    });
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

  #takeMemory(native: NativeLevel): ArrayBuffer | undefined {
    const { bands, dtype } = this.#backend;
    const bytes = native.tileWidth * native.tileHeight * bands * bytesPerSample(dtype);
    const index = this.#spare.findIndex((memory) => memory.byteLength === bytes);
    return index < 0 ? undefined : this.#spare.splice(index, 1)[0];
  }
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
