/** The pyramid that is made of an image without tiles: its levels are exactly those that a viewer is offered. */
import { GigatileError } from '../../contract/errors.ts';
import { planDisplayLevels } from '../display-levels.ts';
import type { PixelType } from '../../contract/image.ts';
import type { NativeLevel } from '../pixel-backend.ts';
import { bytesPerSample } from '../raster.ts';

export interface PyramidPlan {
  width: number;
  height: number;
  bands: number;
  dtype: PixelType;
  /** Edge of a tile, a multiple of 16. */
  tileSize: number;
  levels: { width: number; height: number; columns: number; rows: number }[];
}

/** Memory for a row of tiles; all levels together take twice that. */
const bandBytes = 12 * 1024 * 1024;
const tileSizes = [512, 256, 128, 64, 32, 16] as const;

/** @throws {GigatileError} image-too-large where even a row of the smallest tiles would not fit into memory */
export function planFlat(image: {
  width: number;
  height: number;
  bands: number;
  dtype: PixelType;
}): PyramidPlan {
  const { width, height, bands, dtype } = image;
  const rowBytes = width * bands * bytesPerSample(dtype);
  const tileSize = tileSizes.find((size) => size * rowBytes <= bandBytes);
  if (tileSize === undefined) {
    throw new GigatileError('image-too-large', `An image without tiles that is ${width} pixels wide`, {
      hint: 'Convert it to a tiled TIFF, for example with vips tiffsave --tile --pyramid.',
    });
  }
  const levels = planDisplayLevels([flatLevel(width, height, tileSize)]).map(({ width: w, height: h }) => ({
    width: w,
    height: h,
    columns: Math.ceil(w / tileSize),
    rows: Math.ceil(h / tileSize),
  }));
  return { width, height, bands, dtype, tileSize, levels };
}

/** The only level of an image without tiles, cut into virtual ones. */
export function flatLevel(width: number, height: number, tileSize: number): NativeLevel {
  return {
    width,
    height,
    scaleX: 1,
    scaleY: 1,
    tileWidth: tileSize,
    tileHeight: tileSize,
    storedTileWidth: tileSize,
    storedTileHeight: tileSize,
    passthrough: false,
  };
}

/** The plan as levels of a backend. Scales are powers of two, as those of levels that a viewer's source halves itself. */
export function plannedLevels(plan: PyramidPlan, stored: NativeLevel | undefined): NativeLevel[] {
  return plan.levels.map((level, index) => ({
    ...flatLevel(level.width, level.height, plan.tileSize),
    scaleX: 2 ** index,
    scaleY: 2 ** index,
    ...(index === 0 &&
      stored && { storedTileWidth: stored.storedTileWidth, storedTileHeight: stored.storedTileHeight }),
  }));
}
