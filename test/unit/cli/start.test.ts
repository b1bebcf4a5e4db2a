/** What a start of the program costs: what is loaded, and what is kept compiled for the next one. */
import { execFileSync, fork } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, expect, it } from 'vitest';

const root = resolve(import.meta.dirname, '../../..');
const hook = pathToFileURL(join(root, 'test/support/loaded-packages.mjs')).href;
const folder = mkdtempSync(join(tmpdir(), 'gigatile-start-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** As somebody has it who has set nothing. */
function environment(dataDir: string): NodeJS.ProcessEnv {
  const { NODE_COMPILE_CACHE: _ofTests, ...rest } = process.env;
  return { ...rest, GIGATILE_DATA_DIR: dataDir };
}

const start = (args: string[], env: NodeJS.ProcessEnv): string =>
  execFileSync(process.execPath, args, { cwd: root, env, encoding: 'utf8' });

const filesIn = (path: string): string[] =>
  existsSync(path) ? readdirSync(path, { recursive: true, encoding: 'utf8' }) : [];

it('loads no more than what is asked for', () => {
  const list = join(folder, 'loaded');
  const env = { ...process.env, GIGATILE_DATA_DIR: folder, GIGATILE_TEST_LOADED: list };
  const loaded = (): string[] => [...new Set(readFileSync(list, 'utf8').trimEnd().split('\n'))];
  expect(start(['--import', hook, 'src-main/cli/main.ts', 'help'], env)).toContain('gigatile analyze');
  expect(loaded()).toEqual(['zod']);
  start(['--import', hook, '--input-type=module', '-e', `await import('./src-main/engine/engine.ts')`], env);
  expect(loaded()).toContain('better-sqlite3');
  // Each only for one kind of export or of model.
  for (const name of ['pdfkit', 'hyparquet-writer', 'yaml']) expect(loaded()).not.toContain(name);
});

it('keeps what it has compiled with its data, unless Node is told not to', () => {
  const help = ['src-main/cli/main.ts', 'help'];
  const [none, some] = [join(folder, 'none'), join(folder, 'some')];
  start(help, { ...environment(none), NODE_DISABLE_COMPILE_CACHE: '1' });
  expect(filesIn(none)).toEqual([]);
  start(help, environment(some));
  expect(filesIn(join(some, 'compiled')).length).toBeGreaterThan(20);
});

it('so does a worker, which is ended from outside', async () => {
  const kept = join(folder, 'of-a-worker');
  const worker = fork(join(root, 'src-main/workers/sample.entry.ts'), [], {
    env: { ...process.env, NODE_COMPILE_CACHE: kept },
  });
  const ended = once(worker, 'exit');
  try {
    await expect.poll(() => filesIn(kept).length).toBeGreaterThan(20);
  } finally {
    worker.kill('SIGKILL');
    await ended;
  }
});
