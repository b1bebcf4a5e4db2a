/**
 * What a person can send along with a problem: the program, the machine, what works, the newest lines of the logs. Made as one text
 * that the person reads, and may change, before it is saved; nothing is sent by anybody.
 */
import { readdirSync, writeFileSync } from 'node:fs';
import {
  arch,
  availableParallelism,
  cpus,
  freemem,
  homedir,
  hostname,
  platform,
  release,
  totalmem,
  userInfo,
} from 'node:os';
import { basename, join } from 'node:path';
import { scrub } from '../core/scrub.ts';
import type { DoctorCheck } from '../contract/api.ts';
import type { CaseLibrary } from './case-library.ts';
import { LogFile } from './log-file.ts';
import type { EngineOptions, ShellServices } from './shell.ts';

const logLines = 200;
const gigabytes = (bytes: number): string => `${(bytes / 2 ** 30).toFixed(1)} GiB`;

/** What must not leave: who works here, and on what. */
export function namesHere(cases: CaseLibrary, reviewer: string): string[] {
  const ofCases = cases
    .sessions()
    .flatMap(({ image, file }) => [image.path, image.name, file.path, basename(file.path, '.gigatile')]);
  return [...ofCases, reviewer, homedir(), userInfo().username, hostname()];
}

export function problemReport(
  { version, shell }: Pick<EngineOptions, 'version' | 'shell'>,
  checks: readonly DoctorCheck[],
  logsDir: string,
  names: readonly string[],
): string {
  const facts = [
    `Gigatile ${version} (${shell.kind}), Node ${process.versions.node}`,
    `${platform()} ${release()} ${arch()}, ${availableParallelism()} of ${cpus().length} cores (${cpus()[0]?.model ?? 'unknown'})`,
    `Memory: ${gigabytes(freemem())} free of ${gigabytes(totalmem())}`,
  ];
  const works = checks.map(
    ({ ok, name, detail, hint }) =>
      `${ok ? 'works' : 'FAILS'}  ${name}: ${detail}${hint === null ? '' : ` (${hint})`}`,
  );
  const logs = logNames(logsDir).flatMap((name) => [
    '',
    `## ${name}`,
    '',
    new LogFile(join(logsDir, name), () => names).tail(logLines),
  ]);
  const text = [
    '# Problem report',
    '',
    'What did you do, what did you expect, what happened instead?',
    '',
    '(write here)',
    '',
    '## This computer',
    '',
    ...facts,
    '',
    '## What works here',
    '',
    ...works,
    ...logs,
  ].join('\n');
  return `${scrub(text, names)}\n`;
}

function logNames(folder: string): string[] {
  try {
    return readdirSync(folder)
      .filter((name) => /^[a-z]+\.log$/.test(name))
      .toSorted();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
}

/** @returns the file's name; null where the person has changed their mind, or the shell has no dialog (the screen saves it then) */
export async function saveProblemReport(shell: ShellServices, text: string): Promise<string | null> {
  const path = await shell.pickSavePath?.('gigatile-problem.txt');
  if (path === undefined || path === null) return null;
  writeFileSync(path, text);
  return basename(path);
}
