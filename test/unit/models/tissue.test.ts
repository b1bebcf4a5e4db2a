import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { coreCoverage } from '../../../src-main/core/coverage.ts';
import { coreRect, planGrid, tileCount } from '../../../src-main/core/grid.ts';
import { dilate, ground, groundMask, tissueMask } from '../../../src-main/core/tissue.ts';
import { validMask } from '../../../src-main/core/valid-mask.ts';

type Colour = readonly [number, number, number];

/** 64 x 64 of one colour with a 10 x 10 square of another in the middle. */
function square(ground: Colour, figure: Colour): { mask: Uint8Array; inside: number; outside: number } {
  const data = new Uint8Array(64 * 64 * 3);
  for (let y = 0; y < 64; y++) {
    for (let x = 0; x < 64; x++) data.set(isInside(x, y) ? figure : ground, (y * 64 + x) * 3);
  }
  const mask = tissueMask({ width: 64, height: 64, data, bands: 3, rgb: [0, 1, 2] });
  let inside = 0;
  let outside = 0;
  mask.forEach((value, i) => {
    if (isInside(i % 64, Math.floor(i / 64))) inside += value;
    else outside += value;
  });
  return { mask, inside, outside };
}
const isInside = (x: number, y: number): boolean => x >= 27 && x < 37 && y >= 27 && y < 37;

const glass: Colour = [243, 243, 243];

describe('tissue', () => {
  test.each<[string, Colour]>([
    ['eosin', [226, 150, 196]],
    ['pale eosin', [236, 214, 228]],
    ['haematoxylin', [98, 70, 140]],
    ['pale haematoxylin', [200, 205, 228]],
    ['DAB', [140, 95, 60]],
    ['pale DAB', [225, 208, 190]],
    ['aniline blue of a trichrome', [100, 140, 195]],
    ['light green of a trichrome', [120, 170, 150]],
  ])('%s on glass is tissue, the glass is not', (_, colour) => {
    expect(square(glass, colour)).toMatchObject({ inside: 100, outside: 0 });
  });

  test.each<[string, Colour]>([
    ['a black border', [4, 4, 6]],
    ['shadow', [170, 170, 172]],
    ['felt pen, black', [30, 30, 34]],
    ['felt pen, green', [20, 130, 70]],
    ['felt pen, blue', [20, 90, 190]],
    ['unscanned white', [255, 255, 255]],
  ])('%s is not', (_, colour) => {
    expect(square(glass, colour)).toMatchObject({ inside: 0, outside: 0 });
  });

  test('green and blue pen are told as pen; tissue, shadow and black pen are not', () => {
    const codes = (colour: Colour): Set<number> => {
      const data = Uint8Array.from({ length: 64 * 64 * 3 }, (_, i) =>
        isInside(((i / 3) % 64) | 0, (i / 192) | 0) ? colour[i % 3]! : glass[i % 3]!,
      );
      const mask = groundMask({ width: 64, height: 64, data, bands: 3, rgb: [0, 1, 2] });
      expect(mask.filter((code) => code !== ground.glass).length % 100).toBe(0);
      return new Set(mask);
    };
    expect(codes([20, 130, 70])).toEqual(new Set([ground.glass, ground.pen]));
    expect(codes([20, 90, 190])).toEqual(new Set([ground.glass, ground.pen]));
    expect(codes([226, 150, 196])).toEqual(new Set([ground.glass, ground.tissue]));
    expect(codes([30, 30, 34])).toEqual(new Set([ground.glass]));
  });

  test.each<[string, Colour]>([
    ['yellowish glass', [240, 238, 224]],
    ['bluish glass', [222, 228, 240]],
    ['dim glass', [206, 205, 204]],
  ])('%s is no tissue, and eosin on it is', (_, ground) => {
    const figure: Colour = [ground[0] * 0.93, ground[1] * 0.62, ground[2] * 0.81].map(Math.round) as never;
    expect(square(ground, figure)).toMatchObject({ inside: 100, outside: 0 });
  });

  test('an overview full of pale tissue, without glass, is tissue everywhere', () => {
    const { inside, outside } = square([226, 190, 214], [236, 205, 226]);
    expect(inside + outside).toBe(64 * 64);
  });

  test('a few bright pixels are glare, not the white of the slide', () => {
    const data = new Uint8Array(64 * 64 * 3);
    for (let i = 0; i < 64 * 64; i++) data.set(i < 3 ? [203, 202, 201] : [215, 196, 208], i * 3);
    const mask = tissueMask({ width: 64, height: 64, data, bands: 3, rgb: [0, 1, 2] });
    expect(mask.reduce((sum, v) => sum + v, 0)).toBe(64 * 64 - 3);
  });

  test('a pen stroke over half the slide does not move the rest', () => {
    const alone = square(glass, [236, 214, 228]).mask;
    const data = new Uint8Array(64 * 64 * 3);
    for (let y = 0; y < 64; y++) {
      for (let x = 0; x < 64; x++) {
        const pen = x < 24;
        data.set(pen ? [20, 90, 190] : isInside(x, y) ? [236, 214, 228] : glass, (y * 64 + x) * 3);
      }
    }
    const mask = tissueMask({ width: 64, height: 64, data, bands: 3, rgb: [0, 1, 2] });
    for (let i = 0; i < mask.length; i++) if (i % 64 >= 24) expect(mask[i]).toBe(alone[i]);
  });
});

