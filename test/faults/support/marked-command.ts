/** Commands that say at which step they are (step-marks.ts), each in a process group of its own. */
import { spawn, type ChildProcess } from 'node:child_process';
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join, resolve } from 'node:path';

export interface MarkedCommand {
  dataDir: string;
  /** The command line, or all exports of a case in one go. */
  entry: 'marked-cli' | 'export-all';
  args: readonly string[];
}

export interface Started {
  child: ChildProcess;
  /** Where it is now, or was at its end; null before its first step. */
  step: () => string | null;
}

/** @param prefix of the command line, such as strace with its options; @param hold where it is to stop */
export function startMarked(
  { dataDir, entry, args }: MarkedCommand,
  { prefix = [], hold }: { prefix?: readonly string[]; hold?: string | undefined } = {},
): Started {
  const marks = join(dataDir, 'marks');
  rmSync(marks, { force: true });
  const script = resolve(import.meta.dirname, `${entry}.entry.ts`);
  const [program = '', ...rest] = [...prefix, process.execPath, script, ...args];
  const child = spawn(program, rest, {
    env: {
      ...process.env,
      GIGATILE_DATA_DIR: dataDir,
      GIGATILE_TEST_MARKS: marks,
      ...(hold !== undefined && { GIGATILE_TEST_HOLD: hold }),
    },
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  });
  const step = (): string | null =>
    existsSync(marks) ? (readFileSync(marks, 'utf8').trim().split('\n').at(-1) ?? null) : null;
  return { child, step };
}
