import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { halve } from '../../../src-main/images/write/halve.ts';
import {
  PyramidCascade,
  repeatEdge,
  type CascadeTile,
} from '../../../src-main/images/write/pyramid-cascade.ts';
import { planPyramid } from '../../../src-main/images/write/pyramid-plan.ts';

describe('planPyramid', () => {
  test('halves, rounding up, until one tile holds everything', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 100_000 }),
        fc.integer({ min: 1, max: 100_000 }),
        (width, height) => {
          const levels = planPyramid(width, height, 256);
          const last = levels.at(-1);
          expect([last?.columns, last?.rows]).toEqual([1, 1]);
          levels.forEach((level, i) => {
            expect(level.width).toBe(Math.ceil(width / 2 ** i));
            expect(level.height).toBe(Math.ceil(height / 2 ** i));
            expect(level.columns).toBe(Math.ceil(level.width / 256));
          });
          expect(levels.slice(0, -1).every((level) => level.columns > 1 || level.rows > 1)).toBe(true);
        },
      ),
    );
  });
});

describe('halve', () => {
  test('is the rounded mean of each 2 x 2 pixels', () => {
    const values = fc.array(fc.integer({ min: 0, max: 65_535 }), {
      minLength: 4 * 6 * 2,
      maxLength: 4 * 6 * 2,
    });
    fc.assert(
      fc.property(values, (list) => {
        const source = Uint16Array.from(list);
        const target = new Uint16Array(12);
        halve({ source, width: 4, height: 6, bands: 2, target });
        for (let y = 0; y < 3; y++) {
          for (let x = 0; x < 2; x++) {
            for (let band = 0; band < 2; band++) {
              const at = (dx: number, dy: number): number =>
                source[((2 * y + dy) * 4 + 2 * x + dx) * 2 + band] as number;
              const mean = (at(0, 0) + at(1, 0) + at(0, 1) + at(1, 1)) / 4;
              expect(target[(y * 2 + x) * 2 + band]).toBe(Math.floor(mean + 0.5));
            }
          }
        }
      }),
    );
  });

  test('leaves pixels without data out', () => {
    const source = Uint16Array.from([0, 0, 10, 0, 0, 0, 21, 4]);
    const target = new Uint16Array(2);
    halve({ source, width: 2, height: 2, bands: 2, target, noData: 0 });
    // Only (10, 0) and (21, 4) hold data; a 0 in one band of them counts.
    expect(Array.from(target)).toEqual([16, 2]);
    halve({ source: new Uint16Array(8), width: 2, height: 2, bands: 2, target, noData: 0 });
    expect(Array.from(target)).toEqual([0, 0]);
  });
});

describe('PyramidCascade', () => {
  /** A whole image, halved at once: what the cascade must give tile by tile. */
  function wholeLevels(image: Uint8Array, width: number, height: number, count: number): Uint8Array[] {
    const levels = [image];
    let [w, h] = [width, height];
    while (levels.length < count) {
      const [nw, nh] = [Math.ceil(w / 2), Math.ceil(h / 2)];
      const from = levels.at(-1) as Uint8Array;
      const at = (x: number, y: number): number =>
        from[Math.min(y, h - 1) * w + Math.min(x, w - 1)] as number;
      const next = new Uint8Array(nw * nh);
      for (let y = 0; y < nh; y++) {
        for (let x = 0; x < nw; x++) {
          const sum =
            at(2 * x, 2 * y) + at(2 * x + 1, 2 * y) + at(2 * x, 2 * y + 1) + at(2 * x + 1, 2 * y + 1);
          next[y * nw + x] = (sum + 2) >> 2;
        }
      }
      levels.push(next);
      [w, h] = [nw, nh];
    }
    return levels;
  }

  test('gives the levels of the whole image, whatever its size and the order of its tiles', () => {
    const tileSize = 8;
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 45 }),
        fc.integer({ min: 1, max: 45 }),
        fc.integer(),
        (width, height, seed) => {
          const image = Uint8Array.from(
            { length: width * height },
            (_, i) => (Math.imul(i + 1, 0x9e3779b1) ^ seed) >>> 24,
          );
          const levels = planPyramid(width, height, tileSize);
          const cascade = new PyramidCascade({ levels, tileSize, bands: 1 });
          const tiles: CascadeTile[] = [];
          const full = levels[0] as (typeof levels)[number];
          for (let row = 0; row < full.rows; row++) {
            for (let column = 0; column < full.columns; column++) {
              const pixels = new Uint8Array(tileSize * tileSize);
              const validWidth = Math.min(tileSize, width - column * tileSize);
              const validHeight = Math.min(tileSize, height - row * tileSize);
              for (let y = 0; y < validHeight; y++) {
                for (let x = 0; x < validWidth; x++) {
                  pixels[y * tileSize + x] = image[
                    (row * tileSize + y) * width + column * tileSize + x
                  ] as number;
                }
              }
              repeatEdge(pixels, tileSize, 1, validWidth, validHeight);
              tiles.push({ level: 0, column, row, pixels });
            }
          }
          tiles.sort(
            (a, b) =>
              (Math.imul(a.column * 31 + a.row + 7, seed | 1) >> 8) -
              (Math.imul(b.column * 31 + b.row + 7, seed | 1) >> 8),
          );
          const all = tiles.flatMap((tile) => [tile, ...cascade.put(tile)]);
          expect(cascade.waiting).toBe(0);
          expect(all.length).toBe(levels.reduce((sum, level) => sum + level.columns * level.rows, 0));
          const whole = wholeLevels(image, width, height, levels.length);
          for (const tile of all) {
            const level = levels[tile.level] as (typeof levels)[number];
            for (let y = 0; y < tileSize; y++) {
              for (let x = 0; x < tileSize; x++) {
                const [px, py] = [tile.column * tileSize + x, tile.row * tileSize + y];
                if (px >= level.width || py >= level.height) continue;
                expect(tile.pixels[y * tileSize + x]).toBe(whole[tile.level]?.[py * level.width + px]);
              }
            }
          }
        },
      ),
      { numRuns: 60 },
    );
  });
});
