/** ImageSource over any format's backend: display tiles, regions, scaled reads. */
import type { ImageInfo, PixelType } from '../contract/image.ts';
import { encodeLook } from '../contract/look.ts';
import type { DisplayLook, ImageLook } from '../contract/look.ts';
import { GigatileError } from '../contract/errors.ts';
import { bytesOfPixel } from '../core/limits.ts';
import { fetchBelow } from './fetch-ahead.ts';
import { resample } from './box-filter.ts';
import { associatedImage } from './associated.ts';
import { ByteLru } from '../core/byte-lru.ts';
import { planDisplayLevels } from './display-levels.ts';
import type { DisplayLevel } from './display-levels.ts';
import { DisplayRenderer } from './display-renderer.ts';
import type { MaskedRaster } from './display-renderer.ts';
import type {
  Codecs,
  EncodedImage,
  ImageSource,
  OpenLimits,
  PixelArray,
  Raster,
  RegionRequest,
} from './image-source.ts';
import { overBlack } from './look/opacity.ts';
import type { PixelBackend } from './pixel-backend.ts';
import { bytesPerSample, copyRect, filledRaster } from './raster.ts';
import { targetOf, TileStore } from './tile-store.ts';
import type { Damage, Rectangle } from './tile-store.ts';

/** What a format knows beyond its pixels. */
export type Description = Pick<
  ImageInfo,
  | 'name'
  | 'format'
  | 'vendor'
  | 'mpp'
  | 'geo'
  | 'objectivePower'
  | 'bandNames'
  | 'associated'
  | 'compression'
  | 'noData'
> &
  Partial<Pick<ImageInfo, 'parts' | 'properties' | 'bandInfo' | 'controlPoints' | 'validity'>>;

const displayQuality = 85;
const renderedBudget = 32 * 1024 * 1024;
/** Looks whose tiles are told apart in memory; each move of a slider is another one. */
const mostLooks = 100;
/** Of an image whose bands are stored apart: choices of bands that are kept at hand. */
const mostParts = 2;
/** Source pixels that a scaled read takes into memory at once. */
const scaledChunk = 8 * 1024 * 1024;
/** Sizes of levels are rounded, so one that is meant for a scale may be a little coarser. */
const coarserBy = 1.005;
/** The picture of the whole image that the stretch is taken from: its longer side. */
const overviewSize = 512;
/** Above this many pixels even the coarsest stored level is only sampled for the stretch. */
const largestOverviewSource = 6 * 1024 * 1024;

export class PyramidSource implements ImageSource {
  readonly info: ImageInfo;
  readonly fetchAhead?: NonNullable<ImageSource['fetchAhead']>;
  readonly #backend: PixelBackend;
  readonly #codecs: Codecs;
  readonly #limits: OpenLimits;
  readonly #fingerprint: () => string | Promise<string>;
  readonly #levels: readonly DisplayLevel[];
  readonly #store: TileStore;
  readonly #renderer: DisplayRenderer;
  readonly #mask: PyramidSource | null;
  /** Of an image whose bands are stored apart: the same with only the bands that are shown, by which those are. */
  readonly #parts = new Map<string, PyramidSource>();
  readonly #lookNumbers = new Map<string, number>();
  readonly #rendered = new ByteLru<EncodedImage>(renderedBudget, (image) => image.bytes.byteLength);

  constructor(
    backend: PixelBackend,
    description: Description,
    codecs: Codecs,
    limits: OpenLimits,
    fingerprint: () => string | Promise<string>,
  ) {
    this.#backend = backend;
    this.#codecs = codecs;
    this.#limits = limits;
    this.#fingerprint = fingerprint;
    this.#levels = planDisplayLevels(backend.levels);
    if (backend.prefetch !== undefined) {
      this.fetchAhead = (rect, width, height) => this.#fetchAhead(rect, width, height);
    }
    this.info = makeInfo(backend, description, this.#levels);
    const noData = description.noData;
    const background = backgroundOf(this.info, noData, backend.colours.channelColors !== undefined);
    this.#store = new TileStore(backend, this.#levels, background, noData);
    const { bandNames, bandInfo } = description;
    const { bands, dtype, colours, mask } = backend;
    this.#renderer = new DisplayRenderer({ bands, dtype, colours, bandNames, bandInfo, noData }, () =>
      this.#overview(),
    );
    this.#mask =
      mask === undefined ? null : new PyramidSource(mask, maskDescription, codecs, limits, () => '');
  }

