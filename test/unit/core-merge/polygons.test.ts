import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { convexOverlap } from '../../../src-main/core/merge/convex.ts';
import { areasOf } from '../../../src-main/core/merge/scan.ts';
import { unionPolygons, unionStep } from '../../../src-main/core/merge/shape-union.ts';
import { shapeArea } from '../../../src-main/core/shape.ts';
import { anyPolygons, blocks, covers, rotatedBox, type Polygons } from './polygons.ts';

const area = (polygons: Polygons) => shapeArea({ polygons, keypoints: [] });
const length = (polygons: Polygons) =>
  polygons.flat().reduce((sum, ring) => {
    for (let i = 0; i < ring.length; i += 2) {
      const next = (i + 2) % ring.length;
      sum += Math.hypot(ring[next]! - ring[i]!, ring[next + 1]! - ring[i + 1]!);
    }
    return sum;
  }, 0);

const turned = fc
  .record({
    cx: fc.float({ min: 0, max: 20, noNaN: true }),
    cy: fc.float({ min: 0, max: 20, noNaN: true }),
    width: fc.float({ min: 1, max: 30, noNaN: true }),
    height: fc.float({ min: 1, max: 30, noNaN: true }),
    angle: fc.oneof(fc.constantFrom(0, Math.PI / 4, Math.PI / 2), fc.float({ min: 0, max: 6, noNaN: true })),
  })
  .map(({ cx, cy, width, height, angle }) => rotatedBox(cx, cy, width, height, angle));

describe('areas that shapes share', () => {
  it('of a square and itself turned by 45 degrees: a regular octagon', () => {
    // Side 2, octagon with apothem 1: 8 tan(22.5°).
    const expected = 8 * Math.tan(Math.PI / 8);
    const square = rotatedBox(100_000, 50_000, 2, 2, 0);
    const diamond = rotatedBox(100_000, 50_000, 2, 2, Math.PI / 4);
    expect(convexOverlap(square, diamond)).toBeCloseTo(expected, 9);
    expect(areasOf([[square]], [[diamond]]).both).toBeCloseTo(expected, 9);
  });

  it('of a ring and a square over its hole: the corners only', () => {
    const ring: Polygons = [
      [
        [0, 0, 10, 0, 10, 10, 0, 10],
        [2, 2, 8, 2, 8, 8, 2, 8],
      ],
    ];
    expect(areasOf(ring, [[[1, 1, 9, 1, 9, 9, 1, 9]]])).toEqual({ a: 64, b: 64, both: 28 });
    expect(areasOf(ring, [[[2, 2, 8, 2, 8, 8, 2, 8]]]).both).toBe(0);
  });

  it('of rotated boxes, the same by cutting and by slabs, and whichever comes first', () => {
    fc.assert(
      fc.property(turned, turned, fc.nat(3), fc.boolean(), (one, other, shift, reverse) => {
        const both = convexOverlap(one, other);
        expect(both).toBeCloseTo(areasOf([[one]], [[other]]).both, 7);
        const corners = [0, 1, 2, 3].map((i) => one.slice(2 * i, 2 * i + 2));
        const rolled = [...corners.slice(shift), ...corners.slice(0, shift)];
        const same = (reverse ? rolled.toReversed() : rolled).flat();
        expect(convexOverlap(other, same)).toBe(both);
      }),
      { numRuns: 300 },
    );
  });

  it('of any polygons: as counted on the pixel grid, and whichever comes first', () => {
    fc.assert(
      fc.property(blocks, blocks, (one, other) => {
        let [a, b, both] = [0, 0, 0];
        for (let y = 0.5; y < 30; y++) {
          for (let x = 0.5; x < 30; x++) {
            const [inOne, inOther] = [covers(one, x, y), covers(other, x, y)];
            a += Number(inOne);
            b += Number(inOther);
            both += Number(inOne && inOther);
          }
        }
        expect(areasOf(one, other)).toEqual({ a, b, both });
      }),
      { numRuns: 100 },
    );
    fc.assert(
      fc.property(anyPolygons, anyPolygons, (one, other) => {
        const { a, b, both } = areasOf(one, other);
        expect(areasOf(other, one)).toEqual({ a: b, b: a, both });
        expect(a).toBeCloseTo(area(one), 6);
        expect(both).toBeLessThanOrEqual(Math.min(a, b) + 1e-9);
      }),
      { numRuns: 300 },
    );
  });
});

