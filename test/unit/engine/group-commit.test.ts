import { expect, it } from 'vitest';
import type { Clock, Timer } from '../../../src-main/core/clock.ts';
import { GroupCommit, type GroupStore } from '../../../src-main/engine/group-commit.ts';
import type { TileChange } from '../../../src-main/store/tile-store.ts';

const store: GroupStore = {
  path: 'c.gigatile',
  tiles: { apply: () => new Set() },
  events: { append: () => undefined },
  transaction: (work) => work(),
};

/** Time passes when it is told to. */
class Hand implements Clock {
  at = 0;
  readonly #timers = new Set<{ due: number; ring: () => void }>();

  now(): number {
    return this.at;
  }

  monotonic(): number {
    return this.at;
  }

  after(ms: number, ring: () => void): Timer {
    const timer = { due: this.at + ms, ring };
    this.#timers.add(timer);
    return { cancel: () => void this.#timers.delete(timer) };
  }

  every(): Timer {
    throw new Error('nothing here comes again and again');
  }

  pass(ms: number): void {
    this.at += ms;
    for (const timer of this.#timers) {
      if (timer.due > this.at) continue;
      this.#timers.delete(timer);
      timer.ring();
    }
  }
}

const grant = (tile: number): TileChange => ({ kind: 'grant', tile, epoch: 1 });

it('writes what somebody waits for at once, with what came before it, and no more often than every 15 ms', () => {
  const clock = new Hand();
  const groups: number[] = [];
  const events = {
    committed: (changes: readonly TileChange[]) => void groups.push(changes.length),
    failed: (error: unknown) => {
      throw error;
    },
  };
  const commit = new GroupCommit(store, 1, events, clock);
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
