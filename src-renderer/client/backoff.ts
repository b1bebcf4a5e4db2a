/**
 * Milliseconds to wait before reconnecting: doubles from 250 ms to at most 8 s, with "full jitter" in its upper half so that
 * several windows don't knock at the same moment.
 * @param random in [0, 1)
 */
export function backoffMs(attempt: number, random: number): number {
  const ceiling = Math.min(8000, 250 * 2 ** Math.min(attempt, 10));
  return ceiling / 2 + (ceiling / 2) * random;
}
