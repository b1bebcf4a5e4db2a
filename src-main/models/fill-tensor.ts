/** Pixels of a tile into the model's input, for one tile of a batch. */
import type { ImageInfo } from '../contract/image.ts';
import type { ModelManifest } from '../contract/model.ts';
import { PixelMemory } from '../core/pixel-kernel/pixel-memory.ts';
import { bandSources } from './bands.ts';
import { histogramFiller } from './input/fill-histogram.ts';
import { tableFiller, valueFiller } from './input/fill-values.ts';
import type { Dtype, FillTensor } from './input/input-array.ts';
import { isSmallUnsigned, pixelMeaning, type PixelMeaning } from './input/pixel-meaning.ts';

export { inputArray, type FillTensor, type InputArray, type TilePixels } from './input/input-array.ts';

/**
 * The quickest way from an image's pixels to this input, chosen once a run.
 *
 * @param bandIndexes bands of the image, 0-based, in the model's order (see bandSources for `gray`)
 * @param info the image; without it its pixels are bytes or words, and all of them hold data
 */
export function tensorFiller(
  input: ModelManifest['input'],
  dtype: Dtype,
  bandIndexes: readonly number[],
  info?: ImageInfo,
): FillTensor {
  const sources = bandSources(input.bands, bandIndexes);
  const isPlain =
    sources.every((bands) => bands.length === 1) &&
    input.tileStatistics === undefined &&
    input.pixelValues !== 'physical' &&
    (info === undefined || isSmallUnsigned(info.dtype));
  if (!isPlain) {
    const meaning = pixelMeaning(input, info);
    return canCount(input, sources, meaning, info)
      ? histogramFiller(input, dtype, bandIndexes, meaning, info.dtype === 'uint8' ? 256 : 65_536)
      : valueFiller(input, dtype, sources, meaning);
  }
  if (dtype === 'float16' || (dtype === 'float32' && input.clip !== undefined)) {
    return tableFiller(input, dtype, bandIndexes);
  }
  return plainFiller(input, dtype, bandIndexes);
}

/** Statistics of values that are few, each in the order of its stored number. */
function canCount(
  { tileStatistics }: ModelManifest['input'],
  sources: readonly (readonly number[])[],
  { bands }: PixelMeaning,
  info: ImageInfo | undefined,
): info is ImageInfo {
  return (
    tileStatistics !== undefined &&
    info !== undefined &&
    isSmallUnsigned(info.dtype) &&
    sources.every((each) => each.length === 1) &&
    (bands === null || (tileStatistics.perBand && bands.every(({ scale }) => scale > 0)))
  );
}

/** Stored values, or scaled ones in float32. */
function plainFiller(
  input: ModelManifest['input'],
  dtype: Exclude<Dtype, 'float16'>,
  bandIndexes: readonly number[],
): FillTensor {
  const inOrder = bandIndexes.every((band, i) => band === i);
  const copy = copyBands(input.layout, bandIndexes);
  if (dtype !== 'float32') {
    if (input.layout !== 'NHWC' || !inOrder) return copy;
    return (tile, target, offset) => {
      // The bytes are what the model takes already.
      if (tile.bands === bandIndexes.length) target.set(tile.data, offset);
      else copy(tile, target, offset);
    };
  }
  return scaleBands(input, bandIndexes);
}

function copyBands(layout: 'NHWC' | 'NCHW', bandIndexes: readonly number[]): FillTensor {
  const count = bandIndexes.length;
  return ({ width, height, bands, data }, target, offset) => {
    const pixels = width * height;
    const [step, plane] = layout === 'NHWC' ? [count, 1] : [1, pixels];
    for (let b = 0; b < count; b++) {
      let from = bandIndexes[b] ?? 0;
      let to = offset + b * plane;
      for (let i = 0; i < pixels; i++, from += bands, to += step) target[to] = data[from] ?? 0;
    }
  };
}

/**
 * value = (pixel * scale - mean) / std, computed as pixel * a + b in float32: RGB bytes to planes by the kernel where both lie in
 * its memory, all else by a table of the same values.
 */
function scaleBands(input: ModelManifest['input'], bandIndexes: readonly number[]): FillTensor {
  const count = bandIndexes.length;
  const scales = bandIndexes.map((_, b) => Math.fround((input.scale ?? 1) / (input.std?.[b] ?? 1)));
  const offsets = bandIndexes.map((_, b) => Math.fround(-(input.mean?.[b] ?? 0) / (input.std?.[b] ?? 1)));
  const tables = bandIndexes.map((_, b) =>
    Float32Array.from({ length: 65_536 }, (_, v) => Math.fround(v * (scales[b] ?? 1)) + (offsets[b] ?? 0)),
  );
  const isRgb = input.layout === 'NCHW' && count === 3 && bandIndexes.every((band, i) => band === i);
  return ({ width, height, bands, data }, target, offset) => {
    const pixels = width * height;
    if (isRgb && bands === 3 && data instanceof Uint8Array && target instanceof Float32Array) {
      const memory = PixelMemory.of(data);
      if (memory !== undefined && target.buffer === data.buffer) {
        const [r = 1, g = 1, b = 1] = scales;
        const [r0 = 0, g0 = 0, b0 = 0] = offsets;
        memory.rgbToPlanes(
          data,
          target.subarray(offset, offset + 3 * pixels),
          pixels,
          [r, g, b],
          [r0, g0, b0],
        );
        return;
      }
    }
    const [step, plane] = input.layout === 'NHWC' ? [count, 1] : [1, pixels];
    for (let b = 0; b < count; b++) {
      const table = tables[b];
      let from = bandIndexes[b] ?? 0;
      let to = offset + b * plane;
      for (let i = 0; i < pixels; i++, from += bands, to += step) target[to] = table?.[data[from] ?? 0] ?? 0;
    }
  };
}
