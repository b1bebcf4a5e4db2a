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
  readonly #withMemory: boolean;
  readonly #timer: NodeJS.Timeout;

  /**
   * @param withMemory asking for memory makes the kernel walk all pages of a process, which waits meanwhile: twenty times a second it
   * cost a run a quarter of its speed. Not for what is timed.
   */
  constructor(root: number, { intervalMs = 100, withMemory = true } = {}) {
    this.#root = root;
    this.#withMemory = withMemory;
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
    const before = this.processes.get(pid);
    const command =
      before?.command ?? readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ').trim();
    this.processes.set(pid, {
      role,
      command,
      cpuSeconds: cpuSeconds(readFileSync(`/proc/${pid}/stat`, 'utf8')),
      ...this.#memory(pid, before),
    });
  }

  #memory(pid: number, before: ProcessUse | undefined): Omit<ProcessUse, 'cpuSeconds'> {
    const { peak = 0, anonymous = 0, proportional = 0 } = before ?? {};
    if (!this.#withMemory) return { peak, anonymous, proportional };
    const status = readFileSync(`/proc/${pid}/status`, 'utf8');
    return {
      // The kernel's own high-water mark misses nothing between two looks.
      peak: Math.max(peak, field(status, 'VmHWM')),
      anonymous: Math.max(anonymous, field(status, 'RssAnon')),
      proportional: Math.max(proportional, field(readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8'), 'Pss')),
    };
  }
}
