/** Resampling by area: each output pixel is the mean of the source pixels that it covers, weighted by how much. */
import type { PixelArray, Raster } from './image-source.ts';
import { pixelArray } from './raster.ts';

/** Value that does not count, per band; NaN never counts. null: every value counts. */
export type NoData = number | null;

/**
 * Half the size, rounded up: pixel (x, y) covers source pixels 2x, 2x + 1, 2y, 2y + 1, those that there are. Integers are
 * rounded half up.
 */
export function halve(source: Raster, noData: NoData): Raster {
  const width = Math.ceil(source.width / 2);
  const height = Math.ceil(source.height / 2);
  const { bands, dtype, data } = source;
  if (dtype !== 'uint8' || noData !== null || source.width % 2 === 1 || source.height % 2 === 1) {
    return resample(source, { x: 0, y: 0, width: width * 2, height: height * 2 }, width, height, noData);
  }
  const out = new Uint8Array(width * height * bands);
  const rowLength = source.width * bands;
  let to = 0;
  for (let y = 0; y < height; y++) {
    let upper = 2 * y * rowLength;
    let lower = upper + rowLength;
    for (let x = 0; x < width; x++) {
      for (let band = 0; band < bands; band++, upper++, lower++) {
        const sum =
          (data[upper] ?? 0) + (data[upper + bands] ?? 0) + (data[lower] ?? 0) + (data[lower + bands] ?? 0);
        out[to++] = (sum + 2) >> 2;
      }
      upper += bands;
      lower += bands;
    }
  }
  return { width, height, bands, dtype, data: out };
}

/** For each output position the first source index, and the weights from there on (sum 1 where all lie inside). */
interface Weights {
  starts: Int32Array;
  counts: Int32Array;
  weights: Float64Array;
  stride: number;
}

/**
 * Where one step is a source pixel or more: the overlap of output and source pixels. Below (enlarging): the two nearest
 * pixels, linearly, edges repeated. Source indexes outside are left out, so borders are means of what there is.
 */
function axisWeights(from: number, length: number, count: number, available: number): Weights {
  const step = length / count;
  const stride = Math.max(2, Math.ceil(step) + 1);
  const starts = new Int32Array(count);
  const counts = new Int32Array(count);
  const weights = new Float64Array(count * stride);
  for (let i = 0; i < count; i++) {
    const base = i * stride;
    if (step < 1) {
      const centre = from + (i + 0.5) * step - 0.5;
      const first = Math.floor(centre);
      const clamped = Math.min(available - 1, Math.max(0, first));
      const fraction = centre - first;
      const inside = first >= 0 && first + 1 < available;
      starts[i] = clamped;
      counts[i] = inside ? 2 : 1;
      weights[base] = inside ? 1 - fraction : 1;
      if (inside) weights[base + 1] = fraction;
      continue;
    }
    const begin = from + i * step;
    const end = begin + step;
    // Rounding noise of begin and end must not pull in a neighbour with a weight of 1e-12.
    const first = Math.max(0, Math.floor(begin + 1e-9));
    const last = Math.min(available, Math.ceil(end - 1e-9));
    starts[i] = Math.min(first, available - 1);
    counts[i] = Math.min(stride, Math.max(1, last - first));
    for (let k = 0; k < (counts[i] ?? 0); k++) {
      const source = (starts[i] ?? 0) + k;
      weights[base + k] = Math.max(0, Math.min(end, source + 1) - Math.max(begin, source)) / step;
    }
  }
  return { starts, counts, weights, stride };
}

/**
 * `rect` (source pixels, may be fractional, and may reach beyond the source, whose border pixels then count alone) to
 * width x height pixels of the same bands and type. Values equal to `noData` do not count; where none is left, it is noData.
 */
export function resample(
  source: Raster,
  rect: { x: number; y: number; width: number; height: number },
  width: number,
  height: number,
  noData: NoData,
): Raster {
  const { bands, dtype, data } = source;
  const across = axisWeights(rect.x, rect.width, width, source.width);
  const down = axisWeights(rect.y, rect.height, height, source.height);
  const out = pixelArray(dtype, width * height * bands);
  const rowLength = width * bands;
  const sums = new Float64Array(rowLength);
  const totals = new Float64Array(rowLength);
  const checked = noData !== null || dtype.startsWith('float');
  const isInteger = !dtype.startsWith('float');
  for (let y = 0; y < height; y++) {
    sums.fill(0);
    totals.fill(0);
    for (let k = 0; k < (down.counts[y] ?? 0); k++) {
      const weight = down.weights[y * down.stride + k] ?? 0;
      if (weight === 0) continue;
      const row = ((down.starts[y] ?? 0) + k) * source.width * bands;
      if (checked) addCheckedRow(data, row, bands, across, width, weight, noData, sums, totals);
      else addRow(data, row, bands, across, width, weight, sums, totals);
    }
    const base = y * rowLength;
    for (let i = 0; i < rowLength; i++) {
      const total = totals[i] ?? 0;
      const value = total > 0 ? (sums[i] ?? 0) / total : (noData ?? (isInteger ? 0 : Number.NaN));
      out[base + i] = isInteger ? Math.floor(value + 0.5) : value;
    }
  }
  return { width, height, bands, dtype, data: out };
}

function addRow(
  data: PixelArray,
  row: number,
  bands: number,
  across: Weights,
  width: number,
  weight: number,
  sums: Float64Array,
  totals: Float64Array,
): void {
  const { starts, counts, weights, stride } = across;
  for (let x = 0; x < width; x++) {
    const count = counts[x] ?? 0;
    const base = x * stride;
    for (let k = 0; k < count; k++) {
      const share = (weights[base + k] ?? 0) * weight;
      let from = row + ((starts[x] ?? 0) + k) * bands;
      for (let to = x * bands; to < (x + 1) * bands; to++, from++) {
        sums[to] = (sums[to] ?? 0) + (data[from] ?? 0) * share;
        totals[to] = (totals[to] ?? 0) + share;
      }
    }
  }
}

function addCheckedRow(
  data: PixelArray,
  row: number,
  bands: number,
  across: Weights,
  width: number,
  weight: number,
  noData: NoData,
  sums: Float64Array,
  totals: Float64Array,
): void {
  const { starts, counts, weights, stride } = across;
  for (let x = 0; x < width; x++) {
    const count = counts[x] ?? 0;
    const base = x * stride;
    for (let k = 0; k < count; k++) {
      const share = (weights[base + k] ?? 0) * weight;
      let from = row + ((starts[x] ?? 0) + k) * bands;
      for (let to = x * bands; to < (x + 1) * bands; to++, from++) {
        const value = data[from] ?? 0;
        if (value === noData || Number.isNaN(value)) continue;
        sums[to] = (sums[to] ?? 0) + value * share;
        totals[to] = (totals[to] ?? 0) + share;
      }
    }
  }
}
