/** What workers said of tiles, held until a look at the image has shown that it is still the one that the run began with. */
import type { Clock } from '../core/clock.ts';

export interface Outcome {
  tiles: readonly number[];
  /** Makes it count. */
  apply: () => void;
}

interface HeldOutcomesOptions {
  clock: Clock;
  /** @throws where the image is not what it was: then nothing that is held counts */
  checkImage: () => Promise<void>;
  /** Milliseconds within which outcomes are believed together (pace.ts). */
  settleMs: () => number;
  /** Whether a person waits for one of these tiles. */
  isSeen: (tile: number) => boolean;
  /** Whether more outcomes can be waited for. */
  goesOn: () => boolean;
  /** What was held does not count. */
  onRefused: (tiles: readonly number[], error: unknown) => void;
  /** What was held has been applied, and nothing is held any more. */
  onSettled: () => void;
}

/** Where a person waits for one of them. */
const settleSeenMs = 5;

export class HeldOutcomes {
  readonly #options: HeldOutcomesOptions;
  #held: Outcome[] = [];
  #settledAt = -Infinity;
  #settling: Promise<void> | null = null;
  /** Ends the wait that is going on, where one is. */
  #hurry: (() => void) | null = null;

  constructor(options: HeldOutcomesOptions) {
    this.#options = options;
  }

  get isEmpty(): boolean {
    return this.#held.length === 0;
  }

  add(outcome: Outcome): void {
    this.#held.push(outcome);
    if (!this.#options.goesOn() || outcome.tiles.some(this.#options.isSeen)) this.#hurry?.();
    this.#settling ??= this.#settle().finally(() => (this.#settling = null));
  }

  /** A person looks elsewhere now: what is held may be waited for. */
  looked(): void {
    this.#hurry?.();
  }

  /** What is held now has counted, or was refused. */
  async settled(): Promise<void> {
    await this.#settling;
  }

  /**
   * A look at the image after a result has come proves that it was read from the right one: writing to a file changes its time
   * before anybody can read what was written.
   */
  async #settle(): Promise<void> {
    const { clock, checkImage, onRefused, onSettled } = this.#options;
    while (this.#held.length > 0) {
      for (let wait = this.#wait(); wait > 0; wait = this.#wait()) await this.#pause(wait);
      this.#settledAt = clock.monotonic();
      const outcomes = this.#held;
      this.#held = [];
      try {
        await checkImage();
      } catch (error) {
        const refused = [...outcomes, ...this.#held].flatMap(({ tiles }) => tiles);
        this.#held = [];
        onRefused(refused, error);
        return;
      }
      for (const outcome of outcomes) outcome.apply();
    }
    onSettled();
  }

  /** Milliseconds until what is held now may count. */
  #wait(): number {
    const { clock, isSeen, goesOn, settleMs } = this.#options;
    if (!goesOn()) return 0;
    const isAwaited = this.#held.some(({ tiles }) => tiles.some(isSeen));
    return this.#settledAt + (isAwaited ? settleSeenMs : settleMs()) - clock.monotonic();
  }

  /** For so long, or until something comes that a person waits for. */
  async #pause(ms: number): Promise<void> {
    await new Promise<void>((resolve) => {
      const timer = this.#options.clock.after(ms, resolve);
      this.#hurry = () => {
        timer.cancel();
        resolve();
      };
    });
    this.#hurry = null;
  }
}
