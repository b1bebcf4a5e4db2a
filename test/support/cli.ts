/** The command line as a person or a script runs it: a process of its own, with a data folder of its own. */
import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { join, resolve } from 'node:path';

const root = resolve(import.meta.dirname, '../..');
const main = join(root, 'src-main/cli/main.ts');

export interface CliAnswer {
  code: number | null;
  stdout: string;
  stderr: string;
  /** stdout as JSON lines. */
  json: () => Record<string, unknown>[];
}

const environment = (dataDir: string): NodeJS.ProcessEnv => ({ ...process.env, GIGATILE_DATA_DIR: dataDir });

export function parseLines(text: string): Record<string, unknown>[] {
  return text
    .split('\n')
    .filter((line) => line.startsWith('{'))
    .map((line) => JSON.parse(line) as Record<string, unknown>);
}

export function gigatile(dataDir: string, args: string[], cwd?: string): CliAnswer {
  const ended = spawnSync(process.execPath, [main, ...args], {
    env: environment(dataDir),
    encoding: 'utf8',
    timeout: 240_000,
    maxBuffer: 1 << 28,
    ...(cwd === undefined ? {} : { cwd }),
  });
  return {
    code: ended.status,
    stdout: ended.stdout,
    stderr: ended.stderr,
    json: () => parseLines(ended.stdout),
  };
}

/**
 * In a process group of its own, so that a test can kill it together with its workers.
 * @param prefix of the command line, such as strace with its options
 */
export function startGigatile(dataDir: string, args: string[], prefix: readonly string[] = []): ChildProcess {
  const [program = '', ...rest] = [...prefix, process.execPath, main, ...args];
  return spawn(program, rest, {
    env: environment(dataDir),
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  });
}
