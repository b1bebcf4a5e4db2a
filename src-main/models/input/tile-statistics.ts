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
    const scale = 1 / (deviation + statistics.eps);
    return { scale, offset: -mean * scale };
  }
  const sorted = values.sort();
  const low = percentile(sorted, statistics.low);
  const high = percentile(sorted, statistics.high);
  const scale = 1 / (high - low + statistics.eps);
  return { scale, offset: -low * scale };
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

/** numpy's `percentile` with its default method, linear: the place q/100 * (n - 1), between two values as far as it is. */
export function percentile(sorted: Float64Array, q: number): number {
  const place = (q / 100) * (sorted.length - 1);
  const below = Math.floor(place);
  const low = sorted[below]!;
  const high = sorted[Math.min(below + 1, sorted.length - 1)]!;
  const part = place - below;
  // From the nearer side, so that equal neighbours give exactly themselves.
  return part < 0.5 ? low + (high - low) * part : high - (high - low) * (1 - part);
}
