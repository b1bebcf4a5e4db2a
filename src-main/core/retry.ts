/**
 * When a tile that failed is tried again: exponential backoff with full jitter (the delay is drawn evenly between 0 and the
 * ceiling, so that many tiles that fail together do not come back together). How often and how soon depends on what went wrong.
 */
import type { ErrorCode } from '../contract/errors.ts';

/**
 * What kind of trouble can pass by itself. `crash`, `memory`, `timeout`: the worker was lost while it computed the tile; `endpoint`:
 * a remote model's server was busy, slow or broken (HTTP 429, 408, 5xx, no connection); `io`: all else that reading and memory can do.
 */
export const retryClasses = ['crash', 'memory', 'timeout', 'io', 'endpoint'] as const;
export type RetryClass = (typeof retryClasses)[number];

export interface Backoff {
  /** Ceiling of the first delay, milliseconds; it doubles with every attempt up to `capMs`. */
  baseMs: number;
  capMs: number;
}

export interface RetryRule extends Backoff {
  /**
   * Attempts of a tile in all, the first one and those that ended otherwise included: after so many, trouble of this class is the
   * tile's end.
   */
  maxAttempts: number;
}

export interface RetryPolicy {
  rules: Readonly<Record<RetryClass, RetryRule>>;
  /** A tile whose worker died this often while it was being computed is taken out: it is poison. */
  maxCrashes: number;
}

export const defaultRetryPolicy: RetryPolicy = {
  rules: {
    crash: { maxAttempts: 4, baseMs: 200, capMs: 30_000 },
    // The same pixels and the same model want the same memory: once more, when other programs may have given theirs back.
    memory: { maxAttempts: 2, baseMs: 1000, capMs: 30_000 },
    // Each costs the whole limit.
    timeout: { maxAttempts: 2, baseMs: 1000, capMs: 30_000 },
    // Network drives are away for seconds.
    io: { maxAttempts: 6, baseMs: 250, capMs: 60_000 },
    endpoint: { maxAttempts: 6, baseMs: 500, capMs: 60_000 },
  },
  maxCrashes: 2,
};

const classOfCode: Partial<Record<ErrorCode, RetryClass>> = {
  'worker-crashed': 'crash',
  'worker-memory': 'memory',
  'worker-timeout': 'timeout',
  'endpoint-failed': 'endpoint',
};

export function retryClassOf(code: ErrorCode): RetryClass {
  return classOfCode[code] ?? 'io';
}

/** No tile of a run has more attempts than that. */
export function mostAttempts({ rules }: RetryPolicy): number {
  return Math.max(...retryClasses.map((name) => rules[name].maxAttempts));
}

/** No wait is longer, unless an endpoint asks for more; it is heeded up to an hour (remote/failure.ts). */
export function longestWaitMs({ rules }: RetryPolicy): number {
  return Math.max(3_600_000, ...retryClasses.map((name) => rules[name].capMs));
}

/**
 * Delay before the attempt after `attempts` failed ones, milliseconds.
 * @param random evenly in [0, 1)
 */
export function backoffMs({ baseMs, capMs }: Backoff, attempts: number, random: number): number {
  const ceiling = Math.min(capMs, baseMs * 2 ** Math.max(0, attempts - 1));
  return Math.round(random * ceiling);
}
