/** Matching the findings of two runs: against a brute-force oracle, and by what must hold whatever the findings are. */
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { comparisonNumbers, compareSets } from '../../../src-main/core/compare/comparison.ts';
import {
  matchFindings,
  type ComparedSet,
  type Matching,
} from '../../../src-main/core/compare/match-findings.ts';
import { isSameGrid, tileAgreement } from '../../../src-main/core/compare/tile-agreement.ts';
import { cohensKappa } from '../../../src-main/core/kappa.ts';
import { encodeShape } from '../../../src-main/core/shape.ts';
import { gridOf } from '../store/stored-run.ts';

type Box = readonly [x: number, y: number, width: number, height: number, class_: number];

/** Quarters of a pixel: what float32 holds, and so do the products. */
const quarter = (most: number) => fc.integer({ min: 1, max: most * 4 }).map((n) => n / 4);
const box: fc.Arbitrary<Box> = fc.tuple(
  quarter(60),
  quarter(60),
  quarter(24),
  quarter(24),
  fc.integer({ min: 0, max: 2 }),
);
const boxes = fc.array(box, { maxLength: 40 });
const options = fc.record({
  iou: fc.constantFrom(0.05, 0.2, 0.5, 0.75, 1),
  classAware: fc.boolean(),
});

function setOf(list: readonly Box[]): ComparedSet {
  return {
    packed: Float32Array.from(list.flatMap((item, i) => [...item, 1 - i / Math.max(1, list.length)])),
  };
}

function iouOf(a: Box, b: Box): number {
  const width = Math.min(a[0] + a[2], b[0] + b[2]) - Math.max(a[0], b[0]);
  const height = Math.min(a[1] + a[3], b[1] + b[3]) - Math.max(a[1], b[1]);
  const shared = width > 0 && height > 0 ? width * height : 0;
  return shared / (a[2] * a[3] + b[2] * b[3] - shared);
}

/** The definition, pair by pair: the best of all that are left, again and again. */
function oracle(a: readonly Box[], b: readonly Box[], least: number, classAware: boolean): number[] {
  const partner = a.map(() => -1);
  for (;;) {
    let best: [iou: number, sum: number, lower: number, i: number, j: number] | null = null;
    a.forEach((one, i) =>
      b.forEach((other, j) => {
        if (partner[i] !== -1 || partner.includes(j)) return;
        if (classAware && one[4] !== other[4]) return;
        const found = [iouOf(one, other), i + j, Math.min(i, j), i, j] as const;
        if (found[0] < least) return;
        const isBetter =
          best === null ||
          found[0] > best[0] ||
          (found[0] === best[0] && (found[1] < best[1] || (found[1] === best[1] && found[2] < best[2])));
        if (isBetter) best = [...found];
      }),
    );
    if (best === null) return partner;
    partner[best[3]] = best[4];
  }
}

const numbersOf = (a: ComparedSet, b: ComparedSet, matching: Matching) =>
  comparisonNumbers(compareSets(a, b, matching), a, b, 3);

