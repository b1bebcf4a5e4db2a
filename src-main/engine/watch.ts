/** A value that changes often, watched by several screens: each gets the newest at most ten times a second. */
import { pause, systemClock } from '../core/clock.ts';
import type { Clock } from '../core/clock.ts';

const intervalMs = 100;

export class Watchable {
  #version = 0;
  #closed = false;
  #waiters: (() => void)[] = [];
  readonly #clock: Clock;

  constructor(clock: Clock = systemClock) {
    this.#clock = clock;
  }

  changed(): void {
    this.#version++;
    this.#release();
  }

  /** Ends all watchers after the value of now. */
  close(): void {
    this.#closed = true;
    this.#release();
  }

  #release(): void {
    const waiters = this.#waiters;
    this.#waiters = [];
    for (const waiter of waiters) waiter();
  }

  /** Yields `read()` now and after each change, until closed or aborted. */
  async *watch<T>(read: () => T, signal?: AbortSignal): AsyncGenerator<T, void> {
    const abort = (): void => this.#release();
    signal?.addEventListener('abort', abort);
    try {
      for (;;) {
        if (signal?.aborted) return;
        const seen = this.#version;
        const last = this.#closed;
        yield read();
        if (last) return;
        await pause(this.#clock, intervalMs);
        if (this.#version === seen && !this.#closed && !signal?.aborted) {
          await new Promise<void>((resolve) => this.#waiters.push(resolve));
        }
      }
    } finally {
      signal?.removeEventListener('abort', abort);
    }
  }
}
