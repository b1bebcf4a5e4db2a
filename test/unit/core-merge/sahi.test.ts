import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { mergeDetections } from '../../../src-main/core/merge/merge.ts';
import type { SahiMerge } from '../../../src-main/core/merge/sahi.ts';
import { asSahiDoes } from '../../../src-main/core/merge/sahi-switch.ts';
import { pack, rows, type Row } from './boxes.ts';
import { packShapes } from './pack-shapes.ts';
import { rotatedBox } from './polygons.ts';

type Type = SahiMerge['type'];
type Metric = SahiMerge['metric'];

/** Made by SAHI itself: see make-sahi-golden.py. */
const golden = JSON.parse(readFileSync(join(import.meta.dirname, 'sahi-golden.json'), 'utf8')) as {
  inputs: Record<string, number[][]>;
  cases: [input: string, type: Type, metric: Metric, threshold: number, output: number[][]][];
};

/** Corners, class and score of what remains. */
function merged(input: readonly (readonly number[])[], merge: Omit<SahiMerge, 'mode'>): number[][] {
  const { packed, tiles } = pack(input);
  const { kept, boxes } = mergeDetections(packed, tiles, { mode: 'sahi', ...merge });
  return Array.from(kept, (index, i) => {
    const [x = NaN, y = NaN, width = NaN, height = NaN] = boxes.subarray(i * 4, i * 4 + 4);
    return [x, y, x + width, y + height, packed[index * 6 + 4]!, packed[index * 6 + 5]!];
  });
}

const rounded = (list: number[][]) => list.map((row) => row.map((value) => Number(value.toFixed(4))));

describe('sahi merge', () => {
  it('has cases of every kind to compare with', () => {
    expect(golden.cases.length).toBeGreaterThan(200);
    expect(new Set(golden.cases.map(([, type, metric]) => `${type} ${metric}`)).size).toBe(6);
  });

  it.each(Object.keys(golden.inputs))('answers what SAHI answers: %s', (name) => {
    for (const [input, type, metric, threshold, output] of golden.cases) {
      if (input !== name) continue;
      const ours = merged(golden.inputs[name]!, { type, metric, threshold });
      const what = `${type} ${metric} ${threshold}`;
      expect(ours, what).toHaveLength(output.length);
      // The file has six decimals.
      const differences = ours.flatMap((row, i) => row.map((value, k) => Math.abs(value - output[i]![k]!)));
      expect(Math.max(...differences), what).toBeLessThan(1e-6);
    }
  });

  it('answers nothing for nothing', () => {
    for (const type of ['NMS', 'NMM', 'GREEDYNMM'] as const) {
      expect(merged([], { type, metric: 'IOS', threshold: 0.5 })).toEqual([]);
    }
  });

  it('loses the box that fails the second check, as SAHI does', () => {
    const boxes = [
      [0, 0, 10, 10, 0, 0.9],
      [4, 0, 10, 10, 0, 0.8],
      [0, 4, 10, 10, 0, 0.7],
    ];
    expect(rounded(merged(boxes, { type: 'GREEDYNMM', metric: 'IOU', threshold: 0.4 }))).toEqual([
      [0, 0, 14, 10, 0, 0.9],
    ]);
  });

  it('joins a chain whole with NMM and in part with GREEDYNMM', () => {
    const chain = [
      [0, 0, 10, 10, 0, 0.9],
      [4, 0, 10, 10, 0, 0.8],
      [8, 0, 10, 10, 0, 0.7],
    ];
    const boxesOf = (type: Type) =>
      merged(chain, { type, metric: 'IOS', threshold: 0.5 }).map(([x1, , x2]) => [x1, x2]);
    expect(boxesOf('NMM')).toEqual([[0, 18]]);
    expect(boxesOf('GREEDYNMM')).toEqual([
      [0, 14],
      [8, 18],
    ]);
  });

  it('equals a literal walk over all pairs, whatever the boxes', () => {
    fc.assert(
      fc.property(
        rows,
        fc.constantFrom<Type>('NMS', 'NMM', 'GREEDYNMM'),
        fc.constantFrom<Metric>('IOU', 'IOS'),
        fc.constantFrom(0, 0.3, 0.5, 0.9, 1),
        (input, type, metric, threshold) => {
          const merge = { type, metric, threshold };
          expect(merged(input, merge)).toEqual(literally(input, merge));
        },
      ),
      { numRuns: 800 },
    );
  });
});

