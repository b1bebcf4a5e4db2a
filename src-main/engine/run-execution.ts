/** How one run is executed here, as far as it is known each time that the run is taken up: provider, numbers, what its workers are told. */
import type { ExecutionProvider, RunParameters } from '../contract/run.ts';
import { readLimits } from '../core/limits.ts';
import type { InferenceInit, ModelInit } from '../core/worker-protocol.ts';
import type { CaseFile } from '../store/case-file.ts';
import type { StoredRun } from '../store/run-store.ts';
import { trialOf } from './execution.ts';
import type { Execution, ExecutionPlan } from './execution.ts';
import type { ImageGuard } from './image-guard.ts';
import { remoteKey, remoteOrder, remotePlan } from './remote-run.ts';

export interface RunExecutionOptions {
  caseFile: CaseFile;
  execution: Execution;
  image: () => ImageGuard;
  /** How far measuring is has changed. */
  changed: () => void;
}

export class RunExecution {
  readonly #options: RunExecutionOptions;
  #provider: ExecutionProvider = 'cpu';
  #remoteKey: string | null = null;
  #tuning: number | null = null;

  constructor(options: RunExecutionOptions) {
    this.#options = options;
  }

  get provider(): ExecutionProvider {
    return this.#provider;
  }

  /** Fraction of the measuring that is done; null while nothing is measured. */
  get tuning(): number | null {
    return this.#tuning;
  }

  /** For `auto` each time anew: what was tried here before is remembered, and another machine has other providers. */
  async choose(run: StoredRun, signal: AbortSignal): Promise<void> {
    if (run.step !== 'preprocess' && run.step !== 'analyze') return;
    const { caseFile, execution } = this.#options;
    if (run.manifest.remote !== undefined) {
      this.#remoteKey = await remoteKey(run.manifest, execution.secrets);
      return;
    }
    const trial = trialOf(modelOf(run), run.grid);
    const { provider, notes } = await execution.provider(run.parameters.provider, trial, signal);
    this.#provider = provider;
    if (notes.length === 0) return;
    caseFile.transaction(() => {
      caseFile.runs.addNotes(run.no, notes);
      caseFile.events.append(run.no, 'provider', { provider, notes });
    });
  }

  /** @param tiles still to be done; with 0 nothing is measured */
  async plan(run: StoredRun, tiles: number, signal: AbortSignal): Promise<ExecutionPlan> {
    if (run.manifest.remote !== undefined) return remotePlan;
    const { execution, changed } = this.#options;
    const trial = trialOf(modelOf(run), run.grid);
    const measuring = (fraction: number): void => {
      this.#tuning = fraction;
      changed();
    };
    try {
      return await execution.plan(trial, this.#provider, run.parameters, tiles, measuring, signal);
    } finally {
      this.#tuning = null;
    }
  }

  /** Milliseconds of a tile on a machine like this one; null where nobody has measured it. */
  rememberedTileMs(run: StoredRun): number | null {
    if (run.manifest.remote !== undefined) return null;
    const { execution } = this.#options;
    return execution.rememberedTileMs(trialOf(modelOf(run), run.grid), this.#provider, run.parameters);
  }

  init(run: StoredRun, threads: number): InferenceInit {
    const order = remoteOrder(run, this.#remoteKey);
    const { path, fingerprint } = this.#options.image();
    return {
      kind: 'init',
      imagePath: path,
      fingerprint,
      modelPath: run.modelPath,
      modelSha256: run.modelSha256,
      manifest: run.manifest,
      fileIndex: run.fit.fileIndex,
      bandIndexes: run.fit.bandIndexes,
      threads,
      jpeg: run.parameters.jpeg ?? 'fast',
      provider: this.#provider,
      ...(order && { remote: order }),
    };
  }
}

function modelOf(run: StoredRun): Omit<ModelInit, 'threads' | 'provider'> {
  const { modelPath, modelSha256, manifest, fit } = run;
  return { modelPath, modelSha256, manifest, fileIndex: fit.fileIndex };
}

/** The person's, or the limit of this machine. */
export function tileTimeoutMs({ tileTimeout }: RunParameters): number {
  return tileTimeout === undefined ? readLimits(process.env).tileTimeoutMs : tileTimeout * 1000;
}
