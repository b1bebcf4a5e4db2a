/** Large images without tiles on the command line: the run waits for the preparation, says so, and finds the same. */
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { CaseFile } from '../../../src-main/store/case-file.ts';
import { gigatile } from '../../support/cli.ts';
import { tissuePicture } from '../../support/tissue-png.ts';

let folder: string;
let image: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'gigatile-prepare-'));
  image = join(folder, 'tissue.png');
  writeFileSync(image, tissuePicture(2000, 1600, 60).png);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));
afterEach(() => {
  for (const name of ['GIGATILE_MAX_IN_MEMORY', 'GIGATILE_CACHE_LIMIT', 'GIGATILE_MAX_FLAT_PIXELS']) {
    delete process.env[name];
  }
});

const options = ['--model', 'he-nuclei', '--mpp', '0.5', '--tile', '256', '--workers', '2', '--json'];
const prepared = (): string[] =>
  readdirSync(join(folder, 'cache')).filter((name) => name.endsWith('.tif') || name.endsWith('.part'));

function findingsOf(casePath: string): string[] {
  const file = CaseFile.openReadOnly(casePath);
  try {
    return [...file.findings.all(1)].map((f) => `${f.id} ${f.x} ${f.y} ${f.classIndex} ${f.score}`);
  } finally {
    file.close();
  }
}

it('a run over a prepared image finds exactly what it finds in memory, and waits for the preparation', () => {
  const [inMemory, through] = [join(folder, 'memory.gigatile'), join(folder, 'prepared.gigatile')];
  expect(gigatile(folder, ['analyze', image, ...options, '--case', inMemory]).code).toBe(0);
  process.env['GIGATILE_MAX_IN_MEMORY'] = '4 MB';
  const run = gigatile(folder, ['analyze', image, ...options, '--case', through]);
  expect(run.code, run.stderr).toBe(0);
  expect(run.json().some((line) => typeof line['preparation'] === 'number')).toBe(true);
  expect(prepared()).toHaveLength(1);
  const found = findingsOf(through);
  expect(found.length).toBeGreaterThan(1000);
  expect(found).toEqual(findingsOf(inMemory));

  const info = gigatile(folder, ['info', image, '--json']);
  expect(info.json()[0]).toMatchObject({ width: 2000, levels: [{ width: 2000 }], preparation: 'ready' });
});

it('info prepares where it is told to, and says why not where there is no room', () => {
  process.env['GIGATILE_MAX_IN_MEMORY'] = '4 MB';
  rmSync(join(folder, 'cache'), { recursive: true, force: true });
  const before = gigatile(folder, ['info', image]);
  expect(before.stdout).toMatch(/prepared\s+no/);
  const made = gigatile(folder, ['info', image, '--prepare']);
  expect(made.stderr).toMatch(/preparing the image … \d+ %/);
  expect(made.stdout).toMatch(/prepared\s+yes/);
  expect(prepared()).toHaveLength(1);

  rmSync(join(folder, 'cache'), { recursive: true, force: true });
  process.env['GIGATILE_CACHE_LIMIT'] = '10k';
  const full = gigatile(folder, ['info', image, '--prepare']);
  expect(full.code).toBe(1);
  expect(full.stderr).toMatch(/GIGATILE_CACHE_LIMIT/);
  expect(prepared()).toEqual([]);
  const run = gigatile(folder, ['analyze', image, ...options, '--case', join(folder, 'full.gigatile')]);
  expect(run.code).toBe(1);
  expect(run.stderr).toMatch(/could not be prepared.*GIGATILE_CACHE_LIMIT/);
  expect(run.json().at(-1)).toMatchObject({ event: 'finished', state: 'interrupted' });
  delete process.env['GIGATILE_CACHE_LIMIT'];
  const resumed = gigatile(folder, ['resume', join(folder, 'full.gigatile'), '--json']);
  expect(resumed.code, resumed.stderr).toBe(0);
});

it('refuses more pixels than it is told to, and settings that say nothing', () => {
  process.env['GIGATILE_MAX_IN_MEMORY'] = '4 MB';
  process.env['GIGATILE_MAX_FLAT_PIXELS'] = '3M';
  const large = gigatile(folder, ['info', image]);
  expect(large.code).toBe(2);
  expect(large.stderr).toMatch(/2000 x 1600 pixels/);
  process.env['GIGATILE_MAX_FLAT_PIXELS'] = 'many';
  expect(gigatile(folder, ['info', image]).stderr).toMatch(/GIGATILE_MAX_FLAT_PIXELS is "many"/);
});
