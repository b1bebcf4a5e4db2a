/**
 * The second step of a run: the map over tiles. Leases go to worker processes, results come back, changes go to the group
 * commit. It ends when every tile has ended, or when it is stopped; then nothing is in flight any more.
 */
import { basename } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { GigatileError } from '../contract/errors.ts';
import type { PlainError } from '../contract/errors.ts';
import type { RemoteUsage } from '../contract/model-remote.ts';
import type { GridPlan } from '../contract/run.ts';
import { backoffMs } from '../core/retry.ts';
import type { RetryPolicy } from '../core/retry.ts';
import type { WorkerHost } from '../core/worker-host.ts';
import type { InferenceInit } from '../core/worker-protocol.ts';
import type { GroupCommit } from './group-commit.ts';
import { InferenceWorker } from './inference-worker.ts';
import type { InferenceWorkerEvents } from './inference-worker.ts';
import type { TileLedger } from './tile-ledger.ts';
import { endsWorkers, inferenceMemoryLimit, loadLimit } from './worker-errors.ts';

export interface AnalyzeOptions {
  plan: GridPlan;
  epoch: number;
  workers: number;
  /** Workers that were got ready before, at most `workers`; taken over. */
  warm: InferenceWorker[];
  /** Tiles a `session.run`. */
  batch: number;
  keepAll: boolean;
  /** Leases that a worker holds at the same time; 2 where absent: one is worked at, the next one waits. */
  leases?: number;
  init: InferenceInit;
  host: WorkerHost;
  ledger: TileLedger;
  commit: Pick<GroupCommit, 'add'>;
  policy: RetryPolicy;
  /** A worker that says nothing for so long while it holds a lease is ended, milliseconds. */
  tileTimeoutMs: number;
  random: () => number;
  now: () => number;
  onProvider: (provider: string) => void;
  onError: (error: PlainError) => void;
  /** Of a remote model: what the run has cost since the last one. */
  onUsage?: (cost: RemoteUsage) => void;
  /** Asked before any outcome counts. @throws {GigatileError} where the image is not what it was: then nothing counts */
  checkImage: () => Promise<void>;
}

/** What a worker said of tiles, and it counts only if the image is still the one that it was. */
interface Outcome {
  tiles: readonly number[];
  apply: () => void;
}

/** A lease is work for about so long: short enough that the person's eyes lead, long enough that messages cost nothing. */
const leaseMs = 200;
const mostLeaseTiles = 64;
/** Until it is known how long a tile takes. */
const firstLeaseTiles = 16;
const usualLeases = 2;
/** Outcomes that come within so long are believed by one look at the image. */
const settleMs = 40;
/** A worker that dies so often in a row before it is ready will not come up at all; between tries it waits ever longer. */
const maxFailedStarts = 5;
/**
 * Workers that may end at their work before there is any result, until it is the model's fault and not a tile's. One that
 * was ended at a limit counts as more: it costs the person the whole limit, and hardly depends on what is on the tile.
 */
const maxDeaths = 12;
const deathAtLimit = 4;
const restartBaseMs = 100;

export class Analyze {
  readonly #options: AnalyzeOptions;
  readonly #workers = new Set<InferenceWorker>();
  #stopped = false;
  #failedStarts = 0;
  #hasResults = false;
  /** Before the first result. */
  #deaths = 0;
  #deathWeight = 0;
  readonly #restarts = new Set<NodeJS.Timeout>();
  #wakeTimer: NodeJS.Timeout | null = null;
  #held: Outcome[] = [];
  #settledAt = 0;
  /** Tiles that had a result, and since when they are counted; a lease's size follows from it. */
  #counted = 0;
  #countedSince: number | null = null;
  #settlingHeld: Promise<void> | null = null;
  /** run() has ended: whatever comes now is too late. */
  #isOver = false;
  #settle: { resolve: (how: 'drained' | 'stopped') => void; reject: (error: unknown) => void } | null = null;

  constructor(options: AnalyzeOptions) {
    this.#options = options;
  }