  async displayTile(
    level: number,
    column: number,
    row: number,
    look?: DisplayLook,
  ): Promise<EncodedImage | null> {
    const grid = this.#levels[level];
    if (grid === undefined || !(column >= 0) || !(row >= 0)) return null;
    const [x, y] = [column * grid.tileWidth, row * grid.tileHeight];
    if (x >= grid.width || y >= grid.height) return null;
    const width = Math.min(grid.tileWidth, grid.width - x);
    const height = Math.min(grid.tileHeight, grid.height - y);
    const { scaleX, scaleY } = grid;
    const rect = { x: x * scaleX, y: y * scaleY, width: width * scaleX, height: height * scaleY };
    let valid: Uint8Array | null | undefined;
    if (
      look === undefined &&
      grid.native !== null &&
      this.#backend.levels[grid.native]?.passthrough === true &&
      (this.#mask === null || (valid = await this.validity(rect, width, height)) === null)
    ) {
      const fetching = this.#backend.prefetch?.(grid.native, [{ column, row }]).done;
      if (fetching) await fetching;
      const stored = this.#backend.storedTile(grid.native, column, row);
      if (stored !== null) return stored;
    }
    const key = ((this.#lookNumber(look) * 64 + level) * 2 ** 20 + row) * 2 ** 20 + column;
    const known = this.#rendered.get(key);
    if (known !== undefined) return known;
    const shown = await this.#shown(look);
    const raster = await shown.source.#store.region(level, { x, y, width, height }, undefined, {
      error: null,
    });
    valid ??= await this.validity(rect, width, height);
    const image = await this.#encode(await this.#renderer.render({ raster, valid }, look, shown.bands));
    this.#rendered.set(key, image);
    return image;
  }

  look(): Promise<ImageLook> {
    return this.#renderer.look();
  }

  // Of the loop that every tile of a run goes through: a promise more a tile would be felt.
  readRegion(request: RegionRequest): Promise<Raster> {
    const { level, x, y, width, height } = request;
    try {
      this.#checkRegion(request);
    } catch (error) {
      return Promise.reject(error);
    }
    return this.#store.nativeRegion(level, { x, y, width, height }, request.into);
  }

  #checkRegion(request: RegionRequest): void {
    const { level, x, y, width, height } = request;
    if (![level, x, y, width, height].every(Number.isSafeInteger) || width < 1 || height < 1) {
      throw usage(`A region needs whole pixels and a size: ${JSON.stringify(request)}`);
    }
    if (this.#backend.levels[level] === undefined) throw usage(`The image has no level ${level}`);
    this.#checkSize(width, height);
  }

  memory(dtype: PixelType, length: number): PixelArray {
    return this.#store.memory(dtype, length);
  }

  async readScaled(rect: Rectangle, width: number, height: number, into?: PixelArray): Promise<Raster> {
    return this.#scaled(rect, width, height, into);
  }

  /** With `damage`, for the screen: see TileStore.region. */
  async #scaled(
    rect: Rectangle,
    width: number,
    height: number,
    into?: PixelArray,
    damage?: Damage,
  ): Promise<Raster> {
    if (!(rect.width > 0) || !(rect.height > 0) || !Number.isFinite(rect.x) || !Number.isFinite(rect.y)) {
      throw usage(`A rectangle needs a place and a size: ${JSON.stringify(rect)}`);
    }
    if (!Number.isSafeInteger(width) || !Number.isSafeInteger(height) || width < 1 || height < 1) {
      throw usage(`The size ${width} x ${height} is none`);
    }
    this.#checkSize(width, height);
    const exact = this.#levels.findIndex((level) => fits(level, rect, width, height));
    const exactLevel = this.#levels[exact];
    if (exactLevel !== undefined) {
      const x = Math.round(rect.x / exactLevel.scaleX);
      const y = Math.round(rect.y / exactLevel.scaleY);
      return this.#store.region(exact, { x, y, width, height }, into, damage);
    }
    return this.#resampled(rect, width, height, into, damage);
  }

