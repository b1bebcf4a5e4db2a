/** Resampling by area: each output pixel is the mean of the source pixels that it covers, weighted by how much. */
import type { PixelArray, Raster } from './image-source.ts';
import { resampleInKernel, type Weights } from './box-kernel.ts';
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
  return resample(source, { x: 0, y: 0, width: width * 2, height: height * 2 }, width, height, noData);
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
      const fraction = centre - first;
      const inside = first >= 0 && first + 1 < available;
      starts[i] = Math.min(available - 1, Math.max(0, first));
      counts[i] = inside ? 2 : 1;
      weights[base] = inside ? 1 - fraction : 1;
      if (inside) weights[base + 1] = fraction;
      continue;
    }
    const begin = from + i * step;
    const end = begin + step;
    // Rounding noise of begin and end must not pull in a neighbour with a weight of 1e-12.
    const first = Math.min(available - 1, Math.max(0, Math.floor(begin + 1e-9)));
    const last = Math.min(available, Math.ceil(end - 1e-9));
    const used = Math.min(stride, Math.max(1, last - first));
    starts[i] = first;
    counts[i] = used;
    let sum = 0;
    for (let k = 0; k < used; k++) {
      const share = Math.max(0, Math.min(end, first + k + 1) - Math.max(begin, first + k));
      weights[base + k] = share;
      sum += share;
    }
    // Wholly outside: the border pixel.
    if (sum === 0) weights[base] = sum = 1;
    for (let k = 0; k < used; k++) weights[base + k] = (weights[base + k] ?? 0) / sum;
  }
  return { starts, counts, weights, stride };
}

/**
 * `rect` (source pixels, may be fractional, and may reach beyond the source, whose border pixels then count alone) to
 * width x height pixels of the same bands and type, into memory of that size where given. Values equal to `noData` do not count; where
 * none is left, it is noData.
 */
export function resample(
  source: Raster,
  rect: { x: number; y: number; width: number; height: number },
  width: number,
  height: number,
  noData: NoData,
  into?: PixelArray,
): Raster {
  const { bands, dtype } = source;
  const target: Raster = {
    width,
    height,
    bands,
    dtype,
    data: into ?? pixelArray(dtype, width * height * bands),
  };
  const isChecked = noData !== null || dtype.startsWith('float');
  const factor = rect.width / width;
  if (!isChecked && factor === rect.height / height && isWholeBlocks(source, rect, factor)) {
    meanOfBlocks(source, rect, factor, target);
    return target;
  }
  const across = axisWeights(rect.x, rect.width, width, source.width);
  const down = axisWeights(rect.y, rect.height, height, source.height);
  if (isChecked) resampleChecked(source, across, down, target, noData);
  else if (!resampleInKernel(source, across, down, target)) resampleAll(source, across, down, target);
  return target;
}

/** Every output pixel is the mean of factor x factor whole source pixels that all exist. */
function isWholeBlocks(
  source: Raster,
  rect: { x: number; y: number; width: number; height: number },
  factor: number,
): boolean {
  return (
    [factor, rect.x, rect.y].every(Number.isInteger) &&
    factor >= 1 &&
    rect.x >= 0 &&
    rect.y >= 0 &&
    rect.x + rect.width <= source.width &&
    rect.y + rect.height <= source.height
  );
}

/** Integer sums: several times faster than weights, for the scales that pyramids have. Rounds half up. */
function meanOfBlocks(
  source: Raster,
  rect: { x: number; y: number },
  factor: number,
  { width, height, data: out }: Raster,
): void {
  const { bands, data } = source;
  const rowLength = width * bands;
  const sums = new Float64Array(rowLength);
  const area = factor * factor;
  for (let y = 0; y < height; y++) {
    sums.fill(0);
    for (let k = 0; k < factor; k++) {
      let from = ((rect.y + y * factor + k) * source.width + rect.x) * bands;
      for (let x = 0; x < rowLength; x += bands) {
        for (let i = 0; i < factor; i++) {
          for (let to = x; to < x + bands; to++) sums[to] = (sums[to] ?? 0) + (data[from++] ?? 0);
        }
      }
    }
    const base = y * rowLength;
    for (let i = 0; i < rowLength; i++) out[base + i] = Math.floor((sums[i] ?? 0) / area + 0.5);
  }
}

