/**
 * Where findings are densest: the square windows of a given area with the most of them, as a pathologist looks for the field to
 * count in. A grid slides over the image in sixteenths of the window's edge.
 */
import type { Rect } from '../contract/run.ts';

export interface Hotspot {
  /** Level-0 pixels, within the image. */
  rect: Rect;
  count: number;
}

export interface HotspotRequest {
  imageWidth: number;
  imageHeight: number;
  /** Edges of the window in level-0 pixels; an image that is smaller in one direction cuts it there. */
  windowWidth: number;
  windowHeight: number;
  /** At most so many, none overlapping another. */
  most: number;
}

/** Window edges of a square of an area (2 mm² where nothing else is asked for slides, 1 km² for scenes). */
export function windowFor(
  area: number,
  pixel: { width: number; height: number },
): { width: number; height: number } {
  const edge = Math.sqrt(area);
  return { width: edge / pixel.width, height: edge / pixel.height };
}

export const slideHotspotArea = 2;
export const sceneHotspotArea = 1;

const stepsPerWindow = 16;
const mostBins = 2048;

/**
 * @param centres x, y of each finding, level-0 pixels
 * @returns the densest first; equal counts go by y, x. Windows without a finding are none.
 */
export function findHotspots(centres: ArrayLike<number>, request: HotspotRequest): Hotspot[] {
  const { imageWidth, imageHeight, most } = request;
  const windowWidth = Math.min(imageWidth, request.windowWidth);
  const windowHeight = Math.min(imageHeight, request.windowHeight);
  const along = (image: number, window: number) => {
    const step = Math.max(window / stepsPerWindow, image / mostBins);
    // The window is a whole number of bins; of a coarse grid on a huge image, at least one.
    return { step, bins: Math.ceil(image / step - 1e-9), span: Math.max(1, Math.round(window / step)) };
  };
  const x = along(imageWidth, windowWidth);
  const y = along(imageHeight, windowHeight);

  // sums[(row + 1) * stride + column + 1] = findings above and left of that corner (a summed-area table).
  const stride = x.bins + 1;
  const sums = new Float64Array(stride * (y.bins + 1));
  for (let i = 0; i + 1 < centres.length; i += 2) {
    const column = Math.min(x.bins - 1, Math.max(0, Math.floor(centres[i]! / x.step)));
    const row = Math.min(y.bins - 1, Math.max(0, Math.floor(centres[i + 1]! / y.step)));
    sums[(row + 1) * stride + column + 1]!++;
  }
  for (let row = 1; row <= y.bins; row++) {
    for (let column = 1; column <= x.bins; column++) {
      const at = row * stride + column;
      sums[at]! += sums[at - 1]! + sums[at - stride]! - sums[at - stride - 1]!;
    }
  }

  const columns = Math.max(1, x.bins - x.span + 1);
  const rows = Math.max(1, y.bins - y.span + 1);
  const counts = new Float64Array(columns * rows);
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) {
      const right = Math.min(x.bins, column + x.span);
      const bottom = Math.min(y.bins, row + y.span);
      counts[row * columns + column] =
        sums[bottom * stride + right]! -
        sums[row * stride + right]! -
        sums[bottom * stride + column]! +
        sums[row * stride + column]!;
    }
  }

  const left = (column: number) => Math.min(column * x.step, imageWidth - windowWidth);
  const top = (row: number) => Math.min(row * y.step, imageHeight - windowHeight);
  const hotspots: Hotspot[] = [];
  while (hotspots.length < most) {
    let best = -1;
    for (let i = 0; i < counts.length; i++) if (counts[i]! > (best < 0 ? 0 : counts[best]!)) best = i;
    if (best < 0) break;
    const row = Math.floor(best / columns);
    const column = best % columns;
    const rect = { x: left(column), y: top(row), width: windowWidth, height: windowHeight };
    // The last bins of a row reach beyond the image: what is told is counted in the rectangle itself.
    hotspots.push({ rect, count: countIn(centres, rect) });
    // No window that overlaps this one comes after it. By their true edges, not by bins: the last windows are pushed back into
    // the image and overlap more of their neighbours than their bins say.
    for (let r = 0; r < rows; r++) {
      if (Math.abs(top(r) - rect.y) >= windowHeight - 1e-6) continue;
      for (let c = 0; c < columns; c++) {
        if (Math.abs(left(c) - rect.x) < windowWidth - 1e-6) counts[r * columns + c] = 0;
      }
    }
  }
  return hotspots.toSorted((a, b) => b.count - a.count);
}

/** Centres in a rectangle, its left and top edge included. */
function countIn(centres: ArrayLike<number>, rect: Rect): number {
  let count = 0;
  for (let i = 0; i + 1 < centres.length; i += 2) {
    const dx = centres[i]! - rect.x;
    const dy = centres[i + 1]! - rect.y;
    if (dx >= 0 && dx < rect.width && dy >= 0 && dy < rect.height) count++;
  }
  return count;
}
