/**
 * Reviews one after the other in one engine, and everything goes wrong now and then: workers and the engine are killed, runs are paused,
 * the disk fills, the clock is set. Each review ends with the undisturbed exports, and memory stays within its bounds.
 */
import { fork, spawnSync } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, mkdirSync, openSync, readFileSync, rmSync, writeSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { seededRandom } from '../simulation/random.ts';
import type { Random } from '../simulation/random.ts';
import { killIfThere } from '../../support/kill.ts';
import { exportsOf } from '../support/review.ts';
import type { Order, Report } from './protocol.ts';

/** docs/limits.md, DESIGN: main + engine at most 300 MB, a worker 250 MB and its model. */
const mostEngineBytes = 300e6;
const mostWorkerBytes = 250e6;
/** More than this from the first third to the last one is a leak. */
const mostGrowth = 1.25;

export interface SoakOptions {
  seed: number;
  seconds: number;
  image: string;
  folder: string;
  /** A small file system of its own, where one can be mounted: it can be filled. */
  disk: string | null;
  /** For the positive control. */
  leaks?: boolean;
  tell?: (line: string) => void;
}

export interface Soaked {
  reviews: number;
  faults: Record<string, number>;
  /** Largest resident memory, bytes. */
  engineBytes: number;
  workerBytes: number;
  problems: string[];
}

const faults = ['kill-worker', 'kill-engine', 'pause', 'fill-disk', 'set-clock'] as const;
type Fault = (typeof faults)[number];

class WornEngine {
  readonly #child: ChildProcess;
  #wake: ((report: Report | null) => void) | null = null;
  readonly #early: Report[] = [];
  isDead = false;

