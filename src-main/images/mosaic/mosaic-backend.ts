/** Tiles of a level that is put together from stored tiles; each of those is decoded once while it is kept. */
import { GigatileError } from '../../contract/errors.ts';
import type { PixelType } from '../../contract/image.ts';
import { ByteLru } from '../../core/byte-lru.ts';
import type { TiffLayout } from '../formats/tiff-layout.ts';
import type { ImageFile } from '../image-file.ts';
import type { Codecs, EncodedImage, OpenLimits, Raster } from '../image-source.ts';
import type { Colours, NativeLevel, PixelBackend } from '../pixel-backend.ts';
import { bytesPerSample, pixelArray } from '../raster.ts';
import { TiffBackend } from '../tiff-backend.ts';
import type { TiffPage } from '../tiff/page.ts';
import { isPassthrough, TiffTileReader } from '../tiff/tile-reader.ts';
import type { MosaicLevel, MosaicPiece } from './mosaic.ts';
import { paintMosaic } from './paint-mosaic.ts';

/** Decoded stored tiles: tiles of the level that lie side by side share them. */
const storedBudget = 48 * 1024 * 1024;
const background = 255;

export interface MosaicLayout {
  /** What the format says about the whole; its only level is the page whose pixels are like all others'. */
  readonly whole: TiffLayout;
  readonly levels: readonly MosaicLevel[];
  /** All pages that pieces come from. */
  readonly pages: readonly TiffPage[];
}

export class MosaicBackend implements PixelBackend {
  readonly levels: readonly NativeLevel[];
  readonly bands: number;
  readonly dtype: PixelType;
  readonly colours: Colours;
  readonly missingFromFiner = false;
  readonly #layout: MosaicLayout;
  readonly #plain: TiffBackend;
  readonly #reader: TiffTileReader;
  /** Numbers of the pages, for keys. */
  readonly #pages: ReadonlyMap<TiffPage, number>;
  readonly #stored = new ByteLru<Raster>(storedBudget, (tile) => tile.data.byteLength);
  readonly #inProgress = new Map<number, Promise<Raster | null>>();

  /** @throws {GigatileError} image-unsupported where pages hold different kinds of pixels, or others than bytes */
  constructor(file: ImageFile, layout: MosaicLayout, codecs: Codecs, limits: OpenLimits) {
    this.#layout = layout;
    this.#plain = new TiffBackend(file, layout.whole, codecs, limits);
    this.#reader = new TiffTileReader(file, codecs, background);
    this.#pages = new Map(layout.pages.map((page, index) => [page, index]));
    this.bands = this.#plain.bands;
    this.dtype = this.#plain.dtype;
    this.colours = this.#plain.colours;
    const canPass = layout.pages.every(isPassthrough);
    this.levels = layout.levels.map((level) => nativeLevel(level, canPass));
    for (const page of layout.pages) {
      if (page.bands === this.bands && page.dtype === this.dtype && page.dtype === 'uint8') continue;
      throw new GigatileError(
        'image-unsupported',
        `The slide's parts hold ${page.bands} bands of ${page.dtype} here, and cannot be put together`,
        { where: page.where },
      );
    }
  }

  decodeTile(
    level: number,
    column: number,
    row: number,
    memory?: Uint8Array,
  ): Raster | null | Promise<Raster | null> {
    const grid = this.#level(level);
    const [x, y] = [column * grid.tileWidth, row * grid.tileHeight];
    const pieces = grid.piecesIn({ x, y, width: grid.tileWidth, height: grid.tileHeight });
    if (pieces.length === 0) return null;
    const rasters = pieces.map((piece) => this.#decode(piece));
    const paint = (found: readonly (Raster | null)[]): Raster | null => {
      const placed = pieces.flatMap((piece, i) => {
        const raster = found[i];
        if (raster === null || raster === undefined) return [];
        return [{ raster, from: piece.from, x: piece.x - x, y: piece.y - y }];
      });
      if (placed.length === 0) return null;
      const target = this.#target(grid, memory);
      paintMosaic(target, placed, background);
      return target;
    };
    return rasters.some((raster) => raster instanceof Promise)
      ? Promise.all(rasters.map((raster) => Promise.resolve(raster))).then(paint)
      : paint(rasters.map((raster) => (raster instanceof Promise ? null : raster)));
  }

  storedTile(level: number, column: number, row: number): EncodedImage | null {
    const grid = this.#level(level);
    if (!grid.isAligned) return null;
    const { tileWidth: width, tileHeight: height } = grid;
    const [x, y] = [column * width, row * height];
    const [piece, ...others] = grid.piecesIn({ x, y, width, height });
    // Tiles at a region's edge are padded with whatever the scanner put there: those are cut off here.
    const isWhole =
      piece !== undefined &&
      piece.x === x &&
      piece.y === y &&
      piece.from.width === width &&
      piece.from.height === height;
    return isWhole && others.length === 0 ? this.#reader.stored(piece.page, piece.index) : null;
  }

  associatedImage(name: string): Promise<EncodedImage> {
    return this.#plain.associatedImage(name);
  }

  close(): void {
    this.#stored.clear();
    this.#plain.close();
  }

  #decode({ page, index }: MosaicPiece): Raster | null | Promise<Raster | null> {
    const key = (this.#pages.get(page) ?? 0) * 2 ** 32 + index;
    const known = this.#stored.get(key) ?? this.#inProgress.get(key);
    if (known !== undefined) return known;
    const found = this.#reader.decode(page, index);
    if (!(found instanceof Promise)) {
      if (found !== null) this.#stored.set(key, found);
      return found;
    }
    const pending = found
      .then((tile) => {
        if (tile !== null) this.#stored.set(key, tile);
        return tile;
      })
      .finally(() => this.#inProgress.delete(key));
    this.#inProgress.set(key, pending);
    return pending;
  }

  #target({ tileWidth, tileHeight }: MosaicLevel, memory: Uint8Array | undefined): Raster {
    const length = tileWidth * tileHeight * this.bands;
    const fits = memory !== undefined && memory.byteLength >= length * bytesPerSample(this.dtype);
    const data = pixelArray(this.dtype, length, fits ? memory : undefined);
    return { width: tileWidth, height: tileHeight, bands: this.bands, dtype: this.dtype, data };
  }

  #level(level: number): MosaicLevel {
    const found = this.#layout.levels[level];
    if (found === undefined) throw new GigatileError('usage', `The image has no level ${level}`);
    return found;
  }
}

function nativeLevel(level: MosaicLevel, canPass: boolean): NativeLevel {
  return {
    width: level.width,
    height: level.height,
    scaleX: level.scaleX,
    scaleY: level.scaleY,
    tileWidth: level.tileWidth,
    tileHeight: level.tileHeight,
    storedTileWidth: level.storedTileWidth,
    storedTileHeight: level.storedTileHeight,
    passthrough: level.isAligned && canPass,
    ...(level.missingTiles > 0 && { missingTiles: level.missingTiles }),
  };
}