  async renderScaled(
    rect: Rectangle,
    width: number,
    height: number,
    look?: DisplayLook,
  ): Promise<EncodedImage> {
    const shown = await this.#shown(look);
    const raster = await shown.source.#scaled(rect, width, height, undefined, { error: null });
    const valid = await this.validity(rect, width, height);
    const rendered = await this.#renderer.render({ raster, valid }, look, shown.bands);
    return { type: 'image/jpeg', bytes: this.#codecs.encodeJpeg(overBlack(rendered), displayQuality) };
  }

  async validity(rect: Rectangle, width: number, height: number): Promise<Uint8Array | null> {
    if (this.#mask === null) return null;
    const { data } = await this.#mask.readScaled(rect, width, height);
    let all = true;
    // Where a mask was made smaller, the half counts.
    const valid = Uint8Array.from(data, (value) => {
      if (value < 128) all = false;
      return value < 128 ? 0 : 255;
    });
    return all ? null : valid;
  }

  expectBlocks(rect: Rectangle, width: number, height: number): void {
    const exact = this.#levels.findIndex((known) => fits(known, rect, width, height));
    const index = exact >= 0 ? exact : this.#sourceLevel(rect, width, height);
    const level = this.#levels[index];
    if (level !== undefined)
      this.#store.keepBlock(index, rect.width / level.scaleX, rect.height / level.scaleY);
  }

  #fetchAhead(rect: Rectangle, width: number, height: number): Promise<void> | null {
    const exact = this.#levels.findIndex((known) => fits(known, rect, width, height));
    const index = exact >= 0 ? exact : this.#sourceLevel(rect, width, height);
    const level = this.#levels[index];
    if (level === undefined) return null;
    const margin = exact >= 0 ? 0 : 1;
    const x = Math.round(rect.x / level.scaleX) - margin;
    const y = Math.round(rect.y / level.scaleY) - margin;
    return fetchBelow(this.#backend, this.#levels, index, {
      x,
      y,
      width: Math.round((rect.x + rect.width) / level.scaleX) + margin - x,
      height: Math.round((rect.y + rect.height) / level.scaleY) + margin - y,
    });
  }

