import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fairShares } from '../../../src-main/core/fair-shares.ts';
import { WorkerBudget } from '../../../src-main/engine/worker-budget.ts';

const claim = fc.record({
  workers: fc.integer({ min: 1, max: 12 }),
  threads: fc.integer({ min: 1, max: 4 }),
});

describe('fair shares', () => {
  it('leave one run what it asks for', () => {
    expect(fairShares([{ workers: 6, threads: 2 }], 4)).toEqual([6]);
  });

  it('halve the cores between two that want all of them, and give what one cannot use to the other', () => {
    const all = { workers: 8, threads: 1 };
    expect(fairShares([all, all], 8)).toEqual([4, 4]);
    expect(fairShares([all, { workers: 2, threads: 1 }], 8)).toEqual([6, 2]);
    expect(fairShares([all, { workers: 4, threads: 2 }], 8)).toEqual([4, 2]);
  });

  it('starve nobody, waste nothing that anybody could use, and favour nobody', () => {
    fc.assert(
      fc.property(
        fc.array(claim, { minLength: 2, maxLength: 6 }),
        fc.integer({ min: 1, max: 32 }),
        (claims, cores) => {
          const shares = fairShares(claims, cores);
          const used = claims.map(({ threads }, i) => shares[i]! * threads);
          const total = used.reduce((sum, n) => sum + n, 0);
          const least = claims.reduce((sum, { threads }) => sum + threads, 0);
          expect(total).toBeLessThanOrEqual(Math.max(cores, least));
          claims.forEach(({ workers, threads }, i) => {
            expect(shares[i]).toBeGreaterThanOrEqual(1);
            expect(shares[i]).toBeLessThanOrEqual(workers);
            if (shares[i] === workers) return;
            // Another one of its workers would not fit, and nobody has a worker more that it could have had.
            expect(total + threads).toBeGreaterThan(cores);
            claims.forEach((other, j) => {
              if (shares[j]! > 1 && other.threads >= threads)
                expect(used[j]! - other.threads).toBeLessThanOrEqual(used[i]!);
            });
          });
        },
      ),
    );
  });
});

describe('a budget', () => {
  it('is shared anew when a run begins, ends or wants another number', () => {
    const budget = new WorkerBudget(4);
    const heard: string[] = [];
    const a = budget.join({ workers: 4, threads: 1 }, (n) => heard.push(`a ${n}`));
    expect(a.workers).toBe(4);
    const b = budget.join({ workers: 4, threads: 1 }, (n) => heard.push(`b ${n}`));
    expect([a.workers, b.workers, heard]).toEqual([2, 2, ['a 2']]);
    b.claim({ workers: 1, threads: 1 });
    // Who gives goes first.
    expect([a.workers, b.workers, heard.slice(1)]).toEqual([3, 1, ['b 1', 'a 3']]);
    b.leave();
    b.leave();
    expect([a.workers, budget.runs, heard.slice(3)]).toEqual([4, 1, ['a 4']]);
  });
});
