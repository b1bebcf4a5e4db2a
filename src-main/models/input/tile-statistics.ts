/** What a model wants done to a tile by the tile's own values. */
import type { ModelManifest } from '../../contract/model.ts';

export type TileStatistics = NonNullable<ModelManifest['input']['tileStatistics']>;

/** value * scale + offset. */
export interface Linear {
  scale: number;
  offset: number;
}

/**
 * From the values of one band, or of all bands together: those that count, in any order (they may be sorted in place). Without any
 * value nothing is changed: there is nothing either that it could change.
 *
 * `zero-mean-unit-variance`: the population's standard deviation, as numpy's `std`.
 */
export function linearOf(statistics: TileStatistics, values: Float64Array): Linear {
  if (values.length === 0) return { scale: 1, offset: 0 };
  if (statistics.kind === 'zero-mean-unit-variance') {
    const { mean, deviation } = moments(values);
    return between(mean, deviation + statistics.eps);
  }
  const sorted = values.sort();
  const at = (rank: number): number => sorted[rank]!;
  const low = percentile(at, values.length, statistics.low);
  const high = percentile(at, values.length, statistics.high);
  return between(low, high - low + statistics.eps);
}

/**
 * The same of values that were counted: `counts[v]` of them are v * meant.scale + meant.offset, with a scale above 0.
 */
export function linearOfCounts(statistics: TileStatistics, counts: Uint32Array, meant: Linear): Linear {
  let total = 0;
  let sum = 0;
  for (let v = 0; v < counts.length; v++) {
    total += counts[v]!;
    sum += counts[v]! * v;
  }
  if (total === 0) return { scale: 1, offset: 0 };
  if (statistics.kind === 'zero-mean-unit-variance') {
    const mean = sum / total;
    let squares = 0;
    for (let v = 0; v < counts.length; v++) squares += counts[v]! * (v - mean) * (v - mean);
    const deviation = Math.sqrt(squares / total) * meant.scale;
    return between(mean * meant.scale + meant.offset, deviation + statistics.eps);
  }
  const at = (rank: number): number => {
    let v = 0;
    for (let below = counts[0]!; below <= rank; below += counts[v]!) v++;
    return v * meant.scale + meant.offset;
  };
  const low = percentile(at, total, statistics.low);
  const high = percentile(at, total, statistics.high);
  return between(low, high - low + statistics.eps);
}

/** (value - from) / length */
function between(from: number, length: number): Linear {
  return { scale: 1 / length, offset: -from / length };
}

/** In two passes: values of 10^5 that differ by 1 keep their deviation. */
function moments(values: Float64Array): { mean: number; deviation: number } {
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += values[i]!;
  const mean = sum / values.length;
  let squares = 0;
  for (let i = 0; i < values.length; i++) {
    const difference = values[i]! - mean;
    squares += difference * difference;
  }
  return { mean, deviation: Math.sqrt(squares / values.length) };
}

/**
 * numpy's `percentile` with its default method, linear: the place q/100 * (n - 1), between two values as far as it is.
 *
 * @param at the value of a rank, 0 being the smallest
 */
export function percentile(at: (rank: number) => number, count: number, q: number): number {
  const place = (q / 100) * (count - 1);
  const below = Math.floor(place);
  const low = at(below);
  const high = at(Math.min(below + 1, count - 1));
  const part = place - below;
  // From the nearer side, so that equal neighbours give exactly themselves.
  return part < 0.5 ? low + (high - low) * part : high - (high - low) * (1 - part);
}
