import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { PixelMemory } from '../../../src-main/core/pixel-kernel/pixel-memory.ts';
import type { Raster } from '../../../src-main/images/image-source.ts';
import { halve, resample } from '../../../src-main/images/box-filter.ts';

const rasters = fc
  .record({
    width: fc.integer({ min: 1, max: 24 }),
    height: fc.integer({ min: 1, max: 24 }),
    bands: fc.integer({ min: 1, max: 5 }),
    is16: fc.boolean(),
    seed: fc.integer({ min: 0, max: 9999 }),
  })
  .map(({ width, height, bands, is16, seed }): Raster => {
    const length = width * height * bands;
    const data = is16 ? new Uint16Array(length) : new Uint8Array(length);
    for (let i = 0; i < length; i++) data[i] = (i * 7919 + seed * 104_729) % (is16 ? 65_521 : 251);
    return { width, height, bands, dtype: is16 ? 'uint16' : 'uint8', data };
  });

const at = (raster: Raster, x: number, y: number, band: number): number =>
  raster.data[(y * raster.width + x) * raster.bands + band] ?? Number.NaN;

/**
 * The definition, pixel by pixel: the mean of what an output pixel covers, by area. undefined where data is covered by no more than what
 * may be the rounding of its edges: no data, or that, is right.
 */
function meanOver(
  source: Raster,
  x0: number,
  y0: number,
  x1: number,
  y1: number,
  band: number,
  noData: number | null,
): number | null | undefined {
  let [sum, total] = [0, 0];
  for (let y = Math.max(0, Math.floor(y0)); y < Math.min(source.height, y1); y++) {
    for (let x = Math.max(0, Math.floor(x0)); x < Math.min(source.width, x1); x++) {
      const area = (Math.min(x1, x + 1) - Math.max(x0, x)) * (Math.min(y1, y + 1) - Math.max(y0, y));
      const value = at(source, x, y, band);
      if (value === noData || area <= 0) continue;
      sum += value * area;
      total += area;
    }
  }
  if (total > 0 && total < 1e-6) return undefined;
  return total > 0 ? sum / total : null;
}

describe('making smaller', () => {
  test('is the mean by area, whatever the scale and place, no-data left out', () => {
    fc.assert(
      fc.property(
        rasters,
        fc.integer({ min: 1, max: 12 }),
        fc.integer({ min: 1, max: 12 }),
        fc.double({ min: 0, max: 3, noNaN: true }),
        fc.double({ min: 1, max: 4, noNaN: true }),
        fc.option(fc.integer({ min: 0, max: 250 }), { nil: null }),
        (source, width, height, offset, step, noData) => {
          const rect = { x: offset, y: offset / 2, width: width * step, height: height * step };
          fc.pre(rect.x + rect.width <= source.width && rect.y + rect.height <= source.height);
          const small = resample(source, rect, width, height, noData);
          for (let y = 0; y < height; y++) {
            for (let x = 0; x < width; x++) {
              for (let band = 0; band < source.bands; band++) {
                const [x0, y0] = [rect.x + x * step, rect.y + y * step];
                const mean = meanOver(source, x0, y0, x0 + step, y0 + step, band, noData);
                if (mean === undefined) continue;
                const expected = mean ?? noData ?? 0;
                expect(Math.abs(at(small, x, y, band) - expected)).toBeLessThanOrEqual(0.5 + 1e-5);
              }
            }
          }
        },
      ),
      { numRuns: 300 },
    );
  });

  test('halving keeps odd borders: they are the mean of what there is', () => {
    fc.assert(
      fc.property(rasters, (source) => {
        const small = halve(source, null);
        expect([small.width, small.height]).toEqual([
          Math.ceil(source.width / 2),
          Math.ceil(source.height / 2),
        ]);
        for (let y = 0; y < small.height; y++) {
          for (let x = 0; x < small.width; x++) {
            const expected = meanOver(source, 2 * x, 2 * y, 2 * x + 2, 2 * y + 2, 0, null) ?? Number.NaN;
            expect(Math.abs(at(small, x, y, 0) - expected)).toBeLessThanOrEqual(0.5 + 1e-9);
          }
        }
      }),
    );
  });

  test('NaN never counts', () => {
    const data = Float32Array.of(
      Number.NaN,
      4,
      6,
      Number.NaN,
      Number.NaN,
      Number.NaN,
      Number.NaN,
      Number.NaN,
    );
    const source: Raster = { width: 4, height: 2, bands: 1, dtype: 'float32', data };
    expect([...halve(source, null).data]).toEqual([4, 6]);
    const nothing: Raster = { ...source, data: new Float32Array(8).fill(Number.NaN) };
    expect([...halve(nothing, null).data]).toEqual([Number.NaN, Number.NaN]);
  });
});

describe('same size and larger', () => {
  test('at scale 1 nothing changes', () => {
    fc.assert(
      fc.property(rasters, (source) => {
        const { width, height } = source;
        const same = resample(source, { x: 0, y: 0, width, height }, width, height, null);
        expect(same.data).toEqual(source.data);
      }),
    );
  });

  test('enlarging never leaves the range of values, and a flat image stays flat', () => {
    fc.assert(
      fc.property(rasters, fc.integer({ min: 2, max: 4 }), (source, factor) => {
        const { width, height } = source;
        const large = resample(source, { x: 0, y: 0, width, height }, width * factor, height * factor, null);
        expect(Math.max(...large.data)).toBeLessThanOrEqual(Math.max(...source.data));
        expect(Math.min(...large.data)).toBeGreaterThanOrEqual(Math.min(...source.data));
        const flat = { ...source, data: source.data.slice().fill(7) };
        const flatLarge = resample(
          flat,
          { x: 0, y: 0, width, height },
          width * factor,
          height * factor,
          null,
        );
        expect(flatLarge.data.every((value) => value === 7)).toBe(true);
      }),
    );
  });
});

describe('in the memory of the pixel kernel', () => {
  const memory = new PixelMemory(2 * 1024 * 1024);

  test('the bytes are those that JavaScript gives, and none beside them is written', () => {
    fc.assert(
      fc.property(
        rasters.filter(({ bands, dtype }) => dtype === 'uint8' && bands <= 4),
        fc.integer({ min: 1, max: 12 }),
        fc.integer({ min: 1, max: 12 }),
        fc.double({ min: -2, max: 5, noNaN: true }),
        fc.double({ min: 0.2, max: 4, noNaN: true }),
        (source, width, height, offset, step) => {
          const rect = { x: offset, y: offset / 2, width: width * step, height: height * step * 1.25 };
          const samples = width * height * source.bands;
          const from = memory.take(source.data.length);
          const to = memory.take(samples + 32);
          if (from === null || to === null) throw new Error('The memory is full');
          from.set(source.data);
          to.fill(77);
          const small = resample(
            { ...source, data: from },
            rect,
            width,
            height,
            null,
            to.subarray(16, 16 + samples),
          );
          expect([...small.data]).toEqual([...resample(source, rect, width, height, null).data]);
          expect([...to.subarray(0, 16), ...to.subarray(16 + samples)]).toEqual(
            Array.from({ length: 32 }, () => 77),
          );
          memory.give(from);
          memory.give(to);
        },
      ),
      { numRuns: 200 },
    );
  });
});