describe('matching the findings of two runs', () => {
  it('does what its definition says, pair by pair', () => {
    fc.assert(
      fc.property(boxes, boxes, options, (a, b, { iou, classAware }) => {
        const { ofA } = matchFindings(setOf(a), setOf(b), { iou, classAware });
        expect([...ofA]).toEqual(oracle(a, b, iou, classAware));
      }),
      { numRuns: 150 },
    );
  });

  it('matches nothing twice, and says the same whichever run comes first', () => {
    fc.assert(
      fc.property(boxes, boxes, options, (a, b, how) => {
        const there = matchFindings(setOf(a), setOf(b), how);
        const back = matchFindings(setOf(b), setOf(a), how);
        const partners = [...there.ofA].filter((j) => j !== -1);
        expect(new Set(partners).size).toBe(partners.length);
        there.ofA.forEach((j, i) => j !== -1 && expect(there.ofB[j]).toBe(i));
        const [one, other] = [
          numbersOf(setOf(a), setOf(b), there).counts,
          numbersOf(setOf(b), setOf(a), back).counts,
        ];
        expect(other).toEqual({ ...one, onlyA: one.onlyB, onlyB: one.onlyA });
      }),
      { numRuns: 150 },
    );
  });

  it('finds a run the same as itself, boxes on boxes and all', () => {
    fc.assert(
      fc.property(boxes, fc.boolean(), (a, classAware) => {
        const set = setOf(a);
        const { counts, reference, meanIou } = numbersOf(
          set,
          set,
          matchFindings(set, set, { iou: 1, classAware }),
        );
        expect(counts.onlyA + counts.onlyB).toBe(0);
        if (classAware) expect(counts).toEqual({ both: a.length, onlyA: 0, onlyB: 0, otherClass: 0 });
        if (classAware && a.length > 0) expect(reference).toEqual({ precision: 1, recall: 1, f1: 1 });
        if (a.length > 0) expect(meanIou).toBe(1);
      }),
      { numRuns: 80 },
    );
  });

  it('goes by outlines where there are any: two halves of one box are two objects', () => {
    const triangle = (...corners: number[]) => encodeShape({ polygons: [[corners]], keypoints: [] });
    const set = (shape: Float32Array): ComparedSet => ({
      packed: Float32Array.of(10, 10, 40, 40, 0, 0.9),
      outlines: { numbers: shape, starts: Uint32Array.of(0, shape.length) },
    });
    const upper = set(triangle(10, 10, 50, 10, 10, 50));
    const lower = set(triangle(50, 10, 50, 50, 10, 50));
    const whole: ComparedSet = { packed: upper.packed };
    const how = { iou: 0.4, classAware: true };
    expect([...matchFindings(upper, lower, how).ofA]).toEqual([-1]);
    expect(matchFindings(upper, upper, how).iou[0]).toBe(1);
    expect(matchFindings(upper, whole, how).iou[0]).toBeCloseTo(0.5, 9);
    // Four corners that go round an area are measured in another way than others.
    const square = set(triangle(10, 10, 50, 10, 50, 50, 10, 50));
    expect(matchFindings(square, whole, how).iou[0]).toBe(1);
  });

  it('lists the objects of both runs by falling score, and counts classes apart', () => {
    const a = setOf([
      [0, 0, 10, 10, 0],
      [20, 0, 10, 10, 1],
      [40, 0, 10, 10, 2],
    ]);
    const b = setOf([
      [60, 0, 10, 10, 1],
      [20, 0, 10, 10, 2],
      [40, 1, 10, 9, 2],
    ]);
    const list = compareSets(a, b, matchFindings(a, b, { iou: 0.5, classAware: false }));
    expect([...list.a]).toEqual([0, -1, 1, 2]);
    expect([...list.b]).toEqual([-1, 0, 1, 2]);
    expect([...list.group]).toEqual([1, 2, 3, 0]);
    const numbers = comparisonNumbers(list, a, b, 3);
    expect(numbers.counts).toEqual({ both: 1, onlyA: 1, onlyB: 1, otherClass: 1 });
    expect(numbers.byClass[1]).toEqual({ both: 0, onlyA: 0, onlyB: 1, otherClass: 1 });
    expect(numbers.reference).toEqual({ precision: 1 / 3, recall: 1 / 3, f1: 1 / 3 });
    expect(numbers.meanIou).toBeCloseTo(0.95, 6);
    expect(comparisonNumbers(list, a, b, 3).classKappa).toBe(0);
  });

  it('keeps pace with hundreds of thousands', () => {
    const many = (seed: number): ComparedSet => {
      let state = seed;
      const next = () => (state = (Math.imul(state, 1664525) + 1013904223) >>> 0) / 2 ** 32;
      const packed = new Float32Array(60_000 * 6);
      for (let p = 0; p < packed.length; p += 6) {
        packed.set(
          [next() * 40_000, next() * 40_000, 12 + next() * 20, 12 + next() * 20, 0, 1 - p / packed.length],
          p,
        );
      }
      return { packed };
    };
    const set = many(7);
    // By comparing each with each this would be minutes.
    expect(matchFindings(set, set, { iou: 0.5, classAware: true }).ofA.every((j, i) => j === i)).toBe(true);
  });
});

describe("Cohen's kappa", () => {
  it('is that of the textbook', () => {
    // The grant proposals of the encyclopedia: 20 yes-yes, 5 yes-no, 10 no-yes, 15 no-no.
    const said = [
      ['yes', 'yes', 20],
      ['yes', 'no', 5],
      ['no', 'yes', 10],
      ['no', 'no', 15],
    ] as const;
    expect(cohensKappa<string>(said)).toEqual({
      total: 50,
      agreed: 35,
      kappa: expect.closeTo(0.4, 12) as number,
    });
  });

  it('is not defined where nothing varies, and of nothing', () => {
    expect(cohensKappa([[1, 1, 9]]).kappa).toBeNull();
    expect(cohensKappa([]).kappa).toBeNull();
  });
});

describe('tiles of two runs', () => {
  const tile = (score: number, classIndex: number | null = null) => ({ score, classIndex });

  it('are compared where both are done', () => {
    const a = [tile(0.2), tile(0.9), null, tile(0.6)];
    const b = [tile(0.4), tile(0.7), tile(1), tile(0.1)];
    expect(tileAgreement(a, b, { kind: 'threshold', a: 0.5, b: 0.5 })).toEqual({
      compared: 3,
      meanDifference: expect.closeTo(-0.5 / 3, 12) as number,
      meanAbsoluteDifference: expect.closeTo(0.9 / 3, 12) as number,
      by: 'threshold',
      agreed: 2,
      kappa: expect.closeTo(0.4, 12) as number,
    });
    expect(tileAgreement(a, b, { kind: 'none' })).toMatchObject({ agreed: null, kappa: null });
    expect(tileAgreement([tile(1, 2)], [tile(1, 3)], { kind: 'class' })).toMatchObject({ agreed: 0 });
  });

  it('are the same tiles only where nothing of the grid differs', () => {
    const grid = gridOf(3, 2);
    expect(isSameGrid(grid, { ...grid, overlapY: 0 })).toBe(true);
    expect(isSameGrid(grid, { ...grid, overlap: 8 })).toBe(false);
    expect(isSameGrid(grid, { ...grid, scaleX: 2 })).toBe(false);
  });
});
