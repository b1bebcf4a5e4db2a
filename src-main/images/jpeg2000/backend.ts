/** Tiles of a JPEG 2000 file: those of its codestream, at each of its resolutions. */
import { GigatileError } from '../../contract/errors.ts';
import type { PixelType } from '../../contract/image.ts';
import { ByteLru } from '../../core/byte-lru.ts';
import type { ImageFile } from '../image-file.ts';
import type { Codecs, Raster } from '../image-source.ts';
import type { Colours, NativeLevel, PixelBackend } from '../pixel-backend.ts';
import { copyRect, pixelArray } from '../raster.ts';
import { resolutionsOf, typeOf } from './decode.ts';
import { oneTileStream } from './one-tile.ts';
import type { Codestream } from './tile-index.ts';
import { coarser, tileRect } from './tile-layout.ts';
import type { Rect } from './tile-layout.ts';

/** What turns decoded components into the image's bands. */
export type Finish = (raster: Raster) => Raster;

/** Tiles of the codestream that are no larger are the image's tiles; larger ones are decoded once and given out in parts. */
const largestTile = 1024;
const partSize = 512;
/** Below this a further level is of no use. */
const smallestLevel = 256;
/** Decoded tiles of the codestream that are given out in parts. */
const keptBytes = 96 * 1024 * 1024;

interface Jpeg2000Level extends NativeLevel {
  reduce: number;
  /** The image at this resolution, in its coordinates. */
  area: Rect;
  /** The grid of `decodeTile` is the codestream's. */
  isDirect: boolean;
}

export class Jpeg2000Backend implements PixelBackend {
  readonly levels: readonly Jpeg2000Level[];
  readonly bands: number;
  readonly dtype: PixelType;
  readonly colours: Colours;
  readonly missingFromFiner = false;
  readonly #file: ImageFile;
  readonly #stream: Codestream;
  readonly #codecs: Codecs;
  readonly #finish: Finish;
  readonly #columns: number;
  readonly #kept = new ByteLru<Raster>(keptBytes, (raster) => raster.data.byteLength);
  readonly #inProgress = new Map<number, Promise<Raster | null>>();

  constructor(file: ImageFile, stream: Codestream, codecs: Codecs, colours: Colours, finish: Finish) {
    const { size } = stream.main;
    this.#file = file;
    this.#stream = stream;
    this.#codecs = codecs;
    this.#finish = finish;
    this.#columns = Math.ceil((size.x1 - size.tileX0) / size.tileWidth);
    this.bands = size.components.length;
    this.dtype = typeOf(size.components);
    this.colours = colours;
    this.levels = levelsOf(stream);
  }

  async decodeTile(level: number, column: number, row: number): Promise<Raster | null> {
    const at = this.levels[level];
    if (at === undefined) throw new GigatileError('usage', `The image has no level ${level}`);
    if (at.isDirect) return this.#decode(row * this.#columns + column, at.reduce);
    const x0 = at.area.x0 + column * at.tileWidth;
    const y0 = at.area.y0 + row * at.tileHeight;
    const part = {
      x0,
      y0,
      x1: Math.min(x0 + at.tileWidth, at.area.x1),
      y1: Math.min(y0 + at.tileHeight, at.area.y1),
    };
    return this.#joined(at, part);
  }

  storedTile(): null {
    return null;
  }

  close(): void {
    this.#kept.clear();
    this.#file.close();
  }

