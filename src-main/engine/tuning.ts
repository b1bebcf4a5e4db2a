/**
 * How does a model run quickest here: how many processes, of how many threads, with how many tiles at once? Measured with made-up
 * tiles in processes that are thrown away, side by side as in a run, for a few seconds at most.
 */
import type { ExecutionProvider } from '../contract/run.ts';
import type { WorkerHost } from '../core/worker-host.ts';
import { TrialWorker, type TrialOptions } from './trial-worker.ts';
import type { Timing } from './tuning-store.ts';

export interface TuningRequest {
  host: WorkerHost;
  trial: Omit<TrialOptions, 'compare'>;
  provider: ExecutionProvider;
  cores: number;
  /** Processes that memory has room for, as far as the model's size tells. */
  most: number;
  /** Bytes that all workers together may take. */
  memoryBytes: number;
  /** What the person fixed. */
  fixed: { workers?: number | undefined; threads?: number | undefined; batch?: number | undefined };
  /** Tiles that the run is about: one that is over soon is not worth a measurement. */
  tiles: number;
  loadLimitMs: number;
  onProgress: (fraction: number) => void;
}

/** Runs of a batch are timed for so long. */
const timeMs = 300;
/** All of it, from the first model that is loaded; what was measured by then decides. */
const budgetMs = 8000;
/** A run that the first measurement says is over within this goes on with what is known to be good. */
const worthwhileSeconds = 20;
/** Tiles that take so long each gain nothing from being given together, and a measurement of many of them would take too long. */
const slowTileMs = 400;
/** Something else than one tile at a time in as many processes as cores must be better by this: measurements are never exact. */
const better = 1.05;

interface Shape {
  workers: number;
  threads: number;
}

/** @returns the shapes to try, the one that is most often the best first */
export function shapes(request: Pick<TuningRequest, 'provider' | 'cores' | 'most' | 'fixed'>): Shape[] {
  const { provider, cores, fixed } = request;
  const found: Shape[] = [];
  const add = (workers: number, threads: number): void => {
    const shape = { workers: fixed.workers ?? workers, threads: fixed.threads ?? threads };
    if (!found.some((known) => known.workers === shape.workers && known.threads === shape.threads)) {
      found.push(shape);
    }
  };
  if (provider !== 'cpu') {
    // A second process prepares tiles while the first one's are computed.
    add(1, 1);
    if (cores > 1 && request.most > 1) add(2, 1);
    return found;
  }
  if (fixed.workers !== undefined) add(fixed.workers, Math.max(1, Math.floor(cores / fixed.workers)));
  const atOnce = fixed.threads === undefined ? cores : Math.max(1, Math.floor(cores / fixed.threads));
  const most = Math.min(atOnce, request.most);
  // Never more threads at work than cores: three processes on two cores are slower than two.
  for (let workers = most; workers >= 1 && found.length < 4; workers = Math.floor(workers / 2)) {
    add(workers, Math.max(1, Math.floor(cores / workers)));
  }
  return found;
}

/** Batches to try, ascending. */
export function batches(provider: ExecutionProvider, fixed: number | undefined): number[] {
  if (fixed !== undefined) return [fixed];
  return provider === 'cpu' ? [1, 4, 8] : [1, 4, 8, 16, 32];
}

/**
 * @returns null where the run would be over before the measurement had paid
 * @throws {GigatileError} why the model cannot be run; cancelled
 */
export async function measure(
  request: TuningRequest,
  signal: AbortSignal,
): Promise<{ best: Timing; measured: Timing[] } | null> {
  const { provider, fixed, tiles, onProgress } = request;
  const toTry = shapes(request);
  const steps = toTry.length * batches(provider, fixed.batch).length;
  const measured: Timing[] = [];
  const end = performance.now() + budgetMs + request.loadLimitMs;
  let deadline = end;
  let memoryOfWorker = 0;
  for (const shape of toTry) {
    const fits = memoryOfWorker === 0 || shape.workers * memoryOfWorker <= request.memoryBytes;
    if (!fits || performance.now() > deadline) continue;
    const workers = Array.from({ length: shape.workers }, () => new TrialWorker(request.host));
    try {
      const options = { ...request.trial, compare: false };
      const model = { ...options.model, provider, threads: shape.threads };
      const ready = await Promise.all(
        workers.map((worker) => worker.load({ ...options, model }, request.loadLimitMs, signal)),
      );
      deadline = Math.min(deadline, performance.now() + budgetMs);
      const maxBatch = Math.min(...ready.map((each) => each.maxBatch));
      for (const batch of batches(provider, fixed.batch)) {
        if (batch > maxBatch || performance.now() > deadline) break;
        const last = measured.at(-1);
        const isSlow =
          last !== undefined &&
          last.batch < batch &&
          last.workers === shape.workers &&
          (1000 * shape.workers) / last.tilesPerSecond > slowTileMs;
        if (isSlow && provider === 'cpu') break;
        const limitMs = Math.max(request.loadLimitMs, budgetMs);
        const timed = await Promise.all(workers.map((worker) => worker.time(batch, timeMs, limitMs, signal)));
        memoryOfWorker = Math.max(memoryOfWorker, ...timed.map((each) => each.residentBytes));
        const tilesPerSecond = timed.reduce((sum, each) => sum + (1000 * batch) / each.msPerRun, 0);
        measured.push({ ...shape, batch, tilesPerSecond });
        onProgress(measured.length / steps);
        if (measured.length === 1 && tiles / tilesPerSecond < worthwhileSeconds) return null;
      }
    } finally {
      for (const worker of workers) worker.end();
    }
  }
  const best = quickest(measured.filter((each) => each.workers * memoryOfWorker <= request.memoryBytes));
  return best === null ? null : { best, measured };
}

/** The first, unless another is better by more than measurements err. */
export function quickest(measured: readonly Timing[]): Timing | null {
  let best = measured[0] ?? null;
  for (const each of measured) {
    if (best !== null && each.tilesPerSecond > best.tilesPerSecond * better) best = each;
  }
  return best;
}
