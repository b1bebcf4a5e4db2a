/** Which tiles hold nothing worth looking at, from one look at the whole image. */
import type { ImageInfo } from '../../contract/image.ts';
import type { ModelManifest } from '../../contract/model.ts';
import { skipReasons, type GridPlan, type SkipReason } from '../../contract/run.ts';
import { coreCoverage } from '../../core/coverage.ts';
import { tileCount } from '../../core/grid.ts';
import { dilate, tissueMask } from '../../core/tissue.ts';
import { validMask } from '../../core/valid-mask.ts';
import type { ImageSource, Raster } from '../../images/image-source.ts';

/** Longer side of the overview where it must be made, px. */
const overviewSize = 2048;
/** A level of this longer side is taken as it is: nothing is resampled. */
const usefulLevel = { from: 1024, to: 3072 };

/** A tile with less tissue than this is background. */
const leastTissue = 0.005;

export interface Preprocessed {
  /** A number of skipReasons a tile; 0 = not skipped. */
  skip: Uint8Array;
  /** Fraction of each core that is tissue, or that holds data, 0-1. */
  content: Float32Array;
}

/**
 * @param rgb bands of the image that are red, green and blue, 0-based; repeated where the model takes fewer
 */
export async function preprocess(
  source: ImageSource,
  plan: GridPlan,
  background: ModelManifest['background'],
  rgb: readonly [number, number, number],
): Promise<Preprocessed> {
  const tiles = tileCount(plan);
  if (background === 'none') {
    return { skip: new Uint8Array(tiles), content: new Float32Array(tiles).fill(1) };
  }
  const { info } = source;
  const { width, height } = overviewOf(info);
  const overview = await source.readScaled(
    { x: 0, y: 0, width: info.width, height: info.height },
    width,
    height,
  );
  const mask =
    background === 'tissue'
      ? tissueMask({ width, height, data: eightBit(overview), bands: overview.bands, rgb })
      : validMask(overview, info.noData, alphaBand(info.bandNames));
  const content = coreCoverage(plan, mask, width, height);
  // A tile beside something is looked at: a nucleus or an islet at its edge may not show in a reduced overview.
  const near =
    background === 'nodata' && width === info.width
      ? content
      : coreCoverage(plan, dilate(mask, width, height), width, height);
  const reason: SkipReason = background === 'tissue' ? 'background' : 'no-data';
  const code = skipReasons.indexOf(reason);
  const least = background === 'tissue' ? leastTissue : Number.MIN_VALUE;
  return { skip: Uint8Array.from(near, (fraction) => (fraction < least ? code : 0)), content };
}

/** Size of the overview: that of the largest level that is not too large, else the whole image made small. */
function overviewOf(info: ImageInfo): { width: number; height: number } {
  const levels = [...info.levels, ...info.display.levels].filter(({ width, height }) => {
    const longer = Math.max(width, height);
    return longer <= usefulLevel.to && (longer >= usefulLevel.from || width === info.width);
  });
  const level = levels.sort((a, b) => b.width - a.width)[0];
  if (level !== undefined) return level;
  const shrink = Math.max(info.width, info.height) / overviewSize;
  return {
    width: Math.max(1, Math.round(info.width / shrink)),
    height: Math.max(1, Math.round(info.height / shrink)),
  };
}

function alphaBand(names: readonly string[] | null): number | null {
  const index = names?.findIndex((name) => /alpha/i.test(name)) ?? -1;
  return index < 0 ? null : index;
}

/** Deeper pixels to 8 bit, by the brightest one in the overview. */
function eightBit({ data, dtype }: Raster): ArrayLike<number> {
  if (dtype === 'uint8') return data;
  let highest = 1;
  for (const value of data) if (value > highest) highest = value;
  return Uint8Array.from(data, (value) => Math.max(0, (value * 255) / highest));
}
