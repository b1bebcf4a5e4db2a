import { defaultLimits } from '../../../../src-main/core/limits.ts';

/** What reading one damaged file, all of it, may take at most: what the application allows one request and one worker. */
export const fuzzLimits = {
  timeoutMs: 60_000,
  memoryBytes: defaultLimits.imageWorkerBytes,
} as const;
