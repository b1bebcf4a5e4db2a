/** What the shell around the screens wants to know of runs: how far all of them are, and which has ended. */
import type { RunState } from '../contract/run.ts';
import type { CaseLibrary } from './case-library.ts';
import type { CaseSession } from './case-session.ts';
import type { RunConductor } from './run-conductor.ts';
import type { EndedRun, RunNews } from './shell.ts';

/** Paused by a person's hand is no end. */
const ends: readonly RunState[] = ['complete', 'complete-with-gaps', 'failed'];

export class RunNewsDesk {
  readonly #cases: CaseLibrary;
  readonly #followed = new WeakSet<RunConductor>();
  #ended: EndedRun[] = [];
  #told = '';

  constructor(cases: CaseLibrary) {
    this.#cases = cases;
  }

  /** null where nothing has changed since the last time. To be asked about once a second. */
  next(): RunNews | null {
    let active = 0;
    let done = 0;
    let total = 0;
    for (const session of this.#cases.sessions()) {
      for (const conductor of session.activeRuns()) {
        this.#follow(session, conductor);
        active++;
        const { tiles } = conductor.event().run;
        done += tiles.done + tiles.failed + tiles.skipped;
        total += tiles.total;
      }
    }
    const progress = total === 0 ? null : Math.round((done / total) * 1000) / 1000;
    const told = `${active} ${progress}`;
    if (told === this.#told && this.#ended.length === 0) return null;
    this.#told = told;
    const ended = this.#ended;
    this.#ended = [];
    return { active, progress, ended };
  }

  #follow(session: CaseSession, conductor: RunConductor): void {
    if (this.#followed.has(conductor)) return;
    this.#followed.add(conductor);
    void conductor.ended.then(() => {
      this.#followed.delete(conductor);
      // Of a batch's cases, which are closed at once, the batch tells.
      if (!this.#cases.sessions().includes(session)) return;
      const { modelName: model, state, findings, reason } = conductor.event().run;
      if (!ends.includes(state) && !(state === 'paused' && reason !== null)) return;
      this.#ended.push({ case: session.file.path, model, state, findings, reason });
    });
  }
}
