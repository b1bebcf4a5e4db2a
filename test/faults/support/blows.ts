/** Kills: of a worker, of the engine, of all; at a moment, or at the n-th of its system calls. */
import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { GigatileError } from '../../../src-main/contract/errors.ts';
import { CaseFile } from '../../../src-main/store/case-file.ts';
import { startGigatile } from '../../support/cli.ts';
import type { Random } from '../simulation/random.ts';
import { whyNoTrace } from './strace.ts';

/** A command's life, as its lines tell it; `start`: before the first. */
const phases = ['start', 'started', 'preprocess', 'analyze', 'synthesize', 'finished'] as const;
type Phase = (typeof phases)[number];

export type Blow =
  /** Engine and workers at once, the engine alone, or one of its workers; so long after it said that it is so far. */
  | { at: 'all' | 'engine' | 'worker'; phase: Phase; afterMs: number }
  /** The engine, on entering this call: a moment that no clock hits, such as between two writes of a commit. */
  | { at: 'call'; call: string; n: number };

/** @param counted calls of an undisturbed run, by name; @param wholeMs that it takes */
export function randomBlow(random: Random, counted: ReadonlyMap<string, number>, wholeMs: number): Blow {
  if (counted.size > 0 && random.chance(0.5)) {
    const call = random.chance(0.6) ? 'pwrite64' : random.pick([...counted.keys()]);
    return { at: 'call', call, n: random.whole(1, counted.get(call) ?? 1) };
  }
  const at = random.pick(['all', 'engine', 'worker'] as const);
  const phase = at === 'worker' ? random.pick(['preprocess', 'analyze'] as const) : random.pick(phases);
  return { at, phase, afterMs: Math.round(random.next() * wholeMs * 0.15) };
}

export const blowName = (blow: Blow): string =>
  blow.at === 'call' ? `at ${blow.call} ${blow.n}` : `${blow.at} ${blow.afterMs} ms after ${blow.phase}`;

const isSoFar = (stdout: string, phase: Phase): boolean =>
  phase === 'start' || stdout.includes(`"event":"${phase}"`) || stdout.includes(`"step":"${phase}"`);

/** Processes of a group that are still there. */
function left(group: number): number[] {
  try {
    return execFileSync('pgrep', ['-g', String(group)], { encoding: 'utf8' })
      .split('\n')
      .filter(Boolean)
      .map(Number);
  } catch (error) {
    if (error instanceof Error && 'status' in error && error.status === 1) return []; // pgrep: none found
    throw error;
  }
}

function workersOf(group: number): number[] {
  try {
    return execFileSync('pgrep', ['-g', String(group), '-f', 'inference.entry'], { encoding: 'utf8' })
      .split('\n')
      .filter(Boolean)
      .map(Number);
  } catch (error) {
    if (error instanceof Error && 'status' in error && error.status === 1) return [];
    throw error;
  }
}

/** The run's step in the file; null before it was written. */
export function stepOf(casePath: string): string | null {
  if (!existsSync(casePath)) return null;
  let file: CaseFile | undefined;
  try {
    file = CaseFile.openReadOnly(casePath);
    return file.runs.list().at(-1)?.step ?? null;
  } catch (error) {
    // Killed while the file was being made.
    if (error instanceof GigatileError && error.code === 'case-not-a-case') return null;
    throw error;
  } finally {
    file?.close();
  }
}

/** Whether tiles wait for their second chance: one whose worker dies twice under it counts as poison, rightly. */
function hasHitTiles(casePath: string): boolean {
  if (stepOf(casePath) !== 'analyze') return false;
  const file = CaseFile.openReadOnly(casePath);
  try {
    return [...file.tiles.load(1)].some(({ crashes }) => crashes > 0);
  } finally {
    file.close();
  }
}

export interface Struck {
  /** null: it was killed. */
  code: number | null;
  /** Whether the blow found its victim. */
  isHit: boolean;
  stdout: string;
  stderr: string;
}

/** The case is written by the first thread, exports are renamed by others. A filter in the kernel would be quicker, but lets no signal through. */
function killingTracer({ call, n }: { call: string; n: number }): string[] {
  const inject = `inject=${call}:signal=SIGKILL:when=${n}`;
  const threads = call === 'rename' ? ['-f'] : [];
  return ['strace', ...threads, '-qq', '-o', '/dev/null', '-e', `trace=${call}`, '-e', inject];
}

/** Runs a command of the command line, and strikes. Resolves when nothing of it is left. @throws where orphans stay */
export async function strike(
  dataDir: string,
  args: string[],
  casePath: string,
  blow: Blow | null,
): Promise<Struck> {
  const strace = blow?.at === 'call' ? killingTracer(blow) : [];
  const child = startGigatile(dataDir, args, strace);
  const group = child.pid ?? 0;
  let [stdout, stderr] = ['', ''];
  child.stdout?.setEncoding('utf8').on('data', (text: string) => (stdout += text));
  child.stderr?.setEncoding('utf8').on('data', (text: string) => (stderr += text));
  const ended = once(child, 'exit') as Promise<[number | null]>;
  let isHit = false;
  if (blow !== null && blow.at !== 'call') {
    while (child.exitCode === null && !isSoFar(stdout, blow.phase)) await Promise.race([ended, sleep(5)]);
    await Promise.race([ended, sleep(blow.afterMs)]);
    if (child.exitCode === null) isHit = hit(blow.at, group, casePath);
  }
  const [code] = await ended;
  if (blow?.at === 'call') isHit = code === null;
  await gone(group);
  return { code, isHit, stdout, stderr };
}

function hit(victim: 'all' | 'engine' | 'worker', group: number, casePath: string): boolean {
  if (victim === 'worker') {
    const [worker] = hasHitTiles(casePath) ? [] : workersOf(group);
    if (worker === undefined) return false;
    process.kill(worker, 'SIGKILL');
    return true;
  }
  process.kill(victim === 'all' ? -group : group, 'SIGKILL');
  return true;
}

/** Workers whose engine died end by themselves. */
async function gone(group: number): Promise<void> {
  const limit = Date.now() + 30_000;
  while (left(group).length > 0) {
    if (Date.now() > limit) {
      process.kill(-group, 'SIGKILL');
      throw new Error('processes of a killed engine are still there after 30 s');
    }
    await sleep(20);
  }
}

/** Calls by which a command of the command line changes files, and how often each is made by the thread that makes most of them. */
export async function countCalls(dataDir: string, args: string[]): Promise<Map<string, number>> {
  const counted = new Map<string, number>();
  if (whyNoTrace() !== null) return counted;
  const log = join(dataDir, 'trace');
  const calls = ['pwrite64', 'fsync', 'ftruncate', 'unlink', 'rename'];
  const strace = ['strace', '-f', '--seccomp-bpf', '-qq', '-o', log, '-e', `trace=${calls.join(',')}`];
  const [code] = (await once(startGigatile(dataDir, args, strace), 'exit')) as [number | null];
  if (code !== 0) throw new Error(`the traced command ended with ${code}`);
  const threads = new Map<string, number>();
  for (const line of readFileSync(log, 'latin1').split('\n')) {
    const [, thread, call] = /^(\d+) +(\w+)\(/.exec(line) ?? [];
    if (thread === undefined || call === undefined) continue;
    const n = (threads.get(`${thread} ${call}`) ?? 0) + 1;
    threads.set(`${thread} ${call}`, n);
    counted.set(call, Math.max(counted.get(call) ?? 0, n));
  }
  return counted;
}
