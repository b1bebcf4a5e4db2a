/** Reads files in worker processes: one after the other in each, with a limit of time and of memory that is watched from here. */
import { fork } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { memoryExitCode } from '../../../../src-main/core/limits.ts';
import type { ProbeAnswer, ProbeProgress, ProbeRequest } from './probe-protocol.ts';

export interface ProbeLimits {
  /** Of one request: opening, a region, a tile. */
  timeoutMs: number;
  memoryBytes: number;
  /** Where images without tiles are prepared. */
  cacheFolder: string;
  coverage?: boolean;
}

export type ProbeResult = Omit<ProbeAnswer, 'id'>;

const entry = fileURLToPath(new URL('probe.entry.ts', import.meta.url));
/** So that what one file leaves behind does not add up to another one's fault. */
const filesPerProcess = 1000;
const pageBytes = 4096;

class Probe {
  readonly #limits: ProbeLimits;
  #child: ChildProcess | null = null;
  #files = 0;
  #stderr = '';

  constructor(limits: ProbeLimits) {
    this.#limits = limits;
  }

  async read(request: Omit<ProbeRequest, 'id'>): Promise<ProbeResult> {
    if (this.#child === null || this.#files >= filesPerProcess) this.#start();
    const child = this.#child;
    if (child === null) throw new TypeError('no process');
    this.#files++;
    const id = this.#files;
    const from = performance.now();
    return new Promise((resolve) => {
      let overMemory = 0;
      let doing = 'open';
      const finish = (result: ProbeResult): void => {
        clearTimeout(timer);
        clearInterval(watch);
        child.off('message', onMessage);
        child.off('exit', onExit);
        resolve(result);
      };
      const fail = (defect: string): void => {
        this.#child = null;
        child.kill('SIGKILL');
        finish({
          outcome: 'ended',
          refusedReads: [],
          defects: [defect],
          milliseconds: performance.now() - from,
          peakBytes: overMemory > 0 ? overMemory : null,
        });
      };
      const onMessage = (message: unknown): void => {
        const answer = message as ProbeAnswer | ProbeProgress;
        if (answer.id !== id) return;
        if (!('begun' in answer)) {
          const { id: _, ...result } = answer;
          finish(result);
          return;
        }
        doing = answer.begun;
        timer.refresh();
      };
      const onExit = (code: number | null, signal: string | null): void => {
        if (code === memoryExitCode) fail('the process outgrew its memory limit');
        else fail(`the process ended (${signal ?? `exit code ${code}`}): ${this.#stderr.slice(-600)}`);
      };
      const timer = setTimeout(
        () => fail(`${doing}: no answer within ${this.#limits.timeoutMs} ms`),
        this.#limits.timeoutMs,
      );
      const watch = setInterval(() => {
        const bytes = residentBytes(child.pid);
        if (bytes === null || bytes <= this.#limits.memoryBytes) return;
        overMemory = bytes;
        fail(`resident memory of ${Math.round(bytes / 2 ** 20)} MB, above the limit`);
      }, 20);
      child.on('message', onMessage);
      child.on('exit', onExit);
      child.send({ ...request, id });
    });
  }

  close(): void {
    this.#child?.removeAllListeners('exit');
    this.#child?.kill('SIGKILL');
    this.#child = null;
  }

  #start(): void {
    this.close();
    this.#files = 0;
    this.#stderr = '';
    this.#child = fork(entry, [], {
      serialization: 'advanced',
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
      env: {
        ...process.env,
        GIGATILE_CACHE_DIR: this.#limits.cacheFolder,
        GIGATILE_CACHE_LIMIT: '500 MB',
        GIGATILE_FUZZ_COVERAGE: this.#limits.coverage === true ? '1' : '',
      },
    });
    this.#child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      this.#stderr = (this.#stderr + text).slice(-4000);
    });
  }
}

function residentBytes(pid: number | undefined): number | null {
  try {
    return Number(readFileSync(`/proc/${pid}/statm`, 'utf8').split(' ')[1]) * pageBytes;
  } catch {
    return null; // it has gone, or this is no Linux: the process guards itself too
  }
}

export class ProbePool {
  readonly #idle: Probe[];
  readonly #waiting: ((probe: Probe) => void)[] = [];
  readonly #all: readonly Probe[];

  constructor(size: number, limits: ProbeLimits) {
    this.#all = Array.from({ length: size }, () => new Probe(limits));
    this.#idle = [...this.#all];
  }

  /** A process that is free, as soon as there is one. */
  async read(request: Omit<ProbeRequest, 'id'>): Promise<ProbeResult> {
    const probe = this.#idle.pop() ?? (await new Promise<Probe>((resolve) => this.#waiting.push(resolve)));
    try {
      return await probe.read(request);
    } finally {
      const next = this.#waiting.shift();
      if (next !== undefined) next(probe);
      else this.#idle.push(probe);
    }
  }

  close(): void {
    for (const probe of this.#all) probe.close();
  }
}
