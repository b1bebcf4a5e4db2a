/** Runs as the desktop shows them: progress on the taskbar or dock, a word when one ends unseen, no sleep meanwhile. */
import type { Settings } from '../contract/settings.ts';
import type { EndedRun, RunNews } from '../engine/shell.ts';

export interface RunDeskSteps {
  /** 0-1; -1 takes it away, 2 says that something goes on. */
  showProgress(value: number): void;
  /** @param casePath what is to be shown where it is clicked */
  notify(title: string, body: string, casePath: string): void;
  /** Whether a person can see a window of ours now. */
  isInFront(): boolean;
  /** The computer must not go to sleep by itself; returns what ends it. */
  keepAwake(): () => void;
}

export class RunDesk {
  readonly #steps: RunDeskSteps;
  #settings: Settings;
  #active = 0;
  #letSleep: (() => void) | null = null;

  constructor(steps: RunDeskSteps, settings: Settings) {
    this.#steps = steps;
    this.#settings = settings;
  }

  onSettings(settings: Settings): void {
    this.#settings = settings;
    this.#stayAwake();
  }

  onNews({ active, progress, ended }: RunNews): void {
    this.#active = active;
    this.#steps.showProgress(active === 0 ? -1 : (progress ?? 2));
    this.#stayAwake();
    if (!this.#settings.notify || this.#steps.isInFront()) return;
    for (const run of ended) {
      const { title, body } = wordsOf(run);
      this.#steps.notify(title, body, run.case);
    }
  }

  /** The engine is gone: nothing goes on until it says so. */
  onEngineGone(): void {
    this.onNews({ active: 0, progress: null, ended: [] });
  }

  #stayAwake(): void {
    const wanted = this.#active > 0 && this.#settings.keepAwake;
    if (wanted && this.#letSleep === null) this.#letSleep = this.#steps.keepAwake();
    else if (!wanted && this.#letSleep !== null) {
      this.#letSleep();
      this.#letSleep = null;
    }
  }
}

const count = new Intl.NumberFormat('en');

/** Without the image's name: a notification is seen by whoever stands there, on a locked screen too. */
function wordsOf({ model, state, findings, reason }: EndedRun): { title: string; body: string } {
  const found = `${model}: ${count.format(findings)} ${findings === 1 ? 'finding' : 'findings'}`;
  switch (state) {
    case 'complete':
      return { title: 'The analysis is complete', body: found };
    case 'complete-with-gaps':
      return { title: 'The analysis is complete, with gaps', body: found };
    case 'failed':
      return { title: 'The analysis has failed', body: reason ?? model };
    default:
      return { title: 'The analysis waits for you', body: reason ?? model };
  }
}
