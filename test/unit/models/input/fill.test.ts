/** Against numbers worked out here in the plainest way, and against Float16Array of the language. */
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { ImageInfo } from '../../../../src-main/contract/image.ts';
import type { ModelManifest } from '../../../../src-main/contract/model.ts';
import { inputArray, tensorFiller, type TilePixels } from '../../../../src-main/models/fill-tensor.ts';
import { halfBits } from '../../../../src-main/models/input/half-float.ts';

type Input = ModelManifest['input'];

const halfOf = (bits: number): number => new Float16Array(Uint16Array.of(bits).buffer)[0]!;

const band = (over: object = {}) => ({
  name: null,
  color: null,
  interpretation: null,
  scale: null,
  offset: null,
  unit: null,
  noData: null,
  ...over,
});

function image(over: Partial<ImageInfo> = {}): ImageInfo {
  const level = { width: 64, height: 64, downsample: 1, tileWidth: 64, tileHeight: 64 };
  return {
    name: 'i.tif',
    format: 'tiff',
    vendor: null,
    width: 64,
    height: 64,
    mpp: null,
    geo: null,
    objectivePower: null,
    bands: 3,
    bandNames: null,
    dtype: 'uint8',
    noData: null,
    levels: [level],
    associated: [],
    compression: 'none',
    display: {
      levels: [level],
      passthrough: true,
    },
    ...over,
  };
}

const plain: Input = {
  name: 'x',
  layout: 'NCHW',
  dtype: 'float32',
  bands: ['red', 'green', 'blue'],
  tileSize: 64,
  fixedSize: false,
};

function fill(input: Input, tile: TilePixels, bandIndexes: number[], info: ImageInfo): number[] {
  const length = tile.width * tile.height * input.bands.length;
  const target = inputArray(input.dtype, length + 1);
  target[0] = 9;
  tensorFiller(input, input.dtype, bandIndexes, info)(tile, target, 1);
  expect(target[0]).toBe(9);
  return [...target.subarray(1)].map((value) => (input.dtype === 'float16' ? halfOf(value) : value));
}

const row = (data: ArrayLike<number>, bands = 1): TilePixels => ({
  width: data.length / bands,
  height: 1,
  bands,
  data,
});

describe('half floats', () => {
  test('every number is rounded as the language rounds it; infinities become the largest', () => {
    const check = (value: number): void => {
      const expected = Math.max(-65_504, Math.min(65_504, Math.f16round(Math.fround(value))));
      expect(halfOf(halfBits(value))).toBe(expected);
    };
    fc.assert(fc.property(fc.float({ noNaN: true }), check));
    fc.assert(
      fc.property(fc.float({ noNaN: true, min: -Math.fround(0.001), max: Math.fround(0.001) }), check),
    );
    for (let bits = 0; bits < 0x7c00; bits++) {
      expect(halfBits(halfOf(bits))).toBe(bits);
      // Half-way to the next one, where the even one wins.
      if (bits < 0x7bff) check((halfOf(bits) + halfOf(bits + 1)) / 2);
    }
    expect(halfOf(halfBits(Number.NaN))).toBeNaN();
  });

  test('pixels become the nearest half of what float32 would be', () => {
    const data = Uint8Array.from({ length: 256 * 3 }, (_, i) => i / 3);
    const input: Input = { ...plain, scale: 1 / 255, mean: [0.5, 0.4, 0.3], std: [0.2, 0.3, 0.4] };
    const floats = fill(input, row(data, 3), [0, 1, 2], image());
    const halves = fill({ ...input, dtype: 'float16' }, row(data, 3), [0, 1, 2], image());
    halves.forEach((half, i) =>
      expect(Math.abs(half - floats[i]!)).toBeLessThanOrEqual(Math.abs(floats[i]!) / 1024),
    );
  });
});

