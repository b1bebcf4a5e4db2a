/** Objects that borders of tiles cut: whole ones win, parts of what no tile saw whole are joined. */
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { GridPlan } from '../../../src-main/contract/run.ts';
import { planGrid, tileRect } from '../../../src-main/core/grid.ts';
import { mergeExact } from '../../../src-main/core/merge/exact.ts';
import { areasOf } from '../../../src-main/core/merge/scan.ts';
import { wholeImageTile } from '../../../src-main/core/merge/tile-borders.ts';
import { shapeArea } from '../../../src-main/core/shape.ts';
import { pack, type Row } from './boxes.ts';
import { packShapes, type Found } from './pack-shapes.ts';

function gridOf(overlap: number, width = 500, height = 400, scale = 1): GridPlan {
  return planGrid({
    imageWidth: width,
    imageHeight: height,
    scaleX: scale,
    scaleY: scale,
    tileWidth: 100,
    tileHeight: 100,
    overlap,
  });
}

/** x, y, width, height, class, score of what remains. */
function merged(rows: readonly Row[], plan: GridPlan): number[][] {
  const { packed, tiles } = pack(rows);
  const { kept, boxes, scores } = mergeExact(packed, tiles, { plan });
  return Array.from(kept, (index, i) => [
    ...boxes.subarray(i * 4, i * 4 + 4),
    packed[index * 6 + 4]!,
    scores?.[i] ?? packed[index * 6 + 5]!,
  ]);
}

/** Tiles 0-100, 80-180, 160-260 … of one row. */
const plan = gridOf(20, 500, 100);

