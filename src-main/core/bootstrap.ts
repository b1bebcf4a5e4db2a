/**
 * Percentile bootstrap intervals of ratios (findings per area, parts of an area, shares of classes): units are drawn with
 * replacement and the ratio of the sums is taken anew (Efron and Tibshirani 1993, An Introduction to the Bootstrap, chapter 13).
 * They say how much a number depends on which parts of the image were seen, not whether the model is right.
 */
import type { GridPlan } from '../contract/run.ts';

export interface Interval {
  low: number;
  high: number;
}

/** Below this, an interval would promise more than it knows. */
export const leastUnits = 20;
const draws = 1000;
/** More units than this change the interval less than drawing again does. */
const mostUnits = 2500;
const outside = 0.025;

/**
 * The unit that each tile belongs to: the tile itself in small runs, else a square block of neighbours, which also keeps together
 * what is alike because it is near.
 */
export function bootstrapUnits(plan: Pick<GridPlan, 'columns' | 'rows'>): {
  count: number;
  /** Tiles along the edge of a unit. */
  edge: number;
  of: (tile: number) => number;
} {
  let edge = 1;
  while (Math.ceil(plan.columns / edge) * Math.ceil(plan.rows / edge) > mostUnits) edge++;
  const across = Math.ceil(plan.columns / edge);
  return {
    count: across * Math.ceil(plan.rows / edge),
    edge,
    of: (tile) =>
      Math.floor(Math.floor(tile / plan.columns) / edge) * across + Math.floor((tile % plan.columns) / edge),
  };
}

/** Repeatable numbers from 0 to 1 (mulberry32): the same case has the same intervals. */
function repeatable(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

/**
 * 95 % intervals of sum(numerator) / sum(denominator), several numerators over one denominator.
 * @param numerators one list each, a number a unit
 * @param denominator a number a unit, not negative; units of 0 were not seen and are not drawn
 * @returns null for each where fewer than `leastUnits` units were seen
 */
export function ratioIntervals(
  numerators: readonly ArrayLike<number>[],
  denominator: ArrayLike<number>,
): (Interval | null)[] {
  const seen: number[] = [];
  for (let unit = 0; unit < denominator.length; unit++) if (denominator[unit]! > 0) seen.push(unit);
  if (seen.length < leastUnits) return numerators.map(() => null);

  const random = repeatable(1);
  const ratios = numerators.map(() => new Float64Array(draws));
  const sums = new Float64Array(numerators.length);
  for (let draw = 0; draw < draws; draw++) {
    let whole = 0;
    sums.fill(0);
    for (let i = 0; i < seen.length; i++) {
      const unit = seen[Math.floor(random() * seen.length)]!;
      whole += denominator[unit]!;
      for (let n = 0; n < numerators.length; n++) sums[n]! += numerators[n]![unit]!;
    }
    for (let n = 0; n < numerators.length; n++) ratios[n]![draw] = sums[n]! / whole;
  }
  return ratios.map((all) => {
    const sorted = all.toSorted();
    return { low: quantile(sorted, outside), high: quantile(sorted, 1 - outside) };
  });
}

function quantile(sorted: Float64Array, at: number): number {
  const position = at * (sorted.length - 1);
  const below = sorted[Math.floor(position)]!;
  const above = sorted[Math.ceil(position)]!;
  return below + (above - below) * (position - Math.floor(position));
}
