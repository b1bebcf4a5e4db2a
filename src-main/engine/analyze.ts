/**
 * The second step of a run: the map over tiles. Leases go to worker processes, results come back, changes go to the group
 * commit. It ends when every tile has ended, or when it is stopped; then nothing is in flight any more.
 */
import { basename } from 'node:path';
import { GigatileError } from '../contract/errors.ts';
import type { PlainError } from '../contract/errors.ts';
import type { RemoteUsage } from '../contract/model-remote.ts';
import type { GridPlan } from '../contract/run.ts';
import { systemClock } from '../core/clock.ts';
import type { Clock, Timer } from '../core/clock.ts';
import { backoffMs, longestWaitMs, retryClassOf } from '../core/retry.ts';
import type { RetryPolicy } from '../core/retry.ts';
import type { WorkerHost } from '../core/worker-host.ts';
import type { InferenceInit, TileResult } from '../core/worker-protocol.ts';
import type { GroupCommit } from './group-commit.ts';
import { HeldOutcomes } from './held-outcomes.ts';
import type { Outcome } from './held-outcomes.ts';
import { InferenceWorker, noEvents } from './inference-worker.ts';
import type { InferenceWorkerEvents } from './inference-worker.ts';
import { LeaseSize } from './lease-size.ts';
import { unwatchedPace } from './pace.ts';
import type { Pace } from './pace.ts';
import type { TileBook } from './tile-ledger.ts';
import { endsWorkers, inferenceMemoryLimit, loadLimit } from './worker-errors.ts';

export interface AnalyzeOptions {
  plan: GridPlan;
  epoch: number;
  /** How many at first; see setWorkers. */
  workers: number;
  /** Workers that were got ready before, at most `workers`; taken over. */
  warm: InferenceWorker[];
  /** Takes workers that live when every tile has ended, for other tiles of the same image; they end where it is absent. */
  handBack?: (workers: InferenceWorker[]) => void;
  /** Tiles a `session.run`. */
  batch: number;
  keepAll: boolean;
  /** Leases that a worker holds at the same time; 2 where absent: one is worked at, the next one waits. */
  leases?: number;
  init: InferenceInit;
  host: WorkerHost;
  ledger: TileBook;
  /** Whether a result holds a likely finding, around which is looked next. Never, where absent. */
  isPositive?: (result: TileResult) => boolean;
  commit: Pick<GroupCommit, 'add'>;
  /** Whether a person looks at a tile now: what is found there is shown sooner. Never, where absent. */
  isSeen?: (tile: number) => boolean;
  /** As for a run that nobody watches, where absent. */
  pace?: () => Pace;
  policy: RetryPolicy;
  /** Asked after outcomes: whether the run ends although tiles are left (core/tolerance.ts). Never, where absent. */
  endsEarly?: (ended: { done: number; failed: number }, attempted: number) => boolean;
  /** A worker that says nothing for so long while it holds a lease is ended, milliseconds. */
  tileTimeoutMs: number;
  random: () => number;
  /** The system's where absent. */
  clock?: Clock;
  onProvider: (provider: string) => void;
  /** A worker decodes with libvips' WebAssembly build. */
  onWasmCodecs?: () => void;
  onError: (error: PlainError) => void;
  /** Of a remote model: what the run has cost since the last one. */
  onUsage?: (cost: RemoteUsage) => void;
  /** Asked before any outcome counts. @throws {GigatileError} where the image is not what it was: then nothing counts */
  checkImage: () => Promise<void>;
}

const usualLeases = 2;
/** A worker that dies so often in a row before it is ready will not come up at all; between tries it waits ever longer. */
const maxFailedStarts = 5;
/**
 * Workers that may end at their work before there is any result, until it is the model's fault and not a tile's. One that
 * was ended at a limit counts as more: it costs the person the whole limit, and hardly depends on what is on the tile.
 */
const maxDeaths = 12;
const deathAtLimit = 4;
const restartBaseMs = 100;
const watchMs = 1000;

