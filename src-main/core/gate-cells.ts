/**
 * Which cells of one grid lie over the cells of another one of the same image: a content gate has tiles of its own model's size and
 * resolution, and what it says of them must be brought to the tiles of the run.
 */
import type { GridPlan } from '../contract/run.ts';
import { coreRect } from './grid.ts';

/** [first, last] of `over`'s columns (or rows) that share at least a part of a pixel with each of `plan`'s. */
export function overlappingSpans(plan: GridPlan, over: GridPlan, axis: 'x' | 'y'): [number, number][] {
  const own = cellsAlong(plan, axis);
  const others = cellsAlong(over, axis);
  return own.map(([from, to]) => {
    const first = others.findIndex(([, end]) => end > from + tolerance);
    const last = others.findLastIndex(([start]) => start < to - tolerance);
    // Rounding at the image's edge may leave a cell alone: its nearest neighbour speaks for it.
    const nearest = first < 0 ? others.length - 1 : first;
    return [nearest, Math.max(nearest, last)];
  });
}

/** Level-0 pixels: cells that only touch do not overlap. */
const tolerance = 1e-6;

function cellsAlong(plan: GridPlan, axis: 'x' | 'y'): [number, number][] {
  const count = axis === 'x' ? plan.columns : plan.rows;
  return Array.from({ length: count }, (_, i) => {
    const core = coreRect(plan, axis === 'x' ? i : i * plan.columns);
    const [from, length] = axis === 'x' ? [core.x, core.width] : [core.y, core.height];
    return [from, from + length];
  });
}

/**
 * For each cell of `plan` the highest of the values of `over`'s cells that lie over it.
 * @param values one a cell of `over`; NaN: nothing is known of it, which counts as the highest, 1
 */
export function highestOver(plan: GridPlan, over: GridPlan, values: Float32Array): Float32Array {
  const columns = overlappingSpans(plan, over, 'x');
  const rows = overlappingSpans(plan, over, 'y');
  const highest = new Float32Array(plan.columns * plan.rows);
  for (let row = 0; row < plan.rows; row++) {
    const [top, bottom] = rows[row] ?? [0, 0];
    for (let column = 0; column < plan.columns; column++) {
      const [left, right] = columns[column] ?? [0, 0];
      let most = 0;
      for (let y = top; y <= bottom; y++) {
        for (let x = left; x <= right; x++) {
          const value = values[y * over.columns + x] ?? Number.NaN;
          most = Math.max(most, Number.isNaN(value) ? 1 : value);
        }
      }
      highest[row * plan.columns + column] = most;
    }
  }
  return highest;
}

/** Cells of `over` that lie over any cell of `plan` that is wanted: 1 each. */
export function cellsOver(plan: GridPlan, over: GridPlan, wanted: (cell: number) => boolean): Uint8Array {
  const columns = overlappingSpans(plan, over, 'x');
  const rows = overlappingSpans(plan, over, 'y');
  const needed = new Uint8Array(over.columns * over.rows);
  for (let cell = 0; cell < plan.columns * plan.rows; cell++) {
    if (!wanted(cell)) continue;
    const [left, right] = columns[cell % plan.columns] ?? [0, 0];
    const [top, bottom] = rows[Math.floor(cell / plan.columns)] ?? [0, 0];
    for (let y = top; y <= bottom; y++) needed.fill(1, y * over.columns + left, y * over.columns + right + 1);
  }
  return needed;
}
