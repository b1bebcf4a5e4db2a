/**
 * Which tile owns a point, in closed form for the shader. core/grid.ts lets the last tile of an axis be pulled back to the
 * edge; all borders but the last are then equally far apart, so that three numbers describe an axis.
 */
import { modelSize, rowOverlap } from '../../src-main/core/grid.ts';
import type { GridPlan } from '../../src-main/contract/run.ts';

/** Borders between cores along one axis, level-0 pixels. */
export interface GridAxis {
  count: number;
  /** First border, between tiles 0 and 1. */
  first: number;
  /** Distance between one border and the next, the last one left out. */
  step: number;
  /** Last border, between tiles count - 2 and count - 1. */
  last: number;
  /** End of the last tile. */
  end: number;
}

function axisOf(length: number, size: number, overlap: number, count: number, scale: number): GridAxis {
  const step = size - overlap;
  const lastStart = length - size;
  // The middle of the overlap, as coreRect has it: floor((next start + this end) / 2).
  const last = Math.floor((lastStart + (count - 2) * step + size) / 2);
  const first = count === 2 ? last : Math.floor((step + size) / 2);
  return count === 1
    ? { count, first: length * scale, step: step * scale, last: length * scale, end: length * scale }
    : { count, first: first * scale, step: step * scale, last: last * scale, end: length * scale };
}

export function gridAxes(plan: GridPlan): { x: GridAxis; y: GridAxis } {
  const size = modelSize(plan);
  return {
    x: axisOf(size.width, plan.tileWidth, plan.overlap, plan.columns, plan.scaleX),
    y: axisOf(size.height, plan.tileHeight, rowOverlap(plan), plan.rows, plan.scaleY),
  };
}

/** The shader's `tileAlong` in TypeScript. */
export function tileAlong(axis: GridAxis, at: number): number {
  if (axis.count === 1 || at < axis.first) return 0;
  if (at >= axis.last) return axis.count - 1;
  return Math.min(axis.count - 2, 1 + Math.floor((at - axis.first) / axis.step));
}

/** [from, to) of a tile's core along the axis. */
export function coreAlong(axis: GridAxis, tile: number): [number, number] {
  const from = tile === 0 ? 0 : tile === axis.count - 1 ? axis.last : axis.first + (tile - 1) * axis.step;
  const to =
    tile === axis.count - 1 ? axis.end : tile === axis.count - 2 ? axis.last : axis.first + tile * axis.step;
  return [from, to];
}
