/** The first step of a run, in a worker of its own: which tiles hold nothing worth looking at, and how full the others are. */
import { basename } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { GigatileError } from '../contract/errors.ts';
import type { ModelManifest } from '../contract/model.ts';
import type { GridPlan } from '../contract/run.ts';
import type { Vector } from '../core/stains.ts';
import type { WorkerHost } from '../core/worker-host.ts';
import type { InferenceInit } from '../core/worker-protocol.ts';
import { InferenceWorker, noEvents } from './inference-worker.ts';
import { inferenceMemoryLimit, loadLimit } from './worker-errors.ts';

/** An overview of any image is read and judged well within this. */
const timeoutMs = 120_000;

/** A worker that is killed or hangs is followed by another; one that fails again and again has a reason of its own. */
const attempts = 5;
const restartBaseMs = 100;

/**
 * @param stains estimate those of the image too
 * @param signal ends the worker at once
 * @returns skip reason and content (fraction of tissue or data, 0-1) a tile, and the worker, ready for leases
 * @throws {GigatileError} the worker's own reason (model, image, codec), worker-crashed, worker-timeout, cancelled
 */
export async function preprocessInWorker(
  host: WorkerHost,
  init: InferenceInit,
  plan: GridPlan,
  background: ModelManifest['background'],
  stains: 'macenko' | undefined,
  signal: AbortSignal,
): Promise<Preprocessed> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await preprocessOnce(host, init, plan, background, stains, signal);
    } catch (error) {
      const transient =
        error instanceof GigatileError &&
        (error.code === 'worker-crashed' || error.code === 'worker-timeout');
      if (!transient || attempt >= attempts || signal.aborted) throw error;
      await sleep(restartBaseMs * 2 ** attempt);
    }
  }
}

export interface Preprocessed {
  skip: Uint8Array;
  content: Float32Array;
  /** Fraction of each core under pen, 0-1. */
  pen: Float32Array;
  /** See core/worker-protocol.ts. */
  stains?: [Vector, Vector] | null;
  provider: string;
  /** The worker that did it, ready for the next step; the caller's to end. */
  worker: InferenceWorker;
}

async function preprocessOnce(
  host: WorkerHost,
  init: InferenceInit,
  plan: GridPlan,
  background: ModelManifest['background'],
  stains: 'macenko' | undefined,
  signal: AbortSignal,
): Promise<Preprocessed> {
  let worker: InferenceWorker | undefined;
  try {
    const found = await new Promise<Preprocessed>((resolve, reject) => {
      const timer = setTimeout(() => {
        reject(new GigatileError('worker-timeout', `Preprocess took longer than ${timeoutMs / 1000} s`));
      }, timeoutMs);
      const settle = (act: () => void): void => {
        clearTimeout(timer);
        act();
      };
      const abort = (): void => settle(() => reject(new GigatileError('cancelled', 'Stopped by the person')));
      if (signal.aborted) {
        abort();
        return;
      }
      signal.addEventListener('abort', abort, { once: true });
      worker = new InferenceWorker(host, init, {
        ready: (ready) => {
          ready.preprocess(plan, background, stains).then(
            (found) =>
              settle(() => resolve({ ...found, provider: ready.provider ?? 'unknown', worker: ready })),
            (error: unknown) => settle(() => reject(error)),
          );
        },
        tiles: () => undefined,
        tileFailed: () => undefined,
        returned: () => undefined,
        leaseDone: () => undefined,
        gone: (_worker, lost, exit) => {
          const how = exit.signal ?? `exit code ${exit.code ?? 'unknown'}`;
          const known = lost.fatal
            ? GigatileError.fromPlain(lost.fatal)
            : lost.killed === 'memory'
              ? inferenceMemoryLimit(basename(init.imagePath))
              : lost.killed === 'load-timeout'
                ? loadLimit(basename(init.modelPath))
                : null;
          const error =
            known ??
            new GigatileError(
              'worker-crashed',
              `The worker ended while it looked through the image (${how})`,
              {
                hint: 'Resume the run to try again; "gigatile doctor" says whether a part cannot be loaded.',
              },
            );
          settle(() => reject(error));
        },
      });
    });
    found.worker.events = noEvents;
    return found;
  } catch (error) {
    worker?.kill('stopped');
    throw error;
  }
}
