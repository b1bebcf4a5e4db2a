/**
 * Outlines of a mask: along the edges of its pixels, or smoothed within half a pixel. Pixels of the foreground belong together where
 * they share an edge (4-connected), so that what only touches at a corner is two polygons; the background is 8-connected.
 */
import { cornerIs, Ring, RingSmoother, splitAtCrossings, twiceRingArea } from './segment-ring.ts';

/** Directions in clockwise order on the screen: right, down, left, up. */
const dx = [1, 0, -1, 0] as const;
const dy = [0, 1, 0, -1] as const;

/** What lies ahead of a corner, by direction: the pixel on the left and that on the right, as offsets from the corner. */
const aheadLeft = [
  [0, -1],
  [0, 0],
  [-1, 0],
  [-1, -1],
] as const;
const aheadRight = [
  [0, 0],
  [-1, 0],
  [-1, -1],
  [0, -1],
] as const;

/**
 * One polygon for each connected part of a mask, in the order of their first pixels, row by row: the outer ring clockwise on the
 * screen, then its holes counter-clockwise. Rings touch themselves nowhere, and each other at single points at most.
 *
 * @param mask `width * height` numbers row by row; what is not 0 is foreground
 * @param how `exact`: corners of pixels, so that the rings' areas are the numbers of pixels; `smooth`: stairs of single pixels become
 * the straight lines that they stand for, nowhere more than half a pixel away, with the same area
 * @returns polygons as in contract/finding.ts, x0, y0, x1, y1 … a ring, in pixels of the mask
 */
export function outlineMask(
  mask: Uint8Array,
  width: number,
  height: number,
  how: 'exact' | 'smooth',
): number[][][] {
  const parts = labelParts(mask, width, height);
  const polygons: { outer: number[][]; holes: number[][] }[] = [];
  const seen = new Uint8Array(width * height);
  const traced = new Ring();
  const smoother = new RingSmoother();
  for (let at = 0; at < mask.length; at++) {
    const part = parts[at]!;
    // Every ring has a piece of border that runs to the right, along the top of a pixel.
    if (part === 0 || seen[at] === 1 || (at >= width && parts[at - width] !== 0)) continue;
    const polygon = (polygons[part - 1] ??= { outer: [], holes: [] });
    trace(parts, width, height, at, seen, traced);
    for (const ring of splitAtCrossings(traced)) {
      const points = how === 'smooth' ? [...smoother.smooth(ring)] : flat(ring);
      (twiceRingArea(ring) > 0 ? polygon.outer : polygon.holes).push(points);
    }
  }
  return polygons.map(({ outer, holes }) => [...outer, ...holes]);
}

/** The border from the top left corner of pixel `start` on, the foreground on its right: the corners at which it turns. */
function trace(
  parts: Int32Array,
  width: number,
  height: number,
  start: number,
  seen: Uint8Array,
  ring: Ring,
): void {
  const isForeground = (x: number, y: number): boolean =>
    x >= 0 && y >= 0 && x < width && y < height && parts[y * width + x] !== 0;
  ring.clear();
  const fromX = start % width;
  const fromY = Math.floor(start / width);
  let x = fromX;
  let y = fromY;
  let direction = 0;
  do {
    if (direction === 0) seen[y * width + x] = 1;
    x += dx[direction]!;
    y += dy[direction]!;
    const [leftX, leftY] = aheadLeft[direction]!;
    const [rightX, rightY] = aheadRight[direction]!;
    const left = isForeground(x + leftX, y + leftY);
    if (!isForeground(x + rightX, y + rightY)) {
      // Two pixels that touch at their corners only: the border stays with its own, and comes by again.
      ring.add(x, y, left ? cornerIs.node + cornerIs.crossing : 0);
      direction = (direction + 1) % 4;
    } else if (left) {
      ring.add(x, y, 0);
      direction = (direction + 3) % 4;
    }
  } while (direction !== 0 || x !== fromX || y !== fromY);
}

/** Number of the connected part of each pixel, from 1 on in the order of their first pixels; 0: background. */
function labelParts(mask: Uint8Array, width: number, height: number): Int32Array {
  const parts = new Int32Array(width * height);
  const open: number[] = [];
  let count = 0;
  const reach = (at: number): void => {
    if (mask[at] === 0 || parts[at] !== 0) return;
    parts[at] = count;
    open.push(at);
  };
  for (let first = 0; first < parts.length; first++) {
    if (mask[first] === 0 || parts[first] !== 0) continue;
    count++;
    reach(first);
    for (let at = open.pop(); at !== undefined; at = open.pop()) {
      const x = at % width;
      if (x > 0) reach(at - 1);
      if (x < width - 1) reach(at + 1);
      if (at >= width) reach(at - width);
      if (at < parts.length - width) reach(at + width);
    }
  }
  return parts;
}

function flat({ x, y, length }: Ring): number[] {
  const points: number[] = [];
  for (let i = 0; i < length; i++) points.push(x[i]!, y[i]!);
  return points;
}
