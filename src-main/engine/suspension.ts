/** The computer goes to sleep: what goes on is paused, and goes on when it wakes. */
import type { BatchLibrary } from './batch/batch-library.ts';
import type { CaseLibrary } from './case-library.ts';

const reason = 'The computer went to sleep';

export class Suspension {
  readonly #cases: Pick<CaseLibrary, 'sessions'>;
  readonly #batches: Pick<BatchLibrary, 'running' | 'isKnown' | 'get' | 'start'>;
  readonly #batchIds = new Set<string>();
  /** Numbers of runs, by the id of their case. */
  readonly #runs = new Map<string, Set<number>>();
  /** Settles when everything rests. */
  #resting: Promise<unknown> = Promise.resolve();

  constructor(
    cases: Pick<CaseLibrary, 'sessions'>,
    batches: Pick<BatchLibrary, 'running' | 'isKnown' | 'get' | 'start'>,
  ) {
    this.#cases = cases;
    this.#batches = batches;
  }

  /** Resolves when everything rests and is on the disk. */
  suspend(): Promise<void> {
    const rests = this.#rest();
    this.#resting = Promise.allSettled([this.#resting, rests]);
    return rests;
  }

  /**
   * What a person has paused, taken up, cancelled or closed meanwhile stays as it is. The computer sleeps when it wants to, also in the
   * middle of `suspend`: the rest of that comes first.
   * @throws {AggregateError} of what could not be taken up; everything else goes on
   */
  async wake(): Promise<void> {
    const resting = this.#resting;
    await resting;
    if (resting !== this.#resting) return; // asleep again: that one's waking takes it up
    const batchIds = [...this.#batchIds];
    const runs = [...this.#runs];
    this.#batchIds.clear();
    this.#runs.clear();
    const errors: unknown[] = [];
    const attempt = (takeUp: () => void): void => {
      try {
        takeUp();
      } catch (error) {
        errors.push(error);
      }
    };
    for (const id of batchIds) attempt(() => this.#startBatch(id));
    for (const [caseId, numbers] of runs) {
      for (const no of numbers) attempt(() => this.#resumeRun(caseId, no));
    }
    if (errors.length > 0) throw new AggregateError(errors, 'Not everything goes on after the sleep');
  }

  async #rest(): Promise<void> {
    const batches = this.#batches.running().filter(({ state }) => state === 'running');
    for (const { id } of batches) this.#batchIds.add(id);
    await Promise.all(batches.map((batch) => batch.pause(reason)));
    const runs = this.#cases
      .sessions()
      .flatMap((session) => session.activeRuns().map((conductor) => ({ caseId: session.id, conductor })));
    for (const { caseId, conductor } of runs) {
      this.#runs.set(caseId, (this.#runs.get(caseId) ?? new Set()).add(conductor.no));
    }
    await Promise.all(runs.map(({ conductor }) => conductor.stop({ state: 'paused', reason })));
  }

  #startBatch(id: string): void {
    if (!this.#batches.isKnown(id)) return;
    const { state, stored } = this.#batches.get(id);
    if (state === 'paused' && stored.reason === reason) this.#batches.start(id);
  }

  #resumeRun(caseId: string, no: number): void {
    const session = this.#cases.sessions().find(({ id }) => id === caseId);
    if (session === undefined) return;
    const run = session.file.runs.get(no);
    if (run.state === 'paused' && run.reason === reason) session.resumeRun(no, false);
  }
}
