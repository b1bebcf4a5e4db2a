/** How many tiles a worker is given at once. */
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { LeaseSize } from '../../../src-main/engine/lease-size.ts';

const asked = { open: 10_000, workers: 2, leases: 2, batch: 1 };
const pace = { leaseMs: 200, mostTiles: 128 };

describe('a lease', () => {
  it('is small until it is known how long a tile takes, and then work for as long as the pace says', () => {
    const size = new LeaseSize();
    expect(size.next(asked, 0, pace)).toBe(16);
    size.count(5, 1000);
    // Counting begins with the first results: how long those took is not known.
    expect(size.next(asked, 1500, pace)).toBe(16);
    size.count(100, 2000);
    // Two workers: each takes 20 ms a tile.
    expect(size.next(asked, 2000, pace)).toBe(10);
    expect(size.next(asked, 2000, { ...pace, leaseMs: 400 })).toBe(20);
  });

  it('is of one tile where a tile takes long, and never of more than the pace says', () => {
    const slow = new LeaseSize();
    slow.count(1, 0);
    slow.count(1, 60_000);
    expect(slow.next(asked, 60_000, pace)).toBe(1);
    const quick = new LeaseSize();
    quick.count(1, 0);
    quick.count(100_000, 1000);
    expect(quick.next(asked, 1000, pace)).toBe(128);
  });

  it('leaves something for every other lease as long as there is enough, and is of whole batches', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 100_000 }),
        fc.integer({ min: 1, max: 16 }),
        fc.integer({ min: 1, max: 4 }),
        fc.integer({ min: 1, max: 16 }),
        (open, workers, leases, batch) => {
          const size = new LeaseSize().next({ open, workers, leases, batch }, 0, pace);
          expect(size).toBeGreaterThanOrEqual(1);
          expect(size % batch).toBe(0);
          if (open >= workers * leases * 2 * batch)
            expect((size - batch) * workers * leases).toBeLessThan(open);
        },
      ),
    );
  });
});