  constructor(dataDir: string, leaks: boolean) {
    this.#child = fork(resolve(import.meta.dirname, 'engine.entry.ts'), [], {
      env: { ...process.env, GIGATILE_DATA_DIR: dataDir, ...(leaks && { GIGATILE_TEST_LEAK: '1' }) },
      detached: true,
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    });
    this.#child.on('message', (report) => this.#hear(report as Report));
    this.#child.on('exit', () => {
      this.isDead = true;
      this.#hear(null);
    });
  }

  get pid(): number {
    return this.#child.pid ?? 0;
  }

  #hear(report: Report | null): void {
    const wake = this.#wake;
    this.#wake = null;
    if (wake) wake(report);
    else if (report) this.#early.push(report);
  }

  order(order: Order): void {
    if (!this.isDead) this.#child.send(order);
  }

  /** The next report; null where the engine has died. */
  next(): Promise<Report | null> {
    const early = this.#early.shift();
    if (early || this.isDead) return Promise.resolve(early ?? null);
    return new Promise((resolve) => (this.#wake = resolve));
  }

  async kill(): Promise<void> {
    if (this.isDead) return;
    process.kill(-this.pid, 'SIGKILL');
    await once(this.#child, 'exit');
  }

  async close(): Promise<void> {
    this.order({ kind: 'close' });
    if (!this.isDead) await once(this.#child, 'exit');
  }
}

function workersOf(group: number): number[] {
  const { stdout } = spawnSync('pgrep', ['-g', String(group), '-f', 'inference.entry'], { encoding: 'utf8' });
  return stdout.split('\n').filter(Boolean).map(Number);
}

function residentBytes(pid: number): number {
  try {
    return Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0) * 1024;
  } catch (error) {
    if (['ENOENT', 'ESRCH'].includes((error as NodeJS.ErrnoException).code ?? '')) return 0; // it has ended
    throw error;
  }
}

/** Takes all the room there is; @returns gives it back. */
function fill(disk: string): () => void {
  const ballast = join(disk, 'ballast');
  const handle = openSync(ballast, 'w');
  try {
    for (const size of [1 << 20, 4096]) writeUntilFull(handle, Buffer.alloc(size));
  } finally {
    closeSync(handle);
  }
  return () => rmSync(ballast, { force: true });
}

function writeUntilFull(handle: number, part: Buffer): void {
  for (;;) {
    try {
      if (writeSync(handle, part) < part.length) return;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOSPC') return;
      throw error;
    }
  }
}

export async function soak(options: SoakOptions): Promise<Soaked> {
  const { seconds, image, disk, tell = () => undefined } = options;
  const random = seededRandom(options.seed);
  const found: Soaked = { reviews: 0, faults: {}, engineBytes: 0, workerBytes: 0, problems: [] };
  const dataDir = join(options.folder, 'data');
  /** Of the engines that lived longest: what leaks, leaks there. */
  const samples: number[] = [];
  let engine = await startEngine(dataDir, options.leaks);
  const watch = setInterval(() => {
    const bytes = residentBytes(engine.pid);
    samples.push(bytes);
    found.engineBytes = Math.max(found.engineBytes, bytes);
    for (const worker of workersOf(engine.pid))
      found.workerBytes = Math.max(found.workerBytes, residentBytes(worker));
  }, 500);
  let undisturbed: string[] | null = null;
  const until = Date.now() + seconds * 1000;
  try {
    while (Date.now() < until && found.problems.length === 0) {
      const onDisk = disk !== null && random.chance(0.5);
      const folder = join(onDisk ? disk : options.folder, `review-${found.reviews}`);
      mkdirSync(folder);
      // The first one is what all others are compared with.
      const plan = undisturbed === null ? [] : planned(random, onDisk);
      const exported = await reviewThrough(plan, folder);
      undisturbed ??= exported;
      if (exported.some((text, i) => text !== undisturbed?.[i]))
        found.problems.push(`review ${found.reviews}: other exports`);
      rmSync(folder, { recursive: true });
      found.reviews++;
      tell(`${found.reviews} reviews, engine ${Math.round((samples.at(-1) ?? 0) / 1e6)} MB`);
    }
    await engine.close();
  } finally {
    clearInterval(watch);
    await engine.kill();
  }
  judgeMemory(found, samples);
  return found;

  /** Orders a review again and again until it has ended, with faults in between. */
  async function reviewThrough(plan: Fault[], folder: string): Promise<string[]> {
    const rests: string[] = [];
    for (let takings = 0; takings < 40; takings++) {
      engine.order({ kind: 'review', image, folder });
      const answer = engine.next();
      const mend = await disturb(plan.shift(), folder, answer);
      const report = await answer;
      mend();
      if (report === null) engine = await startEngine(dataDir, options.leaks);
      else if (report.kind === 'ready') throw new Error('the engine says twice that it is ready');
      else if (report.kind === 'finished') return exportsOf({ out: join(folder, 'out') });
      else {
        checkRest(report);
        rests.push(JSON.stringify(report));
      }
    }
    const last = rests.slice(-3).join('\n');
    throw new Error(`seed ${options.seed}: review ${found.reviews} does not come to its end:\n${last}`);
  }

  async function disturb(
    fault: Fault | undefined,
    folder: string,
    answer: Promise<unknown>,
  ): Promise<() => void> {
    if (fault === undefined) return () => undefined;
    await Promise.race([answer, sleep(random.next() * 1500)]);
    found.faults[fault] = (found.faults[fault] ?? 0) + 1;
    switch (fault) {
      case 'kill-worker': {
        const [worker] = workersOf(engine.pid);
        if (worker !== undefined) killIfThere(worker);
        break;
      }
      case 'kill-engine':
        await engine.kill();
        break;
      case 'pause':
        engine.order({ kind: 'pause' });
        break;
      case 'set-clock':
        engine.order({ kind: 'set-clock', byMs: random.whole(-86_400_000, 86_400_000) });
        break;
      case 'fill-disk':
        return fill(join(folder, '..'));
    }
    return () => undefined;
  }

  function checkRest(report: Exclude<Report, { kind: 'ready' | 'finished' }>): void {
    const code = report.error?.code;
    const isFine =
      code === undefined || code === 'disk-full' || (report.kind === 'rests' && code === 'worker-crashed');
    if (!isFine) found.problems.push(`it was stopped by ${code}: ${report.error?.message}`);
  }
}

async function startEngine(dataDir: string, leaks = false): Promise<WornEngine> {
  const engine = new WornEngine(dataDir, leaks);
  const report = await engine.next();
  if (report?.kind !== 'ready') throw new Error('the engine does not start');
  return engine;
}

/** At most one worker a review: a tile that is hit twice counts as poison, rightly. */
function planned(random: Random, onDisk: boolean): Fault[] {
  const possible = faults.filter((fault) => fault !== 'fill-disk' || onDisk);
  const plan = Array.from({ length: random.whole(0, 3) }, () => random.pick(possible));
  return plan.filter((fault, i) => fault !== 'kill-worker' || plan.indexOf(fault) === i);
}

function judgeMemory(found: Soaked, samples: readonly number[]): void {
  if (found.engineBytes > mostEngineBytes) found.problems.push(`the engine took ${found.engineBytes} bytes`);
  if (found.workerBytes > mostWorkerBytes) found.problems.push(`a worker took ${found.workerBytes} bytes`);
  const third = Math.floor(samples.length / 3);
  // In a short slice the engine is still warming up.
  if (samples.length < 600) return;
  const median = (part: readonly number[]): number =>
    part.toSorted((a, b) => a - b)[Math.floor(part.length / 2)] ?? 0;
  const growth = median(samples.slice(-third)) / median(samples.slice(0, third));
  if (growth > mostGrowth) found.problems.push(`the engine's memory grew ${growth.toFixed(2)} times`);
}
