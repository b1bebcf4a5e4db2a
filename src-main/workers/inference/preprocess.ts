/** Which tiles hold nothing worth looking at, from one look at the whole image. */
import { GigatileError } from '../../contract/errors.ts';
import type { ImageInfo } from '../../contract/image.ts';
import type { ModelManifest } from '../../contract/model.ts';
import { skipReasons, type GridPlan, type SkipReason } from '../../contract/run.ts';
import { coreCoverage } from '../../core/coverage.ts';
import { tileCount } from '../../core/grid.ts';
import { dilate, ground, groundMask } from '../../core/tissue.ts';
import { validMask } from '../../core/valid-mask.ts';
import type { ImageSource, Raster } from '../../images/image-source.ts';
import { copyRect, filledRaster } from '../../images/raster.ts';

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
  /** Fraction of each core that is covered by pen (slides only), 0-1. */
  pen: Float32Array;
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
    return {
      skip: new Uint8Array(tiles),
      content: new Float32Array(tiles).fill(1),
      pen: new Float32Array(tiles),
    };
  }
  const { info } = source;
  const { width, height } = overviewOf(info);
  const { mask, unread, isGround } = await lookAtWhole(source, background, rgb, width, height);
  const pen = isGround ? coreCoverage(plan, mask, width, height, ground.pen) : new Float32Array(tiles);
  if (isGround) for (let i = 0; i < mask.length; i++) mask[i] = mask[i] === ground.tissue ? 1 : 0;
  const valid = await source.validity({ x: 0, y: 0, width: info.width, height: info.height }, width, height);
  for (const [i, value] of valid?.entries() ?? []) if (value === 0) mask[i] = 0;
  // What cannot be read is looked at: its tiles fail one by one, with their reason, instead of being skipped as empty.
  for (const [i, isUnread] of unread?.entries() ?? []) if (isUnread === 1) mask[i] = 1;
  const content = coreCoverage(plan, mask, width, height);
  // A tile beside something is looked at: a nucleus or an islet at its edge may not show in a reduced overview.
  const near =
    background === 'nodata' && width === info.width
      ? content
      : coreCoverage(plan, dilate(mask, width, height), width, height);
  const reason: SkipReason = background === 'tissue' ? 'background' : 'no-data';
  const code = skipReasons.indexOf(reason);
  const least = background === 'tissue' ? leastTissue : Number.MIN_VALUE;
  return { skip: Uint8Array.from(near, (fraction) => (fraction < least ? code : 0)), content, pen };
}

/**
 * What each pixel of the overview shows, a code of `ground` (isGround), or 1 where it holds data. The overview itself, which is several
 * times as large, is gone then.
 */
async function lookAtWhole(
  source: ImageSource,
  background: Exclude<ModelManifest['background'], 'none'>,
  rgb: readonly [number, number, number],
  width: number,
  height: number,
): Promise<{ mask: Uint8Array; unread: Uint8Array | null; isGround: boolean }> {
  const { overview, unread } = await readOverview(source, width, height);
  const isGround = background === 'tissue';
  const mask = isGround
    ? groundMask({ width, height, data: eightBit(overview), bands: overview.bands, rgb })
    : validMask(overview, source.info.noData, alphaBand(source.info.bandNames));
  return { mask, unread, isGround };
}

/** Side of the parts that an overview is read in where a part of it is damaged, px of the overview. */
const partSize = 64;

/** `unread`: 1 where a stored tile is damaged (white in the overview); null where none is. */
async function readOverview(
  source: ImageSource,
  width: number,
  height: number,
): Promise<{ overview: Raster; unread: Uint8Array | null }> {
  const [scaleX, scaleY] = [source.info.width / width, source.info.height / height];
  const read = (x: number, y: number, w: number, h: number): Promise<Raster> =>
    source.readScaled({ x: x * scaleX, y: y * scaleY, width: w * scaleX, height: h * scaleY }, w, h);
  try {
    return { overview: await read(0, 0, width, height), unread: null };
  } catch (error) {
    if (!isDamage(error)) throw error;
  }
  const { bands, dtype } = source.info;
  const white = dtype === 'uint8' ? 255 : 0;
  const overview = filledRaster(width, height, bands, dtype, white);
  const unread = new Uint8Array(width * height);
  for (let y = 0; y < height; y += partSize) {
    for (let x = 0; x < width; x += partSize) {
      const [w, h] = [Math.min(partSize, width - x), Math.min(partSize, height - y)];
      try {
        copyRect(await read(x, y, w, h), { x: 0, y: 0 }, overview, { x, y }, w, h);
      } catch (error) {
        if (!isDamage(error)) throw error;
        for (let row = y; row < y + h; row++) unread.fill(1, row * width + x, row * width + x + w);
      }
    }
  }
  return { overview, unread };
}

/** Wrong bytes in the file, which stay wrong; not a disk or a server that failed. */
export function isDamage(error: unknown): boolean {
  return error instanceof GigatileError && error.code === 'image-corrupt';
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
