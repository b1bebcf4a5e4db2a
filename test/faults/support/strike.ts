/** Runs a command and kills it, or what belongs to it. */
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { GigatileError } from '../../../src-main/contract/errors.ts';
import { CaseFile } from '../../../src-main/store/case-file.ts';
import { killIfThere } from '../../support/kill.ts';
import type { Blow, Phase } from './blows.ts';
import { startMarked, type MarkedCommand, type Started } from './marked-command.ts';

const isSoFar = (stdout: string, phase: Phase): boolean =>
  phase === 'start' || stdout.includes(`"event":"${phase}"`) || stdout.includes(`"step":"${phase}"`);

/** Whether processes of a group are still there. */
function isLeft(group: number): boolean {
  try {
    return process.kill(-group, 0);
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ESRCH') return false;
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
    if (error instanceof Error && 'status' in error && error.status === 1) return []; // pgrep: none found
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
  /** At which step it ended; null: before it had taken a run up. */
  step: string | null;
  stdout: string;
  stderr: string;
}

/**
 * Options of strace(1). The case is written by the first thread, exports are written and renamed by others. A filter in the kernel would
 * be quicker, but lets no signal through.
 */
function killing(call: string, n: number, threads: boolean): string[] {
  const inject = `inject=${call}:signal=SIGKILL:when=${n}`;
  return [...(threads ? ['-f'] : []), '-o', '/dev/null', '-e', `trace=${call}`, '-e', inject];
}

/** Runs a command and strikes. Resolves when nothing of it is left. @throws where orphans stay */
export async function strike(command: MarkedCommand, casePath: string, blow: Blow | null): Promise<Struck> {
  const prefix =
    blow?.at === 'call' ? ['strace', '-qq', ...killing(blow.call, blow.n, blow.call === 'rename')] : [];
  const started = startMarked(command, { prefix, hold: blow?.at === 'step' ? blow.step : undefined });
  const { child, step } = started;
  let [stdout, stderr] = ['', ''];
  child.stdout?.setEncoding('utf8').on('data', (text: string) => (stdout += text));
  child.stderr?.setEncoding('utf8').on('data', (text: string) => (stderr += text));
  const ended = once(child, 'exit') as Promise<[number | null]>;
  let isHit = false;
  if (blow?.at === 'step') isHit = await strikeHeld(started, ended, blow);
  else if (blow !== null && blow.at !== 'call') {
    while (child.exitCode === null && !isSoFar(stdout, blow.phase)) await Promise.race([ended, sleep(5)]);
    await Promise.race([ended, sleep(blow.afterMs)]);
    if (child.exitCode === null) isHit = hit(blow.at, child.pid ?? 0, casePath);
  }
  const [code] = await ended;
  if (blow?.at === 'call') isHit = code === null;
  await gone(child.pid ?? 0);
  return { code, isHit, step: step(), stdout, stderr };
}

/** It stops by itself where the step begins; what is to kill it is there before it goes on. */
async function strikeHeld(
  { child }: Started,
  ended: Promise<unknown>,
  blow: Extract<Blow, { at: 'step' }>,
): Promise<boolean> {
  const pid = child.pid ?? 0;
  while (child.exitCode === null && !isStopped(pid)) await Promise.race([ended, sleep(5)]);
  if (child.exitCode !== null) return false;
  if ('call' in blow) {
    const tracer = await attached(pid, killing(blow.call, blow.n, blow.step === 'exports'));
    process.kill(pid, 'SIGCONT');
    await Promise.all([ended, tracer.ended]);
  } else {
    if (blow.afterMs > 0) {
      process.kill(pid, 'SIGCONT');
      await Promise.race([ended, sleep(blow.afterMs)]);
    }
    if (child.exitCode === null) killIfThere(blow.victim === 'all' ? -pid : pid);
    await ended;
  }
  return child.signalCode === 'SIGKILL';
}

/** Whether a process was stopped (SIGSTOP): the state is the third field of stat, after a name in brackets (proc(5)). */
function isStopped(pid: number): boolean {
  return /\) T /.test(readFileSync(`/proc/${pid}/stat`, 'latin1'));
}

/** Resolves when the tracer holds the process; what it resolves to, when the tracer has ended. */
async function attached(pid: number, options: readonly string[]): Promise<{ ended: Promise<unknown> }> {
  const tracer = spawn('strace', [...options, '-p', String(pid)], { stdio: ['ignore', 'ignore', 'pipe'] });
  const ended = once(tracer, 'exit');
  let said = '';
  tracer.stderr.setEncoding('utf8').on('data', (text: string) => (said += text));
  while (!said.includes('attached')) {
    if (tracer.exitCode !== null) throw new Error(`nothing could be traced: ${said}`);
    await Promise.race([ended, sleep(2)]);
  }
  return { ended };
}

function hit(victim: 'all' | 'engine' | 'worker', group: number, casePath: string): boolean {
  if (victim === 'worker') {
    const [worker] = hasHitTiles(casePath) ? [] : workersOf(group);
    if (worker === undefined) return false;
    return killIfThere(worker);
  }
  return killIfThere(victim === 'all' ? -group : group);
}

/** Workers whose engine died end by themselves. */
async function gone(group: number): Promise<void> {
  const limit = Date.now() + 30_000;
  while (isLeft(group)) {
    if (Date.now() > limit) {
      process.kill(-group, 'SIGKILL');
      throw new Error('processes of a killed engine are still there after 30 s');
    }
    await sleep(20);
  }
}
