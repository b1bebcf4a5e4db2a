/** The model of a run moves, becomes another one, or Gigatile itself was installed elsewhere: the run is not lost by it. */
import { cpSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { CaseSession } from '../../../src-main/engine/case-session.ts';
import { ChildWorkerHost } from '../../../src-main/engine/child-worker-host.ts';
import { createEngine, type EngineParts } from '../../../src-main/engine/engine.ts';
import { tissuePicture } from '../../support/tissue-png.ts';

const modelsDir = resolve(import.meta.dirname, '../../../models');
let folder: string;
let image: string;
let engine: EngineParts;
const at = (name: string): string => join(folder, name);

async function start(): Promise<void> {
  engine = await createEngine({
    host: new ChildWorkerHost(),
    shell: { kind: 'web' },
    dataDir: at('data'),
    modelsDir,
    version: '1.2.3',
  });
}

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'gigatile-model-moves-'));
  image = at('tissue.png');
  writeFileSync(image, tissuePicture(700, 600, 40).png);
  await start();
});
afterAll(async () => {
  await engine.close();
  rmSync(folder, { recursive: true, force: true });
});

/** A case with a run that was paused as soon as it began. */
async function pausedRun(casePath: string, model: string): Promise<CaseSession> {
  const session = await engine.cases.open(image, casePath);
  const conductor = await session.startRun(model, { mpp: 0.5, tileSize: 256, workers: 1 });
  await conductor.stop({ state: 'paused', reason: null });
  return session;
}

async function rested(session: CaseSession): Promise<[state: string, reason: string | null]> {
  const conductor = session.conductor(1);
  await conductor.ended;
  const { state, reason } = conductor.event().run;
  return [state, reason];
}

/** he-nuclei with another content: an entry of metadata more (field 14 of onnx.proto's ModelProto). */
function ownModel(folderName: string): string {
  cpSync(join(modelsDir, 'he-nuclei'), at(folderName), { recursive: true });
  const file = join(at(folderName), 'he-nuclei.onnx');
  const entry = Buffer.from([0x0a, 1, 0x61, 0x12, 1, 0x62]);
  writeFileSync(file, Buffer.concat([readFileSync(file), Buffer.from([0x72, entry.length]), entry]));
  return at(folderName);
}

it('a model that was moved: pauses, refuses another one by both hashes, goes on at the new place', async () => {
  const session = await pausedRun(at('own.gigatile'), ownModel('own'));
  const { modelSha256 } = session.file.runs.get(1);
  renameSync(at('own'), at('own-now'));
  session.resumeRun(1, false);
  expect(await rested(session)).toEqual([
    'paused',
    expect.stringMatching(/^The model "he-nuclei\.onnx" is not where it was.*--model <path>/),
  ]);
  const refused = session.relocateModel(1, join(modelsDir, 'hdab-nuclei', 'hdab-nuclei.onnx'));
  await expect(refused).rejects.toMatchObject({
    code: 'model-changed',
    message: '"hdab-nuclei.onnx" is not the model that this run began with',
    hint: expect.stringContaining(modelSha256.slice(0, 12)) as string,
  });
  expect(session.conductor(1).active).toBe(false);
  // The file alone: what lies beside it does not matter, the run has its description.
  renameSync(join(at('own-now'), 'he-nuclei.onnx'), at('renamed.onnx'));
  await session.relocateModel(1, at('renamed.onnx'));
  expect(await rested(session)).toEqual(['complete', null]);
  expect(session.file.runs.get(1)).toMatchObject({ modelPath: at('renamed.onnx'), modelSha256 });
  expect(session.runView(1).findings).toBeGreaterThan(50);
});

it('another file in its place: pauses and says so, and goes on with a copy of the right one', async () => {
  const session = await pausedRun(at('swapped.gigatile'), ownModel('swapped'));
  const file = join(at('swapped'), 'he-nuclei.onnx');
  renameSync(file, at('kept.onnx'));
  cpSync(join(modelsDir, 'hdab-nuclei', 'hdab-nuclei.onnx'), file);
  session.resumeRun(1, false);
  expect((await rested(session))[1]).toMatch(/^The model file is not the one that this run began with/);
  expect(session.file.tiles.counts(1)).toMatchObject({ failed: 0, done: 0 });
  await session.relocateModel(1, at('kept.onnx'));
  expect((await rested(session))[0]).toBe('complete');
});

it('a built-in model is found again by itself where Gigatile lies elsewhere now', async () => {
  const session = await pausedRun(at('built-in.gigatile'), 'he-nuclei');
  const { modelSha256, modelPath } = session.file.runs.get(1);
  session.file.transaction(() => session.file.runs.setModelPath(1, modelSha256, '/old/place/he-nuclei.onnx'));
  session.resumeRun(1, false);
  expect(await rested(session)).toEqual(['complete', null]);
  expect(session.file.runs.get(1).modelPath).toBe(modelPath);
  expect(session.file.events.list(1).map(({ kind }) => kind)).toContain('model-relocated');
});
