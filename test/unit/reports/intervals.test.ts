import { describe, expect, it } from 'vitest';
import { bootstrapUnits, leastUnits, ratioIntervals } from '../../../src-main/core/bootstrap.ts';
import { reviewOf, type Stand } from '../../../src-main/reports/review.ts';
import { summarise } from '../../../src-main/reports/summary.ts';
import { randomNumbers, sampleReport } from '../../support/sample-report.ts';

describe('bootstrap intervals', () => {
  it('hold the true ratio about as often as they say', () => {
    const random = randomNumbers(3);
    let held = 0;
    const worlds = 200;
    for (let world = 0; world < worlds; world++) {
      // 60 units of unequal area; findings come at a rate of 4 for each unit of area.
      const area = Array.from({ length: 60 }, () => 0.5 + random());
      const counts = area.map((each) => {
        let n = 0;
        for (let i = 0; i < 40; i++) if (random() < (4 * each) / 40) n++;
        return n;
      });
      const [interval] = ratioIntervals([counts], area);
      if (interval && interval.low <= 4 && 4 <= interval.high) held++;
    }
    expect(held / worlds).toBeGreaterThan(0.89);
    expect(held / worlds).toBeLessThan(0.99);
  });

  it('are the same each time, and none where too little was seen', () => {
    const counts = Array.from({ length: 40 }, (_, i) => i % 5);
    const ones = counts.map(() => 1);
    expect(ratioIntervals([counts], ones)).toEqual(ratioIntervals([counts], ones));
    const few = ones.map((_, i) => (i < leastUnits - 1 ? 1 : 0));
    expect(ratioIntervals([counts, ones], few)).toEqual([null, null]);
  });

  it('take squares of neighbours where there are many tiles, each tile in one', () => {
    const plan = { columns: 301, rows: 200 };
    const unit = bootstrapUnits(plan);
    expect(unit.edge).toBe(5);
    const sizes = new Uint32Array(unit.count);
    for (let tile = 0; tile < plan.columns * plan.rows; tile++) sizes[unit.of(tile)]!++;
    expect(Math.max(...sizes)).toBe(25);
    expect(Math.min(...sizes)).toBeGreaterThan(0);
    expect(unit.of(0)).toBe(unit.of(4 * plan.columns + 4));
    expect(unit.of(0)).not.toBe(unit.of(5));
  });

  it('lie around the numbers of a report', async () => {
    const { intervals, density, densityByClass, counts } = await summarise(sampleReport());
    expect(intervals.density?.low).toBeLessThan(density ?? 0);
    expect(intervals.density?.high).toBeGreaterThan(density ?? 0);
    expect(intervals.densityAfterReview?.low).toBeLessThan(intervals.density?.low ?? 0);
    const share = (counts.byClass[1] ?? 0) / counts.total;
    expect(intervals.shares[1]?.low).toBeLessThan(share);
    expect(intervals.shares[1]?.high).toBeGreaterThan(share);
    expect(intervals.densityByClass).toHaveLength(densityByClass.length);
  });
});

describe('agreement of reviewers', () => {
  const stands = (reviewer: string, words: string): Stand[] =>
    Array.from(words).flatMap((word, i) =>
      word === '.'
        ? []
        : [
            {
              reviewer,
              finding: `f${i}`,
              verdict: word === '-' ? ('rejected' as const) : ('accepted' as const),
              classIndex: Number(word) || 0,
            },
          ],
    );

  it("is Cohen's kappa, over what both have judged", () => {
    // The example of Wikipedia's article on it: 20 yes/yes, 5 yes/no, 10 no/yes, 15 no/no gives 0.4.
    const first = '0'.repeat(25) + '-'.repeat(25);
    const second = `${'0'.repeat(20)}${'-'.repeat(5)}${'0'.repeat(10)}${'-'.repeat(15)}`;
    const { reviewers, pairs } = reviewOf([...stands('A', `${first}00`), ...stands('B', `${second}..-`)]);
    expect(pairs).toHaveLength(1);
    expect(pairs[0]).toMatchObject({ first: 'A', second: 'B', both: 50, same: 35 });
    expect(pairs[0]?.kappa).toBeCloseTo(0.4, 9);
    expect(reviewers).toEqual([
      { name: 'A', accepted: 27, rejected: 25 },
      { name: 'B', accepted: 30, rejected: 21 },
    ]);
  });

  it('is none where chance explains everything, and counts another class as another word', () => {
    expect(reviewOf([...stands('A', '000'), ...stands('B', '000')]).pairs[0]).toMatchObject({
      same: 3,
      kappa: null,
    });
    expect(reviewOf([...stands('A', '0011'), ...stands('B', '0110')]).pairs[0]).toMatchObject({
      both: 4,
      same: 2,
      kappa: 0,
    });
    expect(reviewOf([...stands('A', '00..'), ...stands('B', '..00')]).pairs).toEqual([]);
  });
});
