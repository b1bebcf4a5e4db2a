/**
 * The graphics processor's process may die: Chromium starts it again, and the screens draw without it meanwhile (overlay-stack.ts).
 * Where it dies again and again, it is left alone from the next start on, and the person is told.
 */
import type { Details } from 'electron';
import { CrashCount } from './crash-count.ts';

const tolerated = 2;

export class GpuWatch {
  readonly #crashes = new CrashCount(tolerated);
  readonly #giveUp: () => void;
  #gaveUp = false;

  constructor(giveUp: () => void) {
    this.#giveUp = giveUp;
  }

  /** To be called for each `child-process-gone` of the application. */
  onChildGone({ type, reason }: Pick<Details, 'type' | 'reason'>): void {
    if (type !== 'GPU' || reason === 'clean-exit' || this.#gaveUp || this.#crashes.add()) return;
    this.#gaveUp = true;
    this.#giveUp();
  }
}
