/** Pixels of any type into float inputs by all that a manifest can ask for. The plain cases are in fill-tensor.ts. */
import type { ModelManifest } from '../../contract/model.ts';
import { halfBits } from './half-float.ts';
import { validity, type Dtype, type FillTensor, type InputArray, type TilePixels } from './input-array.ts';
import { luminance } from './luminance.ts';
import { isNoData, type PixelMeaning } from './pixel-meaning.ts';
import { linearOf, type Linear } from './tile-statistics.ts';

/** The largest float32: beyond it lies infinity, which spreads as NaN does. */
const highest = 3.402_823_466_385_288_6e38;

/** Of a tile, for each band of the model: values that are kept from tile to tile, because fresh memory costs as much. */
interface Planes {
  values: Float64Array;
  /** One of `validity` a value. */
  counts: Uint8Array;
  sample: Float64Array;
}

/**
 * Value by value in double precision: meaning (physical values), the tile's statistics, scale, mean and std, clip, rounding to the
 * input's type. Pixels without data count in no statistic and are given as 0 (clipped where there is a clip): NaN, or a no-data
 * value of -9999, would spread through a whole network.
 *
 * @param sources for each band of the model its band in the image, or the three of which it is the luminance
 */
export function valueFiller(
  input: ModelManifest['input'],
  dtype: Dtype,
  sources: readonly (readonly number[])[],
  meaning: PixelMeaning,
): FillTensor {
  const count = sources.length;
  const kept: Planes = {
    values: new Float64Array(0),
    counts: new Uint8Array(0),
    sample: new Float64Array(0),
  };
  const [least, most] = input.clip ?? [-highest, highest];
  const empty = Math.min(most, Math.max(least, 0));
  return (tile, target, offset) => {
    const pixels = tile.width * tile.height;
    if (kept.values.length !== pixels * count) {
      kept.values = new Float64Array(pixels * count);
      kept.counts = new Uint8Array(pixels * count);
      kept.sample = new Float64Array(pixels * count);
    }
    sources.forEach((bands, b) => readBand(tile, bands, meaning, kept, b * pixels));
    const statistics = statisticsOf(input, kept, pixels, count);
    const [step, plane] = input.layout === 'NHWC' ? [count, 1] : [1, pixels];
    for (let b = 0; b < count; b++) {
      const { scale, offset: shift } = then(statistics[b], normalisation(input, b));
      let to = offset + b * plane;
      for (let i = b * pixels; i < (b + 1) * pixels; i++, to += step) {
        const value = kept.values[i]! * scale + shift;
        // NaN: numbers so large that what is computed of them is none.
        const isNone = kept.counts[i] === validity.none || Number.isNaN(value);
        const given = isNone ? empty : Math.min(most, Math.max(least, value));
        target[to] = dtype === 'float16' ? halfBits(given) : given;
      }
    }
  };
}

/** One band's values and whether they count, into `kept` from `at` on. */
function readBand(
  { width, height, bands, data, valid }: TilePixels,
  sources: readonly number[],
  meaning: PixelMeaning,
  { values, counts }: Planes,
  at: number,
): void {
  const pixels = width * height;
  const [first = 0, second = 0, third = 0] = sources;
  const { noData, alphaBand, integers, tellsNoData } = meaning;
  const scale = meaning.bands?.[first]?.scale ?? 1;
  const shift = meaning.bands?.[first]?.offset ?? 0;
  const isGray = sources.length === 3;
  for (let i = 0, from = 0; i < pixels; i++, from += bands) {
    const stored = data[from + first]!;
    let value: number;
    let hasData = !isNoData(stored, noData[first]);
    if (isGray) {
      const [green, blue] = [data[from + second]!, data[from + third]!];
      hasData &&= !isNoData(green, noData[second]) && !isNoData(blue, noData[third]);
      value = luminance(
        meant(meaning, first, stored),
        meant(meaning, second, green),
        meant(meaning, third, blue),
        integers,
      );
    } else value = stored * scale + shift;
    if (alphaBand !== null && data[from + alphaBand] === 0) hasData = false;
    values[at + i] = value;
    counts[at + i] = hasData || !tellsNoData ? (valid?.[i] ?? validity.data) : validity.none;
  }
}

function meant({ bands }: PixelMeaning, band: number, stored: number): number {
  const info = bands?.[band];
  return info === undefined ? stored : stored * info.scale + info.offset;
}

/** What each band's statistics ask for; none: nothing. */
function statisticsOf(
  { tileStatistics }: ModelManifest['input'],
  kept: Planes,
  pixels: number,
  count: number,
): readonly Linear[] {
  if (tileStatistics === undefined) return [];
  const of = (from: number, to: number): Linear => {
    let used = 0;
    for (let i = from; i < to; i++)
      if (kept.counts[i] === validity.data) kept.sample[used++] = kept.values[i]!;
    return linearOf(tileStatistics, kept.sample.subarray(0, used));
  };
  if (tileStatistics.perBand) {
    return Array.from({ length: count }, (_, b) => of(b * pixels, (b + 1) * pixels));
  }
  const all = of(0, count * pixels);
  return Array.from({ length: count }, () => all);
}

/** value * scale - mean, divided by std. */
export function normalisation({ scale, mean, std }: ModelManifest['input'], band: number): Linear {
  const divisor = std?.[band] ?? 1;
  return { scale: (scale ?? 1) / divisor, offset: -(mean?.[band] ?? 0) / divisor };
}

/** One after the other, in one step. */
function then(first: Linear | undefined, second: Linear): Linear {
  if (first === undefined) return second;
  return { scale: first.scale * second.scale, offset: first.offset * second.scale + second.offset };
}

/** float32 and float16 inputs of bytes or words: each value's number in the input, looked up. */
export function tableFiller(
  input: ModelManifest['input'],
  dtype: 'float32' | 'float16',
  bandIndexes: readonly number[],
): FillTensor {
  const count = bandIndexes.length;
  const [least, most] = input.clip ?? [-Infinity, Infinity];
  const tables = bandIndexes.map((_, b): InputArray => {
    const { scale, offset } = normalisation(input, b);
    const values = Array.from({ length: 65_536 }, (__, v) =>
      Math.min(most, Math.max(least, v * scale + offset)),
    );
    return dtype === 'float16' ? Uint16Array.from(values, halfBits) : Float32Array.from(values);
  });
  return ({ width, height, bands, data }, target, offset) => {
    const pixels = width * height;
    const [step, plane] = input.layout === 'NHWC' ? [count, 1] : [1, pixels];
    for (let b = 0; b < count; b++) {
      const table = tables[b]!;
      let from = bandIndexes[b]!;
      let to = offset + b * plane;
      for (let i = 0; i < pixels; i++, from += bands, to += step) target[to] = table[data[from]!]!;
    }
  };
}
