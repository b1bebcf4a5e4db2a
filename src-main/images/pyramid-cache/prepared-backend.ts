/** Tiles of an image without tiles: from its prepared pyramid, or from as much of it as there is. */
import { GigatileError } from '../../contract/errors.ts';
import type { PixelType } from '../../contract/image.ts';
import { resample } from '../box-filter.ts';
import type { Raster } from '../image-source.ts';
import type { Colours, NativeLevel, PixelBackend } from '../pixel-backend.ts';
import { filledRaster } from '../raster.ts';
import { plannedLevels } from './plan.ts';
import type { PyramidPlan } from './plan.ts';
import type { Preparation } from './preparation.ts';
import type { PreparedFile } from './prepared-file.ts';

/** A tile of a prepared image was damaged: whoever gets this prepares the image again. */
export class PreparedDamaged extends Error {
  readonly file: PreparedFile;

  constructor(file: PreparedFile) {
    super('The prepared image in the cache is damaged');
    this.file = file;
  }
}

/** What stays the same, whether prepared or not. */
abstract class PlannedBackend implements PixelBackend {
  readonly levels: readonly NativeLevel[];
  readonly ownLevels = 1;
  readonly bands: number;
  readonly dtype: PixelType;
  readonly colours: Colours;
  readonly missingFromFiner = false;
  protected readonly plan: PyramidPlan;

  /** @param original knows the colours; it stays its owner's to close */
  constructor(original: PixelBackend, plan: PyramidPlan) {
    this.plan = plan;
    this.levels = plannedLevels(plan, original.levels[0]);
    this.bands = original.bands;
    this.dtype = original.dtype;
    this.colours = original.colours;
  }

  abstract decodeTile(
    level: number,
    column: number,
    row: number,
    memory?: Uint8Array,
  ): Raster | Promise<Raster>;

  storedTile(): null {
    return null;
  }

  close(): void {
    // What the tiles come from is shared: the preparation closes it.
  }
}

export class PreparedBackend extends PlannedBackend {
  readonly #file: PreparedFile;

  constructor(original: PixelBackend, plan: PyramidPlan, file: PreparedFile) {
    super(original, plan);
    this.#file = file;
  }

  decodeTile(level: number, column: number, row: number, memory?: Uint8Array): Raster {
    const tile = this.#file.tile(level, column, row, memory);
    if (tile === null) throw new PreparedDamaged(this.#file);
    return tile;
  }
}

/** The best that there is: finished tiles, else a coarser picture enlarged. Only for looking at, never for analysis. */
export class UnfinishedBackend extends PlannedBackend {
  readonly #preparation: Preparation;

  constructor(original: PixelBackend, plan: PyramidPlan, preparation: Preparation) {
    super(original, plan);
    this.#preparation = preparation;
  }

  /** Something can be shown of a part of a level, be it coarse. */
  covers(level: number, rect: { x: number; y: number; width: number; height: number }): boolean {
    const { builder, preview } = this.#preparation;
    if (preview !== null) return true;
    const size = this.plan.tileSize;
    let all = builder !== null;
    for (let y = Math.floor(rect.y / size); all && y * size < rect.y + rect.height; y++) {
      for (let x = Math.floor(rect.x / size); all && x * size < rect.x + rect.width; x++) {
        all = builder?.has(level, x, y) ?? false;
      }
    }
    return all || this.#coarseRows(level) >= Math.min(rect.y + rect.height, this.levels[level]?.height ?? 0);
  }

  async decodeTile(level: number, column: number, row: number): Promise<Raster> {
    const { builder, preview } = this.#preparation;
    const tile = (await builder?.tile(level, column, row)) ?? null;
    if (tile !== null) return tile;
    const { tileSize } = this.plan;
    const here = this.levels[level];
    if (here === undefined) throw new GigatileError('usage', `The image has no level ${level}`);
    const bottom = Math.min((row + 1) * tileSize, here.height);
    const overview = this.#coarseRows(level) >= bottom ? builder?.overview : undefined;
    const coarse = overview?.raster ?? preview;
    if (coarse === null) return filledRaster(tileSize, tileSize, this.bands, this.dtype, 0);
    // Sizes of levels are rounded up; their scales are exact.
    const exact = overview === undefined ? null : 2 ** (level - overview.level);
    const scaleX = exact ?? coarse.width / here.width;
    const scaleY = exact ?? coarse.height / here.height;
    const rect = {
      x: column * tileSize * scaleX,
      y: row * tileSize * scaleY,
      width: tileSize * scaleX,
      height: tileSize * scaleY,
    };
    return resample(coarse, rect, tileSize, tileSize, null);
  }

  /** Rows of a level that the overview in memory reaches to. */
  #coarseRows(level: number): number {
    const overview = this.#preparation.builder?.overview;
    if (overview === undefined) return 0;
    const scale = 2 ** (overview.level - level);
    return overview.rows >= overview.raster.height ? Number.POSITIVE_INFINITY : overview.rows * scale;
  }
}
