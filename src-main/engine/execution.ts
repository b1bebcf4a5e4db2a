/**
 * How a run is executed on this machine: on which provider, in how many processes of how many threads, with how many tiles at once.
 * What the person fixed stands; the rest was measured here before, is measured now, or is what is known to be good.
 */
import { stat } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { GigatileError } from '../contract/errors.ts';
import type { ExecutionProvider, GridPlan, RunParameters } from '../contract/run.ts';
import { readLimits } from '../core/limits.ts';
import type { WorkerHost } from '../core/worker-host.ts';
import type { ModelInit } from '../core/worker-protocol.ts';
import { environmentSecrets, type SecretSource } from '../remote/secrets.ts';
import { inputSize } from '../models/input/letterbox.ts';
import { builtInTrial, possibleProviders, probeProvider, speedUp } from './probe-inference.ts';
import { TrialWorker } from './trial-worker.ts';
import type { TrialOptions } from './trial-worker.ts';
import { TuningStore } from './tuning-store.ts';
import type { Probed } from './tuning-store.ts';
import { measure } from './tuning.ts';
import { WorkerBudget } from './worker-budget.ts';

export interface ExecutionOptions {
  host: WorkerHost;
  dataDir: string;
  modelsDir: string;
  version: string;
  /** Keys of endpoints; left out, those of the environment. */
  secrets?: SecretSource;
}

export interface ExecutionPlan {
  workers: number;
  threads: number;
  batch: number;
  /** Where the numbers come from, beside those that the person fixed. */
  from: 'person' | 'default' | 'measured' | 'remembered';
}

export type ExecutionModel = Omit<ModelInit, 'threads' | 'provider'>;

/** Fewer tiles are done before a measurement of them is. */
const leastTiles = 256;
/** What a worker takes beside its model, and a model as a multiple of its file: weights, their copies, what is between the layers. */
const workerBytes = 300 * 2 ** 20;
const modelTimes = 3;
/** Of the memory that is free now; the rest is the system's and the other programs'. */
const memoryPart = 0.8;
/** A provider that could not be used is tried again after so long: a driver may have been installed. */
const problemDays = 1;

export class Execution {
  /** What was measured again because the file of measurements was damaged, and the like; for a person. */
  readonly notices: string[] = [];
  /** Shared by the runs that go on. */
  readonly budget = new WorkerBudget(availableParallelism());
  readonly secrets: SecretSource;
  readonly #options: ExecutionOptions;
  readonly #store: TuningStore;

