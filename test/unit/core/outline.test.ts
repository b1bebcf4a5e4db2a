import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { outlineMask } from '../../../src-main/core/outline.ts';

const maskOf = (...rows: string[]): [Uint8Array, number, number] => [
  Uint8Array.from(rows.join(''), (c) => (c === '#' ? 1 : 0)),
  rows[0]!.length,
  rows.length,
];

/** Signed, positive clockwise on the screen. */
function area(ring: readonly number[]): number {
  let sum = 0;
  for (let i = 0; i < ring.length; i += 2) {
    const j = (i + 2) % ring.length;
    sum += ring[i]! * ring[j + 1]! - ring[j]! * ring[i + 1]!;
  }
  return sum / 2;
}

/** Even-odd rule, over all rings of all polygons. */
function inside(polygons: readonly number[][][], x: number, y: number): boolean {
  let crossings = 0;
  for (const ring of polygons.flat()) {
    for (let i = 0; i < ring.length; i += 2) {
      const j = (i + 2) % ring.length;
      const [x1, y1, x2, y2] = [ring[i]!, ring[i + 1]!, ring[j]!, ring[j + 1]!];
      if (y1 > y !== y2 > y && x < x1 + ((y - y1) / (y2 - y1)) * (x2 - x1)) crossings++;
    }
  }
  return crossings % 2 === 1;
}

/** 4-connected parts, counted by union-find: another way than the one under test. */
function countParts(mask: Uint8Array, width: number): number {
  const parent = Int32Array.from(mask, (_, i) => i);
  const root = (i: number): number => {
    let at = i;
    while (parent[at] !== at) at = parent[at]!;
    return at;
  };
  mask.forEach((value, i) => {
    if (value === 0) return;
    if (i % width > 0 && mask[i - 1] !== 0) parent[root(i)] = root(i - 1);
    if (i >= width && mask[i - width] !== 0) parent[root(i)] = root(i - width);
  });
  return mask.reduce((sum, value, i) => sum + (value !== 0 && parent[i] === i ? 1 : 0), 0);
}

const anyMask = fc
  .record({ width: fc.integer({ min: 1, max: 14 }), height: fc.integer({ min: 1, max: 14 }) })
  .chain(({ width, height }) =>
    fc
      .array(fc.boolean(), { minLength: width * height, maxLength: width * height })
      .map((bits) => ({ mask: Uint8Array.from(bits, Number), width, height })),
  );

describe('exact', () => {
  test('one pixel, a ring with a hole, and an island in it', () => {
    expect(outlineMask(...maskOf('...', '.#.', '...'), 'exact')).toEqual([[[2, 1, 2, 2, 1, 2, 1, 1]]]);
    const [outer, island, ...more] = outlineMask(
      ...maskOf('#####', '#...#', '#.#.#', '#...#', '#####'),
      'exact',
    );
    expect(more).toEqual([]);
    expect(outer!.map(area)).toEqual([25, -9]);
    expect(island!.map(area)).toEqual([1]);
  });

  test('pixels that share a corner only are two polygons; a hole that opens at a corner only is a hole', () => {
    expect(outlineMask(...maskOf('#.', '.#'), 'exact')).toHaveLength(2);
    const rings = outlineMask(...maskOf('####', '#.##', '##.#', '###.'), 'exact');
    expect(rings.map((polygon) => polygon.map(area))).toEqual([[15, -1, -1]]);
  });

  test('nothing gives nothing', () => {
    expect(outlineMask(new Uint8Array(6), 3, 2, 'exact')).toEqual([]);
  });

  test('of any mask: the area is the number of pixels, each pixel is where it was, a polygon each part', () => {
    fc.assert(
      fc.property(anyMask, ({ mask, width, height }) => {
        const polygons = outlineMask(mask, width, height, 'exact');
        expect(polygons).toHaveLength(countParts(mask, width));
        expect(polygons.flat().reduce((sum, ring) => sum + area(ring), 0)).toBe(
          mask.reduce((sum, v) => sum + v, 0),
        );
        for (const [outer, ...holes] of polygons) {
          expect(area(outer!)).toBeGreaterThan(0);
          for (const hole of holes) expect(area(hole)).toBeLessThan(0);
        }
        for (let i = 0; i < mask.length; i++) {
          const found = inside(polygons, (i % width) + 0.5, Math.floor(i / width) + 0.5);
          expect(found).toBe(mask[i] === 1);
        }
        // No point twice in a ring: it touches itself nowhere.
        for (const ring of polygons.flat()) {
          const points = ring.flatMap((v, i) => (i % 2 === 0 ? [`${v},${ring[i + 1]}`] : []));
          expect(new Set(points).size).toBe(points.length);
        }
      }),
    );
  });
});

describe('smooth', () => {
  test('a staircase is a straight line', () => {
    const size = 40;
    const mask = Uint8Array.from({ length: size * size }, (_, i) =>
      i % size <= Math.floor(i / size) ? 1 : 0,
    );
    const [[ring]] = outlineMask(mask, size, size, 'smooth') as [[number[]]];
    expect(ring.length / 2).toBeLessThan(10);
    expect(area(ring)).toBe((size * (size + 1)) / 2);
  });

  test('of any mask: the same area, and every point within half a pixel of the exact border', () => {
    const distance = (x: number, y: number, ring: readonly number[]): number => {
      let best = Infinity;
      for (let i = 0; i < ring.length; i += 2) {
        const j = (i + 2) % ring.length;
        const [x1, y1, x2, y2] = [ring[i]!, ring[i + 1]!, ring[j]!, ring[j + 1]!];
        // Edges of pixels run along the axes.
        const toX = Math.max(Math.min(x1, x2) - x, 0, x - Math.max(x1, x2));
        const toY = Math.max(Math.min(y1, y2) - y, 0, y - Math.max(y1, y2));
        best = Math.min(best, Math.hypot(toX, toY));
      }
      return best;
    };
    fc.assert(
      fc.property(anyMask, ({ mask, width, height }) => {
        const exact = outlineMask(mask, width, height, 'exact');
        const smooth = outlineMask(mask, width, height, 'smooth');
        expect(smooth.map((rings) => rings.map(area))).toEqual(exact.map((rings) => rings.map(area)));
        smooth.forEach((rings, p) =>
          rings.forEach((ring, r) => {
            for (let i = 0; i < ring.length; i += 2) {
              const j = (i + 2) % ring.length;
              for (const t of [0, 0.25, 0.5, 0.75]) {
                const x = ring[i]! + t * (ring[j]! - ring[i]!);
                const y = ring[i + 1]! + t * (ring[j + 1]! - ring[i + 1]!);
                expect(distance(x, y, exact[p]![r]!)).toBeLessThanOrEqual(0.5);
              }
            }
          }),
        );
      }),
    );
  });
});
