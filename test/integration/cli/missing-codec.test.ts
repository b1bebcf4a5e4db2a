/** A part that cannot be loaded on this machine: `doctor` names it, and so does the run, which stays resumable. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { gigatile } from '../../support/cli.ts';
import { tissuePicture } from '../../support/tissue-png.ts';

const hook = pathToFileURL(join(import.meta.dirname, '../../support/without-package.mjs')).href;

let folder: string;
let image: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'gigatile-codec-'));
  image = join(folder, 'tissue.png');
  writeFileSync(image, tissuePicture(700, 700, 100).png);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function without(name: string, args: string[]) {
  process.env['NODE_OPTIONS'] = `--import ${hook}`;
  process.env['GIGATILE_TEST_WITHOUT'] = name;
  try {
    return gigatile(folder, args);
  } finally {
    delete process.env['NODE_OPTIONS'];
    delete process.env['GIGATILE_TEST_WITHOUT'];
  }
}

it('ONNX Runtime', () => {
  const doctor = without('onnxruntime-node', ['doctor', '--json']);
  expect(doctor.code).toBe(1);
  expect(doctor.json().find(({ name }) => name === 'inference')).toMatchObject({ ok: false });
  expect(JSON.stringify(doctor.json())).toContain('onnxruntime');

  const casePath = join(folder, 'c.gigatile');
  const run = without('onnxruntime-node', [
    'analyze',
    image,
    '--mpp',
    '0.5',
    '--model',
    'he-nuclei',
    '--case',
    casePath,
  ]);
  expect(run.code).toBe(1);
  expect(run.stderr).toMatch(/gigatile: onnxruntime.*cannot be loaded/);
  expect(gigatile(folder, ['runs', casePath, '--json']).json()[0]).toMatchObject({ state: 'paused' });
  // Mended: the same run goes on.
  expect(gigatile(folder, ['resume', casePath]).code).toBe(0);
});

it('sharp', () => {
  const doctor = without('sharp', ['doctor', '--json']);
  expect(doctor.code).toBe(1);
  expect(doctor.json().find(({ name }) => String(name).includes('sharp'))).toMatchObject({ ok: false });
  const info = without('sharp', ['info', image]);
  expect(info.code).not.toBe(0);
  expect(info.stderr).toMatch(/sharp/);
});