  constructor(options: ExecutionOptions) {
    this.#options = options;
    this.secrets = options.secrets ?? environmentSecrets(process.env);
    this.#store = new TuningStore(options.dataDir, options.version, (message) => {
      if (!this.notices.includes(message)) this.notices.push(message);
    });
  }

  /**
   * Loads the model in a process that is thrown away, unless it was loaded here before: what a model or a driver is not fit for is
   * said before there is a run.
   *
   * @throws {GigatileError} model-invalid, provider-unusable, worker-crashed, worker-memory …
   */
  async check(model: ExecutionModel, provider: ExecutionProvider, signal?: AbortSignal): Promise<void> {
    const key = [model.modelSha256, provider];
    if (this.#store.wasLoaded(key)) return;
    const worker = new TrialWorker(this.#options.host);
    const { modelLoadMs } = readLimits(process.env);
    try {
      const options = { model: { ...model, provider, threads: 1 }, width: 1, height: 1, compare: false };
      await worker.load(options, modelLoadMs, signal);
      this.#store.setLoaded(key);
    } catch (error) {
      throw whileLoading(error, model.modelPath);
    } finally {
      worker.end();
    }
  }

  /**
   * The provider that a run takes: the one that was asked for, or for `auto` the quickest that can run the model and agrees with the
   * processor. `notes` say why it is not another.
   *
   * @throws {GigatileError} cancelled
   */
  async provider(
    wanted: RunParameters['provider'],
    trial: Omit<TrialOptions, 'compare'>,
    signal?: AbortSignal,
  ): Promise<{ provider: ExecutionProvider; notes: string[] }> {
    if (wanted !== 'auto') return { provider: wanted ?? 'cpu', notes: [] };
    const notes: string[] = [];
    let best: { provider: ExecutionProvider; times: number } = { provider: 'cpu', times: 1 };
    for (const provider of possibleProviders()) {
      if (provider === 'cpu') continue;
      const probed = await this.#probe(provider, trial, signal);
      const times = speedUp(probed);
      if (probed.problem !== null) notes.push(`Not on ${provider}: ${probed.problem}`);
      else if (times > best.times) best = { provider, times };
      else notes.push(`Not on ${provider}: it is ${times.toFixed(1)} times as fast as the processor.`);
    }
    if (best.provider === 'cpu') notes.push('The model runs on the processor.');
    else
      notes.push(
        `The model runs on ${best.provider}, ${best.times.toFixed(1)} times as fast as on the processor.`,
      );
    return { provider: best.provider, notes };
  }

  async #probe(
    provider: ExecutionProvider,
    trial: Omit<TrialOptions, 'compare'>,
    signal?: AbortSignal,
  ): Promise<Probed> {
    const key = [trial.model.modelSha256, provider, trial.width, trial.height];
    const known = this.#store.probed(key);
    const days = known === null ? Infinity : (Date.now() - Date.parse(known.at)) / 86_400_000;
    if (known !== null && (known.problem === null || days < problemDays)) return known;
    const probed = await probeProvider(this.#options.host, provider, trial, signal);
    this.#store.setProbed(key, probed);
    return probed;
  }

  /** What is remembered of this machine. @throws {Error} where the file of it is damaged */
  remembered(): string {
    const summary = this.#store.summary();
    const [problem] = this.notices;
    if (problem !== undefined) throw new Error(problem);
    return summary;
  }

  /** Every provider with a built-in model, tried now. */
  async probeAll(): Promise<Probed[]> {
    const trial = await builtInTrial(this.#options.modelsDir);
    const found: Probed[] = [];
    for (const provider of possibleProviders()) {
      found.push(await probeProvider(this.#options.host, provider, trial));
    }
    return found;
  }

  /**
   * @param tiles that are still to be done
   * @throws {GigatileError} why the model cannot be run; cancelled
   */
  async plan(
    trial: Omit<TrialOptions, 'compare'>,
    provider: ExecutionProvider,
    parameters: RunParameters,
    tiles: number,
    onProgress: (fraction: number) => void,
    signal: AbortSignal,
  ): Promise<ExecutionPlan> {
    const { workers, threads, batch } = parameters;
    const cores = availableParallelism();
    const memoryBytes = process.availableMemory() * memoryPart;
    const most = await this.mostWorkers(trial.model.modelPath);
    const otherwise = {
      workers: provider === 'cpu' ? most : 1,
      threads: 1,
      batch: provider === 'cpu' ? 1 : 4,
    };
    const known = (plan: Omit<ExecutionPlan, 'from'>, from: ExecutionPlan['from']): ExecutionPlan => ({
      workers: workers ?? plan.workers,
      threads: threads ?? plan.threads,
      batch: batch ?? plan.batch,
      from,
    });
    if (workers !== undefined && threads !== undefined && batch !== undefined) {
      return { workers, threads, batch, from: 'person' };
    }
    const key = tunedKey(trial, provider, parameters);
    const remembered = this.#store.tuned(key);
    // Memory may be scarcer today.
    if (remembered !== null) {
      return known({ ...remembered.best, workers: Math.min(remembered.best.workers, most) }, 'remembered');
    }
    if (tiles < leastTiles) return known(otherwise, 'default');
    const found = await measure(
      {
        host: this.#options.host,
        trial,
        provider,
        cores,
        most,
        memoryBytes,
        fixed: { workers, threads, batch },
        tiles,
        loadLimitMs: readLimits(process.env).modelLoadMs,
        onProgress,
      },
      signal,
    );
    if (found === null) return known(otherwise, 'default');
    this.#store.setTuned(key, { at: new Date().toISOString(), ...found });
    return known(found.best, 'measured');
  }

  /** Milliseconds of a tile with all workers of this machine, as measured for an earlier run; null where it was not. */
  rememberedTileMs(
    trial: Omit<TrialOptions, 'compare'>,
    provider: ExecutionProvider,
    parameters: RunParameters,
  ): number | null {
    const tuned = this.#store.tuned(tunedKey(trial, provider, parameters));
    return tuned === null ? null : 1000 / tuned.best.tilesPerSecond;
  }

  /** As many as there are cores and memory is free for, at least one. */
  async mostWorkers(modelPath: string): Promise<number> {
    const { size } = await stat(modelPath).catch(() => ({ size: 0 }));
    const room = Math.floor((process.availableMemory() * memoryPart) / (workerBytes + size * modelTimes));
    return Math.max(1, Math.min(availableParallelism(), room));
  }
}

/** What a measurement depends on beside this machine. */
const tunedKey = (
  { model, width, height }: Omit<TrialOptions, 'compare'>,
  provider: ExecutionProvider,
  { workers, threads, batch }: RunParameters,
): (string | number)[] => [
  model.modelSha256,
  provider,
  `${width}x${height}`,
  workers ?? 'any',
  threads ?? 'any',
  batch ?? 'any',
];

/** The tile that a model is tried on: the grid's, or the only one that it takes. */
export function trialOf(
  model: ExecutionModel,
  grid: Pick<GridPlan, 'tileWidth' | 'tileHeight'>,
): Omit<TrialOptions, 'compare'> {
  const tile = { width: grid.tileWidth, height: grid.tileHeight };
  return {
    model: { ...model, threads: 1, provider: 'cpu' },
    ...inputSize(model.manifest.input, tile),
  };
}

function whileLoading(error: unknown, modelPath: string): unknown {
  if (!(error instanceof GigatileError)) return error;
  const hint = 'The file may be damaged, or made for another version of onnxruntime; nothing was started.';
  if (error.code === 'worker-crashed') {
    return new GigatileError('model-invalid', 'The process that loaded this model ended', {
      where: modelPath,
      hint: `${error.message}. ${hint}`,
      cause: error,
    });
  }
  if (error.code === 'worker-timeout') {
    return new GigatileError(
      'model-invalid',
      `The model could not be loaded: ${error.message.toLowerCase()}`,
      {
        where: modelPath,
        hint: `GIGATILE_MODEL_LOAD_S sets another limit. ${hint}`,
        cause: error,
      },
    );
  }
  return error.code === 'worker-memory' ? error.at(modelPath) : error;
}
