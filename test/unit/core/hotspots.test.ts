/** Hotspots against a search that looks at every window whose edges meet points, and at what must hold of any answer. */
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Rect } from '../../../src-main/contract/run.ts';
import { findHotspots, windowFor, type HotspotRequest } from '../../../src-main/core/hotspots.ts';

const request = { imageWidth: 10_000, imageHeight: 8000, windowWidth: 1000, windowHeight: 1000, most: 3 };

type Point = readonly [x: number, y: number];

const isIn = ([x, y]: Point, rect: Rect): boolean =>
  x >= rect.x && x < rect.x + rect.width && y >= rect.y && y < rect.y + rect.height;

const isApart = (a: Rect, b: Rect): boolean =>
  a.x + a.width <= b.x + 1e-6 ||
  b.x + b.width <= a.x + 1e-6 ||
  a.y + a.height <= b.y + 1e-6 ||
  b.y + b.height <= a.y + 1e-6;

/** The most that a window can cover which overlaps none that is taken; O(n³) and slow, but there is little to get wrong. */
function mostByForce(
  points: readonly Point[],
  weights: readonly number[],
  size: Rect,
  image: Rect,
  taken: readonly Rect[],
) {
  const candidates = (at: 0 | 1, edge: number, all: number, others: readonly number[]): number[] =>
    [...points.map((point) => point[at]), ...others.flatMap((other) => [other - edge, other + edge]), 0].map(
      (value) => Math.max(0, Math.min(all - edge, value)),
    );
  let most = 0;
  for (const x of candidates(
    0,
    size.width,
    image.width,
    taken.map((rect) => rect.x),
  )) {
    for (const y of candidates(
      1,
      size.height,
      image.height,
      taken.map((rect) => rect.y),
    )) {
      const rect = { ...size, x, y };
      if (!taken.every((other) => isApart(rect, other))) continue;
      let sum = 0;
      for (const [i, point] of points.entries()) if (isIn(point, rect)) sum += weights[i] ?? 1;
      most = Math.max(most, sum);
    }
  }
  return most;
}

/** Points on a coarse lattice, so that edges meet often, or anywhere. */
const pointsOf = (width: number, height: number) =>
  fc.oneof(
    fc.array(fc.tuple(fc.nat(width - 1), fc.nat(height - 1)), { maxLength: 24 }),
    fc.array(
      fc.tuple(
        fc.nat(9).map((step) => (step * width) / 10),
        fc.nat(9).map((step) => (step * height) / 10),
      ),
      { maxLength: 24 },
    ),
    fc.array(
      fc.tuple(
        fc.double({ min: 0, max: width, maxExcluded: true, noNaN: true }),
        fc.double({ min: 0, max: height, maxExcluded: true, noNaN: true }),
      ),
      { maxLength: 24 },
    ),
  );

describe('hotspots', () => {
  it('find the planted clusters, the densest first, and whole ones in the middle of their windows', () => {
    const centres: number[] = [];
    const plant = (x: number, y: number, count: number) => {
      for (let i = 0; i < count; i++) centres.push(x + (i % 10) * 40, y + Math.floor(i / 10) * 30);
    };
    plant(7000, 5000, 90);
    plant(1000, 900, 120);
    plant(8500, 200, 40);
    const found = findHotspots(centres, request);
    expect(found.map(({ count }) => count)).toEqual([120, 90, 40]);
    expect(found[0]?.rect).toEqual({ x: 1000 + 180 - 500, y: 900 + 165 - 500, width: 1000, height: 1000 });
  });

  it.each([
    { of: 'count', weighted: false },
    { of: 'weight', weighted: true },
  ])('are exactly the largest $of there is, one after the other', ({ weighted }) => {
    fc.assert(
      fc.property(
        pointsOf(1000, 700),
        fc.array(fc.nat(5), { minLength: 24, maxLength: 24 }),
        fc.integer({ min: 20, max: 1200 }),
        fc.integer({ min: 20, max: 900 }),
        (points, some, windowWidth, windowHeight) => {
          const weights = weighted ? some.slice(0, points.length) : points.map(() => 1);
          const asked: HotspotRequest = {
            imageWidth: 1000,
            imageHeight: 700,
            windowWidth,
            windowHeight,
            most: 3,
          };
          const found = findHotspots(points.flat(), weighted ? { ...asked, weights } : asked);
          const size = {
            x: 0,
            y: 0,
            width: Math.min(1000, windowWidth),
            height: Math.min(700, windowHeight),
          };
          const image = { x: 0, y: 0, width: 1000, height: 700 };
          for (let i = 0; i < asked.most; i++) {
            const taken = found.slice(0, i).map(({ rect }) => rect);
            expect(found[i]?.weight ?? 0).toBe(mostByForce(points, weights, size, image, taken));
            if (found[i] === undefined) break;
          }
        },
      ),
      { numRuns: 300 },
    );
  });

  it('don’t overlap, lie in the image, and count what lies in them', () => {
    const centre = fc.tuple(fc.nat(9999), fc.nat(7999));
    fc.assert(
      fc.property(
        fc.array(centre, { maxLength: 200 }),
        fc.integer({ min: 300, max: 20_000 }),
        fc.integer({ min: 300, max: 20_000 }),
        (points, windowWidth, windowHeight) => {
          const found = findHotspots(points.flat(), { ...request, windowWidth, windowHeight });
          if (points.length > 0) expect(found.length).toBeGreaterThan(0);
          for (const [i, { rect, count }] of found.entries()) {
            expect(rect.x).toBeGreaterThanOrEqual(0);
            expect(rect.y).toBeGreaterThanOrEqual(0);
            expect(rect.x + rect.width).toBeLessThanOrEqual(10_000 + 1e-6);
            expect(rect.y + rect.height).toBeLessThanOrEqual(8000 + 1e-6);
            expect(count).toBe(points.filter((point) => isIn(point, rect)).length);
            for (const { rect: other } of found.slice(i + 1)) expect(isApart(rect, other)).toBe(true);
          }
        },
      ),
      { numRuns: 300 },
    );
  });

  it('don’t overlap where the last window is pushed back into the image', () => {
    const found = findHotspots([0, 0, 0, 4001], { ...request, windowWidth: 300, windowHeight: 4001 });
    expect(found).toHaveLength(1);
  });

  it('take the whole image where the window is larger, and nothing where there is nothing', () => {
    const small = { ...request, imageWidth: 500, imageHeight: 400 };
    expect(findHotspots([10, 10, 490, 390], small)).toEqual([
      { rect: { x: 0, y: 0, width: 500, height: 400 }, count: 2, weight: 2 },
    ]);
    expect(findHotspots([], request)).toEqual([]);
    expect(findHotspots([-5, 10, 500, 400], small)).toEqual([]);
    expect(windowFor(2, { width: 0.0005, height: 0.001 }).width).toBeCloseTo(2828.43, 2);
  });
});
