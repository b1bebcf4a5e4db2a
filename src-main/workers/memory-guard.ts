/**
 * Ends this process when it has outgrown its limit. The engine watches too where the system lets it (Linux), because a native
 * decoder that is at work leaves this timer no turn; what is allocated in one such piece is bounded by the limit of pixels.
 */
import { memoryExitCode } from '../core/limits.ts';

const everyMs = 250;

export function guardMemory(limitBytes: number): void {
  setInterval(() => {
    if (process.memoryUsage.rss() > limitBytes) process.exit(memoryExitCode);
  }, everyMs).unref();
}
