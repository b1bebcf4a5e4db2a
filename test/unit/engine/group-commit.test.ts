import { expect, it } from 'vitest';
import { GroupCommit, type GroupStore } from '../../../src-main/engine/group-commit.ts';
import { paceOf } from '../../../src-main/engine/pace.ts';
import type { TileChange } from '../../../src-main/store/tile-store.ts';
import { HandClock } from '../../support/hand-clock.ts';

const store: GroupStore = {
  path: 'c.gigatile',
  tiles: { apply: () => new Set() },
  events: { append: () => undefined },
  transaction: (work) => work(),
};

/** How many changes came in each group. */
function counted() {
  const groups: number[] = [];
  const events = {
    committed: (changes: readonly TileChange[]) => void groups.push(changes.length),
    failed: (error: unknown) => {
      throw error;
    },
  };
  return { groups, events };
}

const grant = (tile: number): TileChange => ({ kind: 'grant', tile, epoch: 1 });

it('writes what somebody waits for at once, with what came before it, and no more often than every 15 ms', () => {
  const clock = new HandClock();
  const { groups, events } = counted();
  const commit = new GroupCommit(store, 1, events, { clock, pace: () => paceOf({ isWatched: true }) });
  commit.add(grant(0));
  clock.pass(99);
  expect(groups).toEqual([]);
  clock.pass(1);
  expect(groups).toEqual([1]);
  clock.pass(50);
  commit.add(grant(1));
  commit.add(grant(2), true);
  clock.pass(0);
  expect(groups).toEqual([1, 2]);
  commit.add(grant(3), true);
  clock.pass(14);
  expect(groups).toEqual([1, 2]);
  clock.pass(1);
  expect(groups).toEqual([1, 2, 1]);
});

it('writes what became of tiles at once, but no more often than the pace of the moment says', () => {
  const clock = new HandClock();
  const { groups, events } = counted();
  let isWatched = false;
  const commit = new GroupCommit(store, 1, events, { clock, pace: () => paceOf({ isWatched }) });
  const release = (tile: number): TileChange => ({ kind: 'release', tile, epoch: 1 });
  commit.add(release(0));
  clock.pass(0);
  expect(groups).toEqual([1]);
  commit.add(release(1));
  clock.pass(499);
  expect(groups).toEqual([1]);
  clock.pass(1);
  expect(groups).toEqual([1, 1]);
  commit.add(release(2));
  clock.pass(50);
  // Somebody comes: what is told from now on takes what waits along.
  isWatched = true;
  commit.add(release(3));
  clock.pass(49);
  expect(groups).toEqual([1, 1]);
  clock.pass(1);
  expect(groups).toEqual([1, 1, 2]);
});

it('keeps what was paid for as soon as if somebody watched', () => {
  const [watched, alone] = [paceOf({ isWatched: true }), paceOf({ isWatched: false })];
  expect(paceOf({ isWatched: false, isPaid: true })).toEqual(watched);
  expect(alone.settleMs).toBeGreaterThan(watched.settleMs);
});
