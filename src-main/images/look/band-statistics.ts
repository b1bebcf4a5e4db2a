/** What the pixels of an overview are like, band by band: histogram and percentiles, without those that hold no data. */
import type { BandStatistics } from '../../contract/look.ts';
import type { Raster } from '../image-source.ts';

export const histogramBins = 64;

/** The part of values at either end that the stretch cuts off. */
export const cutOff = 0.02;
/** Of fluorescence, whose signal is often less than 2 % of the picture: only the very brightest are cut off. */
export const signalCutOff = 0.002;

/** A histogram shows so many times the stretched range; values beyond are outliers, and would squeeze it into one bin. */
const widest = 8;

/** All values of a band that hold data, ascending. `valid`: 0 where a pixel is masked out. */
export function sortedValues(
  overview: Raster,
  band: number,
  noData: number | null,
  valid: Uint8Array | null,
): Float64Array {
  const { data, bands } = overview;
  const values = new Float64Array(overview.width * overview.height);
  let count = 0;
  for (let at = band, pixel = 0; at < data.length; at += bands, pixel++) {
    const value = data[at] ?? 0;
    if (value === noData || !Number.isFinite(value)) continue;
    if (valid !== null && valid[pixel] === 0) continue;
    values[count++] = value;
  }
  return values.subarray(0, count).sort();
}

/** The values that cut off so large a part at either end; always a range, 0 to 1 where there is no data. */
export function percentileRange(
  sorted: Float64Array,
  below: number,
  above: number,
): { low: number; high: number } {
  if (sorted.length === 0) return { low: 0, high: 1 };
  const low = sorted[Math.floor((sorted.length - 1) * below)] ?? 0;
  const high = sorted[Math.ceil((sorted.length - 1) * (1 - above))] ?? 0;
  return { low, high: high > low ? high : low + 1 };
}

export function bandStatistics(sorted: Float64Array): BandStatistics {
  const { low, high } = percentileRange(sorted, cutOff, cutOff);
  const span = high - low;
  const first = sorted[0] ?? low;
  const last = sorted[sorted.length - 1] ?? high;
  const crowded = last - first > widest * span;
  const min = crowded ? Math.max(first, low - span) : first;
  const max = crowded ? Math.min(last, high + 3 * span) : Math.max(last, first === last ? first + 1 : last);
  const histogram = Array.from({ length: histogramBins }, () => 0);
  for (const value of sorted) {
    const bin = Math.floor(((value - min) / (max - min)) * histogramBins);
    const inside = Math.min(histogramBins - 1, Math.max(0, bin));
    histogram[inside] = (histogram[inside] ?? 0) + 1;
  }
  return { min, max, low, high, histogram };
}
