/**
 * Which points can lie in the densest window at all: a grid of bins bounds from above what a window that begins in a bin can cover, and
 * every window that begins where this is less than what some window is known to cover is out. The sweep (./densest-window.ts) then has
 * to look at a small part of the points, and finds the same.
 */
import type { Rect } from '../contract/run.ts';
import { touching, type WeightedPoints, type WindowRequest } from './densest-window.ts';

const binsPerWindow = 32;
/** Bins along a side, as there are points to lie in them. */
const binsFor = (points: number): number => Math.min(2048, Math.max(16, Math.ceil(4 * Math.sqrt(points))));
/** Windows on the grid that look best, of which the best one by its true count is the bound from below. */
const trials = 8;

interface Axis {
  bin: number;
  /** Bins that a window which begins on the edge of one covers, about; and at most, wherever it begins. */
  span: number;
  reach: number;
  bins: number;
  /** Bins in which a window can begin. */
  starts: number;
}

function axisOf(image: number, window: number, points: number): Axis {
  const bin = Math.max(window / binsPerWindow, image / binsFor(points));
  const bins = Math.ceil(image / bin) + 1;
  return {
    bin,
    span: Math.max(1, Math.round(window / bin)),
    reach: Math.floor(window / bin) + 3,
    bins,
    starts: Math.min(bins, Math.floor((image - window) / bin) + 2),
  };
}

/** The points that count, in their order: those in the image that a densest window can cover. */
export function pointsWorthSweeping(points: WeightedPoints, request: WindowRequest): WeightedPoints {
  const { centres, weights } = points;
  const count = centres.length >> 1;
  const x = axisOf(request.imageWidth, request.windowWidth, count);
  const y = axisOf(request.imageHeight, request.windowHeight, count);
  const binOf = (i: number): number => {
    const [px, py] = [centres[2 * i]!, centres[2 * i + 1]!];
    if (!(px >= 0 && py >= 0 && px < request.imageWidth && py < request.imageHeight)) return -1;
    return Math.floor(py / y.bin) * x.bins + Math.floor(px / x.bin);
  };

  // sums[(row + 1) * stride + column + 1]: what lies above and left of that corner (a summed-area table).
  const stride = x.bins + 1;
  const sums = new Float64Array(stride * (y.bins + 1));
  for (let i = 0; i < count; i++) {
    const bin = binOf(i);
    if (bin >= 0) sums[(Math.floor(bin / x.bins) + 1) * stride + (bin % x.bins) + 1]! += weights?.[i] ?? 1;
  }
  for (let row = 1; row <= y.bins; row++) {
    for (let column = 1; column <= x.bins; column++) {
      const at = row * stride + column;
      sums[at]! += sums[at - 1]! + sums[at - stride]! - sums[at - stride - 1]!;
    }
  }
  const sumOf = (column: number, row: number, columns: number, rows: number): number => {
    const right = Math.min(x.bins, column + columns);
    const bottom = Math.min(y.bins, row + rows);
    return (
      sums[bottom * stride + right]! -
      sums[row * stride + right]! -
      sums[bottom * stride + column]! +
      sums[row * stride + column]!
    );
  };

  const windowAt = (column: number, row: number): Rect => ({
    x: Math.max(0, Math.min(column * x.bin, request.imageWidth - request.windowWidth)),
    y: Math.max(0, Math.min(row * y.bin, request.imageHeight - request.windowHeight)),
    width: request.windowWidth,
    height: request.windowHeight,
  });
  const best: { rect: Rect; sum: number }[] = [];
  for (let row = 0; row < y.starts; row++) {
    for (let column = 0; column < x.starts; column++) {
      const sum = sumOf(column, row, x.span, y.span);
      if (sum === 0 || (best.length === trials && sum <= best[trials - 1]!.sum)) continue;
      const rect = windowAt(column, row);
      if (request.taken.some((other) => overlap(rect, other))) continue;
      best.push({ rect, sum });
      best.sort((a, b) => b.sum - a.sum);
      best.length = Math.min(best.length, trials);
    }
  }
  const known = best.reduce((most, { rect }) => Math.max(most, coveredBy(points, rect).weight), 0);

  // What the windows reach that can cover as much, as a table of differences.
  const reached = new Int32Array(stride * (y.bins + 1));
  // Sums of fractions come out a little different by another way.
  const least = known * (1 - 1e-9);
  for (let row = 0; row < y.starts; row++) {
    for (let column = 0; column < x.starts; column++) {
      if (sumOf(column, row, x.reach, y.reach) < least) continue;
      const right = Math.min(x.bins, column + x.reach);
      const bottom = Math.min(y.bins, row + y.reach);
      reached[row * stride + column]!++;
      reached[row * stride + right]!--;
      reached[bottom * stride + column]!--;
      reached[bottom * stride + right]!++;
    }
  }
  for (let row = 0; row < y.bins; row++) {
    for (let column = 0; column < x.bins; column++) {
      const at = row * stride + column;
      const left = column === 0 ? 0 : reached[at - 1]!;
      const above = row === 0 ? 0 : reached[at - stride]!;
      reached[at]! += left + above - (column === 0 || row === 0 ? 0 : reached[at - stride - 1]!);
    }
  }
  const kept = new Uint32Array(count);
  let length = 0;
  for (let i = 0; i < count; i++) {
    const bin = binOf(i);
    if (bin >= 0 && reached[Math.floor(bin / x.bins) * stride + (bin % x.bins)]! > 0) kept[length++] = i;
  }
  const some = new Float64Array(2 * length);
  for (let i = 0; i < length; i++) some.set([centres[2 * kept[i]!]!, centres[2 * kept[i]! + 1]!], 2 * i);
  if (weights === undefined) return { centres: some };
  return { centres: some, weights: new Float64Array(length).map((_, i) => weights[kept[i]!]!) };
}

/** Whether two share more than an edge. */
export function overlap(a: Rect, b: Rect): boolean {
  return (
    a.x + a.width > b.x + touching &&
    b.x + b.width > a.x + touching &&
    a.y + a.height > b.y + touching &&
    b.y + b.height > a.y + touching
  );
}

/** Of the points in a rectangle, its left and top edge included: how many, how much, and the rectangle around them. */
export function coveredBy(
  { centres, weights }: WeightedPoints,
  rect: Rect,
): { count: number; weight: number; around: Rect } {
  let count = 0;
  let weight = 0;
  let [left, top, right, bottom] = [Infinity, Infinity, -Infinity, -Infinity];
  for (let i = 0; 2 * i + 1 < centres.length; i++) {
    const [x, y] = [centres[2 * i]!, centres[2 * i + 1]!];
    if (!(x >= rect.x && x - rect.x < rect.width && y >= rect.y && y - rect.y < rect.height)) continue;
    count++;
    weight += weights?.[i] ?? 1;
    left = Math.min(left, x);
    right = Math.max(right, x);
    top = Math.min(top, y);
    bottom = Math.max(bottom, y);
  }
  return { count, weight, around: { x: left, y: top, width: right - left, height: bottom - top } };
}
