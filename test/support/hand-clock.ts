import type { Clock, Timer } from '../../src-main/core/clock.ts';

/** Time passes when it is told to. */
export class HandClock implements Clock {
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
