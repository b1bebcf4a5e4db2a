import { defaultLimits } from '../../../../src-main/core/limits.ts';

/** What a request of a damaged file may take at most, and the process that reads it: what the application allows. */
export const fuzzLimits = {
  timeoutMs: 60_000,
  memoryBytes: defaultLimits.imageWorkerBytes,
} as const;
