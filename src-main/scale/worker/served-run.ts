/** One run as a worker serves it: its slide found and checked, its model at hand, processes that have both loaded. */
import { GigatileError } from '../../contract/errors.ts';
import type { RemoteUsage } from '../../contract/model-remote.ts';
import type { WorkerHost } from '../../core/worker-host.ts';
import type { InferenceInit } from '../../core/worker-protocol.ts';
import { Analyze } from '../../engine/analyze.ts';
import { trialOf, type Execution, type ExecutionPlan } from '../../engine/execution.ts';
import { ImageGuard, imageMissing } from '../../engine/image-guard.ts';
import type { ImageService } from '../../engine/image-service.ts';
import type { InferenceWorker } from '../../engine/inference-worker.ts';
import { remotePlan, retryPolicyOf } from '../../engine/remote-run.ts';
import { imageStamp } from '../../images/image-stamp.ts';
import { added, nothingUsed } from '../../remote/usage.ts';
import type { TileOutcome } from '../chunk-results.ts';
import type { FleetRunSpec } from '../fleet-run.ts';
import { ChunkLedger } from './chunk-ledger.ts';
import { slideAddress } from '../s3/slide-address.ts';
import { slideHere, type SlideMap } from './slide-map.ts';

/** Finds a model's file by its content. */
export interface ModelSource {
  /** @throws {GigatileError} model-not-found, model-changed */
  path(sha256: string): Promise<string>;
}

export interface ServingParts {
  host: WorkerHost;
  images: ImageService;
  execution: Execution;
  models: ModelSource;
  slides: SlideMap;
  /** Processes at once; measured where absent. */
  concurrency?: number | undefined;
}

export class ServedRun {
  readonly id: string;
  readonly spec: FleetRunSpec;
  /** Milliseconds of a tile, as measured last, here or elsewhere; null: nobody knows. */
  tileMs: number | null = null;
  readonly #parts: ServingParts;
  readonly #guard: ImageGuard;
  readonly #init: InferenceInit;
  readonly #plan: ExecutionPlan;
  readonly #staleAt: Date | null;
  #warm: InferenceWorker[] = [];
  #usage = nothingUsed;
  #analyze: Analyze | null = null;

  private constructor(
    id: string,
    spec: FleetRunSpec,
    parts: ServingParts,
    guard: ImageGuard,
    init: InferenceInit,
    plan: ExecutionPlan,
    staleAt: Date | null,
  ) {
    this.id = id;
    this.spec = spec;
    this.#parts = parts;
    this.#guard = guard;
    this.#init = init;
    this.#plan = plan;
    this.#staleAt = staleAt;
  }

  /**
   * Before a chunk is taken: what this machine cannot serve, others can.
   * @throws {GigatileError} image-missing, image-changed, model-not-found, model-changed, provider-unusable …
   */
  static async prepare(id: string, spec: FleetRunSpec, parts: ServingParts): Promise<ServedRun> {
    const { images, models, execution, concurrency } = parts;
    const { fingerprint, address } = spec.image;
    const { path, staleAt } = await slideAddress(slideHere(address, parts.slides));
    const stamp = await imageStamp(path);
    if (stamp === null) throw imageMissing(path);
    images.forget(path);
    const found = await images.open(path);
    if (found.fingerprint !== fingerprint) {
      throw new GigatileError('image-changed', `"${spec.image.name}" is another image on this machine`, {
        where: path,
        hint: 'Copy the slide of the run here, or correct --slides.',
      });
    }
    const modelPath = await models.path(spec.model.sha256);
    const { remote } = spec;
    const { manifest, sha256, fileIndex, bandIndexes } = spec.model;
    const model = { modelPath, modelSha256: sha256, manifest, fileIndex };
    if (remote === undefined) await execution.check(model, spec.provider);
    const plan =
      remote !== undefined
        ? remotePlan
        : await execution.plan(
            trialOf(model, spec.grid),
            spec.provider,
            {
              ...(concurrency !== undefined && { workers: concurrency }),
              ...(spec.batch !== undefined && { batch: spec.batch }),
            },
            spec.grid.columns * spec.grid.rows,
            () => undefined,
            new AbortController().signal,
          );
    const init: InferenceInit = {
      kind: 'init',
      imagePath: path,
      fingerprint,
      modelPath,
      modelSha256: sha256,
      manifest,
      fileIndex,
      bandIndexes,
      threads: plan.threads,
      jpeg: spec.jpeg,
      provider: spec.provider,
      // A budget is one machine's to keep: here there are several.
      ...(remote && { remote: { atOnce: remote.atOnce, budget: null, used: nothingUsed } }),
    };
    const guard = new ImageGuard(images, path, fingerprint, stamp);
    return new ServedRun(id, spec, parts, guard, init, plan, staleAt);
  }

  /** Its slide's address will not hold much longer: prepared again before the next chunk. */
  get isStale(): boolean {
    return this.#staleAt !== null && this.#staleAt.getTime() < Date.now();
  }

  /** What a remote model has cost so far. */
  get usage(): RemoteUsage {
    return this.#usage;
  }

  workerPids(): number[] {
    return this.#analyze?.workerPids() ?? [];
  }

  /**
   * Every tile of a chunk with its result, or with why there is none; null where stop() came first.
   * @throws {GigatileError} what lies in this machine: image or model gone or changed, processes that do not start …
   */
  async analyze(tiles: readonly number[]): Promise<TileOutcome[] | null> {
    const outcomes = new Map<number, TileOutcome>();
    const warm = this.#warm.filter((worker) => !worker.isGone);
    this.#warm = [];
    this.#analyze = new Analyze({
      plan: this.spec.grid,
      epoch: 1,
      workers: this.#plan.workers,
      warm,
      handBack: (workers) => {
        this.#warm = workers;
      },
      batch: this.#plan.batch,
      keepAll: this.spec.keepAll,
      init: this.#init,
      host: this.#parts.host,
      ledger: new ChunkLedger(tiles),
      commit: {
        add: (change) => {
          if (change.kind === 'done') outcomes.set(change.result.tile, change);
          else if (change.kind === 'fail') outcomes.set(change.tile, change);
        },
      },
      ...(this.spec.remote && { leases: this.spec.remote.atOnce + 1 }),
      policy: retryPolicyOf(this.spec.model.manifest),
      onUsage: (cost) => {
        this.#usage = added(this.#usage, cost);
      },
      tileTimeoutMs: this.spec.tileTimeoutMs,
      random: Math.random,
      onProvider: () => undefined,
      onError: () => undefined,
      checkImage: () => this.#guard.check(),
    });
    try {
      const how = await this.#analyze.run();
      if (how !== 'drained') return null;
    } finally {
      this.#analyze = null;
    }
    if (outcomes.size !== tiles.length) {
      throw new GigatileError(
        'internal',
        `${outcomes.size} of ${tiles.length} tiles of a chunk have an outcome`,
      );
    }
    return [...outcomes.values()];
  }

  stop(): void {
    this.#analyze?.stop();
  }

  close(): void {
    this.stop();
    for (const worker of this.#warm) worker.kill('stopped');
    this.#warm = [];
  }
}
