/**
 * How sharp a tile's pixels are, without knowing what is on them.
 *
 * Two second differences (Laplacians) of the green band are compared: one over pixels two apart, one over pixels eight apart, both on
 * means of 3 x 3 pixels, so that sensor noise and the blocks of JPEG count little. Stain, light and the amount of detail change both
 * alike; an image out of focus loses the fine one first. Measured on H&E and H-DAB at 0.25 to 0.5 µm per pixel, JPEG quality 40 to
 * 90: 0.07-0.10 in focus, 0.04 when blurred by a Gaussian of 1.5 px, 0.025 at 2 px, 0.013 at 3 px.
 */

export interface FocusPixels {
  width: number;
  height: number;
  bands: number;
  /** Interleaved, 8 bit. */
  data: ArrayLike<number>;
}

export interface Focus {
  /** Energy of the fine second difference as a part of that of the coarse one. */
  sharpness: number;
  /** Root mean square of the coarse second difference, levels of 255: how much there is to judge by. */
  detail: number;
}

/** Sharpness of an image blurred by 2 px: what is below has lost half of its resolution. */
export const leastSharpness = 0.025;
/** With less detail than this (glass, fat, mucus) nothing can be said about the focus. */
export const leastDetail = 4;

/** Fraction of a tile's core under pen from which it is told. */
export const leastPen = 0.02;

const fineReach = 2;
const coarseReach = 8;
/** Every such row is looked at: a thirty-second of a tile says as much, and must cost next to nothing beside a model. */
const rowStep = 32;

/**
 * @param band whose values are compared: green carries most of the detail in brightfield images
 * @returns null where the tile is too small, or too plain, to say
 */
export function focusOf(pixels: FocusPixels, band: number): Focus | null {
  const { width, height } = pixels;
  const margin = coarseReach + 1;
  let fine = 0;
  let coarse = 0;
  let count = 0;
  const rows = [-coarseReach, -fineReach, 0, fineReach, coarseReach].map(() => new Float64Array(width));
  const [high, above, centre, below, low] = rows as [Rows, Rows, Rows, Rows, Rows];
  for (let y = margin; y < height - margin; y += rowStep) {
    meansOfRow(pixels, band, y - coarseReach, high);
    meansOfRow(pixels, band, y - fineReach, above);
    meansOfRow(pixels, band, y, centre);
    meansOfRow(pixels, band, y + fineReach, below);
    meansOfRow(pixels, band, y + coarseReach, low);
    for (let x = margin; x < width - margin; x++) {
      const four = 4 * centre[x]!;
      const near = four - centre[x - fineReach]! - centre[x + fineReach]! - above[x]! - below[x]!;
      const wide = four - centre[x - coarseReach]! - centre[x + coarseReach]! - high[x]! - low[x]!;
      fine += near * near;
      coarse += wide * wide;
      count++;
    }
  }
  if (count === 0) return null;
  const detail = Math.sqrt(coarse / count);
  return detail < leastDetail ? null : { sharpness: fine / coarse, detail };
}

type Rows = Float64Array;

/** Means of 3 x 3 pixels around each pixel of a row, but for its first and last. */
function meansOfRow({ width, bands, data }: FocusPixels, band: number, y: number, means: Rows): void {
  const row = width * bands;
  let at = y * row + band;
  let before = 0;
  let here = columnSum(data, at, row);
  at += bands;
  let next = columnSum(data, at, row);
  for (let x = 1; x < width - 1; x++) {
    before = here;
    here = next;
    at += bands;
    next = columnSum(data, at, row);
    means[x] = (before + here + next) / 9;
  }
}

function columnSum(data: ArrayLike<number>, at: number, row: number): number {
  return data[at - row]! + data[at]! + data[at + row]!;
}
