/** Results count only after a look at the image that came later than they did. */
import { describe, expect, it } from 'vitest';
import { systemClock, type Clock } from '../../../src-main/core/clock.ts';
import { HeldOutcomes } from '../../../src-main/engine/held-outcomes.ts';
import { HandClock } from '../../support/hand-clock.ts';

function held(
  checkImage: () => Promise<void>,
  { isSeen = () => false, clock = systemClock }: { isSeen?: (tile: number) => boolean; clock?: Clock } = {},
) {
  const log: string[] = [];
  const outcomes = new HeldOutcomes({
    clock,
    checkImage: async () => {
      log.push('look');
      await checkImage();
    },
    isSeen,
    goesOn: () => true,
    settleMs: () => 100,
    onRefused: (tiles, error) => log.push(`refused ${tiles.join(' ')}: ${(error as Error).message}`),
    onSettled: () => log.push('settled'),
  });
  const add = (...tiles: number[]): void =>
    outcomes.add({ tiles, apply: () => log.push(`counts ${tiles.join(' ')}`) });
  return { outcomes, add, log };
}

describe('held outcomes', () => {
  it('count after a look, in the order in which they came; those of a moment share one', async () => {
    const { outcomes, add, log } = held(() => Promise.resolve());
    add(1);
    add(2, 3);
    expect(outcomes.isEmpty).toBe(false);
    await outcomes.settled();
    add(4);
    add(5);
    await outcomes.settled();
    const first = ['look', 'counts 1', 'look', 'counts 2 3', 'settled'];
    // So soon after the last look they wait for each other.
    expect(log).toEqual([...first, 'look', 'counts 4', 'counts 5', 'settled']);
    expect(outcomes.isEmpty).toBe(true);
  });

  it('count at once where a person waits for one, or comes to look at one, with those that came before', async () => {
    const clock = new HandClock();
    const seen = new Set([7]);
    const { outcomes, add, log } = held(() => Promise.resolve(), { isSeen: (tile) => seen.has(tile), clock });
    add(1);
    await outcomes.settled();
    add(2);
    clock.pass(10);
    expect(log).toHaveLength(3);
    // The time of the others has not come, and does not come here.
    add(7);
    await outcomes.settled();
    expect(log.slice(3)).toEqual(['look', 'counts 2', 'counts 7', 'settled']);
    add(3);
    clock.pass(10);
    expect(log).toHaveLength(7);
    seen.add(3);
    outcomes.looked();
    await outcomes.settled();
    expect(log.slice(7)).toEqual(['look', 'counts 3', 'settled']);
  });

  it('do not count where the image is another one, nor does what came while it was looked at', async () => {
    const { outcomes, add, log } = held(() => {
      add(3);
      return Promise.reject(new Error('changed'));
    });
    add(1, 2);
    await outcomes.settled();
    expect(log).toEqual(['look', 'refused 1 2 3: changed']);
    expect(outcomes.isEmpty).toBe(true);
  });
});