/** Every value counts, so the axes are independent: source rows are narrowed once, then summed. */
function resampleAll(source: Raster, across: Weights, down: Weights, target: Raster): void {
  const rowLength = target.width * target.bands;
  const sums = new Float64Array(rowLength);
  // Two neighbouring output rows share the source row on their border.
  let narrowed = new Float64Array(rowLength);
  let narrowedRow = -1;
  for (let y = 0; y < target.height; y++) {
    sums.fill(0);
    for (let k = 0; k < (down.counts[y] ?? 0); k++) {
      const weight = down.weights[y * down.stride + k] ?? 0;
      if (weight === 0) continue;
      const row = (down.starts[y] ?? 0) + k;
      if (row !== narrowedRow) {
        narrowed = narrowRow(source, row, across, narrowed);
        narrowedRow = row;
      }
      for (let i = 0; i < rowLength; i++) sums[i] = (sums[i] ?? 0) + (narrowed[i] ?? 0) * weight;
    }
    const base = y * rowLength;
    for (let i = 0; i < rowLength; i++) target.data[base + i] = Math.floor((sums[i] ?? 0) + 0.5);
  }
}

function narrowRow(
  source: Raster,
  row: number,
  across: Weights,
  out: Float64Array<ArrayBuffer>,
): Float64Array<ArrayBuffer> {
  const { data, bands } = source;
  const { starts, counts, weights, stride } = across;
  const rowStart = row * source.width * bands;
  let to = 0;
  if (bands === 3) {
    for (let x = 0; x < starts.length; x++) {
      let red = 0;
      let green = 0;
      let blue = 0;
      let from = rowStart + (starts[x] ?? 0) * 3;
      const end = x * stride + (counts[x] ?? 0);
      for (let at = x * stride; at < end; at++, from += 3) {
        const weight = weights[at] ?? 0;
        red += (data[from] ?? 0) * weight;
        green += (data[from + 1] ?? 0) * weight;
        blue += (data[from + 2] ?? 0) * weight;
      }
      out[to] = red;
      out[to + 1] = green;
      out[to + 2] = blue;
      to += 3;
    }
    return out;
  }
  for (let x = 0; x < starts.length; x++) {
    const first = rowStart + (starts[x] ?? 0) * bands;
    const end = x * stride + (counts[x] ?? 0);
    for (let band = 0; band < bands; band++) {
      let sum = 0;
      for (let at = x * stride, from = first + band; at < end; at++, from += bands) {
        sum += (data[from] ?? 0) * (weights[at] ?? 0);
      }
      out[to++] = sum;
    }
  }
  return out;
}

/** Values may be left out, so each output value has a total of weights of its own. */
function resampleChecked(
  source: Raster,
  across: Weights,
  down: Weights,
  target: Raster,
  noData: NoData,
): void {
  const { data, bands, dtype } = source;
  const rowLength = target.width * bands;
  const sums = new Float64Array(rowLength);
  const totals = new Float64Array(rowLength);
  const isInteger = !dtype.startsWith('float');
  const nothing = noData ?? (isInteger ? 0 : Number.NaN);
  for (let y = 0; y < target.height; y++) {
    sums.fill(0);
    totals.fill(0);
    for (let k = 0; k < (down.counts[y] ?? 0); k++) {
      const weight = down.weights[y * down.stride + k] ?? 0;
      if (weight === 0) continue;
      const row = ((down.starts[y] ?? 0) + k) * source.width * bands;
      addCheckedRow(data, row, bands, across, weight, noData, sums, totals);
    }
    const base = y * rowLength;
    for (let i = 0; i < rowLength; i++) {
      const total = totals[i] ?? 0;
      const value = total > 0 ? (sums[i] ?? 0) / total : nothing;
      target.data[base + i] = isInteger ? Math.floor(value + 0.5) : value;
    }
  }
}

function addCheckedRow(
  data: PixelArray,
  row: number,
  bands: number,
  across: Weights,
  weight: number,
  noData: NoData,
  sums: Float64Array,
  totals: Float64Array,
): void {
  const { starts, counts, weights, stride } = across;
  for (let x = 0; x < starts.length; x++) {
    const count = counts[x] ?? 0;
    for (let k = 0; k < count; k++) {
      const share = (weights[x * stride + k] ?? 0) * weight;
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
