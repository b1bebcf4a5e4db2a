/** Limits of time on machines that sleep and whose clock is set. */
import { describe, expect, it } from 'vitest';
import { afterAwake } from '../../../src-main/core/clock.ts';
import { VirtualClock } from '../../faults/simulation/virtual-clock.ts';

describe('afterAwake', () => {
  const owner = { isAlive: true };

  function scene(ms: number) {
    const clock = new VirtualClock();
    const rang: number[] = [];
    const timer = afterAwake(clock.of(owner), ms, () => rang.push(clock.now));
    return { clock, rang, timer };
  }

  it('rings after so long', () => {
    const { clock, rang } = scene(10_000);
    while (clock.step());
    expect(rang).toEqual([10_000]);
  });

  it('does not count a night: a machine that wakes up has kept nobody waiting', () => {
    const { clock, rang } = scene(10_000);
    for (let i = 0; i < 3; i++) clock.step();
    clock.oversleep(8 * 3_600_000);
    clock.step();
    expect(rang).toEqual([]);
    while (clock.step());
    // What was left, but for the look that came late.
    expect(rang[0]).toBeGreaterThan(8 * 3_600_000 + 7_000);
    expect(rang[0]).toBeLessThan(8 * 3_600_000 + 11_000);
  });

  it('does not mind what time of day it is', () => {
    const { clock, rang } = scene(5000);
    clock.step();
    clock.setTimeOfDay(-86_400_000);
    clock.step();
    clock.setTimeOfDay(10 * 86_400_000);
    while (clock.step());
    expect(rang).toEqual([5000]);
  });

  it('is quiet once it was cancelled', () => {
    const { clock, rang, timer } = scene(5000);
    clock.step();
    timer.cancel();
    while (clock.step());
    expect(rang).toEqual([]);
  });
});
