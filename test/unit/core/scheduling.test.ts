import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { planGrid } from '../../../src-main/core/grid.ts';
import { backoffMs, defaultRetryPolicy, retryClasses, retryClassOf } from '../../../src-main/core/retry.ts';
import { isInside, touchesRing } from '../../../src-main/core/roi.ts';
import { bandOf, bandRows, viewportTiles, workingOrder } from '../../../src-main/core/tile-order.ts';
import { endsEarly, finalState } from '../../../src-main/core/tolerance.ts';

const plan = (columns: number, rows: number) =>
  planGrid({
    imageWidth: columns * 10,
    imageHeight: rows * 10,
    scaleX: 1,
    scaleY: 1,
    tileWidth: 10,
    tileHeight: 10,
    overlap: 0,
  });

describe('the working order', () => {
  it('holds every tile once, whatever the content', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 30 }),
        fc.integer({ min: 1, max: 30 }),
        fc.infiniteStream(fc.float({ min: 0, max: 1, noNaN: true })),
        (c, r, stream) => {
          const content = Float32Array.from({ length: c * r }, () => stream.next().value as number);
          const order = workingOrder(plan(c, r), content);
          const tiles = order.flatMap(({ band }) => [...band.tiles]);
          expect(tiles.sort((a, b) => a - b)).toEqual(Array.from({ length: c * r }, (_, i) => i));
          for (const { index, band } of order) {
            for (const [at, tile] of band.tiles.entries()) {
              expect(bandOf(plan(c, r), tile)).toBe(index);
              expect(tile % c).toBe(Math.floor(at / band.height));
            }
            expect(band.tiles).toHaveLength(band.height * c);
          }
        },
      ),
      { numRuns: 50 },
    );
  });

  it('takes the bands with most tissue first', () => {
    const content = new Float32Array(8 * 32);
    content.fill(1, 8 * 16);
    expect(workingOrder(plan(8, 32), content).map(({ index }) => index)).toEqual([1, 0]);
  });

  it('has lower bands where tiles are large: what is kept decoded does not grow with them', () => {
    const rows = (scaleY: number) =>
      [224, 512, 640, 1024, 4096].map((tileHeight) => bandRows({ tileHeight, scaleY }));
    expect(rows(0.5)).toEqual([16, 16, 12, 8, 4]);
    expect(rows(2)).toEqual([16, 8, 6, 4, 4]);
    expect(rows(8)).toEqual(rows(2));
  });

  it('takes what a person looks at from the middle outwards', () => {
    const tiles = viewportTiles(plan(10, 10), { x: 30, y: 30, width: 30, height: 30 }, 5);
    expect(tiles[0]).toBe(44);
    expect(tiles.slice(1).sort((a, b) => a - b)).toEqual([34, 43, 45, 54]);
  });
});

describe('a retry', () => {
  it('waits between nothing and a ceiling that doubles up to its cap', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...retryClasses),
        fc.integer({ min: 1, max: 40 }),
        fc.double({ min: 0, max: 0.9999, noNaN: true }),
        (name, attempts, random) => {
          const rule = defaultRetryPolicy.rules[name];
          const delay = backoffMs(rule, attempts, random);
          expect(delay).toBeGreaterThanOrEqual(0);
          expect(delay).toBeLessThanOrEqual(Math.min(rule.capMs, rule.baseMs * 2 ** (attempts - 1)));
        },
      ),
    );
    expect(backoffMs(defaultRetryPolicy.rules.crash, 3, 0.5)).toBe(400);
  });

  it.each([
    ['worker-crashed', 'crash'],
    ['worker-memory', 'memory'],
    ['worker-timeout', 'timeout'],
    ['endpoint-failed', 'endpoint'],
    ['io', 'io'],
    ['internal', 'io'],
  ] as const)('after %s follows the rule for %s', (code, name) => {
    expect(retryClassOf(code)).toBe(name);
  });
});

