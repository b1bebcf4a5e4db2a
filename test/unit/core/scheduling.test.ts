import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { planGrid } from '../../../src-main/core/grid.ts';
import { backoffMs, defaultRetryPolicy } from '../../../src-main/core/retry.ts';
import { isInside, touchesRing } from '../../../src-main/core/roi.ts';
import { bandOf, viewportTiles, workingOrder } from '../../../src-main/core/tile-order.ts';
import { finalState } from '../../../src-main/core/tolerance.ts';

const plan = (columns: number, rows: number) =>
  planGrid({
    imageWidth: columns * 10,
    imageHeight: rows * 10,
    scaleX: 1,
    scaleY: 1,
    tileWidth: 10,
    tileHeight: 10,
    overlap: 0,
  });

describe('the working order', () => {
  it('holds every tile once, whatever the content', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 30 }),
        fc.integer({ min: 1, max: 30 }),
        fc.infiniteStream(fc.float({ min: 0, max: 1, noNaN: true })),
        (c, r, stream) => {
          const content = Float32Array.from({ length: c * r }, () => stream.next().value as number);
          const order = workingOrder(plan(c, r), content);
          const tiles = order.flatMap(({ band }) => [...band.tiles]);
          expect(tiles.sort((a, b) => a - b)).toEqual(Array.from({ length: c * r }, (_, i) => i));
          for (const { index, band } of order) {
            for (const tile of band.tiles) expect(bandOf(plan(c, r), tile)).toBe(index);
            expect(band.blockStarts).toHaveLength(Math.ceil(c / 2));
          }
        },
      ),
      { numRuns: 50 },
    );
  });

  it('takes the bands with most tissue first', () => {
    const content = new Float32Array(8 * 16);
    content.fill(1, 8 * 8);
    expect(workingOrder(plan(8, 16), content).map(({ index }) => index)).toEqual([1, 0]);
  });

  it('takes what a person looks at from the middle outwards', () => {
    const tiles = viewportTiles(plan(10, 10), { x: 30, y: 30, width: 30, height: 30 }, 5);
    expect(tiles[0]).toBe(44);
    expect(tiles.slice(1).sort((a, b) => a - b)).toEqual([34, 43, 45, 54]);
  });
});

describe('a retry', () => {
  it('waits between nothing and a ceiling that doubles up to its cap', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 40 }),
        fc.double({ min: 0, max: 0.9999, noNaN: true }),
        (attempts, random) => {
          const delay = backoffMs(defaultRetryPolicy, attempts, random);
          expect(delay).toBeGreaterThanOrEqual(0);
          expect(delay).toBeLessThanOrEqual(Math.min(30_000, 200 * 2 ** (attempts - 1)));
        },
      ),
    );
    expect(backoffMs(defaultRetryPolicy, 3, 0.5)).toBe(400);
  });
});

describe('the end of a run', () => {
  const tiles = (done: number, failed: number, skipped = 0) => ({
    total: done + failed + skipped,
    done,
    failed,
    skipped,
    pending: 0,
    running: 0,
    waiting: 0,
  });
  it.each([
    [tiles(10, 0), 0, 'complete'],
    [tiles(0, 0, 10), 0, 'complete'],
    [tiles(99, 1), 1, 'complete-with-gaps'],
    [tiles(98, 2), 1, 'failed'],
    [tiles(99, 1), 0, 'failed'],
    [tiles(0, 3), 100, 'failed'],
  ])('%j with a tolerance of %d %% is %s', (counts, value, state) => {
    expect(finalState(counts, { kind: 'percent', value }).state).toBe(state);
  });

  it('counts the percentage of what was attempted, not of what was skipped', () => {
    expect(finalState(tiles(9, 1, 990), { kind: 'percent', value: 5 }).state).toBe('failed');
    expect(finalState(tiles(9, 1, 990), { kind: 'count', value: 1 })).toEqual({
      state: 'complete-with-gaps',
      reason: '1 of 10 tiles failed',
    });
  });
});

describe('a region of interest', () => {
  const ring = [
    [10, 10],
    [50, 10],
    [50, 50],
    [10, 50],
  ] as const;
  it.each([
    ['a tile inside', { x: 20, y: 20, width: 5, height: 5 }, true],
    ['a tile around it all', { x: 0, y: 0, width: 100, height: 100 }, true],
    ['a tile over an edge', { x: 45, y: 20, width: 20, height: 5 }, true],
    ['a tile beside it', { x: 60, y: 20, width: 5, height: 5 }, false],
    ['a tile off its corner', { x: 51, y: 51, width: 9, height: 9 }, false],
  ])('and %s', (_name, rect, expected) => {
    expect(touchesRing(rect, ring)).toBe(expected);
  });

  it('touches each tile that holds one of its inner points', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.nat(100), fc.nat(100)), { minLength: 3, maxLength: 8 }),
        fc.nat(100),
        fc.nat(100),
        (points, x, y) => {
          if (isInside(points, x + 0.5, y + 0.5))
            expect(touchesRing({ x, y, width: 1, height: 1 }, points)).toBe(true);
        },
      ),
    );
  });
});