describe('objects that a border cuts', () => {
  it('keeps the whole one, though the part scores better, with the better score', () => {
    const whole: Row = [84, 40, 40, 40, 0, 0.5, 1];
    const part: Row = [84, 40, 16, 40, 0, 0.75, 0];
    expect(merged([part, whole], plan)).toEqual([[84, 40, 40, 40, 0, 0.75]]);
    // So small a part that it shares little with the whole, and so large a one that suppression would keep it.
    expect(
      merged(
        [
          [94, 40, 6, 40, 0, 0.75, 0],
          [94, 40, 60, 40, 0, 0.5, 1],
        ],
        plan,
      ),
    ).toHaveLength(1);
    const largePart: Row = [82, 40, 18, 40, 0, 0.75, 0];
    expect(merged([largePart, [82, 40, 24, 40, 0, 0.5, 1]], plan)).toEqual([[82, 40, 24, 40, 0, 0.75]]);
  });

  it('takes what the whole image shows at once for the whole of what tiles see in parts', () => {
    const all = wholeImageTile(plan);
    const parts: Row[] = [
      [30, 40, 70, 20, 0, 0.75, 0],
      [80, 40, 100, 20, 0, 0.5, 1],
      [160, 40, 100, 20, 0, 0.5, 2],
    ];
    // Coarser, as it was found in a smaller picture.
    expect(merged([...parts, [28, 38, 236, 24, 0, 0.5, all]], plan)).toEqual([[28, 38, 236, 24, 0, 0.75]]);
    // Too weak to tell how far it goes: the parts stand, joined.
    const strong = parts.map((part): Row => part.with(5, 0.75) as Row);
    expect(merged([...strong, [28, 38, 236, 24, 0, 0.2, all]], plan)).toEqual([[30, 40, 230, 20, 0, 0.75]]);
    // What both saw whole counts once; what only one of them saw, stays.
    const small: Row = [40, 10, 8, 8, 0, 0.75, 0];
    expect(
      merged([small, [40, 10, 9, 9, 0, 0.5, all], [300, 10, 90, 80, 0, 0.5, all]], plan).map(([x]) => x),
    ).toEqual([40, 300]);
  });

  it('joins two parts of what is larger than the overlap', () => {
    expect(
      merged(
        [
          [30, 40, 70, 40, 0, 0.5, 0],
          [80, 41, 60, 40, 0, 0.75, 1],
        ],
        plan,
      ),
    ).toEqual([[30, 40, 110, 41, 0, 0.75]]);
  });

  it('joins the parts of what goes through many tiles, and round a corner of four', () => {
    expect(
      merged(
        [
          [50, 40, 50, 20, 0, 0.5, 0],
          [80, 40, 100, 20, 0, 0.75, 1],
          [160, 40, 100, 20, 0, 0.5, 2],
          [240, 40, 30, 20, 0, 0.25, 3],
        ],
        plan,
      ),
    ).toEqual([[50, 40, 220, 20, 0, 0.75]]);
    const four = gridOf(20, 180, 180);
    expect(
      merged(
        [
          [40, 40, 60, 60, 0, 0.5, 0],
          [80, 40, 60, 60, 0, 0.5, 1],
          [40, 80, 60, 60, 0, 0.5, 2],
          [80, 80, 60, 60, 0, 0.75, 3],
        ],
        four,
      ),
    ).toEqual([[40, 40, 100, 100, 0, 0.75]]);
  });

  it('joins across tiles without overlap what takes the same stretch of their border', () => {
    const apart = gridOf(0, 200, 100);
    expect(
      merged(
        [
          [60, 20, 40, 30, 0, 0.5, 0],
          [100, 21, 50, 30, 0, 0.5, 1],
          [70, 70, 30, 8, 0, 0.5, 0],
          [100, 85, 30, 8, 0, 0.5, 1],
        ],
        apart,
      ).map(([x, , width]) => [x, width]),
    ).toEqual([
      [60, 90],
      [70, 30],
      [100, 30],
    ]);
  });

  it('leaves what only touches the border, other classes, other places, and what the other tile would have seen more of', () => {
    const apart: Row[][] = [
      // Class.
      [
        [84, 40, 16, 40, 0, 0.75, 0],
        [84, 40, 40, 40, 1, 0.5, 1],
      ],
      // Beside it.
      [
        [84, 10, 16, 20, 0, 0.75, 0],
        [84, 26, 40, 20, 0, 0.5, 1],
      ],
      // The left one goes far beyond the border of the right tile, and the right one begins well inside it.
      [
        [30, 40, 70, 40, 0, 0.75, 0],
        [90, 40, 40, 40, 0, 0.5, 1],
      ],
      // The left one ends well before its border.
      [
        [82, 40, 8, 40, 0, 0.75, 0],
        [82, 40, 40, 40, 0, 0.5, 1],
      ],
      // Hardly believed.
      [
        [84, 40, 16, 40, 0, 0.75, 0],
        [84, 40, 40, 40, 0, 0.125, 1],
      ],
    ];
    for (const rows of apart) expect(merged(rows, plan)).toHaveLength(2);
  });

  it('does not join two objects that one tile tells apart through a part that suits both', () => {
    const rows: Row[] = [
      [30, 40, 70, 40, 0, 0.75, 0],
      [35, 48, 65, 40, 0, 0.625, 0],
      [80, 40, 60, 40, 0, 0.5, 1],
    ];
    expect(merged(rows, plan)).toEqual([
      [30, 40, 110, 40, 0, 0.75],
      [35, 48, 65, 40, 0, 0.625],
    ]);
  });

  it('works in the pixels of the image, whatever the scale of the model', () => {
    const scaled = gridOf(20, 2000, 400, 4);
    expect(
      merged(
        [
          [120, 160, 280, 160, 0, 0.5, 0],
          [320, 160, 240, 160, 0, 0.75, 1],
        ],
        scaled,
      ),
    ).toEqual([[120, 160, 440, 160, 0, 0.75]]);
  });

  it('joins outlines: their union, with the key points of the best', () => {
    const list: Found[] = [
      { polygons: [[[30, 40, 100, 40, 100, 60, 30, 60]]], score: 0.5, tile: 0 },
      { polygons: [[[80, 40, 140, 40, 140, 80, 120, 80, 120, 60, 80, 60]]], score: 0.75, tile: 1 },
    ];
    const { packed, tiles, outlines } = packShapes(list);
    const { kept, boxes, shapes } = mergeExact(packed, tiles, { outlines, plan });
    expect([...kept]).toEqual([1]);
    expect([...boxes]).toEqual([30, 40, 110, 40]);
    expect(shapes?.get(0)).toEqual({
      polygons: [[[30, 40, 140, 40, 140, 80, 120, 80, 120, 60, 30, 60]]],
      keypoints: [],
    });
  });

  it('tells thin rotated boxes side by side apart at a border, and joins the halves of one', () => {
    // A long thin one at 45 degrees through the border, cut to each tile, and another beside it.
    const halves = (x: number): Found[] => [
      { polygons: [[[x, 20, x + 4, 16, 100, 112 - x, 100, 120 - x]]], score: 0.5, tile: 0 },
      { polygons: [[[80, 100 - x, 80, 92 - x, 130, 142 - x, 126, 146 - x]]], score: 0.5, tile: 1 },
    ];
    const list = [...halves(40), ...halves(56)];
    const { packed, tiles, outlines } = packShapes(list);
    const { kept, shapes } = mergeExact(packed, tiles, { outlines, plan });
    expect(kept).toHaveLength(2);
    expect(shapes?.size).toBe(2);
    for (const [at, i] of kept.entries()) {
      const [one, other] = [list[i]!.polygons, list[i < 2 ? 1 - i : 5 - i]!.polygons];
      const { a, b, both } = areasOf(one, other);
      expect(shapeArea(shapes!.get(at)!)).toBeCloseTo(a + b - both, 1);
    }
  });
});

interface Scene {
  overlap: number;
  objects: { x: number; y: number; width: number; height: number; classIndex: number }[];
  scores: number[];
}

