import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Shape } from '../../../src-main/contract/finding.ts';
import { claimsByPairs, claimsByWalk } from '../../../src-main/core/merge/ranked.ts';
import { shapeRule } from '../../../src-main/core/merge/exact-rule.ts';
import { mergeExact } from '../../../src-main/core/merge/exact.ts';
import { rankDetections } from '../../../src-main/core/merge/rank.ts';
import { envelopes, shapeEnd, shapeOf } from '../../../src-main/core/merge/outlines.ts';
import { areasOf } from '../../../src-main/core/merge/scan.ts';
import { Coverage } from '../../../src-main/core/merge/shape-match.ts';
import { encodeShape } from '../../../src-main/core/shape.ts';
import { packShapes, type Found } from './pack-shapes.ts';
import { anyPolygons, rotatedBox, type Polygons } from './polygons.ts';

function keptOf(list: readonly Found[]): number[] {
  const { packed, tiles, outlines } = packShapes(list);
  return [...mergeExact(packed, tiles, { outlines }).kept];
}

/** What the rule says, from the definition, on the float32 outlines. */
function seenTwice(a: Found, b: Found): boolean {
  const round = ({ polygons }: Found) => polygons.map((rings) => rings.map((ring) => ring.map(Math.fround)));
  if ((a.classIndex ?? 0) !== (b.classIndex ?? 0) || a.tile === b.tile) return false;
  const { a: areaA, b: areaB, both } = areasOf(round(a), round(b));
  return both > 0 && both / (areaA + areaB - both) >= 0.5;
}