describe('luminance', () => {
  const gray: Input = { ...plain, bands: ['gray'] };
  test('of colours as Pillow’s L', () => {
    // Image.new('RGB', (1, 1), colour).convert('L') of Pillow 9.4.
    const colours = [255, 0, 0, 0, 255, 0, 0, 0, 255, 255, 255, 255, 12, 200, 99, 1, 1, 1];
    const expected = [76, 150, 29, 255, 132, 1];
    expect(fill(gray, row(Uint8Array.from(colours), 3), [0, 1, 2], image())).toEqual(expected);
    const bytes: Input = { ...gray, dtype: 'uint8', layout: 'NHWC' };
    expect(fill(bytes, row(Uint8Array.from(colours), 3), [0, 1, 2], image())).toEqual(expected);
  });

  test('of a grey image is its band, and beside other bands', () => {
    expect(fill(gray, row(Uint8Array.of(7, 8)), [0], image({ bands: 1 }))).toEqual([7, 8]);
    const mixed: Input = { ...plain, bands: ['band-2', 'gray', 'red'] };
    const data = Uint8Array.of(255, 10, 20);
    const luminance = (255 * 19_595 + 10 * 38_470 + 20 * 7471 + 0x8000) >> 16;
    expect(fill(mixed, row(data, 3), [1, 0, 1, 2, 0], image())).toEqual([10, luminance, 255]);
  });
});

describe('values of any type', () => {
  const one: Input = { ...plain, bands: ['band-1'] };
  test.each(['int8', 'int16', 'int32', 'uint32', 'float32', 'float64'] as const)('%s', (dtype) => {
    const info = image({ dtype, bands: 1, noData: -9 });
    const found = fill({ ...one, scale: 2, mean: [1], std: [4] }, row([0, 5, -9, 100]), [0], info);
    expect(found).toEqual([-0.25, 2.25, 0, 49.75]);
  });

  test('NaN and infinities never reach a model', () => {
    const info = image({ dtype: 'float32', bands: 1 });
    const found = fill({ ...one, mean: [1] }, row([3, Number.NaN, -Infinity, Infinity]), [0], info);
    expect(found).toEqual([2, 0, 0, 0]);
  });

  test('a no-data value that a float32 cannot hold is known all the same', () => {
    const info = image({ dtype: 'float32', bands: 1, noData: -3.402_823e38 });
    const data = Float32Array.of(1, -3.402_823e38);
    expect(fill(one, row(data), [0], info)).toEqual([1, 0]);
  });

  test('clip comes last, for pixels without data too', () => {
    const info = image({ dtype: 'int16', bands: 1, noData: -1 });
    const clipped: Input = { ...one, scale: 0.1, clip: [1, 2] };
    expect(fill(clipped, row([5, 15, 25, -1]), [0], info)).toEqual([1, 1.5, 2, 1]);
    const bytes = fill(
      { ...plain, scale: 0.1, clip: [1, 2] },
      row(Uint8Array.of(5, 15, 25), 3),
      [0, 1, 2],
      image(),
    );
    expect(bytes).toEqual([1, 1.5, 2]);
  });

  test('physical values by each band’s scale and offset', () => {
    const bandInfo = [band({ scale: 0.5, offset: -1 }), band(), band({ scale: 2, noData: 7 })];
    const info = image({ dtype: 'uint16', bandInfo });
    const input: Input = { ...plain, pixelValues: 'physical' };
    expect(fill(input, row(Uint16Array.of(10, 10, 10, 4, 4, 7), 3), [0, 1, 2], info)).toEqual([
      4, 1, 10, 4, 20, 0,
    ]);
  });

  test('bytes are given as they are, no-data or not, where nothing is computed of them', () => {
    const info = image({ noData: 0 });
    expect(fill({ ...plain, mean: [1, 1, 1] }, row(Uint8Array.of(0, 1, 2), 3), [0, 1, 2], info)).toEqual([
      -1, 0, 1,
    ]);
  });
});

