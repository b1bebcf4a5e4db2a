/** Memory and processor time of a process and its children while they run, from Linux's /proc. */
import { readdirSync, readFileSync } from 'node:fs';

export interface ProcessUse {
  /** Largest resident set that was seen, MB (10^6 bytes). */
  peak: number;
  /** Of it: private and shared memory without files that are mapped. */
  anonymous: number;
  /** Largest that was seen of its own memory and its share of what several processes have mapped. */
  proportional: number;
  /** Processor time so far, user and system. */
  cpuSeconds: number;
}

/** Ticks a second in /proc, the same on every Linux of our day (USER_HZ). */
const ticks = 100;

function cpuSeconds(stat: string): number {
  // The command, in brackets, may hold spaces; user and system time are the 12th and 13th field behind it.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) / ticks;
}

function field(status: string, name: string): number {
  const match = new RegExp(`^${name}:\\s+(\\d+) kB$`, 'm').exec(status);
  return match ? (Number(match[1]) * 1024) / 1e6 : 0;
}

/** Processes whose parent is `pid`. */
export function childrenOf(pid: number): number[] {
  const children: number[] = [];
  for (const task of readdirSync(`/proc/${pid}/task`)) {
    const text = readFileSync(`/proc/${pid}/task/${task}/children`, 'utf8').trim();
    if (text !== '') children.push(...text.split(' ').map(Number));
  }
  return children;
}

export class ProcessWatch {
  readonly processes = new Map<number, ProcessUse & { role: 'engine' | 'worker'; command: string }>();
  readonly #root: number;
  readonly #timer: NodeJS.Timeout;

  constructor(root: number, intervalMs = 100) {
    this.#root = root;
    this.#timer = setInterval(() => this.#look(), intervalMs);
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  #look(): void {
    try {
      this.#note(this.#root, 'engine');
      for (const child of childrenOf(this.#root)) this.#note(child, 'worker');
    } catch (error) {
      // A process that ends between two reads is gone, and with it its files.
      const code = (error as NodeJS.ErrnoException).code;
      if (code !== 'ENOENT' && code !== 'ESRCH') throw error;
    }
  }

  #note(pid: number, role: 'engine' | 'worker'): void {
    const status = readFileSync(`/proc/${pid}/status`, 'utf8');
    const command = readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ').trim();
    const before = this.processes.get(pid);
    this.processes.set(pid, {
      role,
      command,
      // The kernel's own high-water mark misses nothing between two looks.
      peak: Math.max(before?.peak ?? 0, field(status, 'VmHWM')),
      cpuSeconds: cpuSeconds(readFileSync(`/proc/${pid}/stat`, 'utf8')),
      anonymous: Math.max(before?.anonymous ?? 0, field(status, 'RssAnon')),
      proportional: Math.max(
        before?.proportional ?? 0,
        field(readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8'), 'Pss'),
      ),
    });
  }
}