describe('exact merge of outlines', () => {
  it('keeps both of two disjoint 60 x 6 boxes at 45 degrees, 11 px apart, where SAHI loses one', () => {
    const away = 11 / Math.SQRT2;
    const list: Found[] = [
      { polygons: [[rotatedBox(100, 100, 60, 6, Math.PI / 4)]], score: 0.9, tile: 0 },
      { polygons: [[rotatedBox(100 + away, 100 - away, 60, 6, Math.PI / 4)]], score: 0.8, tile: 1 },
    ];
    expect(keptOf(list)).toEqual([0, 1]);
    // By the boxes around them it is one object.
    const { packed, tiles } = packShapes(list);
    expect([...mergeExact(packed, tiles).kept]).toEqual([0]);
  });

  it('takes the same rotated box from two tiles for one, though the boxes around them share little', () => {
    const list: Found[] = [
      { polygons: [[rotatedBox(100, 100, 60, 6, Math.PI / 4)]], score: 0.7, tile: 0 },
      // Along its axis by 18 of 60: IoU 42 / 78.
      {
        polygons: [[rotatedBox(100 + 18 / Math.SQRT2, 100 + 18 / Math.SQRT2, 60, 6, Math.PI / 4)]],
        score: 0.8,
        tile: 1,
      },
    ];
    expect(keptOf(list)).toEqual([1]);
    const { packed, tiles } = packShapes(list);
    expect(mergeExact(packed, tiles).kept).toHaveLength(2);
  });

  it('tells a ring from what fills its hole, and finds the ring again', () => {
    const square = (from: number, to: number) => [from, from, to, from, to, to, from, to];
    const list: Found[] = [
      { polygons: [[square(0, 30), square(2, 28)]], score: 0.9, tile: 0 },
      { polygons: [[square(2, 28)]], score: 0.8, tile: 1 },
      { polygons: [[square(0, 30), square(3, 27)]], score: 0.7, tile: 2 },
    ];
    expect(keptOf(list)).toEqual([0, 1]);
  });

  it('knows a detection without an outline by its box', () => {
    const { packed, tiles, outlines } = packShapes([
      { polygons: [[[0, 0, 10, 0, 10, 10, 0, 10]]], score: 0.9, tile: 0 },
      { polygons: [], score: 0.8, tile: 1 },
    ]);
    packed.set([1, 0, 10, 10], 6);
    expect([...mergeExact(packed, tiles, { outlines }).kept]).toEqual([0]);
  });

  const found: fc.Arbitrary<Found> = fc.record({
    polygons: fc.oneof(
      anyPolygons,
      fc
        .tuple(
          fc.float({ min: 0, max: 40, noNaN: true }),
          fc.float({ min: 0, max: 40, noNaN: true }),
          fc.float({ min: 5, max: 40, noNaN: true }),
          fc.float({ min: 3, max: 12, noNaN: true }),
          fc.float({ min: 0, max: 6, noNaN: true }),
        )
        .map((numbers): Polygons => [[rotatedBox(...numbers)]]),
    ),
    score: fc.oneof(fc.constantFrom(0.25, 0.5), fc.float({ min: 0, max: 1, noNaN: true })),
    tile: fc.integer({ min: 0, max: 3 }),
    classIndex: fc.integer({ min: 0, max: 1 }),
  });

  it('keeps a match for each that is dropped, no two for one object, in any order of the input', () => {
    fc.assert(
      fc.property(
        fc
          .array(found, { maxLength: 12 })
          .chain((list) =>
            fc.tuple(
              fc.constant(list),
              fc.shuffledSubarray(list, { minLength: list.length, maxLength: list.length }),
            ),
          ),
        ([list, shuffled]) => {
          const kept = keptOf(list);
          for (const [k, i] of kept.entries()) {
            for (const j of kept.slice(k + 1)) expect(seenTwice(list[i]!, list[j]!)).toBe(false);
          }
          for (const [i, each] of list.entries()) {
            if (kept.includes(i)) continue;
            expect(kept.some((k) => list[k]!.score >= each.score && seenTwice(list[k]!, each))).toBe(true);
          }
          expect(keptOf(shuffled).map((i) => shuffled[i])).toEqual(kept.map((i) => list[i]));
          expect(keptOf(kept.map((i) => list[i]!))).toEqual([...kept.keys()]);
        },
      ),
      { numRuns: 150 },
    );
  });

  it('finds the same by pairs and by walking', () => {
    fc.assert(
      fc.property(fc.array(found, { maxLength: 15 }), (list) => {
        const { packed, tiles, outlines } = packShapes(list);
        const order = rankDetections(packed, tiles);
        const rule = shapeRule(new Coverage(packed, outlines), (i, j) => tiles[i] === tiles[j]);
        const boxes = {
          packed: envelopes(packed, outlines),
          tiles: Int32Array.from(tiles.keys()),
          order,
        };
        const byPairs = claimsByPairs(boxes, rule);
        if (byPairs !== null) expect([...byPairs]).toEqual([...claimsByWalk(boxes, rule)]);
      }),
      { numRuns: 100 },
    );
  });
});

describe('outlines in columns', () => {
  it('end where the next begins, and come back as they went', () => {
    const shapes: Shape[] = [
      {
        polygons: [
          [[0, 0, 4, 0, 4, 4]],
          [
            [8, 8, 9, 8, 9, 9],
            [8.25, 8.25, 8.5, 8.25, 8.5, 8.5],
          ],
        ],
        keypoints: [],
      },
      { polygons: [], keypoints: [1, 2, 0.5] },
    ];
    const [one, other] = shapes.map(encodeShape);
    const numbers = new Float32Array([...one!, ...other!]);
    expect(shapeEnd(numbers, 0)).toBe(one!.length);
    expect(shapeEnd(numbers, one!.length)).toBe(numbers.length);
    const outlines = { numbers, starts: Uint32Array.of(0, one!.length, one!.length, numbers.length) };
    expect([0, 1, 2].map((i) => shapeOf(outlines, i))).toEqual([shapes[0], undefined, shapes[1]]);
  });

  it('are refused where the numbers are none', () => {
    for (const numbers of [[1], [1, 1, 4, 0, 0, 0], [0.5, 0], [-1, 0], [NaN], [1e9, 1e9, 1e9]]) {
      expect(() => shapeEnd(Float32Array.from(numbers), 0)).toThrow(RangeError);
    }
  });
});
