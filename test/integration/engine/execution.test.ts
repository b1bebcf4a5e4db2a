/** How a run is executed: measured once, remembered, cancelled at once; and the results are the same however it is. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import sharp from 'sharp';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { RunParameters } from '../../../src-main/contract/run.ts';
import { ChildWorkerHost } from '../../../src-main/engine/child-worker-host.ts';
import { createEngine, type EngineParts } from '../../../src-main/engine/engine.ts';
import { Execution, trialOf } from '../../../src-main/engine/execution.ts';
import { findModel } from '../../../src-main/models/find-models.ts';
import { tissuePicture } from '../../support/tissue-png.ts';

const modelsDir = resolve(import.meta.dirname, '../../../models');
let folder: string;
let engine: EngineParts;
let living = 0;
let started = 0;
class CountingHost extends ChildWorkerHost {
  override fork<Out, In>(kind: 'inference' | 'image') {
    const worker = super.fork<Out, In>(kind);
    if (kind === 'inference') {
      started++;
      living++;
      worker.onExit(() => living--);
    }
    return worker;
  }
}
const host = new CountingHost();

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'gigatile-execution-'));
  writeFileSync(join(folder, 'tissue.png'), tissuePicture(900, 700, 20).png);
  engine = await createEngine({
    host,
    shell: { kind: 'web' },
    dataDir: join(folder, 'data'),
    modelsDir,
    version: '1.2.3',
  });
});
afterAll(async () => {
  await engine.close();
  rmSync(folder, { recursive: true, force: true });
});

async function trial(edge: number) {
  const { card, files } = await findModel('he-nuclei', modelsDir);
  const model = {
    modelPath: files[0] ?? '',
    modelSha256: card.sha256[0] ?? '',
    manifest: card.manifest,
    fileIndex: 0,
  };
  return trialOf(model, { tileWidth: edge, tileHeight: edge });
}

const execution = () => new Execution({ host, dataDir: join(folder, 'measured'), modelsDir, version: '1' });
const never = new AbortController().signal;
const quiet = (): void => undefined;

test('a long run is measured once, and what the person fixed stands', async () => {
  const progress: number[] = [];
  const fixed = { workers: 1, threads: 1 };
  const plan = await execution().plan(await trial(128), 'cpu', fixed, 1e9, (f) => progress.push(f), never);
  expect(plan).toMatchObject({ workers: 1, threads: 1, from: 'measured' });
  expect([1, 4, 8]).toContain(plan.batch);
  expect(progress.length).toBeGreaterThan(1);
  expect(progress).toEqual(progress.toSorted((a, b) => a - b));
  expect(progress.every((fraction) => fraction > 0 && fraction <= 1)).toBe(true);
  const before = started;
  const again = await execution().plan(await trial(128), 'cpu', fixed, 1e9, quiet, never);
  expect(again).toEqual({ ...plan, from: 'remembered' });
  expect(started).toBe(before);
  await expect.poll(() => living).toBe(0);
});

test('a short run is not measured', async () => {
  const before = started;
  const plan = await execution().plan(await trial(512), 'cpu', {}, 200, quiet, never);
  expect(plan).toMatchObject({ threads: 1, batch: 1, from: 'default' });
  expect(started).toBe(before);
});

test('a measurement that is stopped ends at once, its processes too, and is not remembered', async () => {
  const stop = new AbortController();
  const planning = execution().plan(await trial(256), 'cpu', {}, 1e9, () => stop.abort(), stop.signal);
  await expect(planning).rejects.toMatchObject({ code: 'cancelled' });
  await expect.poll(() => living).toBe(0);
  expect((await execution().plan(await trial(256), 'cpu', {}, 1, quiet, never)).from).toBe('default');
});

test('findings are the same whatever the batch, the threads and the workers', async () => {
  const found = async (parameters: RunParameters) => {
    const name = `${parameters.batch}-${parameters.threads}-${parameters.workers}.gigatile`;
    const session = await engine.cases.open(join(folder, 'tissue.png'), join(folder, name));
    const run = await session.startRun('he-nuclei', { mpp: 0.5, tileSize: 256, ...parameters });
    await run.ended;
    expect(run.event().run).toMatchObject({ state: 'complete', provider: 'cpu' });
    const page = session.file.findings.page(run.no, {
      threshold: 0,
      offset: 0,
      limit: 10_000,
      sort: 'position',
      verdict: 'all',
    });
    return page.findings;
  };
  const one = await found({ batch: 1, threads: 1, workers: 1 });
  expect(one.length).toBeGreaterThan(50);
  expect(await found({ batch: 7, threads: 2, workers: 2 })).toEqual(one);
});

test('the stains of the slide itself are estimated, recorded and used, where that is asked for', async () => {
  // Darker, so that what is between the nuclei counts as stained; without the glass, which would be grey then.
  const dark = join(folder, 'dark.png');
  await sharp(tissuePicture(600, 500, 20).png)
    .extract({ left: 20, top: 20, width: 560, height: 460 })
    .linear(0.7)
    .toFile(dark);
  const session = await engine.cases.open(dark, join(folder, 'stains.gigatile'));
  const found = async (parameters: RunParameters) => {
    const run = await session.startRun('he-nuclei', { mpp: 0.5, tileSize: 256, workers: 1, ...parameters });
    await run.ended;
    expect(run.event().run.state).toBe('complete');
    const { manifest, fit } = session.file.runs.get(run.no);
    return { stains: manifest.stains, notes: fit.notes, findings: [...session.file.findings.all(run.no)] };
  };
  const fixed = await found({});
  const own = await found({ stain: 'macenko' });
  expect(fixed.stains).toMatchObject({ vectors: [[0.65, 0.7, 0.29], expect.anything()] });
  expect(fixed.stains?.estimated).toBeUndefined();
  expect(own.stains?.estimated).toBe('macenko');
  expect(own.notes.join()).toContain(`haematoxylin ${own.stains?.vectors[0].join(', ')}`);
  const scores = ({ findings }: typeof own) => findings.map(({ score }) => score);
  expect(own.findings.length).toBeGreaterThan(20);
  expect(scores(own)).not.toEqual(scores(fixed));
  await expect(session.startRun('landcover-rgb', { stain: 'macenko' })).rejects.toMatchObject({
    code: 'model-mismatch',
  });
});
