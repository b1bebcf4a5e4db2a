/** Kills: of a worker, of the engine, of all; at a moment, or at the n-th of its system calls. */
import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { GigatileError } from '../../../src-main/contract/errors.ts';
import { CaseFile } from '../../../src-main/store/case-file.ts';
import { startGigatile } from '../../support/cli.ts';
import type { Random } from '../simulation/random.ts';
import { whyNoTrace } from './strace.ts';

export type Blow =
  /** Engine and workers at once, or the engine alone, so long after its start. */
  | { at: 'all' | 'engine'; afterMs: number }
  /** One of its workers; the run goes on. */
  | { at: 'worker'; afterMs: number }
  /** The engine, on entering this call: a moment that no clock hits, such as between two writes of a commit. */
  | { at: 'call'; call: string; n: number };

/** Calls of a run of the command line on a small picture, and about how many of each there are. */
const calls = [
  { call: 'pwrite64', most: 200 },
  { call: 'fsync', most: 25 },
  { call: 'ftruncate', most: 3 },
  { call: 'unlink', most: 4 },
  { call: 'rename', most: 2 },
] as const;

/** @param wholeMs that an undisturbed run takes */
export function randomBlow(random: Random, wholeMs: number): Blow {
  const afterMs = Math.round(wholeMs * (0.15 + random.next()));
  if (whyNoTrace() === null && random.chance(0.55)) {
    // Most writes belong to the steps between opening and the exports.
    const { call, most } = random.chance(0.6) ? calls[0] : random.pick(calls);
    return { at: 'call', call, n: random.whole(1, most) };
  }
  return { at: random.pick(['all', 'engine', 'worker'] as const), afterMs };
}

export const blowName = (blow: Blow): string =>
  blow.at === 'call' ? `at ${blow.call} ${blow.n}` : `${blow.at} after ${blow.afterMs} ms`;

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

/** Runs a command of the command line, and strikes. Resolves when nothing of it is left. @throws where orphans stay */
export async function strike(
  dataDir: string,
  args: string[],
  casePath: string,
  blow: Blow | null,
): Promise<Struck> {
  const strace =
    blow?.at === 'call'
      ? ['strace', '-f', '--seccomp-bpf', '-qq', '-o', '/dev/null', '-e', `trace=${blow.call}`].concat([
          '-e',
          `inject=${blow.call}:signal=SIGKILL:when=${blow.n}`,
        ])
      : [];
  const child = startGigatile(dataDir, args, strace);
  const group = child.pid ?? 0;
  let [stdout, stderr] = ['', ''];
  child.stdout?.setEncoding('utf8').on('data', (text: string) => (stdout += text));
  child.stderr?.setEncoding('utf8').on('data', (text: string) => (stderr += text));
  const ended = once(child, 'exit') as Promise<[number | null]>;
  let isHit = false;
  if (blow !== null && blow.at !== 'call') {
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
