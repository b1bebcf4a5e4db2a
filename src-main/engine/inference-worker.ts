/** One inference worker as the engine sees it: its process, its leases, and what was in its hands when it went away. */
import { GigatileError } from '../contract/errors.ts';
import type { PlainError } from '../contract/errors.ts';
import type { RemoteUsage } from '../contract/model-remote.ts';
import type { GridPlan } from '../contract/run.ts';
import { memoryExitCode, readLimits } from '../core/limits.ts';
import { afterAwake, systemClock } from '../core/clock.ts';
import type { Clock, Timer } from '../core/clock.ts';
import { isUrl } from '../core/image-address.ts';
import { resultsOf } from '../core/packed-results.ts';
import type { WorkerHost, WorkerProcess } from '../core/worker-host.ts';
import type { FromInference, InferenceInit, TileResult, ToInference } from '../core/worker-protocol.ts';
import { watchMemory } from './memory-watch.ts';
import { inferenceMemoryLimit, loadLimit } from './worker-errors.ts';

/** Whether the engine ended it, and why; `memory` also where it ended itself at its limit. */
export type Killed = 'no' | 'stopped' | 'timeout' | 'load-timeout' | 'memory';

export interface InferenceWorkerEvents {
  ready(worker: InferenceWorker): void;
  tiles(worker: InferenceWorker, epoch: number, results: TileResult[]): void;
  tileFailed(
    worker: InferenceWorker,
    epoch: number,
    tile: number,
    transient: boolean,
    error: PlainError,
    /** It must not be tried again before that; null where the backoff alone says when. */
    retryAfterMs: number | null,
  ): void;
  /** Of a remote model: what the run has cost since the last one. */
  usage?(cost: RemoteUsage): void;
  /** Tiles of a lease that was recalled: it has not begun them. */
  returned(worker: InferenceWorker, epoch: number, tiles: number[]): void;
  leaseDone(worker: InferenceWorker): void;
  /**
   * The process has gone. `computing`: the tile that it was at; `suspects`: several tiles, of which it was at one or at one batch, and
   * may have finished others; `untouched`: leased, but not begun.
   * `fatal` is set where it said itself why it cannot work; `killed` where the engine ended it on purpose.
   */
  gone(
    worker: InferenceWorker,
    lost: {
      computing: number[];
      suspects: number[];
      untouched: number[];
      fatal: PlainError | null;
      killed: Killed;
    },
    exit: { code: number | null; signal: string | null },
  ): void;
}

interface Lease {
  epoch: number;
  batch: number;
  /** One tile alone: its answer is never held back. */
  isSingle: boolean;
  remaining: Set<number>;
  isRecalled: boolean;
}

/** For a worker that is being got ready and has no work yet. */
export const noEvents: InferenceWorkerEvents = {
  ready: () => undefined,
  tiles: () => undefined,
  tileFailed: () => undefined,
  returned: () => undefined,
  leaseDone: () => undefined,
  gone: () => undefined,
};

export class InferenceWorker {
  /** Who hears of it; handed over when the worker goes from one step of a run to the next. */
  events: InferenceWorkerEvents;
  provider: string | null = null;
  /** Its images are decoded by libvips' WebAssembly build. */
  wasmCodecs = false;
  isReady = false;
  isGone = false;
  /** For how long nothing was heard of it, as far as the engine was there to listen; counted up by analyze, milliseconds. */
  silentMs = 0;
  readonly threads: number;
  readonly #process: WorkerProcess<ToInference, FromInference>;
  readonly #leases = new Map<number, Lease>();
  #nextLease = 1;
  /** Batches whose results come in one message, as the worker last said. */
  #together = 1;
  #fatal: PlainError | null = null;
  #killed: Killed = 'no';
  #preprocessed: ((answer: Extract<FromInference, { kind: 'preprocessed' }>) => void) | null = null;
  #preprocessFailed: ((error: Error) => void) | null = null;

