/** What can models run on here? Tried in processes that are thrown away, because a broken driver can end or hang its process. */
import { availableParallelism, platform } from 'node:os';
import { GigatileError, formatError, toPlainError } from '../contract/errors.ts';
import type { ExecutionProvider } from '../contract/run.ts';
import type { WorkerHost } from '../core/worker-host.ts';
import { listModels } from '../models/find-models.ts';
import type { TrialOptions } from './trial-worker.ts';
import { TrialWorker } from './trial-worker.ts';
import type { Probed } from './tuning-store.ts';

const limitMs = 60_000;

/** Providers that onnxruntime may have on this system, the processor first. */
export function possibleProviders(system: NodeJS.Platform = platform()): ExecutionProvider[] {
  const own: Partial<Record<NodeJS.Platform, ExecutionProvider[]>> = {
    win32: ['dml', 'cuda'],
    darwin: ['coreml'],
    linux: ['cuda'],
  };
  return ['cpu', 'webgpu', ...(own[system] ?? [])];
}

/** A tile of a model on a provider, against the processor. Never throws but where it is stopped: a failure is an answer. */
export async function probeProvider(
  host: WorkerHost,
  provider: ExecutionProvider,
  trial: Omit<TrialOptions, 'compare'>,
  signal?: AbortSignal,
): Promise<Probed> {
  const worker = new TrialWorker(host);
  const at = new Date().toISOString();
  try {
    const model = { ...trial.model, provider, threads: 1 };
    const { agreement } = await worker.load({ ...trial, model, compare: true }, limitMs, signal);
    if (agreement === null) throw new GigatileError('internal', 'The trial compared nothing');
    const { ms, cpuMs, disagreement } = agreement;
    const problem = disagreement === null ? null : `its results differ from the processor's: ${disagreement}`;
    return { at, provider, problem, ms, cpuMs };
  } catch (error) {
    if (error instanceof GigatileError && error.code === 'cancelled') throw error;
    const isKnown = error instanceof GigatileError && error.code === 'provider-unusable';
    const problem = isKnown ? error.message : formatError(toPlainError(error));
    return { at, provider, problem, ms: null, cpuMs: null };
  } finally {
    worker.end();
  }
}

/** The first built-in model on one of its tiles, which every machine can load. */
export async function builtInTrial(modelsDir: string): Promise<Omit<TrialOptions, 'compare'>> {
  const [model] = await listModels(modelsDir);
  if (!model) throw new GigatileError('model-not-found', 'There is no built-in model to try');
  const { manifest, sha256 } = model.card;
  return {
    model: {
      modelPath: model.files[0] ?? '',
      modelSha256: sha256[0] ?? '',
      manifest,
      fileIndex: 0,
      threads: 1,
      provider: 'cpu',
    },
    width: manifest.input.tileSize,
    height: manifest.input.tileHeight ?? manifest.input.tileSize,
  };
}

/** What a provider gives against all cores of the processor: above 1 it is quicker. */
export function speedUp({ ms, cpuMs }: Probed, cores = availableParallelism()): number {
  return ms === null || cpuMs === null ? 0 : cpuMs / cores / ms;
}