describe('the end of a run', () => {
  const tiles = (done: number, failed: number, skipped = 0) => ({
    total: done + failed + skipped,
    done,
    failed,
    skipped,
    pending: 0,
    running: 0,
    waiting: 0,
  });
  it.each([
    [tiles(10, 0), 0, 'complete'],
    [tiles(0, 0, 10), 0, 'complete'],
    [tiles(99, 1), 1, 'complete-with-gaps'],
    [tiles(98, 2), 1, 'failed'],
    [tiles(99, 1), 0, 'failed'],
    [tiles(0, 3), 100, 'failed'],
  ])('%j with a tolerance of %d %% is %s', (counts, value, state) => {
    expect(finalState(counts, { tolerate: { kind: 'percent', value } }).state).toBe(state);
  });

  it('counts the percentage of what was attempted, not of what was skipped', () => {
    expect(finalState(tiles(9, 1, 990), { tolerate: { kind: 'percent', value: 5 } }).state).toBe('failed');
    expect(finalState(tiles(9, 1, 990), { tolerate: { kind: 'count', value: 1 } })).toEqual({
      state: 'complete-with-gaps',
      completion: 'all-ended',
      reason: '1 of 10 tiles failed',
    });
  });

  const amount = fc.oneof(
    fc.record({ kind: fc.constant('count' as const), value: fc.integer({ min: 1, max: 40 }) }),
    fc.record({ kind: fc.constant('percent' as const), value: fc.integer({ min: 1, max: 100 }) }),
  );
  const policies = fc.record({
    tolerate: amount,
    minSuccessful: fc.option(amount, { nil: undefined }),
    failFast: fc.boolean(),
  });

  it('comes early exactly where the state is decided, and says why', () => {
    fc.assert(
      fc.property(policies, fc.nat(20), fc.nat(20), fc.nat(20), (policy, done, failed, pending) => {
        const counts = { ...tiles(done, failed, 3), pending, total: done + failed + pending + 3 };
        const attempted = done + failed + pending;
        const early = endsEarly({ done, failed }, attempted, policy);
        // One more failure never turns an early end into none.
        if (early && pending > 0)
          expect(endsEarly({ done, failed: failed + 1 }, attempted, policy)).toBe(true);
        if (pending > 0 && !early) return;
        const { state, completion, reason } = finalState(counts, policy);
        expect(reason === null).toBe(state === 'complete');
        if (state === 'complete') expect({ failed, pending }).toEqual({ failed: 0, pending: 0 });
        if (completion === 'minimum-reached') expect(policy.minSuccessful).toBeDefined();
        if (completion === 'tolerance-exceeded') {
          expect(state).toBe('failed');
          expect(
            finalState(counts, { ...policy, tolerate: { kind: 'count', value: failed } }).completion,
          ).not.toBe('tolerance-exceeded');
        }
      }),
    );
  });

  it.each([
    [
      'as many as were wanted, others not tried',
      { done: 8, failed: 0, pending: 2 },
      'complete-with-gaps',
      'minimum-reached',
    ],
    ['as many as were wanted are all', { done: 10, failed: 0, pending: 0 }, 'complete', 'all-ended'],
    ['fewer than were wanted', { done: 7, failed: 3, pending: 0 }, 'failed', 'all-ended'],
    [
      'more failed than tolerated, others not tried',
      { done: 1, failed: 4, pending: 5 },
      'failed',
      'tolerance-exceeded',
    ],
  ])('%s', (_name, { done, failed, pending }, state, completion) => {
    const counts = { ...tiles(done, failed), pending, total: done + failed + pending };
    const policy = {
      tolerate: { kind: 'count', value: 3 },
      minSuccessful: { kind: 'count', value: 8 },
      failFast: true,
    } as const;
    expect(endsEarly(counts, counts.total, policy)).toBe(done >= 8 || failed > 3);
    expect(finalState(counts, policy)).toMatchObject({ state, completion });
  });
});

describe('a region of interest', () => {
  const ring = [
    [10, 10],
    [50, 10],
    [50, 50],
    [10, 50],
  ] as const;
  it.each([
    ['a tile inside', { x: 20, y: 20, width: 5, height: 5 }, true],
    ['a tile around it all', { x: 0, y: 0, width: 100, height: 100 }, true],
    ['a tile over an edge', { x: 45, y: 20, width: 20, height: 5 }, true],
    ['a tile beside it', { x: 60, y: 20, width: 5, height: 5 }, false],
    ['a tile off its corner', { x: 51, y: 51, width: 9, height: 9 }, false],
  ])('and %s', (_name, rect, expected) => {
    expect(touchesRing(rect, ring)).toBe(expected);
  });

  it('touches each tile that holds one of its inner points', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.nat(100), fc.nat(100)), { minLength: 3, maxLength: 8 }),
        fc.nat(100),
        fc.nat(100),
        (points, x, y) => {
          if (isInside(points, x + 0.5, y + 0.5))
            expect(touchesRing({ x, y, width: 1, height: 1 }, points)).toBe(true);
        },
      ),
    );
  });
});
