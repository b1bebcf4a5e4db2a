/** The computer goes to sleep: what goes on is paused, and goes on when it wakes. */
import type { BatchLibrary } from './batch/batch-library.ts';
import type { CaseLibrary } from './case-library.ts';

const reason = 'The computer went to sleep';

export class Suspension {
  readonly #cases: CaseLibrary;
  readonly #batches: BatchLibrary;
  #batchIds: string[] = [];
  #runs: { caseId: string; no: number }[] = [];

  constructor(cases: CaseLibrary, batches: BatchLibrary) {
    this.#cases = cases;
    this.#batches = batches;
  }

  /** Resolves when everything rests and is on the disk. */
  async suspend(): Promise<void> {
    const batches = this.#batches.running();
    this.#batchIds = [...this.#batchIds, ...batches.map(({ id }) => id)];
    await Promise.all(batches.map((batch) => batch.pause(reason)));
    const runs = this.#cases
      .sessions()
      .flatMap((session) => session.activeRuns().map((conductor) => ({ session, conductor })));
    this.#runs = [
      ...this.#runs,
      ...runs.map(({ session, conductor: { no } }) => ({ caseId: session.id, no })),
    ];
    await Promise.all(runs.map(({ conductor }) => conductor.stop({ state: 'paused', reason })));
  }

  /** What a person has taken up, cancelled or closed meanwhile stays as it is. @throws what taking up a run throws */
  wake(): void {
    const batchIds = this.#batchIds;
    const runs = this.#runs;
    this.#batchIds = [];
    this.#runs = [];
    for (const id of batchIds) {
      if (this.#batches.isKnown(id) && this.#batches.get(id).state === 'paused') this.#batches.start(id);
    }
    for (const { caseId, no } of runs) {
      const session = this.#cases.sessions().find(({ id }) => id === caseId);
      if (session?.file.runs.get(no).state === 'paused') session.resumeRun(no, false);
    }
  }
}
