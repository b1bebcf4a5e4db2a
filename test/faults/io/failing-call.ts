/** One system call of a review fails, once or from then on. What is told, what is left, and whether it goes on to the same end. */
import Database from 'better-sqlite3';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { exportsOf, placeIn, review } from '../support/review.ts';
import type { Ended, ReviewPlace } from '../support/review.ts';

/** A way in which a disk lets a program down. Calls by other programs' files are left alone where `onCase`. */
export interface Trouble {
  call: string;
  error: 'ENOSPC' | 'EIO' | 'EACCES' | 'EROFS' | 'EMFILE' | 'ENOMEM';
  /** Only calls about the case and the files beside it; else this program makes such calls for nothing else. */
  onCase: boolean;
}

export const troubles: readonly Trouble[] = [
  { call: 'pwrite64', error: 'ENOSPC', onCase: false },
  { call: 'pwrite64', error: 'EIO', onCase: false },
  { call: 'fsync', error: 'EIO', onCase: false },
  { call: 'fsync', error: 'ENOSPC', onCase: false },
  { call: 'pread64', error: 'EIO', onCase: true },
  { call: 'ftruncate', error: 'EIO', onCase: true },
  { call: 'openat', error: 'EIO', onCase: true },
  { call: 'openat', error: 'ENOSPC', onCase: true },
  { call: 'openat', error: 'EMFILE', onCase: true },
  { call: 'openat', error: 'EACCES', onCase: true },
  { call: 'write', error: 'ENOSPC', onCase: true },
  { call: 'unlink', error: 'EIO', onCase: true },
  { call: 'mmap', error: 'ENOMEM', onCase: true },
];

export interface Fault extends Trouble {
  /** Which of these calls fails, from 1. */
  n: number;
  /** And all after it. */
  forGood: boolean;
}

export const faultName = ({ call, error, n, forGood }: Fault): string =>
  `${call} ${n}${forGood ? ' and all after it' : ''}: ${error}`;

function straceOf(calls: readonly string[], place: ReviewPlace, onCase: boolean, log: string): string[] {
  const paths = ['', '-wal', '-shm', '-journal', '.lock', '.backup'].map((part) => place.casePath + part);
  const only = onCase ? paths.flatMap((path) => ['-P', path]) : [];
  // Calls are counted a thread: the case is written by the first one, exports by others.
  return ['strace', '-f', '--seccomp-bpf', '-qq', '-o', log, '-e', `trace=${calls.join(',')}`, ...only];
}

/** A new folder with a picture to review. */
export function prepare(folder: string): ReviewPlace {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  const place = placeIn(folder);
  writeFileSync(place.image, 'pixels');
  return place;
}

/** How often an undisturbed review makes each of these calls. */
export async function countCalls(
  place: ReviewPlace,
  calls: readonly string[],
  onCase: boolean,
): Promise<Map<string, number>> {
  const log = join(place.out, 'trace');
  const ended = await review(place, straceOf(calls, place, onCase, log));
  if (ended.code !== 0) throw new Error(`an undisturbed review failed: ${JSON.stringify(ended)}`);
  const lines = readFileSync(log, 'latin1').split('\n');
  return new Map(calls.map((call) => [call, lines.filter((line) => line.includes(` ${call}(`)).length]));
}

/** What went wrong with a case after a fault; the first thing of it. */
export type Verdict = { ended: Ended; problem: string | null };

/** Codes that say what is wrong with a disk. */
const plainCodes = ['disk-full', 'io', 'not-writable'];

export async function reviewWithFault(
  place: ReviewPlace,
  fault: Fault,
  undisturbed: string[],
  env: NodeJS.ProcessEnv = {},
): Promise<Verdict> {
  const log = join(place.out, 'trace');
  const strace = straceOf([fault.call], place, fault.onCase, log);
  const when = `${fault.n}${fault.forGood ? '+' : ''}`;
  const inject = `inject=${fault.call}:error=${fault.error}:when=${when}`;
  const ended = await review(place, [...strace, '-e', inject], env);
  const problem =
    toldBadly(ended) ??
    damage(place.casePath) ??
    (await goesOnBadly(place, ended, undisturbed)) ??
    spent(place.casePath);
  return { ended, problem };
}

function toldBadly({ code, error, defect, stderr }: Ended): string | null {
  if (code === 0) return null;
  if (code !== 1 || error === undefined) return `it ended with ${code}: ${defect ?? stderr}`;
  if (!plainCodes.includes(error.code)) return `it was told as ${error.code}: ${error.message}`;
  return error.message === '' || error.message.includes('\n') ? `no clear line: ${error.message}` : null;
}

function damage(casePath: string): string | null {
  if (!existsSync(casePath)) return null;
  const db = new Database(casePath);
  try {
    const [answer] = db.pragma('integrity_check') as { integrity_check: string }[];
    return answer?.integrity_check === 'ok'
      ? null
      : `integrity_check: ${answer?.integrity_check ?? 'no answer'}`;
  } finally {
    db.close();
  }
}

async function goesOnBadly(place: ReviewPlace, before: Ended, undisturbed: string[]): Promise<string | null> {
  if (before.code !== 0) {
    const resumed = await review(place);
    if (resumed.code !== 0) return `it does not go on: ${JSON.stringify(resumed)}`;
  }
  const exported = exportsOf(place);
  return exported.every((text, i) => text === undisturbed[i]) ? null : 'other exports';
}

/** A disk's trouble is no tile's: no attempt is spent. */
function spent(casePath: string): string | null {
  const db = new Database(casePath, { readonly: true });
  try {
    const attempts = db.prepare('SELECT sum(attempts) FROM tile').pluck().get() as number;
    return attempts === 0 ? null : `${attempts} attempts were spent`;
  } finally {
    db.close();
  }
}
