/** What is only needed for other machines is not loaded without them: not by the screens' start, not by an ordinary run. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { tissuePicture } from '../../support/tissue-png.ts';

const hook = pathToFileURL(resolve(import.meta.dirname, '../../support/loaded-packages.mjs')).href;
const root = resolve(import.meta.dirname, '../../..');
const forOthers = /^(pg|pg-boss|pg-.*|@aws-sdk\/.*|@aws\/.*|@smithy\/.*)$/;
let folder: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'gigatile-start-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function loadedBy(args: string[]): string[] {
  const list = join(folder, 'loaded');
  rmSync(list, { force: true });
  execFileSync(process.execPath, ['--import', hook, ...args], {
    cwd: root,
    env: {
      ...process.env,
      GIGATILE_DATA_DIR: folder,
      GIGATILE_TEST_LOADED: list,
      NODE_OPTIONS: `--import ${hook}`,
    },
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  return [...new Set(readFileSync(list, 'utf8').trimEnd().split('\n'))];
}

it('an ordinary run', () => {
  const image = join(folder, 'tissue.png');
  writeFileSync(image, tissuePicture(500, 400).png);
  const loaded = loadedBy([
    'src-main/cli/main.ts',
    'analyze',
    image,
    '--model',
    'he-nuclei',
    '--mpp',
    '0.5',
    '--case',
    join(folder, 'c.gigatile'),
    '--json',
  ]);
  expect(loaded).toContain('onnxruntime-node');
  expect(loaded.filter((name) => forOthers.test(name))).toEqual([]);
});

it('the engine of the screens, and the server that gives them to a browser', () => {
  const parts = ['engine/engine.ts', 'scale/fleet-connector.ts', 'web/start-server.ts', 'cli/run-command.ts'];
  const script = parts.map((part) => `await import('./src-main/${part}');`).join('');
  const loaded = loadedBy(['--input-type=module', '-e', script]);
  expect(loaded).toContain('@orpc/server');
  expect(loaded.filter((name) => forOthers.test(name))).toEqual([]);
});

it('and would be seen here', () => {
  const script = `await import('./src-main/scale/queue-fleet.ts');`;
  expect(loadedBy(['--input-type=module', '-e', script])).toContain('pg-boss');
});
