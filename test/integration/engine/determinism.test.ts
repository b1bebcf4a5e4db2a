/**
 * The same image, model and parameters give the same bytes in every export, whatever the workers, the batches, the order, a
 * person who pans, and crashes in the middle. On the processor: other providers round as their drivers do.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { RunParameters } from '../../../src-main/contract/run.ts';
import { ChildWorkerHost } from '../../../src-main/engine/child-worker-host.ts';
import { createEngine, type EngineParts } from '../../../src-main/engine/engine.ts';
import type { RunConductor } from '../../../src-main/engine/run-conductor.ts';
import {
  differences,
  exportFileNames,
  forgetCircumstances,
  readAllExports,
  writeAllExports,
} from '../../support/all-exports.ts';
import { killIfThere } from '../../support/kill.ts';
import { tissuePicture } from '../../support/tissue-png.ts';

let folder: string;
let image: string;
let engine: EngineParts;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'gigatile-determinism-'));
  image = join(folder, 'tissue.png');
  writeFileSync(image, tissuePicture(1500, 1140, 150).png);
  engine = await createEngine({
    host: new ChildWorkerHost(),
    shell: { kind: 'web' },
    dataDir: join(folder, 'data'),
    modelsDir: resolve(import.meta.dirname, '../../../models'),
    version: '1.2.3',
  });
});
afterAll(async () => {
  await engine.close();
  rmSync(folder, { recursive: true, force: true });
});

const ended = async (conductor: RunConductor): Promise<RunConductor> => {
  await conductor.ended;
  return conductor;
};

/** Resolves with the number of tiles that are durable when there are more than so many. */
async function moreThan(conductor: RunConductor, count: number): Promise<number> {
  const done = (): number => conductor.event().run.tiles.done;
  await expect.poll(done, { interval: 2 }).toBeGreaterThan(count);
  return done();
}

let cases = 0;

/** Every export of a run that went so; by file. */
async function exportsOf(
  model: string,
  parameters: RunParameters,
  disturb: (conductor: RunConductor, resume: () => RunConductor) => Promise<RunConductor> = ended,
): Promise<Map<string, Buffer>> {
  const name = `case-${++cases}`;
  const session = await engine.cases.open(image, join(folder, `${name}.gigatile`));
  const conductor = await session.startRun(model, {
    tileSize: 128,
    overlap: { unit: 'px', value: 32 },
    ...parameters,
  });
  const last = await disturb(conductor, () => session.resumeRun(1, false));
  await last.ended;
  expect(session.runView(1).state).toBe('complete');
  forgetCircumstances(session.file.path, 'forget');
  const out = join(folder, name);
  await writeAllExports(engine, session, out);
  return readAllExports(out);
}

/** Workers die with tiles in their hands, then all stops; it is taken up again, and looked at elsewhere. */
async function crashing(conductor: RunConductor, resume: () => RunConductor): Promise<RunConductor> {
  // The first results are written at once, those after them a tenth of a second later, when a small run may be over.
  const before = await moreThan(conductor, 0);
  for (const pid of conductor.workerPids()) killIfThere(pid);
  await moreThan(conductor, before);
  await conductor.stop({ state: 'interrupted', reason: 'a test' });
  const again = resume();
  again.setViewport({ x: 700, y: 800, width: 300, height: 200 });
  return again;
}

it.each(['he-nuclei', 'landcover-rgb'])('%s', async (model) => {
  const mpp = model === 'he-nuclei' ? { mpp: 0.5 } : {};
  const first = await exportsOf(model, { ...mpp, workers: 1, batch: 1, order: 'native' });
  expect(first.size).toBeGreaterThanOrEqual(exportFileNames.length);
  const others = [
    await exportsOf(model, { ...mpp, workers: 2, batch: 4, order: 'attention' }),
    await exportsOf(model, { ...mpp, workers: 3, batch: 3 }, crashing),
  ];
  for (const other of others) expect(differences(first, other)).toEqual([]);
});