  /** The coarsest level that is still finer than what is wanted. */
  #sourceLevel(rect: Rectangle, width: number, height: number): number {
    const [stepX, stepY] = [(rect.width / width) * coarserBy, (rect.height / height) * coarserBy];
    const finer = this.#levels.findLastIndex((level) => level.scaleX <= stepX && level.scaleY <= stepY);
    return Math.max(0, finer);
  }

  associatedImage(name: string): Promise<EncodedImage> {
    return associatedImage(this.info, this.#backend, name);
  }

  async fingerprint(): Promise<string> {
    return this.#fingerprint();
  }

  close(): void {
    this.#mask?.close();
    for (const part of this.#parts.values()) part.#store.clear();
    this.#parts.clear();
    this.#store.clear();
    this.#rendered.clear();
    this.#backend.close();
  }

  /** From the coarsest level that is still finer than what is wanted, in bands of rows that fit into memory. */
  async #resampled(
    rect: Rectangle,
    width: number,
    height: number,
    into?: PixelArray,
    damage?: Damage,
  ): Promise<Raster> {
    const [stepX, stepY] = [rect.width / width, rect.height / height];
    const index = this.#sourceLevel(rect, width, height);
    const level = this.#levels[index];
    if (level === undefined) throw usage('The image has no level');
    const [ratioX, ratioY] = [stepX / level.scaleX, stepY / level.scaleY];
    const { bands, dtype } = this.#backend;
    const target = targetOf({ x: 0, y: 0, width, height }, bands, dtype, into);
    const rowsAtOnce = Math.max(1, Math.floor(scaledChunk / Math.max(1, width * ratioX * ratioY)));
    for (let row = 0; row < height; row += rowsAtOnce) {
      const rows = Math.min(rowsAtOnce, height - row);
      const x = rect.x / level.scaleX;
      const y = rect.y / level.scaleY + row * ratioY;
      // A pixel more on every side: enlarging looks at the neighbours.
      const [left, top] = [Math.floor(x) - 1, Math.floor(y) - 1];
      const region = {
        x: left,
        y: top,
        width: Math.ceil(x + width * ratioX) + 1 - left,
        height: Math.ceil(y + rows * ratioY) + 1 - top,
      };
      const samples = region.width * region.height * bands;
      const memory = this.#store.borrow(samples);
      try {
        const pixels = memory.subarray(0, samples);
        const source = await this.#store.region(index, region, pixels, damage);
        const start = row * width * bands;
        resample(
          source,
          { x: x - left, y: y - top, width: width * ratioX, height: rows * ratioY },
          width,
          rows,
          this.info.noData,
          target.data.subarray(start, start + rows * width * bands),
        );
      } finally {
        this.#store.giveBack(memory);
      }
    }
    return target;
  }

  /** The coarsest stored level made small; of a large one, 8 x 8 windows instead, because all of it would take seconds. */
  async #overview(): Promise<MaskedRaster> {
    const damage: Damage = { error: null };
    const index = this.#backend.levels.length - 1;
    const level = this.#backend.levels[index];
    if (level === undefined) throw usage('The image has no level');
    const { width, height, scaleX, scaleY } = level;
    const { bands, dtype } = this.#backend;
    // Of many bands a smaller picture says as much about each.
    const longest = bands > 8 ? overviewSize / 2 : overviewSize;
    if (width * height <= largestOverviewSource) {
      const scale = Math.min(1, longest / Math.max(width, height));
      const whole = { x: 0, y: 0, width: this.info.width, height: this.info.height };
      const [w, h] = [Math.max(1, Math.round(width * scale)), Math.max(1, Math.round(height * scale))];
      return {
        raster: await this.#scaled(whole, w, h, undefined, damage),
        valid: await this.validity(whole, w, h),
      };
    }
    const [count, size] = [8, longest / 8];
    const target = filledRaster(longest, longest, bands, dtype, 0);
    const valid = filledRaster(longest, longest, 1, 'uint8', 255);
    for (let row = 0; row < count; row++) {
      for (let column = 0; column < count; column++) {
        const x = Math.floor(((width - size) * column) / (count - 1));
        const y = Math.floor(((height - size) * row) / (count - 1));
        const to = { x: column * size, y: row * size };
        const place = { x, y, width: size, height: size };
        const window = await this.#store.nativeRegion(index, place, undefined, damage);
        copyRect(window, { x: 0, y: 0 }, target, to, size, size);
        const rect = { x: x * scaleX, y: y * scaleY, width: size * scaleX, height: size * scaleY };
        const data = await this.validity(rect, size, size);
        if (data === null) continue;
        const part: Raster = { width: size, height: size, bands: 1, dtype: 'uint8', data };
        copyRect(part, { x: 0, y: 0 }, valid, to, size, size);
      }
    }
    return { raster: target, valid: this.#mask === null ? null : Uint8Array.from(valid.data) };
  }

  /** Where the pixels come from that a look needs, and which bands those are; absent: all of them. */
  async #shown(look: DisplayLook | undefined): Promise<{ source: PyramidSource; bands?: number[] }> {
    const bands = await this.#renderer.bandsFor(look);
    if (this.#backend.withBands === undefined || bands.length === 0 || bands.length === this.info.bands) {
      return { source: this };
    }
    const key = bands.join();
    let source = this.#parts.get(key);
    if (source === undefined) {
      for (const [oldKey, old] of this.#parts) {
        if (this.#parts.size < mostParts) break;
        old.#store.clear();
        this.#parts.delete(oldKey);
      }
      const { bandInfo: _ignored, ...description } = this.info;
      const part = this.#backend.withBands(bands);
      source = new PyramidSource(part, description, this.#codecs, this.#limits, this.#fingerprint);
      this.#parts.set(key, source);
    }
    return { source, bands };
  }

  /** 0 for the default; others as they come. */
  #lookNumber(look: DisplayLook | undefined): number {
    if (look === undefined) return 0;
    const text = encodeLook(look);
    const known = this.#lookNumbers.get(text);
    if (known !== undefined) return known;
    if (this.#lookNumbers.size >= mostLooks) {
      this.#lookNumbers.clear();
      this.#rendered.clear();
    }
    const number = this.#lookNumbers.size + 1;
    this.#lookNumbers.set(text, number);
    return number;
  }

  async #encode(raster: Raster): Promise<EncodedImage> {
    return raster.bands === 4
      ? { type: 'image/png', bytes: await this.#codecs.encodePng(raster) }
      : { type: 'image/jpeg', bytes: this.#codecs.encodeJpeg(raster, displayQuality) };
  }

  #checkSize(width: number, height: number): void {
    const pixelBytes = this.#backend.bands * bytesPerSample(this.#backend.dtype);
    const { maxPixels } = this.#limits;
    if (width * height <= maxPixels && width * height * pixelBytes <= maxPixels * bytesOfPixel) return;
    throw new GigatileError(
      'image-too-large',
      `${width} x ${height} pixels are more than can be read at once`,
      {
        where: this.info.name,
        hint: 'Read it in parts.',
      },
    );
  }
}

