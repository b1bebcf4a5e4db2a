/** Watches the memory of a worker from outside, where the system says it: a decoder that is at work cannot watch itself. */
import { readFileSync } from 'node:fs';
import { systemClock } from '../core/clock.ts';
import type { Clock } from '../core/clock.ts';

const everyMs = 250;

/**
 * Resident memory of a process, bytes; null where it has gone, or elsewhere than on Linux. The kernel answers out of its own memory: to
 * wait for that takes a quarter of the processor time of having it done by other threads, beside workers that want all of it.
 */
function residentBytes(pid: number): number | null {
  try {
    const kilobytes = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
    return kilobytes === undefined ? null : Number(kilobytes) * 1024;
  } catch {
    return null;
  }
}

/**
 * Calls `over` once, when the process has more than `limitBytes`. Returns how to stop watching. On other systems the worker's own
 * guard (workers/memory-guard.ts) is all there is.
 */
export function watchMemory(
  process: { readonly pid: number | undefined },
  limitBytes: number,
  over: () => void,
  clock: Pick<Clock, 'every'> = systemClock,
): () => void {
  if (globalThis.process.platform !== 'linux') return () => undefined;
  const look = (): void => {
    const { pid } = process;
    if (pid === undefined) return;
    const bytes = residentBytes(pid);
    if (bytes === null || bytes <= limitBytes) return;
    timer.cancel();
    over();
  };
  const timer = clock.every(everyMs, look);
  return () => timer.cancel();
}
