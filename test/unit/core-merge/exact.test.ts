import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { exactRule } from '../../../src-main/core/merge/exact-rule.ts';
import { mergeExact } from '../../../src-main/core/merge/exact.ts';
import { claimsByPairs, claimsByWalk } from '../../../src-main/core/merge/ranked.ts';
import { GigatileError } from '../../../src-main/contract/errors.ts';
import { pack, rows, type Row } from './boxes.ts';

function merged(input: readonly (readonly number[])[]): number[][] {
  const { packed, tiles } = pack(input);
  return Array.from(mergeExact(packed, tiles).kept, (i) => [...packed.subarray(i * 6, i * 6 + 6), tiles[i]!]);
}

/** IoU straight from its definition, double precision, of float32 boxes. */
function iou(a: readonly number[], b: readonly number[]): number {
  const [ax = 0, ay = 0, aw = 0, ah = 0] = a.map(Math.fround);
  const [bx = 0, by = 0, bw = 0, bh = 0] = b.map(Math.fround);
  const w = Math.max(0, Math.min(ax + aw, bx + bw) - Math.max(ax, bx));
  const h = Math.max(0, Math.min(ay + ah, by + bh) - Math.max(ay, by));
  return w * h === 0 ? 0 : (w * h) / (aw * ah + bw * bh - w * h);
}

const seenTwice = (a: readonly number[], b: readonly number[]) =>
  a[4] === b[4] && a[6] !== b[6] && iou(a, b) >= 0.5;

describe('exact merge', () => {
  it('counts an object that two tiles saw once, with the better score', () => {
    expect(
      merged([
        [100, 100, 20, 20, 0, 0.5, 0],
        [101, 100, 20, 20, 0, 0.75, 1],
      ]),
    ).toEqual([[101, 100, 20, 20, 0, 0.75, 1]]);
  });

  it('leaves what one tile tells apart, other classes, and neighbours', () => {
    const boxes: Row[] = [
      [100, 100, 20, 20, 0, 1, 0],
      [102, 100, 20, 20, 0, 0.75, 0],
      [100, 100, 20, 20, 1, 0.5, 1],
      [110, 110, 20, 20, 0, 0.25, 1],
    ];
    expect(merged(boxes)).toEqual(boxes);
  });

  it('takes an IoU of exactly one half as the same object', () => {
    // 15 x 10 and 10 x 15 share 10 x 10 = 100 of 200.
    const one = [
      [0, 0, 15, 10, 0, 0.5, 0],
      [0, 0, 10, 15, 0, 0.25, 1],
    ];
    expect(merged(one)).toHaveLength(1);
    expect(merged([one[0]!, [0, 0, 10, 15.01, 0, 0.25, 1]])).toHaveLength(2);
  });

  it('never loses the third box, where SAHI does', () => {
    const boxes = [
      [0, 0, 10, 10, 0, 0.75, 0],
      [4, 0, 10, 10, 0, 0.5, 1],
      [0, 4, 10, 10, 0, 0.25, 2],
    ];
    expect(merged(boxes)).toHaveLength(3);
  });

  it('keeps a box for each that is dropped, and no two for one object', () => {
    fc.assert(
      fc.property(rows, (input) => {
        const kept = merged(input);
        const keptKeys = kept.map(String);
        for (const [i, a] of kept.entries()) {
          for (const b of kept.slice(i + 1)) expect(seenTwice(a, b)).toBe(false);
        }
        for (const row of input.map((values) => values.map(Math.fround))) {
          if (keptKeys.includes(String(row))) continue;
          expect(kept.some((other) => other[5]! >= row[5]! && seenTwice(other, row))).toBe(true);
        }
      }),
      { numRuns: 500 },
    );
  });

  it('does not depend on the order of the input, and sorts by score, y, x', () => {
    fc.assert(
      fc.property(
        rows.chain((list) =>
          fc.tuple(
            fc.constant(list),
            fc.shuffledSubarray(list, { minLength: list.length, maxLength: list.length }),
          ),
        ),
        ([list, shuffled]) => {
          const result = merged(list);
          expect(merged(shuffled)).toEqual(result);
          const sorted = result.toSorted((a, b) => b[5]! - a[5]! || a[1]! - b[1]! || a[0]! - b[0]!);
          expect(result.map((row) => [row[5], row[1], row[0]])).toEqual(
            sorted.map((row) => [row[5], row[1], row[0]]),
          );
        },
      ),
      { numRuns: 300 },
    );
  });

  it('finds the same by pairs and by walking', () => {
    fc.assert(
      fc.property(rows, (input) => {
        const { packed, tiles } = pack(input);
        const order = Int32Array.from(input.keys());
        const byPairs = claimsByPairs({ packed, tiles, order }, exactRule);
        if (byPairs !== null)
          expect([...byPairs]).toEqual([...claimsByWalk({ packed, tiles, order }, exactRule)]);
      }),
      { numRuns: 500 },
    );
  });

  it('goes through a pile of boxes in one place', () => {
    const count = 20_000;
    const pile = Array.from({ length: count }, (_, i) => [500, 500, 20, 20, 0, (i + 1) / count, i]);
    // Each tile sees the one object once: one remains, the best. All pairs would be 200 million.
    const { packed, tiles } = pack(pile);
    expect([...mergeExact(packed, tiles).kept]).toEqual([count - 1]);
  });

  it('refuses a detection that is no box, and says which', () => {
    const bad = [
      [NaN, 0, 1, 1, 0, 0.5, 3],
      [0, 0, -1, 1, 0, 0.5, 3],
      [0, 1e30, 1, 1, 0, 0.5, 3],
      [0, 0, 1, Infinity, 0, 0.5, 3],
      [0, 0, 1, 1, 0, NaN, 3],
    ];
    for (const row of bad) {
      expect(() => merged([[0, 0, 5, 5, 0, 0.5, 0], row])).toThrow(GigatileError);
      expect(() => merged([row])).toThrow(/no box/);
    }
  });
});
