/** When a request may begin: so many at once, so many a minute, and none while the endpoint asks for patience. */
import { setTimeout as sleep } from 'node:timers/promises';

export interface TurnOptions {
  atOnce: number;
  perMinute: number | null;
  now?: () => number;
}

export class Turns {
  readonly #atOnce: number;
  readonly #intervalMs: number;
  readonly #now: () => number;
  #running = 0;
  #nextMs = 0;
  #pausedUntilMs = 0;
  readonly #waiting: (() => void)[] = [];

  constructor({ atOnce, perMinute, now = Date.now }: TurnOptions) {
    this.#atOnce = atOnce;
    this.#intervalMs = perMinute === null ? 0 : 60_000 / perMinute;
    this.#now = now;
  }

  /** No request begins before that; those under way go on. */
  pause(ms: number): void {
    this.#pausedUntilMs = Math.max(this.#pausedUntilMs, this.#now() + ms);
  }

  /**
   * Resolves when it is the caller's turn; each turn must be given back by `done`.
   * @throws the signal's reason where it was aborted
   */
  async next(signal: AbortSignal): Promise<void> {
    while (this.#running >= this.#atOnce) {
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
      signal.throwIfAborted();
    }
    this.#running++;
    try {
      await this.pace(signal);
    } catch (error) {
      this.done();
      throw error;
    }
  }

  /**
   * Waits until another request may begin, within a turn that one has already.
   * @throws the signal's reason where it was aborted
   */
  async pace(signal: AbortSignal): Promise<void> {
    for (;;) {
      const wait = Math.max(this.#nextMs, this.#pausedUntilMs) - this.#now();
      if (wait <= 0) break;
      // A pause may begin, or grow, while we wait.
      await sleep(Math.min(wait, 1000), undefined, { signal });
    }
    signal.throwIfAborted();
    this.#nextMs = Math.max(this.#nextMs, this.#now()) + this.#intervalMs;
  }

  done(): void {
    this.#running--;
    this.#waiting.shift()?.();
  }
}