describe('sahi merge of masks', () => {
  const square = (x: number, y: number, size: number) => [x, y, x + size, y, x + size, y + size, x, y + size];
  const merge: SahiMerge = { mode: 'sahi', type: 'GREEDYNMM', metric: 'IOS', threshold: 0.5 };

  it('matches by the extents of the masks, and joins the masks with the boxes', () => {
    const { packed, tiles, outlines } = packShapes([
      { polygons: [[square(0, 0, 10)]], score: 0.9, tile: 0 },
      { polygons: [[square(4, 0, 10)]], score: 0.8, tile: 1 },
      { polygons: [[square(40, 0, 10)]], score: 0.7, tile: 1 },
    ]);
    // What the model says about its boxes does not count.
    packed.set([500, 500, 1, 1], 0);
    const { kept, boxes, shapes } = mergeDetections(packed, tiles, merge, { outlines });
    expect([...kept]).toEqual([0, 2]);
    expect([...boxes]).toEqual([0, 0, 14, 10, 40, 0, 10, 10]);
    expect(shapes?.get(0)).toEqual({ polygons: [[[0, 0, 14, 0, 14, 10, 0, 10]]], keypoints: [] });
    expect(shapes?.has(1)).toBe(false);
  });

  it('gives no mask where one of those that are joined has none', () => {
    const { packed, tiles, outlines } = packShapes([
      { polygons: [[square(0, 0, 10)]], score: 0.9, tile: 0 },
      { polygons: [], score: 0.8, tile: 1 },
    ]);
    packed.set([4, 0, 10, 10], 6);
    const { boxes, shapes } = mergeDetections(packed, tiles, merge, { outlines });
    expect([...boxes]).toEqual([0, 0, 14, 10]);
    expect(shapes?.get(0)).toBe(null);
  });

  it('leaves the mask of a keeper as it is where the second check fails, and with NMS', () => {
    const list = [
      { polygons: [[square(0, 0, 10)]], score: 0.9, tile: 0 },
      { polygons: [[square(4, 0, 10)]], score: 0.8, tile: 1 },
      { polygons: [[square(0, 4, 10)]], score: 0.7, tile: 2 },
    ];
    const { packed, tiles, outlines } = packShapes(list);
    // The third is lost, as without masks.
    const joined = mergeDetections(packed, tiles, { ...merge, metric: 'IOU', threshold: 0.4 }, { outlines });
    expect(joined.shapes?.get(0)?.polygons).toEqual([[[0, 0, 14, 0, 14, 10, 0, 10]]]);
    const suppressed = mergeDetections(packed, tiles, { ...merge, type: 'NMS' }, { outlines });
    expect([...suppressed.kept]).toEqual([0]);
    expect(suppressed.shapes?.size ?? 0).toBe(0);
  });

  it('suppresses rotated boxes by the boxes around them: two side by side at 45 degrees lose one', () => {
    const away = 11 / Math.SQRT2;
    const { packed, tiles, outlines } = packShapes([
      { polygons: [[rotatedBox(100, 100, 60, 6, Math.PI / 4)]], score: 0.9, tile: 0 },
      { polygons: [[rotatedBox(100 + away, 100 - away, 60, 6, Math.PI / 4)]], score: 0.8, tile: 1 },
    ]);
    const switched = asSahiDoes(merge, { confidence: 0.3, oriented: true });
    expect(switched.merge).toEqual({ ...merge, type: 'NMS' });
    expect(switched.note).toMatch(/rotated/);
    expect([...mergeDetections(packed, tiles, switched.merge, { outlines }).kept]).toEqual([0]);
  });
});

describe('what SAHI does instead', () => {
  const asked: SahiMerge = { mode: 'sahi', type: 'NMM', metric: 'IOS', threshold: 0.5 };

  it('is NMS with IOU below a confidence of 0.1, unless it is NMS already', () => {
    const weak = { confidence: 0.09, oriented: false };
    expect(asSahiDoes(asked, weak)).toEqual({
      merge: { ...asked, type: 'NMS', metric: 'IOU' },
      note: expect.stringMatching(/0.1/),
    });
    const plain: SahiMerge = { ...asked, type: 'NMS' };
    expect(asSahiDoes(plain, weak)).toEqual({ merge: plain, note: null });
    expect(asSahiDoes(asked, { confidence: 0.1, oriented: false })).toEqual({ merge: asked, note: null });
    expect(asSahiDoes({ mode: 'exact' }, { confidence: 0, oriented: true }).merge).toEqual({ mode: 'exact' });
  });
});

