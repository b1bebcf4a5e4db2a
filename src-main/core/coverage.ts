/** How much of each tile's core a mask of the whole image covers, in constant time a tile. */
import type { GridPlan } from '../contract/run.ts';
import { coreRect, tileCount } from './grid.ts';

/**
 * Fraction of each core (0-1, by tile index) whose mask pixels are `code`. Every mask pixel that a core touches counts as a whole: a
 * core smaller than a mask pixel still sees it.
 */
export function coreCoverage(
  plan: GridPlan,
  mask: Uint8Array,
  width: number,
  height: number,
  code = 1,
): Float32Array {
  const coverage = new Float32Array(tileCount(plan));
  // Of the rows that the cores of one row of tiles touch: what is marked left of each column. Sums over all rows would take four times
  // the mask's memory.
  const left = new Uint32Array(width + 1);
  let rows: [number, number] | null = null;
  for (let tile = 0; tile < coverage.length; tile++) {
    const core = coreRect(plan, tile);
    const [x0, x1] = span(core.x, core.x + core.width, plan.imageWidth, width);
    const [y0, y1] = span(core.y, core.y + core.height, plan.imageHeight, height);
    if (rows?.[0] !== y0 || rows[1] !== y1) {
      countRows(mask.subarray(y0 * width, y1 * width), code, left);
      rows = [y0, y1];
    }
    coverage[tile] = ((left[x1] ?? 0) - (left[x0] ?? 0)) / ((x1 - x0) * (y1 - y0));
  }
  return coverage;
}

/** Into `left`, which is one longer than a row: how many pixels of all columns before are `code`. */
function countRows(rows: Uint8Array, code: number, left: Uint32Array): void {
  const width = left.length - 1;
  left.fill(0);
  for (let at = 0; at < rows.length; at += width) {
    for (let x = 0; x < width; x++) if (rows[at + x] === code) left[x + 1] = (left[x + 1] ?? 0) + 1;
  }
  for (let x = 0; x < width; x++) left[x + 1] = (left[x + 1] ?? 0) + (left[x] ?? 0);
}

/** Mask pixels [from, to) that the stretch [from, to) of `length` level-0 pixels touches; at least one. */
function span(from: number, to: number, length: number, pixels: number): [number, number] {
  const first = Math.min(pixels - 1, Math.max(0, Math.floor((from * pixels) / length + 1e-6)));
  const last = Math.ceil((to * pixels) / length - 1e-6);
  return [first, Math.min(pixels, Math.max(first + 1, last))];
}