  constructor(
    host: WorkerHost,
    init: InferenceInit,
    events: InferenceWorkerEvents,
    clock: Clock = systemClock,
  ) {
    this.events = events;
    this.threads = init.threads;
    this.#process = host.fork<ToInference, FromInference>(
      init.manifest.remote === undefined ? 'inference' : 'remote',
      { network: isUrl(init.imagePath) },
    );
    const { inferenceWorkerBytes, modelLoadMs } = readLimits(process.env);
    const loadTimer = afterAwake(clock, modelLoadMs, () => this.kill('load-timeout'));
    let lingering: Timer | null = null;
    this.#process.onMessage((message) => {
      this.silentMs = 0;
      switch (message.kind) {
        case 'ready':
          loadTimer.cancel();
          if (this.#killed !== 'no') break;
          this.isReady = true;
          this.provider = message.provider;
          this.wasmCodecs = message.wasmCodecs === true;
          this.events.ready(this);
          break;
        case 'fatal':
          loadTimer.cancel();
          this.#fatal = message.error;
          // It stops by itself; one that hangs instead is ended.
          lingering = clock.after(1000, () => this.#process.kill());
          break;
        case 'preprocessed':
          this.#preprocessed?.(message);
          this.#preprocessed = null;
          this.#preprocessFailed = null;
          break;
        case 'tiles': {
          this.#together = message.together ?? 1;
          const lease = this.#leases.get(message.lease);
          const expected = resultsOf(message.results).filter((result) =>
            lease?.remaining.delete(result.tile),
          );
          if (expected.length > 0) this.events.tiles(this, message.epoch, expected);
          break;
        }
        case 'tile-failed':
          if (this.#leases.get(message.lease)?.remaining.delete(message.tile)) {
            const { epoch, tile, transient, error, retryAfterMs = null } = message;
            this.events.tileFailed(this, epoch, tile, transient, error, retryAfterMs);
          }
          break;
        case 'usage':
          this.events.usage?.(message.cost);
          break;
        case 'alive':
          break;
        case 'lease-done':
          this.#finishLease(message.lease, message.epoch);
          break;
      }
    });
    const stopWatching = watchMemory(this.#process, inferenceWorkerBytes, () => this.kill('memory'), clock);
    this.#process.onExit((exit) => {
      stopWatching();
      loadTimer.cancel();
      lingering?.cancel();
      if (exit.code === memoryExitCode) this.#killed = 'memory';
      this.isReady = false;
      this.isGone = true;
      const begun: number[] = [];
      const untouched: number[] = [];
      let batches = 1;
      for (const lease of this.#leases.values()) {
        const tiles = [...lease.remaining];
        if (begun.length === 0) batches = lease.isSingle ? 1 : this.#together;
        const most = begun.length === 0 ? lease.batch * batches : 0;
        begun.push(...tiles.slice(0, most));
        untouched.push(...tiles.slice(most));
      }
      // One alone did it; of several it is not known which.
      const [computing, suspects] = begun.length > 1 ? [[], begun] : [begun, []];
      this.#leases.clear();
      this.#preprocessFailed?.(this.#exitError(exit));
      this.events.gone(
        this,
        { computing, suspects, untouched, fatal: this.#fatal, killed: this.#killed },
        exit,
      );
    });
    this.#process.post(init);
  }

  get pid(): number | undefined {
    return this.#process.pid;
  }

  get openLeases(): number {
    return this.#leases.size;
  }

  /** Those that it will work through. */
  get standingLeases(): number {
    let standing = 0;
    for (const { isRecalled } of this.#leases.values()) if (!isRecalled) standing++;
    return standing;
  }

  /**
   * Takes back what it has not begun; the batch that it is at is finished. A suspect, which is leased alone, stays.
   * @param stays whether a tile's lease is left as it is
   */
  recall(stays: (tile: number) => boolean): void {
    for (const [id, lease] of this.#leases) {
      if (lease.isRecalled || lease.isSingle || [...lease.remaining].some(stays)) continue;
      lease.isRecalled = true;
      this.#process.post({ kind: 'cancel', lease: id });
    }
  }

  #exitError(exit: { code: number | null; signal: string | null }): GigatileError {
    if (this.#fatal) return GigatileError.fromPlain(this.#fatal);
    if (this.#killed === 'memory') return inferenceMemoryLimit();
    if (this.#killed === 'load-timeout') return loadLimit();
    return new GigatileError(
      'worker-crashed',
      `The inference worker ended (${exit.signal ?? `code ${exit.code}`})`,
    );
  }

  /** A lease that ends with tiles unanswered, and was not recalled, is a fault of the worker's code: its tiles fail, they don't vanish. */
  #finishLease(id: number, epoch: number): void {
    const lease = this.#leases.get(id);
    this.#leases.delete(id);
    if (lease?.isRecalled) this.events.returned(this, epoch, [...lease.remaining]);
    else
      for (const tile of lease?.remaining ?? []) {
        const error: PlainError = {
          code: 'internal',
          message: 'The worker ended its lease without an answer for this tile',
        };
        this.events.tileFailed(this, epoch, tile, true, error, null);
      }
    this.events.leaseDone(this);
  }

  /** @throws {GigatileError} the worker's own reason, or worker-crashed */
  preprocess(
    plan: GridPlan,
    background: InferenceInit['manifest']['background'],
    stains?: 'macenko',
  ): Promise<Omit<Extract<FromInference, { kind: 'preprocessed' }>, 'kind'>> {
    return new Promise((resolve, reject) => {
      this.#preprocessed = resolve;
      this.#preprocessFailed = reject;
      this.#process.post({ kind: 'preprocess', plan, background, ...(stains && { stains }) });
    });
  }

  lease(
    tiles: number[],
    options: { epoch: number; plan: GridPlan; batch: number; keepAll: boolean; holdMs: number },
  ): void {
    const id = this.#nextLease++;
    this.silentMs = 0;
    this.#leases.set(id, {
      epoch: options.epoch,
      batch: options.batch,
      isSingle: tiles.length === 1,
      remaining: new Set(tiles),
      isRecalled: false,
    });
    this.#process.post({ kind: 'lease', lease: id, ...options, tiles: Int32Array.from(tiles) });
  }

  kill(why: Exclude<Killed, 'no'>): void {
    // The first reason is the reason.
    if (this.#killed === 'no') this.#killed = why;
    // No more leases, though it takes a moment until it has gone.
    this.isReady = false;
    this.#process.kill();
  }
}
