/** How much of each tile's core a mask of the whole image covers, in constant time a tile. */
import type { GridPlan } from '../contract/run.ts';
import { coreRect, tileCount } from './grid.ts';

/** Sums over the rectangles from the origin: `sums[y * (width + 1) + x]` counts the mask left of x and above y. */
export function summedArea(mask: Uint8Array, width: number, height: number): Uint32Array {
  const sums = new Uint32Array((width + 1) * (height + 1));
  for (let y = 0; y < height; y++) {
    let row = 0;
    for (let x = 0; x < width; x++) {
      row += mask[y * width + x] ?? 0;
      sums[(y + 1) * (width + 1) + x + 1] = (sums[y * (width + 1) + x + 1] ?? 0) + row;
    }
  }
  return sums;
}

/**
 * Fraction of each core (0-1, by tile index) that is marked. Every mask pixel that a core touches counts as a whole: a core
 * smaller than a mask pixel still sees it.
 */
export function coreCoverage(plan: GridPlan, mask: Uint8Array, width: number, height: number): Float32Array {
  const sums = summedArea(mask, width, height);
  const coverage = new Float32Array(tileCount(plan));
  for (let tile = 0; tile < coverage.length; tile++) {
    const core = coreRect(plan, tile);
    const [x0, x1] = span(core.x, core.x + core.width, plan.imageWidth, width);
    const [y0, y1] = span(core.y, core.y + core.height, plan.imageHeight, height);
    const at = (x: number, y: number): number => sums[y * (width + 1) + x] ?? 0;
    const marked = at(x1, y1) - at(x0, y1) - at(x1, y0) + at(x0, y0);
    coverage[tile] = marked / ((x1 - x0) * (y1 - y0));
  }
  return coverage;
}

/** Mask pixels [from, to) that the stretch [from, to) of `length` level-0 pixels touches; at least one. */
function span(from: number, to: number, length: number, pixels: number): [number, number] {
  const first = Math.min(pixels - 1, Math.max(0, Math.floor((from * pixels) / length + 1e-6)));
  const last = Math.ceil((to * pixels) / length - 1e-6);
  return [first, Math.min(pixels, Math.max(first + 1, last))];
}