describe('unions', () => {
  it('of two squares that share a side: one, without the points in between', () => {
    expect(unionPolygons([[[[0, 0, 4, 0, 4, 4, 0, 4]]], [[[4, 0, 8, 0, 8, 4, 4, 4]]]])).toEqual([
      [[0, 0, 8, 0, 8, 4, 0, 4]],
    ]);
  });

  it('of four bars round a square: a hole', () => {
    const bars = [
      [0, 0, 9, 0, 9, 2, 0, 2],
      [0, 7, 9, 7, 9, 9, 0, 9],
      [0, 0, 2, 0, 2, 9, 0, 9],
      [7, 0, 9, 0, 9, 9, 7, 9],
    ].map((ring): Polygons => [[ring]]);
    const [polygon, ...more] = unionPolygons(bars);
    expect(more).toEqual([]);
    expect(polygon).toHaveLength(2);
    expect(area([polygon!])).toBe(81 - 25);
  });

  it('of squares that touch in a corner: two', () => {
    const one: Polygons = [[[0, 0, 4, 0, 4, 4, 0, 4]]];
    const other: Polygons = [[[4, 4, 8, 4, 8, 8, 4, 8]]];
    expect(unionPolygons([one, other])).toHaveLength(2);
  });

  it('far out in a large image, as near the origin', () => {
    const ring = rotatedBox(0, 0, 30, 20, 0.5);
    const other = rotatedBox(10, 5, 30, 20, 2);
    const far = (points: number[]) => points.map((v, i) => v + (i % 2 === 0 ? 90_000 : 120_000));
    const near = unionPolygons([[[ring]], [[other]]]);
    const there = unionPolygons([[[far(ring)]], [[far(other)]]]);
    expect(there.flat().map((each) => each.length)).toEqual(near.flat().map((each) => each.length));
    expect(area(there)).toBeCloseTo(area(near), 1);
  });

  it('cover what any of the shapes covers, with rings that are closed and none inside out', () => {
    fc.assert(
      fc.property(fc.array(anyPolygons, { minLength: 1, maxLength: 4 }), (shapes) => {
        const union = unionPolygons(shapes);
        // By areas: exact but for the rounding to the grid, which moves sides by a step at most.
        const border = shapes.reduce((sum, shape) => sum + length(shape), 0);
        let expected = area(shapes[0]!);
        for (let k = 1; k < shapes.length; k++) {
          const before = unionPolygons(shapes.slice(0, k));
          expected = area(before) + area(shapes[k]!) - areasOf(before, shapes[k]!).both;
        }
        expect(Math.abs(area(union) - expected)).toBeLessThan(2 * border * unionStep);
        // By points, off the pixel grid; those next to a border may go either way.
        const beside = [0, unionStep * 4, -unionStep * 4];
        for (let y = 0.37; y < 60; y += 3.1) {
          for (let x = 0.41; x < 60; x += 3.3) {
            const near = beside.flatMap((dy) =>
              beside.map((dx) => shapes.some((shape) => covers(shape, x + dx, y + dy))),
            );
            if (near.every((each) => each === near[0])) expect(covers(union, x, y)).toBe(near[0]);
          }
        }
        expect(unionPolygons([...shapes].toReversed())).toEqual(union);
        for (const ring of union.flat()) expect(ring.length).toBeGreaterThanOrEqual(6);
      }),
      { numRuns: 60 },
    );
  });
});
