/**
 * SAHI's slices (obss/sahi 0.12.6), so that people can cut an image as they are used to.
 *
 * Slices go row by row. Each begins where the one before it ended, less the overlap; the last of a row or column is pulled back to end
 * at the edge of the image. That is the arithmetic of core/grid.ts with an overlap of int(ratio * size) pixels along each axis; only
 * an image smaller than a slice differs: SAHI's slice ends with the image, a tile of ours reaches beyond it.
 */
import { GigatileError } from '../contract/errors.ts';

export interface SahiSlicing {
  sliceWidth: number;
  sliceHeight: number;
  /** Pixels along each axis. */
  overlapX: number;
  overlapY: number;
}

/** SAHI's own default. */
export const defaultSahiRatio = 0.2;

/**
 * @param ratio part of a slice that it shares with its neighbour; rounded down to whole pixels
 * @throws {GigatileError} usage where the ratio is 1 or more, as in SAHI, or negative
 */
export function sahiSlicing(width: number, height: number, ratio: number = defaultSahiRatio): SahiSlicing {
  if (!(ratio >= 0 && ratio < 1)) {
    throw new GigatileError('usage', `An overlap ratio of ${ratio} is not a number from 0 to below 1`);
  }
  return {
    sliceWidth: width,
    sliceHeight: height,
    overlapX: Math.trunc(ratio * width),
    overlapY: Math.trunc(ratio * height),
  };
}

/**
 * What SAHI takes where no size is given, from the number of pixels and the orientation alone. For small images that is the whole
 * image; for very large ones slices are far larger than any model's input.
 */
export function sahiAuto(imageWidth: number, imageHeight: number): SahiSlicing {
  // Exact up to 2^53 pixels: log2 alone would round.
  let power = 0;
  while (2 ** power < imageWidth * imageHeight) power++;
  const factor = power - 1;
  if (factor <= 18) return { sliceWidth: imageWidth, sliceHeight: imageHeight, overlapX: 0, overlapY: 0 };
  const slide = factor < 21 ? 1 : factor < 24 ? 2 : 4;
  const ratio = factor < 21 ? 0.8 : 0.4;
  const columns = imageWidth > imageHeight ? slide * 2 : slide;
  const rows = imageWidth < imageHeight ? slide * 2 : slide;
  return sahiSlicing(Math.floor(imageWidth / columns), Math.floor(imageHeight / rows), ratio);
}

/** The slices: x1, y1, x2, y2 of each, in SAHI's order. */
export function sahiSlices(
  imageWidth: number,
  imageHeight: number,
  { sliceWidth, sliceHeight, overlapX, overlapY }: SahiSlicing,
): [x1: number, y1: number, x2: number, y2: number][] {
  const along = (length: number, size: number, overlap: number): [number, number][] => {
    const stretches: [number, number][] = [];
    for (let start = 0, end = 0; end < length; start = end - overlap) {
      end = Math.min(length, start + size);
      stretches.push([Math.max(0, end - size), end]);
    }
    return stretches;
  };
  const columns = along(imageWidth, sliceWidth, overlapX);
  return along(imageHeight, sliceHeight, overlapY).flatMap(([y1, y2]) =>
    columns.map(([x1, x2]): [number, number, number, number] => [x1, y1, x2, y2]),
  );
}