  /** Process ids of the workers that live now. */
  workerPids(): number[] {
    return [...this.#workers].flatMap((worker) => (worker.pid === undefined ? [] : [worker.pid]));
  }

  /**
   * @returns 'drained': every tile has ended; 'stopped': stop() was called
   * @throws {GigatileError} why no worker can work (bad model, missing codec, changed image …); nothing is lost by it
   */
  async run(): Promise<'drained' | 'stopped'> {
    const watchdog = setInterval(() => this.#endSilentWorkers(), 1000);
    try {
      return await new Promise((resolve, reject) => {
        this.#settle = { resolve, reject };
        if (this.#options.ledger.finished) {
          this.#finish('drained');
          return;
        }
        for (const worker of this.#options.warm) this.#adopt(worker);
        while (this.#workers.size < this.#options.workers) this.#startWorker();
      });
    } finally {
      clearInterval(watchdog);
      if (this.#wakeTimer) clearTimeout(this.#wakeTimer);
      for (const restart of this.#restarts) clearTimeout(restart);
      this.#killWorkers();
      await this.#settlingHeld;
      this.#isOver = true;
    }
  }

  #hold(outcome: Outcome): void {
    if (this.#isOver) return;
    this.#held.push(outcome);
    this.#settlingHeld ??= this.#settleHeld().finally(() => (this.#settlingHeld = null));
  }

  /**
   * A look at the image after a result has come proves that it was read from the right one: writing to a file changes its time
   * before anybody can read what was written.
   */
  async #settleHeld(): Promise<void> {
    while (this.#held.length > 0) {
      const wait = this.#settledAt + settleMs - performance.now();
      if (wait > 0 && this.#options.ledger.open > 0 && !this.#stopped) await sleep(wait);
      this.#settledAt = performance.now();
      const outcomes = this.#held;
      this.#held = [];
      try {
        await this.#options.checkImage();
      } catch (error) {
        for (const { tiles } of [...outcomes, ...this.#held]) tiles.forEach((tile) => this.#release(tile));
        this.#held = [];
        this.#fail(error);
        return;
      }
      for (const outcome of outcomes) outcome.apply();
    }
    this.#checkEnd();
  }

  #release(tile: number): void {
    if (this.#isOver) return;
    const { ledger, commit, epoch } = this.#options;
    ledger.release(tile);
    commit.add({ kind: 'release', tile, epoch });
  }

  #releaseSuspect(tile: number): void {
    if (this.#isOver) return;
    const { ledger, commit, epoch } = this.#options;
    ledger.releaseSuspect(tile);
    commit.add({ kind: 'release', tile, epoch });
  }

  /** Ends all workers at once; tiles in their hands become pending again, no attempt spent. */
  stop(): void {
    if (this.#stopped) return;
    this.#stopped = true;
    if (this.#workers.size === 0) this.#finish('stopped');
    else this.#killWorkers();
  }

  /** After a change of priorities: workers have their fill already, the next leases follow it. */
  wake(): void {
    for (const worker of this.#workers) this.#fill(worker);
  }

  #killWorkers(): void {
    for (const worker of this.#workers) worker.kill('stopped');
  }

  #finish(how: 'drained' | 'stopped'): void {
    this.#settle?.resolve(how);
    this.#settle = null;
  }

  #fail(error: unknown): void {
    this.#stopped = true;
    this.#settle?.reject(error);
    this.#settle = null;
  }

  #events(): InferenceWorkerEvents {
    const { ledger, commit, epoch } = this.#options;
    return {
      ready: (worker) => {
        this.#failedStarts = 0;
        if (worker.provider !== null) this.#options.onProvider(worker.provider);
        this.#fill(worker);
      },
      tiles: (_worker, leaseEpoch, results) => {
        if (leaseEpoch !== epoch) return;
        if (this.#countedSince === null) this.#countedSince = performance.now();
        else this.#counted += results.length;
        this.#hold({
          tiles: results.map(({ tile }) => tile),
          apply: () => {
            this.#hasResults = true;
            for (const result of results) {
              ledger.markDone(result.tile);
              commit.add({ kind: 'done', epoch, result });
            }
          },
        });
      },
      usage: (cost) => this.#options.onUsage?.(cost),
      tileFailed: (_worker, leaseEpoch, tile, transient, error, retryAfterMs) => {
        if (leaseEpoch !== epoch) return;
        if (error.code === 'model-invalid' && !this.#hasResults && this.#held.length === 0) {
          // Not this tile's fault: every other one would say the same. Told once.
          this.#release(tile);
          this.#fail(GigatileError.fromPlain(error));
          return;
        }
        this.#hold({
          tiles: [tile],
          apply: () => this.#tileFailed(tile, transient, false, error, retryAfterMs),
        });
      },
      leaseDone: (worker) => {
        this.#fill(worker);
        this.#checkEnd();
      },
      gone: (worker, lost, exit) => this.#workerGone(worker, lost, exit),
    };
  }

  #startWorker(): void {
    this.#workers.add(new InferenceWorker(this.#options.host, this.#options.init, this.#events()));
  }

  #adopt(worker: InferenceWorker): void {
    if (worker.isGone) return;
    this.#workers.add(worker);
    worker.events = this.#events();
    if (worker.isReady) worker.events.ready(worker);
  }

  #fill(worker: InferenceWorker): void {
    const { ledger, commit, epoch, plan, batch, keepAll, now, leases = usualLeases } = this.#options;
    if (this.#stopped || !worker.isReady) return;
    while (worker.openLeases < leases) {
      const tiles = ledger.take(this.#leaseSize(), now(), worker);
      if (tiles.length === 0) break;
      for (const tile of tiles) commit.add({ kind: 'grant', tile, epoch });
      worker.lease(tiles, { epoch, plan, batch, keepAll });
    }
    this.#scheduleWake();
  }

  /** By how long a tile takes; towards the end smaller and smaller, so that no worker is left with a rest while the others idle. */
  #leaseSize(): number {
    const { ledger, workers, batch, leases = usualLeases } = this.#options;
    const elapsed = this.#countedSince === null ? 0 : performance.now() - this.#countedSince;
    const tileMs = this.#counted === 0 ? null : (elapsed * workers) / this.#counted;
    const timely = tileMs === null ? firstLeaseTiles : Math.floor(leaseMs / tileMs);
    const share = Math.ceil(ledger.open / (workers * leases * 2));
    const size = Math.max(1, Math.min(timely, share, mostLeaseTiles));
    return Math.ceil(size / batch) * batch;
  }

  #scheduleWake(): void {
    if (this.#wakeTimer) clearTimeout(this.#wakeTimer);
    this.#wakeTimer = null;
    const wake = this.#options.ledger.nextWake();
    if (wake === null || this.#stopped) return;
    // Bounded, so that a clock that jumps delays nothing for long.
    const delay = Math.min(1000, Math.max(5, wake - this.#options.now()));
    this.#wakeTimer = setTimeout(() => this.wake(), delay);
  }

  #tileFailed(
    tile: number,
    transient: boolean,
    crashed: boolean,
    error: PlainError,
    retryAfterMs: number | null = null,
  ): void {
    const { ledger, commit, epoch, policy, random, now } = this.#options;
    const attempts = ledger.attempts(tile) + 1;
    const crashes = ledger.crashes(tile) + (crashed ? 1 : 0);
    const retry = transient && attempts < policy.maxAttempts && crashes < policy.maxCrashes;
    if (retry) {
      const wakeMs = now() + Math.max(retryAfterMs ?? 0, backoffMs(policy, attempts, random()));
      ledger.markWaiting(tile, crashed, wakeMs);
      commit.add({ kind: 'wait', tile, epoch, attempts, crashes, wakeMs, error });
      this.#scheduleWake();
    } else {
      ledger.markFailed(tile, crashed);
      commit.add({ kind: 'fail', tile, epoch, attempts, crashes, error });
    }
    this.#options.onError(error);
  }

  #workerGone(...[worker, lost, exit]: Parameters<InferenceWorkerEvents['gone']>): void {
    this.#workers.delete(worker);
    const release = (tile: number): void => this.#release(tile);
    lost.untouched.forEach(release);
    for (const tile of lost.suspects) this.#releaseSuspect(tile);
    if (this.#stopped) {
      lost.computing.forEach(release);
      if (this.#workers.size === 0) this.#finish('stopped');
      return;
    }
    if (lost.fatal) {
      lost.computing.forEach(release);
      this.#fail(GigatileError.fromPlain(lost.fatal));
      return;
    }
    const how = exit.signal ?? `exit code ${exit.code ?? 'unknown'}`;
    if (lost.killed === 'load-timeout' || (lost.killed === 'memory' && worker.provider === null)) {
      // It would be the same again.
      lost.computing.forEach(release);
      const model = basename(this.#options.init.modelPath);
      this.#fail(lost.killed === 'memory' ? inferenceMemoryLimit(model) : loadLimit(model));
      return;
    }
    const error: PlainError =
      lost.killed === 'timeout'
        ? { code: 'worker-timeout', message: `No result within ${this.#options.tileTimeoutMs / 1000} s` }
        : lost.killed === 'memory'
          ? inferenceMemoryLimit(basename(this.#options.init.imagePath)).toPlain()
          : {
              code: 'worker-crashed',
              message: `The worker process ended while it computed this tile (${how})`,
            };
    for (const tile of lost.computing) {
      this.#hold({ tiles: [tile], apply: () => this.#tileFailed(tile, true, true, error) });
    }
    if (lost.computing.length + lost.suspects.length > 0) {
      this.#deaths++;
      this.#deathWeight += lost.killed === 'no' ? 1 : deathAtLimit;
      if (!this.#hasResults && this.#deathWeight >= maxDeaths) {
        this.#fail(endsWorkers(this.#deaths, error.message, basename(this.#options.init.modelPath)));
        return;
      }
    }
    if (worker.provider === null && ++this.#failedStarts >= maxFailedStarts) {
      this.#fail(
        new GigatileError('worker-crashed', `Inference workers end before they are ready (${how})`, {
          hint: 'Run "gigatile doctor": it says which part cannot be loaded.',
        }),
      );
      return;
    }
    this.#checkEnd();
    if (this.#stopped) return;
    if (this.#failedStarts === 0) this.#startWorker();
    else this.#restarts.add(setTimeout(() => this.#startWorker(), restartBaseMs * 2 ** this.#failedStarts));
    this.wake();
  }

  #endSilentWorkers(): void {
    for (const worker of this.#workers) {
      const silentMs = Date.now() - worker.lastProgressMs;
      if (worker.openLeases > 0 && silentMs > this.#options.tileTimeoutMs) worker.kill('timeout');
    }
  }

  #checkEnd(): void {
    if (!this.#stopped && this.#options.ledger.finished) {
      this.#stopped = true;
      this.#finish('drained');
    }
  }
}
