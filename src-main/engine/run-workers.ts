/** The inference workers of one run: its part of the engine's, and those that come up before there is work for them. */
import type { RunEvent } from '../contract/run.ts';
import type { Claim } from '../core/fair-shares.ts';
import type { WorkerHost } from '../core/worker-host.ts';
import type { InferenceInit } from '../core/worker-protocol.ts';
import type { ExecutionPlan } from './execution.ts';
import { InferenceWorker, noEvents } from './inference-worker.ts';
import type { WorkerBudget, WorkerShare } from './worker-budget.ts';

type Wanted = Pick<ExecutionPlan, 'workers' | 'threads'>;

export class RunWorkers {
  readonly #budget: WorkerBudget;
  readonly #shared: (workers: number) => void;
  /** From preprocess to the end of analyze. */
  #share: WorkerShare | null = null;
  #claimed: Claim | null = null;
  /** By a person while it goes on; else as planned. */
  #wanted: number | null = null;
  #early: InferenceWorker[] = [];

  /** @param shared told how many it has, whenever that changes */
  constructor(budget: WorkerBudget, shared: (workers: number) => void) {
    this.#budget = budget;
    this.#shared = shared;
  }

  get view(): Pick<RunEvent, 'workers'> {
    if (this.#share === null || this.#claimed === null) return {};
    const { workers: wanted, threads } = this.#claimed;
    const most = Math.max(wanted, Math.floor(this.#budget.cores / threads), 1);
    return { workers: { now: this.#share.workers, wanted, most } };
  }

  /** The run is taken up: what a person wanted before is forgotten. */
  begin(): void {
    this.#wanted = null;
  }

  /** Runs beside this one. */
  get others(): number {
    return this.#budget.runs - (this.#share ? 1 : 0);
  }

  /** By a person; how many it has then depends on the other runs too. */
  want(workers: number): void {
    this.#wanted = workers;
    if (this.#claimed !== null) this.#share?.claim({ ...this.#claimed, workers });
  }

  /** Takes its part, as the person or the plan wants it. @returns how many workers it has for now */
  claim({ workers, threads }: Wanted): number {
    const claim = { workers: this.#wanted ?? workers, threads };
    this.#claimed = claim;
    if (this.#share) this.#share.claim(claim);
    else this.#share = this.#budget.join(claim, this.#shared);
    return this.#share.workers;
  }

  /** Gives its part to the other runs. */
  leave(): void {
    this.#share?.leave();
    this.#share = null;
    this.#claimed = null;
  }

  /** Starts so many, so that analyze begins at once. */
  startEarly(host: WorkerHost, init: InferenceInit, count: number): void {
    for (let i = 0; i < count; i++) this.#early.push(new InferenceWorker(host, init, noEvents));
  }

  /** One that has done something else before. */
  keep(worker: InferenceWorker): void {
    this.#early.push(worker);
  }

  /** Those that are as the plan wants them; the others end. */
  takeEarly({ workers, threads }: Wanted): InferenceWorker[] {
    const fit = this.#early.filter((worker) => worker.threads === threads).slice(0, workers);
    for (const worker of this.#early) if (!fit.includes(worker)) worker.kill('stopped');
    this.#early = [];
    return fit;
  }

  endEarly(): void {
    for (const worker of this.#early) worker.kill('stopped');
    this.#early = [];
  }
}
