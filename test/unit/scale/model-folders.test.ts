import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { ModelFolders } from '../../../src-main/scale/worker/model-folders.ts';

const folder = mkdtempSync(join(tmpdir(), 'gigatile-models-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');
const queue = { path: (wanted: string) => Promise.resolve(`from the queue: ${wanted.slice(0, 6)}`) };

it('finds a model by what is in it, whatever it is called, and what is not there any more in the queue', async () => {
  mkdirSync(join(folder, 'vendor'));
  const path = join(folder, 'vendor', 'anything.onnx');
  writeFileSync(path, 'weights');
  writeFileSync(join(folder, 'other.onnx'), 'others');
  writeFileSync(join(folder, 'weights.txt'), 'notes');
  const models = new ModelFolders([folder], queue);
  expect(await models.path(sha256('weights'))).toBe(path);
  expect(await models.path(sha256('notes'))).toMatch(/^from the queue/);
  // Under its old name lies another one now.
  writeFileSync(path, 'another model');
  expect(await models.path(sha256('weights'))).toMatch(/^from the queue/);
  expect(await models.path(sha256('another model'))).toBe(path);
});

it('names a folder that is not there', async () => {
  const models = new ModelFolders([join(folder, 'gone')], queue);
  await expect(models.path('a')).rejects.toMatchObject({
    code: 'file-unreadable',
    where: join(folder, 'gone'),
  });
});
