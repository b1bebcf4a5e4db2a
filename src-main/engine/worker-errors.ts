/** What is said of workers that were ended at a limit. */
import { GigatileError } from '../contract/errors.ts';
import { readLimits } from '../core/limits.ts';

/** Of a tile, or of a run, whose worker outgrew its limit. */
export function inferenceMemoryLimit(where?: string): GigatileError {
  const megabytes = Math.round(readLimits(process.env).inferenceWorkerBytes / 2 ** 20);
  return new GigatileError('worker-memory', `The worker memory limit of ${megabytes} MB was reached`, {
    where,
    hint: 'A smaller tile needs less; GIGATILE_INFERENCE_MEMORY_MB sets another limit.',
  });
}

/** Of a run whose model was not there in time. Not worth another try: it is the model that takes so long. */
export function loadLimit(where?: string): GigatileError {
  const seconds = readLimits(process.env).modelLoadMs / 1000;
  return new GigatileError('model-invalid', `The model could not be loaded within ${seconds} s`, {
    where,
    hint: 'GIGATILE_MODEL_LOAD_S sets another limit.',
  });
}

/** A model that ends one worker after the other: it would never come to an end. */
export function endsWorkers(deaths: number, last: string, where: string): GigatileError {
  return new GigatileError(
    'worker-crashed',
    `The model ended ${deaths} workers in a row before any tile had a result; the last time: ${last}`,
    {
      where,
      hint: 'Nothing is lost. Another model, or a smaller tile, may do; "gigatile doctor" tries this machine.',
    },
  );
}