interface Box {
  index: number;
  /** Corners, area and score in float32. */
  corners: [number, number, number, number];
  area: number;
  score: number;
}

/** reference semantics of SAHI's numpy backend, written down as they read: every pair is looked at. */
function literally(input: Row[], { type, metric, threshold }: Omit<SahiMerge, 'mode'>): number[][] {
  const f = Math.fround;
  const out: { at: number[]; score: number }[] = [];
  for (const category of [...new Set(input.map((row) => row[4]))].toSorted((a, b) => a - b)) {
    const boxes: Box[] = input.flatMap((row, index) => {
      if (row[4] !== category) return [];
      const corners = [
        f(row[0]),
        f(row[1]),
        f(f(row[0]) + f(row[2])),
        f(f(row[1]) + f(row[3])),
      ] as Box['corners'];
      const area = f(f(corners[2] - corners[0]) * f(corners[3] - corners[1]));
      return [{ index, corners, area, score: f(row[5]) }];
    });
    const compare = (a: Box, b: Box): number => {
      if (a.score !== b.score) return b.score - a.score;
      for (let k = 0; k < 4; k++) if (a.corners[k] !== b.corners[k]) return a.corners[k]! - b.corners[k]!;
      return a.index - b.index;
    };
    const same = (a: Box, b: Box) => a.corners.every((value, k) => value === b.corners[k]);
    const value = (a: Box, b: Box): number => {
      const w = Math.max(0, f(Math.min(a.corners[2], b.corners[2]) - Math.max(a.corners[0], b.corners[0])));
      const h = Math.max(0, f(Math.min(a.corners[3], b.corners[3]) - Math.max(a.corners[1], b.corners[1])));
      const overlap = f(w * h);
      const whole = metric === 'IOU' ? f(f(a.area + b.area) - overlap) : Math.min(a.area, b.area);
      return whole > 0 ? f(overlap / whole) : 0;
    };
    const matches = (a: Box, b: Box) => value(a, b) >= f(threshold);
    const walk = boxes.toSorted(compare);
    const claimed = new Map<Box, Box>();
    const groups = new Map<Box, Box[]>();

    for (const box of walk) {
      if (type !== 'NMM' && claimed.has(box)) continue;
      const keeper = claimed.get(box) ?? box;
      if (keeper === box) {
        claimed.set(box, box);
        groups.set(box, []);
      }
      if (threshold <= 0 && type === 'NMM' && box !== walk[0]) continue;
      // NMM goes through candidates by index, the others in the order of the walk; nobody claims what came before.
      for (const other of type === 'NMM' ? boxes : walk) {
        if (claimed.has(other) || compare(box, other) > 0) continue;
        if (type === 'NMM' && !(box.score > other.score || same(box, other))) continue;
        if (!matches(box, other)) continue;
        claimed.set(other, keeper);
        groups.get(keeper)!.push(other);
      }
    }

    for (const [keeper, members] of groups) {
      const corners = (box: Box) => {
        const [x, y, w, h] = input[box.index]!.map(f) as Row;
        return [x, y, x + w, y + h] as const;
      };
      let [x1, y1, x2, y2] = corners(keeper) as [number, number, number, number];
      for (const member of type === 'NMS' ? [] : members) {
        const [mx1, my1, mx2, my2] = corners(member);
        const overlap =
          Math.max(0, Math.min(x2, mx2) - Math.max(x1, mx1)) *
          Math.max(0, Math.min(y2, my2) - Math.max(y1, my1));
        const a = (x2 - x1) * (y2 - y1);
        const b = (mx2 - mx1) * (my2 - my1);
        if (!(overlap / (metric === 'IOU' ? a + b - overlap : Math.min(a, b)) > threshold)) continue;
        [x1, y1, x2, y2] = [Math.min(x1, mx1), Math.min(y1, my1), Math.max(x2, mx2), Math.max(y2, my2)];
      }
      // Through width and height, as the answer comes.
      out.push({ at: [x1, y1, x1 + (x2 - x1), y1 + (y2 - y1), category, keeper.score], score: keeper.score });
    }
  }
  if (type === 'NMS') out.sort((a, b) => b.score - a.score);
  return out.map(({ at }) => at);
}