  /** A part of a level from the tiles that it lies in; what is not stored stays 0. */
  async #joined(level: Jpeg2000Level, part: Rect): Promise<Raster> {
    const [width, height] = [part.x1 - part.x0, part.y1 - part.y0];
    const { bands, dtype } = this;
    const whole: Raster = { width, height, bands, dtype, data: pixelArray(dtype, width * height * bands) };
    const { size } = this.#stream.main;
    const scale = 2 ** level.reduce;
    const columnOf = (x: number): number => Math.floor((x * scale - size.tileX0) / size.tileWidth);
    const rowOf = (y: number): number => Math.floor((y * scale - size.tileY0) / size.tileHeight);
    // A sample at x of this level is that of x * scale on the reference grid, which decides its tile.
    for (let row = rowOf(part.y0); row <= rowOf(part.y1 - 1); row++) {
      for (let column = columnOf(part.x0); column <= columnOf(part.x1 - 1); column++) {
        const index = row * this.#columns + column;
        const rect = tileRect(size, index);
        if (rect === null) continue;
        const tile = await this.#keptTile(index, level.reduce);
        if (tile === null) continue;
        const area = coarser(rect, scale, scale);
        const [left, top] = [Math.max(area.x0, part.x0), Math.max(area.y0, part.y0)];
        const [right, bottom] = [Math.min(area.x1, part.x1), Math.min(area.y1, part.y1)];
        if (right <= left || bottom <= top) continue;
        const from = { x: left - area.x0, y: top - area.y0 };
        copyRect(tile, from, whole, { x: left - part.x0, y: top - part.y0 }, right - left, bottom - top);
      }
    }
    return whole;
  }

  /** Parts that are asked for at the same time wait for the same tile. */
  #keptTile(index: number, reduce: number): Promise<Raster | null> {
    const key = index * 64 + reduce;
    const known = this.#kept.get(key);
    if (known !== undefined) return Promise.resolve(known);
    const pending = this.#inProgress.get(key);
    if (pending !== undefined) return pending;
    const made = this.#decode(index, reduce)
      .then((raster) => {
        if (raster !== null) this.#kept.set(key, raster);
        return raster;
      })
      .finally(() => this.#inProgress.delete(key));
    this.#inProgress.set(key, made);
    return made;
  }

  /** A tile of the codestream; null: it has no part in the file, or nothing is left of it at this resolution. */
  async #decode(index: number, reduce: number): Promise<Raster | null> {
    const { main, header, parts } = this.#stream;
    const rect = tileRect(main.size, index);
    const ranges = parts.get(index);
    if (rect === null || ranges === undefined) return null;
    const area = coarser(rect, 2 ** reduce, 2 ** reduce);
    if (area.x1 <= area.x0 || area.y1 <= area.y0) return null;
    const where = `${this.#file.name}, tile ${index} (column ${index % this.#columns}, row ${Math.floor(index / this.#columns)})`;
    const bytes = ranges.map(({ offset, length }) => this.#file.read(offset, length, where));
    try {
      const stream = oneTileStream(header, main, rect, bytes);
      return this.#finish(await this.#codecs.decodeJpeg2000(stream, { reduce }));
    } catch (cause) {
      if (!(cause instanceof GigatileError) || cause.where !== undefined) throw cause;
      throw new GigatileError(cause.code, cause.message, { where, hint: cause.hint, cause });
    }
  }
}

function levelsOf({ main }: Codestream): Jpeg2000Level[] {
  const { size } = main;
  const levels: Jpeg2000Level[] = [];
  const full = coarser(size, 1, 1);
  for (let reduce = 0; reduce <= resolutionsOf(main); reduce++) {
    const scale = 2 ** reduce;
    const area = coarser(size, scale, scale);
    const [width, height] = [area.x1 - area.x0, area.y1 - area.y0];
    const before = levels[levels.length - 1];
    if (width < 1 || height < 1 || (before && Math.max(before.width, before.height) <= smallestLevel)) break;
    const tileWidth = Math.min(width, Math.ceil(size.tileWidth / scale));
    const tileHeight = Math.min(height, Math.ceil(size.tileHeight / scale));
    const isDirect =
      tileWidth <= largestTile &&
      tileHeight <= largestTile &&
      isEven(size.x0, size.x1, size.tileX0, size.tileWidth, scale) &&
      isEven(size.y0, size.y1, size.tileY0, size.tileHeight, scale);
    levels.push({
      width,
      height,
      scaleX: (full.x1 - full.x0) / width,
      scaleY: (full.y1 - full.y0) / height,
      tileWidth: isDirect ? tileWidth : partSize,
      tileHeight: isDirect ? tileHeight : partSize,
      storedTileWidth: tileWidth,
      storedTileHeight: tileHeight,
      passthrough: false,
      reduce,
      area,
      isDirect,
    });
  }
  return levels;
}

/** Along one axis: tiles at this scale are all of one size and begin with the image, so that column * size finds them. */
function isEven(start: number, end: number, gridStart: number, tile: number, scale: number): boolean {
  const isSingle = end - gridStart <= tile;
  return isSingle || (start === gridStart && start % scale === 0 && tile % scale === 0);
}
