/**
 * What a hostile or damaged image or model may cost at most: decoded pixels, time, and the memory of the process that works at it. Set by
 * environment variables, because they must reach every worker of every shell the same way.
 */
import { GigatileError } from '../contract/errors.ts';

export interface Limits {
  /** A single tile, strip or flat image of more pixels is refused (GIGATILE_MAX_PIXELS). */
  maxPixels: number;
  /** An image worker with more resident memory is ended, bytes (GIGATILE_WORKER_MEMORY_MB). */
  imageWorkerBytes: number;
  /** The same for an inference worker, which holds a model too (GIGATILE_INFERENCE_MEMORY_MB). */
  inferenceWorkerBytes: number;
  /** A model that is not loaded after so long is given up, milliseconds (GIGATILE_MODEL_LOAD_S). */
  modelLoadMs: number;
  /** An inference worker that says nothing for so long while it is at work is ended, milliseconds (GIGATILE_TILE_TIMEOUT_S). */
  tileTimeoutMs: number;
}

const megabyte = 1024 * 1024;

/** 16,384 x 16,384 pixels; twice what decoding such a tile takes; room for models of a few GB. */
export const defaultLimits: Limits = {
  maxPixels: 2 ** 28,
  imageWorkerBytes: 2048 * megabyte,
  inferenceWorkerBytes: 6144 * megabyte,
  modelLoadMs: 120_000,
  tileTimeoutMs: 120_000,
};

/** What a pixel may take in memory before it counts as several (four bands of 8 bits, one of 32). */
export const bytesOfPixel = 4;

/** The least that makes sense: a tile of 512 x 512; a worker with its codecs loaded. */
const least = { pixels: 2 ** 18, megabytes: 256, seconds: 1 };

/** @throws {GigatileError} usage, where a variable is no whole number or below what any image needs */
export function readLimits(environment: Readonly<Record<string, string | undefined>>): Limits {
  const read = (name: string, low: number, otherwise: number): number => {
    const text = environment[name]?.trim();
    if (text === undefined || text === '') return otherwise;
    const value = /^\d{1,15}$/.test(text) ? Number(text) : Number.NaN;
    if (!(value >= low)) {
      throw new GigatileError('usage', `${name}=${text} is not a whole number of at least ${low}`, {
        hint: `Leave it out for the default of ${otherwise}.`,
      });
    }
    return value;
  };
  const megabytes = (name: string, otherwise: number): number =>
    read(name, least.megabytes, otherwise / megabyte) * megabyte;
  const seconds = (name: string, otherwise: number): number =>
    read(name, least.seconds, otherwise / 1000) * 1000;
  return {
    maxPixels: read('GIGATILE_MAX_PIXELS', least.pixels, defaultLimits.maxPixels),
    imageWorkerBytes: megabytes('GIGATILE_WORKER_MEMORY_MB', defaultLimits.imageWorkerBytes),
    inferenceWorkerBytes: megabytes('GIGATILE_INFERENCE_MEMORY_MB', defaultLimits.inferenceWorkerBytes),
    modelLoadMs: seconds('GIGATILE_MODEL_LOAD_S', defaultLimits.modelLoadMs),
    tileTimeoutMs: seconds('GIGATILE_TILE_TIMEOUT_S', defaultLimits.tileTimeoutMs),
  };
}

/** What a worker that has outgrown its limit ends itself with; nothing else does. */
export const memoryExitCode = 77;
