/** strace(1), which records and disturbs the system calls of a real process. */
import { spawnSync } from 'node:child_process';

let reason: string | null | undefined;

/** Why nothing can be traced here; null where it can be. */
export function whyNoTrace(): string | null {
  if (reason === undefined) {
    const tried = spawnSync('strace', ['-qq', '-e', 'trace=none', 'true'], { encoding: 'utf8' });
    const said = tried.error?.message ?? tried.stderr.trim().split('\n').at(-1) ?? '';
    reason =
      tried.status === 0
        ? null
        : `system calls cannot be traced here (Debian package strace, ptrace): ${said}`;
  }
  return reason;
}
