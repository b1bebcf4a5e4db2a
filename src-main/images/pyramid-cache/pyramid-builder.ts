/**
 * Makes the pyramid of an image without tiles in one pass over its rows. What has been made can be looked at meanwhile: finished
 * tiles are read back from the unfinished file, and the coarse levels are kept in memory. Where the file cannot be written (the
 * disk is full) the coarse levels are still made, so that there is something to see.
 */
import { GigatileError } from '../../contract/errors.ts';
import type { Raster } from '../image-source.ts';
import { bytesPerSample, filledRaster } from '../raster.ts';
import { PyramidTiffWriter } from '../write/pyramid-writer.ts';
import { cacheFormat } from './cache-folder.ts';
import type { CacheFolder } from './cache-folder.ts';
import type { PyramidPlan } from './plan.ts';
import type { PyramidInput } from './pyramid-input.ts';
import { RowCascade } from './row-cascade.ts';
import type { CascadedTile } from './row-cascade.ts';
import { decodeTile, encodeTile, predictorOf } from './tile-codec.ts';

/** The first level that takes no more than this is kept in memory, and with it all coarser ones. */
const overviewBytes = 16 * 1024 * 1024;
/** Room in the cache is looked after each time that so much more has been written. */
const roomStep = 16 * 1024 * 1024;
/** A turn for whoever waits for a tile after so many pixels. */
const pixelsAtOnce = 2 * 1024 * 1024;

export interface Overview {
  level: number;
  raster: Raster;
  /** Rows that are there. */
  rows: number;
}

export class PyramidBuilder {
  readonly plan: PyramidPlan;
  /** The finest level that is kept in memory. */
  readonly overview: Overview;
  readonly #input: PyramidInput;
  readonly #cache: CacheFolder;
  readonly #key: string;
  #writer: PyramidTiffWriter | null = null;
  #writeFailure: GigatileError | null = null;
  #roomFor = 0;
  #rows = 0;

  constructor(plan: PyramidPlan, input: PyramidInput, cache: CacheFolder, key: string) {
    this.plan = plan;
    this.#input = input;
    this.#cache = cache;
    this.#key = key;
    const bytes = plan.bands * bytesPerSample(plan.dtype);
    const fits = plan.levels.findIndex(({ width, height }) => width * height * bytes <= overviewBytes);
    const level = fits < 0 ? plan.levels.length - 1 : fits;
    const { width, height } = plan.levels[level] ?? { width: 1, height: 1 };
    this.overview = { level, rows: 0, raster: filledRaster(width, height, plan.bands, plan.dtype, 0) };
  }

  /** 0-1. */
  get fraction(): number {
    return this.#rows / this.plan.height;
  }

  /**
   * @throws {GigatileError} what the input throws; the signal's reason; disk-full, not-writable, io where the file could not be
   * written (the overview is complete then). Nothing is left in the folder where it throws.
   */
  async build(signal: AbortSignal, onProgress: () => void): Promise<void> {
    const cascade = new RowCascade(this.plan, this.#input.noData, {
      tile: (tile) => this.#store(tile),
      rows: (level, top, raster) => this.#keep(level, top, raster),
    });
    await this.#open();
    try {
      let pixels = 0;
      for await (const raster of this.#input.rows(signal)) {
        signal.throwIfAborted();
        await cascade.put(raster);
        this.#rows = cascade.rowsTaken;
        onProgress();
        pixels += raster.width * raster.height;
        if (pixels < pixelsAtOnce) continue;
        pixels = 0;
        await new Promise((resolve) => setImmediate(resolve));
      }
      signal.throwIfAborted();
      if (cascade.rowsTaken < this.plan.height) {
        throw new GigatileError(
          'image-corrupt',
          `The image ends after ${cascade.rowsTaken} of ${this.plan.height} rows`,
        );
      }
    } catch (error) {
      await this.#writer?.abort();
      throw error;
    }
    await this.#finish();
    if (this.#writeFailure !== null) throw this.#writeFailure;
  }

  /** A finished tile; null where it is not there yet, or can't be kept. */
  async tile(level: number, column: number, row: number): Promise<Raster | null> {
    const stored = await this.#writer?.readTile(level, column, row);
    if (!stored) return null;
    const raster = decodeTile(stored, this.plan);
    if (raster !== null) return raster;
    throw new GigatileError('io', 'The unfinished prepared image cannot be read back', {
      where: this.#cache.folder,
    });
  }

  has(level: number, column: number, row: number): boolean {
    return this.#writer?.hasTile(level, column, row) ?? false;
  }

  async #open(): Promise<void> {
    const { width, height, bands, dtype, tileSize, levels } = this.plan;
    try {
      this.#cache.make();
      this.#cache.sweep();
      this.#cache.makeRoom(0);
      this.#writer = await PyramidTiffWriter.create({
        path: this.#cache.pathOf(this.#key),
        width,
        height,
        bands,
        dtype,
        tileSize,
        maxLevels: levels.length,
        photometric: bands >= 3 ? 'rgb' : 'grey',
        compression: 'zstd',
        predictor: predictorOf(dtype),
        layout: 'streamed',
        bigTiff: true,
        software: cacheFormat,
      });
    } catch (error) {
      this.#giveUpWriting(error);
    }
  }

  async #finish(): Promise<void> {
    const writer = this.#writer;
    if (writer === null) return;
    try {
      this.#cache.makeRoom(writer.bytes);
      await writer.finish();
    } catch (error) {
      this.#giveUpWriting(error);
      await writer.abort();
    }
  }

  async #store({ level, column, row, pixels }: CascadedTile): Promise<void> {
    const writer = this.#writer;
    if (writer === null) return;
    const bytes = await encodeTile(pixels, this.plan.tileSize, this.plan.bands);
    try {
      if (writer.bytes >= this.#roomFor) {
        this.#roomFor = writer.bytes + roomStep;
        this.#cache.makeRoom(writer.bytes);
      }
      await writer.putTile(level, column, row, bytes);
    } catch (error) {
      this.#giveUpWriting(error);
      await writer.abort();
    }
  }

  #giveUpWriting(error: unknown): void {
    this.#writer = null;
    if (this.#writeFailure !== null) return;
    if (!(error instanceof GigatileError)) throw error;
    this.#writeFailure = notPrepared(error);
  }

  #keep(level: number, top: number, raster: Raster): void {
    const { overview } = this;
    if (level !== overview.level) return;
    const { width, bands } = overview.raster;
    for (let y = 0; y < raster.height; y++) {
      const from = y * raster.width * bands;
      overview.raster.data.set(raster.data.subarray(from, from + width * bands), (top + y) * width * bands);
    }
    overview.rows = top + raster.height;
  }
}

/** What a person has to do with a failed write of the cache: the place is named by the error itself. */
function notPrepared(error: GigatileError): GigatileError {
  return new GigatileError(
    error.code,
    `The image could not be prepared: ${error.message.charAt(0).toLowerCase()}${error.message.slice(1)}`,
    {
      where: error.where,
      hint:
        error.code === 'disk-full' && !error.hint?.includes('GIGATILE_CACHE')
          ? 'Free some space, or name a folder on another disk in GIGATILE_CACHE_DIR. Until then only a coarse picture is shown.'
          : error.hint,
      cause: error,
    },
  );
}