/** Objects apart from each other by 16 px at least, each in a cell of its own; seen by each tile as far as they lie in it. */
const scene: fc.Arbitrary<Scene> = fc
  .record({
    overlap: fc.constantFrom(0, 3, 10, 20, 40, 60),
    cells: fc.array(
      fc.record({
        used: fc.boolean(),
        x: fc.float({ min: 0, max: 1, noNaN: true }),
        y: fc.float({ min: 0, max: 1, noNaN: true }),
        width: fc.float({ min: 0, max: 1, noNaN: true }),
        height: fc.float({ min: 0, max: 1, noNaN: true }),
        classIndex: fc.integer({ min: 0, max: 1 }),
      }),
      { minLength: 12, maxLength: 12 },
    ),
    cell: fc.constantFrom(60, 120, 240),
    scores: fc.array(fc.float({ min: Math.fround(0.3), max: Math.fround(0.8), noNaN: true }), {
      minLength: 97,
      maxLength: 97,
    }),
  })
  .map(({ overlap, cells, cell, scores }) => ({
    overlap,
    scores,
    objects: cells.flatMap(({ used, x, y, width, height, classIndex }, i) => {
      if (!used) return [];
      const room = cell - 16;
      const w = 8 + width * (room - 8);
      const h = 8 + height * (room - 8);
      return [
        {
          x: Math.fround((i % 4) * cell + x * (room - w)),
          y: Math.fround(Math.floor(i / 4) * cell + y * (room - h)),
          width: Math.fround(w),
          height: Math.fround(h),
          classIndex,
        },
      ];
    }),
  }));

/** What a model that makes no mistakes says about each tile; slivers below 3 px are not recognised. */
function seenBy(plan: GridPlan, { objects, scores }: Scene): { rows: Row[]; of: number[] } {
  const rows: Row[] = [];
  const of: number[] = [];
  for (let tile = 0; tile < plan.columns * plan.rows; tile++) {
    const rect = tileRect(plan, tile);
    objects.forEach((object, i) => {
      const x = Math.max(rect.x, object.x);
      const y = Math.max(rect.y, object.y);
      const width = Math.min(rect.x + rect.width, object.x + object.width) - x;
      const height = Math.min(rect.y + rect.height, object.y + object.height) - y;
      if (width < 3 || height < 3) return;
      rows.push([x, y, width, height, object.classIndex, scores[rows.length % scores.length]!, tile]);
      of.push(i);
    });
  }
  return { rows, of };
}

describe('a model that makes no mistakes in its tiles', () => {
  it('gives each object of the image once, whole, with its best score', () => {
    fc.assert(
      fc.property(scene, (made) => {
        const cellsWide = gridOf(made.overlap, 980, 740);
        const { rows, of } = seenBy(cellsWide, made);
        const result = merged(rows, cellsWide);
        expect(result).toHaveLength(made.objects.length);
        for (const [i, object] of made.objects.entries()) {
          const best = Math.max(...rows.filter((_, k) => of[k] === i).map((row) => row[5]));
          // A border within the tolerance of a side cuts nothing off that counts, nor does an unseen sliver.
          const near = (value: number, wanted: number, side: number) =>
            Math.abs(value - wanted) <= Math.max(3, side / 20) + 1e-3;
          const matching = result.filter(
            ([x = 0, y = 0, width = 0, height = 0, classIndex, score]) =>
              near(x, object.x, object.width) &&
              near(y, object.y, object.height) &&
              near(x + width, object.x + object.width, object.width) &&
              near(y + height, object.y + object.height, object.height) &&
              classIndex === object.classIndex &&
              score === Math.fround(best),
          );
          expect(matching).toHaveLength(1);
        }
      }),
      { numRuns: 150 },
    );
  });
});

/** Anything at all, in any tile that it lies in. */
const anyRows = (plan: GridPlan): fc.Arbitrary<Row[]> =>
  fc.array(
    fc
      .record({
        tile: fc.nat(plan.columns * plan.rows - 1),
        x: fc.integer({ min: 0, max: 90 }),
        y: fc.integer({ min: 0, max: 90 }),
        width: fc.integer({ min: 2, max: 100 }),
        height: fc.integer({ min: 2, max: 100 }),
        score: fc.constantFrom(0.25, 0.5, 0.625, 0.75),
      })
      .map(({ tile, x, y, width, height, score }): Row => {
        const rect = tileRect(plan, tile);
        return [rect.x + x, rect.y + y, Math.min(width, 100 - x), Math.min(height, 100 - y), 0, score, tile];
      }),
    { maxLength: 25 },
  );

describe('whatever a model says', () => {
  const small = gridOf(40, 220, 160);

  it('leaves a detection that reaches as far for each that is dropped, in any order of the input', () => {
    fc.assert(
      fc.property(
        anyRows(small).chain((list) =>
          fc.tuple(
            fc.constant(list),
            fc.shuffledSubarray(list, { minLength: list.length, maxLength: list.length }),
          ),
        ),
        ([list, shuffled]) => {
          const result = merged(list, small);
          for (const [x, y, width, height, , score] of list) {
            const stands = result.some(
              ([kx = 0, ky = 0, kw = 0, kh = 0, , kscore = 0]) =>
                kscore >= score &&
                Math.min(kx + kw, x + width) > Math.max(kx, x) &&
                Math.min(ky + kh, y + height) > Math.max(ky, y),
            );
            expect(stands).toBe(true);
          }
          expect(result.length).toBeLessThanOrEqual(list.length);
          expect(merged(shuffled, small)).toEqual(result);
        },
      ),
      { numRuns: 300 },
    );
  });
});
