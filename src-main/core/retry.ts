/**
 * When a tile that failed is tried again: exponential backoff with full jitter (the delay is drawn evenly between 0 and the
 * ceiling, so that many tiles that fail together do not come back together).
 */
export interface RetryPolicy {
  /** Attempts in all, the first one included. */
  maxAttempts: number;
  baseMs: number;
  capMs: number;
  /** A tile whose worker died this often while it was being computed is taken out: it is poison. */
  maxCrashes: number;
}

export const defaultRetryPolicy: RetryPolicy = { maxAttempts: 4, baseMs: 200, capMs: 30_000, maxCrashes: 2 };

/**
 * Delay before the attempt after `attempts` failed ones, milliseconds.
 * @param random evenly in [0, 1)
 */
export function backoffMs(policy: RetryPolicy, attempts: number, random: number): number {
  const ceiling = Math.min(policy.capMs, policy.baseMs * 2 ** Math.max(0, attempts - 1));
  return Math.round(random * ceiling);
}
