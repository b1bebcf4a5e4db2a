/**
 * Tells a process from another one that got its number later. Numbers of processes are given out again, after a restart of the
 * machine soon: a lock that was left behind must not look taken because an unrelated program has its number now.
 */
import { spawnSync } from 'node:child_process';
import { readFileSync, readlinkSync } from 'node:fs';

/** Where the number was given out: another container's numbers mean nothing here. Empty where that is not known. */
export function processSpace(): string {
  if (process.platform !== 'linux') return '';
  return readlinkSync('/proc/self/ns/pid');
}

/**
 * When the process began, as the system tells it: comparable only with itself. null where there is no such process, or where this
 * system does not say (Windows).
 */
export function processStart(pid: number): string | null {
  if (process.platform === 'linux') {
    try {
      const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
      const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
      // The name, in brackets, may hold anything; after it the state, and as 20th field the start in ticks since the machine
      // began (proc(5)). Z and X: it has ended, and nobody has asked how.
      const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
      const [state = ''] = fields;
      return 'ZX'.includes(state) ? null : `${boot} ${fields[19] ?? ''}`;
    } catch (error) {
      const code = (error as NodeJS.ErrnoException).code;
      if (code === 'ENOENT' || code === 'ESRCH') return null;
      throw error;
    }
  }
  if (process.platform === 'darwin') {
    const { stdout } = spawnSync('/bin/ps', ['-o', 'lstart=', '-p', String(pid)], { encoding: 'utf8' });
    return stdout.trim() === '' ? null : stdout.trim();
  }
  return null;
}