describe('dilate', () => {
  test('marks exactly the pixels that have a marked one among their neighbours', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 12 }).chain((width) =>
          fc.tuple(
            fc.constant(width),
            fc.array(fc.array(fc.integer({ min: 0, max: 1 }), { minLength: width, maxLength: width }), {
              minLength: 1,
              maxLength: 12,
            }),
          ),
        ),
        ([width, rows]) => {
          const height = rows.length;
          const grown = dilate(Uint8Array.from(rows.flat()), width, height);
          for (let y = 0; y < height; y++) {
            for (let x = 0; x < width; x++) {
              let any = 0;
              for (let v = y - 1; v <= y + 1; v++)
                for (let u = x - 1; u <= x + 1; u++) any |= rows[v]?.[u] ?? 0;
              expect(grown[y * width + x]).toBe(any);
            }
          }
        },
      ),
    );
  });
});

describe('coverage of cores', () => {
  test('equals counting the mask pixels that each core touches', () => {
    fc.assert(
      fc.property(
        fc.record({
          width: fc.integer({ min: 40, max: 3000 }),
          height: fc.integer({ min: 40, max: 3000 }),
          overlap: fc.integer({ min: 0, max: 30 }),
          tile: fc.integer({ min: 64, max: 700 }),
          maskWidth: fc.integer({ min: 1, max: 40 }),
          maskHeight: fc.integer({ min: 1, max: 40 }),
          seed: fc.integer({ min: 1, max: 1000 }),
        }),
        ({ width, height, overlap, tile, maskWidth, maskHeight, seed }) => {
          const plan = planGrid({
            imageWidth: width,
            imageHeight: height,
            scaleX: 1,
            scaleY: 1,
            tileWidth: tile,
            tileHeight: tile,
            overlap,
          });
          const mask = Uint8Array.from({ length: maskWidth * maskHeight }, (_, i) =>
            (i * seed) % 7 < 2 ? 1 : 0,
          );
          const coverage = coreCoverage(plan, mask, maskWidth, maskHeight);
          for (let index = 0; index < tileCount(plan); index++) {
            const core = coreRect(plan, index);
            let marked = 0;
            let touched = 0;
            mask.forEach((value, i) => {
              const x0 = ((i % maskWidth) * width) / maskWidth;
              const y0 = (Math.floor(i / maskWidth) * height) / maskHeight;
              const apart =
                x0 >= core.x + core.width - 1e-3 ||
                y0 >= core.y + core.height - 1e-3 ||
                x0 + width / maskWidth <= core.x + 1e-3 ||
                y0 + height / maskHeight <= core.y + 1e-3;
              if (apart) return;
              touched++;
              marked += value;
            });
            expect(coverage[index]).toBeCloseTo(marked / touched, 5);
          }
        },
      ),
      { numRuns: 60 },
    );
  });
});

describe('valid pixels', () => {
  const pixels = (...values: number[]): { width: number; height: number; bands: number; data: number[] } => ({
    width: values.length / 2,
    height: 1,
    bands: 2,
    data: values,
  });

  test.each<[string, number[], number | null, number | null, number[]]>([
    ['no value stated: only where every band is 0', [0, 0, 0, 1, 5, 5], null, null, [0, 1, 1]],
    ['255 stated: 0 is data', [255, 255, 0, 0, 255, 3], 255, null, [0, 1, 1]],
    ['not a number', [Number.NaN, Number.NaN, 1, Number.NaN], -9999, null, [0, 1]],
    ['alpha 0 hides what is below', [9, 0, 9, 255, 0, 255], null, 1, [0, 1, 0]],
  ])('%s', (_, values, noData, alpha, expected) => {
    expect([...validMask(pixels(...values), noData, alpha)]).toEqual(expected);
  });
});