/** `drained`: every tile has ended; `early`: endsEarly said so; `stopped`: stop() was called. */
export type AnalyzeEnd = 'drained' | 'early' | 'stopped';

export class Analyze {
  readonly #options: AnalyzeOptions;
  readonly #clock: Clock;
  readonly #workers = new Set<InferenceWorker>();
  /** Too many: they end after the leases that they have. */
  readonly #retiring = new Set<InferenceWorker>();
  #wanted: number;
  #stopped = false;
  #stopsAs: AnalyzeEnd = 'stopped';
  #failedStarts = 0;
  #hasResults = false;
  /** Before the first result. */
  #deaths = 0;
  #deathWeight = 0;
  readonly #restarts = new Set<Timer>();
  #wakeTimer: Timer | null = null;
  readonly #held: HeldOutcomes;
  readonly #leaseSize = new LeaseSize();
  /** run() has ended: whatever comes now is too late. */
  #isOver = false;
  #settle: { resolve: (how: AnalyzeEnd) => void; reject: (error: unknown) => void } | null = null;

  constructor(options: AnalyzeOptions) {
    this.#options = options;
    this.#clock = options.clock ?? systemClock;
    this.#wanted = options.workers;
    this.#held = new HeldOutcomes({
      clock: this.#clock,
      checkImage: options.checkImage,
      settleMs: () => this.#pace.settleMs,
      isSeen: (tile) => this.#isSeen(tile),
      goesOn: () => options.ledger.open > 0 && !this.#stopped,
      onRefused: (tiles, error) => {
        for (const tile of tiles) this.#release(tile);
        this.#fail(error);
      },
      onSettled: () => this.#checkEnd(),
    });
  }

  /** Process ids of the workers that live now. */
  workerPids(): number[] {
    return [...this.#workers].flatMap((worker) => (worker.pid === undefined ? [] : [worker.pid]));
  }

  /**
   * @throws {GigatileError} why no worker can work (bad model, missing codec, changed image …); nothing is lost by it
   */
  async run(): Promise<AnalyzeEnd> {
    const { ledger, policy, warm } = this.#options;
    this.#rebaseWakes(longestWaitMs(policy));
    let watchedAt = this.#clock.monotonic();
    const watchdog = this.#clock.every(watchMs, () => {
      const now = this.#clock.monotonic();
      this.#endSilentWorkers(Math.min(now - watchedAt, 2 * watchMs));
      watchedAt = now;
    });
    try {
      return await new Promise((resolve, reject) => {
        this.#settle = { resolve, reject };
        if (ledger.finished) this.#finish('drained');
        else if (this.#endsEarly()) this.#finish('early');
        else {
          for (const worker of warm) this.#adopt(worker);
          this.#matchWorkers();
          return;
        }
        for (const worker of warm) worker.kill('stopped');
      });
    } finally {
      watchdog.cancel();
      this.#wakeTimer?.cancel();
      this.#cancelRestarts();
      this.#handBack();
      this.#killWorkers();
      await this.#held.settled();
      this.#isOver = true;
    }
  }

  /**
   * Waits are counted by the clock that nobody sets. Where the time of day was set back since a wait was written, it is no longer than
   * waits can be.
   */
  #rebaseWakes(longest: number): void {
    const now = this.#clock.now();
    const from = this.#clock.monotonic();
    this.#options.ledger.rebaseWakes((wake) => from + Math.min(longest, Math.max(0, wake - now)));
  }

  #hold(outcome: Outcome): void {
    if (!this.#isOver) this.#held.add(outcome);
  }

  get #pace(): Pace {
    return this.#options.pace?.() ?? unwatchedPace;
  }

  #isSeen(tile: number): boolean {
    return this.#options.isSeen?.(tile) ?? false;
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
    this.#stop('stopped');
  }

  #stop(as: AnalyzeEnd): void {
    if (this.#stopped) return;
    this.#stopped = true;
    this.#stopsAs = as;
    this.#cancelRestarts();
    if (this.#workers.size === 0) this.#finish(as);
    else this.#killWorkers();
  }

  #cancelRestarts(): void {
    for (const restart of this.#restarts) restart.cancel();
    this.#restarts.clear();
  }

  /**
   * So many workers from now on. More start at once; those that are too many end after the leases that they have, so that nothing is
   * computed twice and no attempt is spent.
   */
  setWorkers(count: number): void {
    this.#wanted = count;
    if (this.#settle !== null && !this.#stopped) this.#matchWorkers();
  }

  /** Workers that live, or that will start in a moment; without those that are to end. */
  get #serving(): number {
    return this.#workers.size - this.#retiring.size + this.#restarts.size;
  }

  #matchWorkers(): void {
    for (const restart of this.#restarts) {
      if (this.#serving <= this.#wanted) break;
      restart.cancel();
      this.#restarts.delete(restart);
    }
    // Those that came last have done least: a worker keeps what it has decoded of its band.
    for (const worker of [...this.#workers].toReversed()) {
      if (this.#serving <= this.#wanted) break;
      if (this.#retiring.has(worker)) continue;
      this.#retiring.add(worker);
      this.#endRetired(worker);
    }
    for (const worker of this.#retiring) {
      if (this.#serving >= this.#wanted) break;
      if (worker.openLeases === 0) continue;
      this.#retiring.delete(worker);
      this.#fill(worker);
    }
    while (this.#serving < this.#wanted) this.#startWorker();
  }

  #endRetired(worker: InferenceWorker): void {
    if (this.#retiring.has(worker) && worker.openLeases === 0) worker.kill('stopped');
  }

  /**
   * After a change of priorities, which the next leases follow.
   * @param stays of a tile in the hands of a worker: whether it is among those that go first now. What is not, and not begun, is given
   * back, so that those are next; where this is absent, nothing is.
   */
  wake(stays?: (tile: number) => boolean): void {
    this.#held.looked();
    // What an endpoint was asked is paid for.
    if (stays && !this.#stopped && this.#options.init.remote === undefined) {
      for (const worker of this.#workers) worker.recall(stays);
    }
    for (const worker of this.#workers) this.#fill(worker);
  }

  #handBack(): void {
    const { handBack, ledger } = this.#options;
    if (handBack === undefined || !ledger.finished) return;
    const idle = [...this.#workers].filter((worker) => worker.isReady && worker.openLeases === 0);
    for (const worker of idle) {
      this.#workers.delete(worker);
      worker.events = noEvents;
    }
    handBack(idle);
  }

  #killWorkers(): void {
    for (const worker of this.#workers) worker.kill('stopped');
  }

  #finish(how: AnalyzeEnd): void {
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
        if (worker.wasmCodecs) this.#options.onWasmCodecs?.();
        this.#fill(worker);
      },
      tiles: (_worker, leaseEpoch, results) => {
        if (leaseEpoch !== epoch) return;
        this.#leaseSize.count(results.length, this.#clock.monotonic());
        this.#hold({
          tiles: results.map(({ tile }) => tile),
          apply: () => {
            this.#hasResults = true;
            for (const result of results) {
              ledger.markDone(result.tile, this.#options.isPositive?.(result));
              commit.add({ kind: 'done', epoch, result }, this.#isSeen(result.tile));
            }
          },
        });
      },
      usage: (cost) => this.#options.onUsage?.(cost),
      tileFailed: (_worker, leaseEpoch, tile, transient, error, retryAfterMs) => {
        if (leaseEpoch !== epoch) return;
        if (error.code === 'model-invalid' && !this.#hasResults && this.#held.isEmpty) {
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
      returned: (_worker, leaseEpoch, tiles) => {
        if (leaseEpoch !== epoch || tiles.length === 0) return;
        for (const tile of tiles) this.#release(tile);
        // Another worker may have found nothing to do while this one had them.
        for (const worker of this.#workers) this.#fill(worker);
      },
      leaseDone: (worker) => {
        this.#fill(worker);
        this.#endRetired(worker);
        this.#checkEnd();
      },
      gone: (worker, lost, exit) => this.#workerGone(worker, lost, exit),
    };
  }

  #startWorker(): void {
    const { host, init } = this.#options;
    this.#workers.add(new InferenceWorker(host, init, this.#events(), this.#clock));
  }

  #adopt(worker: InferenceWorker): void {
    if (worker.isGone) return;
    this.#workers.add(worker);
    worker.events = this.#events();
    if (worker.isReady) worker.events.ready(worker);
  }

  #fill(worker: InferenceWorker): void {
    const { ledger, commit, epoch, plan, batch, keepAll, leases = usualLeases } = this.#options;
    const pace = this.#pace;
    if (this.#stopped || !worker.isReady || this.#retiring.has(worker)) return;
    while (worker.standingLeases < leases) {
      const now = this.#clock.monotonic();
      const size = this.#leaseSize.next(
        { open: ledger.open, workers: this.#wanted, leases, batch },
        now,
        pace,
      );
      const tiles = ledger.take(size, now, worker);
      if (tiles.length === 0) break;
      for (const tile of tiles) commit.add({ kind: 'grant', tile, epoch });
      worker.lease(tiles, { epoch, plan, batch, keepAll, holdMs: pace.holdMs });
    }
    this.#scheduleWake();
  }

  #scheduleWake(): void {
    this.#wakeTimer?.cancel();
    this.#wakeTimer = null;
    const wake = this.#options.ledger.nextWake();
    if (wake === null || this.#stopped) return;
    // Bounded: a machine that sleeps does not count the time of its timers.
    const delay = Math.min(1000, Math.max(5, wake - this.#clock.monotonic()));
    this.#wakeTimer = this.#clock.after(delay, () => this.wake());
  }

  #tileFailed(
    tile: number,
    transient: boolean,
    crashed: boolean,
    error: PlainError,
    retryAfterMs: number | null = null,
  ): void {
    const { ledger, commit, epoch, policy, random } = this.#options;
    const rule = policy.rules[retryClassOf(error.code)];
    const attempts = ledger.attempts(tile) + 1;
    const crashes = ledger.crashes(tile) + (crashed ? 1 : 0);
    const retry = transient && attempts < rule.maxAttempts && crashes < policy.maxCrashes;
    if (retry) {
      const wait = Math.max(retryAfterMs ?? 0, backoffMs(rule, attempts, random()));
      ledger.markWaiting(tile, crashed, this.#clock.monotonic() + wait);
      const wakeMs = Math.round(this.#clock.now() + wait);
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
    const isRetired = this.#retiring.delete(worker) && lost.killed === 'stopped';
    const release = (tile: number): void => this.#release(tile);
    lost.untouched.forEach(release);
    for (const tile of lost.suspects) this.#releaseSuspect(tile);
    if (this.#stopped) {
      lost.computing.forEach(release);
      if (this.#workers.size === 0) this.#finish(this.#stopsAs);
      return;
    }
    if (isRetired) {
      this.#checkEnd();
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
    if (this.#serving < this.#wanted) this.#restartWorker();
    this.wake();
  }

  #restartWorker(): void {
    if (this.#failedStarts === 0) {
      this.#startWorker();
      return;
    }
    const restart = this.#clock.after(restartBaseMs * 2 ** this.#failedStarts, () => {
      this.#restarts.delete(restart);
      this.#startWorker();
    });
    this.#restarts.add(restart);
  }

  /** @param elapsed since the last look; a machine that slept meanwhile was not there to listen */
  #endSilentWorkers(elapsed: number): void {
    for (const worker of this.#workers) {
      worker.silentMs += elapsed;
      if (worker.openLeases > 0 && worker.silentMs > this.#options.tileTimeoutMs) worker.kill('timeout');
    }
  }

  #endsEarly(): boolean {
    const { ledger, endsEarly } = this.#options;
    return endsEarly?.(ledger.ended, ledger.attempted) ?? false;
  }

  #checkEnd(): void {
    if (this.#stopped) return;
    if (this.#options.ledger.finished) {
      this.#stopped = true;
      this.#finish('drained');
    } else if (this.#endsEarly()) this.#stop('early');
  }
}
