/**
 * Time as the scheduler sees it: a seam, so that a simulation can run years of schedules in a minute. Two times, because they answer
 * different questions: what a case file keeps must mean something tomorrow (`now`), and how long something has taken must not depend
 * on somebody who sets the clock (`monotonic`).
 */
export interface Timer {
  /** Idempotent; also after it has rung. */
  cancel(): void;
}

export interface Clock {
  /** Milliseconds since 1970, UTC. Jumps when the system's clock is set. */
  now(): number;
  /** Milliseconds since any fixed moment; never goes back. */
  monotonic(): number;
  after(ms: number, act: () => void): Timer;
  every(ms: number, act: () => void): Timer;
}

export const systemClock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  after(ms, act) {
    const timer = setTimeout(act, ms);
    return { cancel: () => clearTimeout(timer) };
  },
  every(ms, act) {
    const timer = setInterval(act, ms);
    return { cancel: () => clearInterval(timer) };
  },
};

const lookMs = 1000;

/** After so long that the machine was awake for: one that wakes up has not kept anybody waiting while it slept. */
export function afterAwake(clock: Clock, ms: number, act: () => void): Timer {
  let left = ms;
  let lookedAt = clock.monotonic();
  const timer = clock.every(Math.min(lookMs, ms), () => {
    const now = clock.monotonic();
    left -= Math.min(now - lookedAt, 2 * lookMs);
    lookedAt = now;
    if (left > 0) return;
    timer.cancel();
    act();
  });
  return timer;
}

/** Resolves after so long. */
export function pause(clock: Clock, ms: number): Promise<void> {
  return new Promise((resolve) => {
    clock.after(ms, resolve);
  });
}