describe('statistics of a tile', () => {
  const unit = { kind: 'zero-mean-unit-variance', perBand: true, eps: 1e-6 } as const;
  const one: Input = { ...plain, bands: ['band-1'], tileStatistics: unit };
  const info = image({ bands: 1, noData: 255 });

  test('mean 0, variance 1; pixels without data count in neither and are 0', () => {
    const [a, b, none, c] = fill(one, row(Uint8Array.of(2, 4, 255, 9)), [0], info);
    const deviation = Math.sqrt((9 + 1 + 16) / 3) + 1e-6;
    expect(none).toBe(0);
    [a, b, c].forEach((value, i) => expect(value).toBeCloseTo([-3, -1, 4][i]! / deviation, 6));
  });

  test('padding has a value and does not count; what a mask leaves out is 0', () => {
    const tile = { ...row(Uint8Array.of(2, 4, 9, 114, 50)), valid: Uint8Array.of(1, 1, 1, 2, 0) };
    const found = fill(one, tile, [0], info);
    expect(found[3]).toBeCloseTo((114 - 5) / (Math.sqrt(26 / 3) + 1e-6), 4);
    expect(found[4]).toBe(0);
  });

  test('of all bands together', () => {
    const tile = row(Uint8Array.of(0, 10, 20, 0, 10, 20), 3);
    const found = fill({ ...plain, tileStatistics: { ...unit, perBand: false } }, tile, [0, 1, 2], image());
    const step = 10 / (Math.sqrt(200 / 3) + 1e-6);
    [-step, -step, 0, 0, step, step].forEach((value, i) => expect(found[i]).toBeCloseTo(value, 6));
  });

  test('percentiles as numpy’s, linear between values', () => {
    // np.percentile([1, 2, 4, 8, 16], [10, 95]) = 1.4, 14.4
    const statistics = { kind: 'percentiles', low: 10, high: 95, perBand: true, eps: 1e-6 } as const;
    const found = fill(
      { ...one, tileStatistics: statistics },
      row(Uint8Array.of(16, 2, 255, 4, 1, 8)),
      [0],
      info,
    );
    [16, 2, 1.4, 4, 1, 8].forEach((value, i) => expect(found[i]).toBeCloseTo((value - 1.4) / 13, 6));
  });

  test('scale, mean and std follow, and a tile without data or of one value is no NaN', () => {
    const input: Input = { ...one, scale: 2, mean: [1], std: [0.5] };
    expect(fill(input, row(Uint8Array.of(255, 255)), [0], info)).toEqual([0, 0]);
    expect(fill(input, row(Uint8Array.of(3, 3)), [0], info)).toEqual([-2, -2]);
  });

  test('are finite whatever the pixels are', () => {
    const float = image({ dtype: 'float64', bands: 1 });
    const kinds = fc.constantFrom(unit, {
      kind: 'percentiles',
      low: 2,
      high: 98,
      perBand: true,
      eps: 1e-6,
    } as const);
    fc.assert(
      fc.property(kinds, fc.array(fc.double(), { minLength: 1, maxLength: 40 }), (tileStatistics, data) => {
        for (const value of fill({ ...one, tileStatistics }, row(data), [0], float))
          expect(value).toSatisfy(Number.isFinite);
      }),
    );
  });

  test('counted values give what values one by one give', () => {
    const bytes = fc.array(fc.integer({ min: 0, max: 255 }), { minLength: 4, maxLength: 80 });
    const kinds = fc.constantFrom(
      { kind: 'zero-mean-unit-variance', eps: 1e-6 } as const,
      { kind: 'percentiles', low: 3, high: 90, eps: 1e-3 } as const,
    );
    const noData = fc.option(fc.integer({ min: 0, max: 255 }));
    fc.assert(
      fc.property(
        bytes,
        kinds,
        noData,
        fc.boolean(),
        fc.boolean(),
        (numbers, kind, none, perBand, physical) => {
          const data = Uint8Array.from(numbers.slice(0, numbers.length - (numbers.length % 4)));
          const tile = {
            ...row(data, 4),
            valid: Uint8Array.from(data.subarray(0, data.length / 4), (v) => v % 3),
          };
          const bandInfo = Array.from({ length: 4 }, (_, b) =>
            band({ scale: 0.5 + b, offset: b - 2, interpretation: b === 3 ? 'alpha' : null }),
          );
          const pixelValues = physical ? 'physical' : 'stored';
          const tileStatistics = { ...kind, perBand };
          const input: Input = {
            ...plain,
            pixelValues,
            tileStatistics,
            scale: 3,
            mean: [1, 2, 3],
            layout: 'NHWC',
          };
          const counted = fill(input, tile, [0, 1, 2], image({ bands: 4, noData: none, bandInfo }));
          // int16 takes the way of single values.
          const single = fill(
            input,
            tile,
            [0, 1, 2],
            image({ bands: 4, noData: none, bandInfo, dtype: 'int16' }),
          );
          counted.forEach((value, i) =>
            expect(Math.abs(value - single[i]!)).toBeLessThanOrEqual(
              1e-5 * Math.max(1, Math.abs(single[i]!)),
            ),
          );
        },
      ),
    );
  });
});
