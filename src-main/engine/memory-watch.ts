/** Watches the memory of a worker from outside, where the system says it: a decoder that is at work cannot watch itself. */
import { readFile } from 'node:fs/promises';
import { systemClock } from '../core/clock.ts';
import type { Clock } from '../core/clock.ts';

const everyMs = 250;

/** Resident memory of a process, bytes; null where it has gone, or elsewhere than on Linux. */
async function residentBytes(pid: number): Promise<number | null> {
  try {
    const kilobytes = /^VmRSS:\s+(\d+) kB$/m.exec(await readFile(`/proc/${pid}/status`, 'utf8'))?.[1];
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
  let isLooking = false;
  const look = async (): Promise<void> => {
    const { pid } = process;
    if (isLooking || pid === undefined) return;
    isLooking = true;
    const bytes = await residentBytes(pid);
    isLooking = false;
    if (bytes === null || bytes <= limitBytes || process.pid !== pid) return;
    timer.cancel();
    over();
  };
  const timer = clock.every(everyMs, () => void look());
  return () => timer.cancel();
}