/** Nobody asks a mask what it is. */
const maskDescription: Description = {
  name: 'mask',
  format: 'mask',
  vendor: null,
  mpp: null,
  geo: null,
  objectivePower: null,
  bandNames: null,
  associated: [],
  compression: 'none',
  noData: null,
};

/** The wanted scale is the level's within 5 %, and the rectangle is width x height of its pixels: they are taken as they are. */
function fits(level: DisplayLevel, rect: Rectangle, width: number, height: number): boolean {
  const isSame = (length: number, count: number): boolean =>
    Math.abs(length - count) < 0.5 && Math.abs(length / count - 1) <= 0.05;
  return isSame(rect.width / level.scaleX, width) && isSame(rect.height / level.scaleY, height);
}

function usage(message: string): GigatileError {
  return new GigatileError('usage', message);
}

/**
 * No-data where the file names it; white for 8-bit images that are not geo-referenced (slides, photographs); else 0, also where
 * the pixels are light on a dark ground (fluorescence).
 */
function backgroundOf(info: ImageInfo, noData: number | null, isDark: boolean): number {
  if (noData !== null) return noData;
  if (isDark) return 0;
  return info.dtype === 'uint8' && info.geo === null ? 255 : 0;
}

function makeInfo(
  backend: PixelBackend,
  description: Description,
  display: readonly DisplayLevel[],
): ImageInfo {
  const [base] = backend.levels;
  if (base === undefined) throw usage('The image has no level');
  return {
    ...description,
    // JSON has no NaN; pixels that are NaN never count as data, whether the file says so or not.
    noData: Number.isFinite(description.noData) ? description.noData : null,
    width: base.width,
    height: base.height,
    bands: backend.bands,
    dtype: backend.dtype,
    levels: backend.levels.slice(0, backend.ownLevels).map((level) => ({
      width: level.width,
      height: level.height,
      downsample: (level.scaleX + level.scaleY) / 2,
      tileWidth: level.storedTileWidth,
      tileHeight: level.storedTileHeight,
      ...(level.missingTiles !== undefined && { missingTiles: level.missingTiles }),
    })),
    display: {
      passthrough: base.passthrough,
      levels: display.map((level) => ({
        width: level.width,
        height: level.height,
        downsample: (base.width / level.width + base.height / level.height) / 2,
        tileWidth: level.tileWidth,
        tileHeight: level.tileHeight,
      })),
    },
  };
}
