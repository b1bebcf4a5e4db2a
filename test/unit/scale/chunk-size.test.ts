import { assert, double, integer, option, property } from 'fast-check';
import { expect, it } from 'vitest';
import { chunksToTakeAlong, cutToSize, tilesToSubmit } from '../../../src-main/scale/worker/chunk-size.ts';

const tiles = (count: number): number[] => Array.from({ length: count }, (_one, at) => at * 3);

it('cuts a chunk so that each tile is in one of its parts, and none takes longer than it should', () => {
  const tileMs = option(double({ min: 0.01, max: 120_000, noNaN: true }));
  assert(
    property(integer({ min: 1, max: 5000 }), tileMs, (count, ms) => {
      const all = tiles(count);
      const { kept, left } = cutToSize(all, ms);
      expect([...kept, ...left.flat()]).toEqual(all);
      expect(kept.length).toBeGreaterThan(0);
      for (const part of left) expect(part.length).toBeGreaterThan(0);
      if (ms === null) expect(kept.length).toBeLessThanOrEqual(64);
      else
        for (const part of [kept, ...left]) expect(part.length === 1 || part.length * ms <= 8000).toBe(true);
    }),
  );
});

it.each([
  ['not known yet: a probe', 256, null, 32, 1],
  ['right as it is', 256, 30, 256, 0],
  ['slow tiles', 256, 1000, 6, 42],
  ['a tile that takes minutes', 4, 90_000, 1, 3],
])('%s', (_what, count, ms, kept, left) => {
  const cut = cutToSize(tiles(count), ms);
  expect([cut.kept.length, cut.left.length]).toEqual([kept, left]);
});

it.each([
  ['not known yet', 256, null, 0],
  ['right as it is', 256, 20, 0],
  ['quick tiles', 256, 5, 3],
  ['very quick tiles, within limits', 1, 0.01, 64],
])('takes along others where there is too little in it: %s', (_what, count, ms, more) => {
  expect(chunksToTakeAlong(count, ms)).toBe(more);
});

it.each([
  [null, 256],
  [15, 400],
  [90_000, 1],
  [0.001, 20_000],
])('a desktop submits chunks by what it remembers of the model: %s ms', (ms, size) => {
  expect(tilesToSubmit(ms, 256)).toBe(size);
});
