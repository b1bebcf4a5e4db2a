/** The inference worker as a real process on real files. */
import { mkdtemp, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { createHash } from 'node:crypto';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { GigatileError } from '../../../src-main/contract/errors.ts';
import { coreRect, tileAt, tileCount } from '../../../src-main/core/grid.ts';
import { leastSharpness } from '../../../src-main/core/quality/focus.ts';
import { testData } from '../../support/test-data.ts';
import { tissuePicture } from '../../support/tissue-png.ts';
import { boxesOf, modelsDir, placeOf, prepare, WorkerClient } from './worker-client.ts';

const slide = testData('pathology', 'CMU-1-Small-Region.svs');
const landsat8 = testData('satellite', 'landsat8-newyork-rgbn-uint16.tif');

let folder: string;
let picture: string;
let worker: WorkerClient;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'gigatile-worker-'));
  picture = join(folder, 'tissue.png');
  worker = new WorkerClient();
});
afterEach(async () => {
  await worker.stop();
  await rm(folder, { recursive: true });
});

/** How many of `a` are not in `b`. */
function without(a: Set<string>, b: Set<string>): number {
  return [...a].filter((item) => !b.has(item)).length;
}

async function fatal(start: Promise<void>): Promise<GigatileError> {
  const error = await start.then(
    () => null,
    (e: unknown) => e,
  );
  if (!(error instanceof GigatileError)) throw new Error(`expected a fatal error, got ${String(error)}`);
  return error;
}

describe('a picture with known nuclei', () => {
  const { png, nuclei } = tissuePicture(1500, 1100);

  test('every nucleus is found once, in level-0 pixels, whatever the batch', async () => {
    await writeFile(picture, png);
    const { init, fit } = await prepare(picture, 'he-nuclei', { mpp: 0.5, tileSize: 256 });
    await worker.start(init);
    for (const batch of [1, 4, 7]) {
      const { results, failures } = await worker.lease(fit.grid, { batch });
      expect(failures).toEqual([]);
      expect(results.size).toBe(tileCount(fit.grid));
      // Hard edges: in focus, wherever there is something to judge by.
      const judged = [...results.values()].flatMap(({ sharpness }) => sharpness ?? []);
      expect(judged.length).toBeGreaterThan(results.size / 2);
      expect(Math.min(...judged)).toBeGreaterThan(leastSharpness);
      const centres = boxesOf(results.values())
        .filter((b) => b.score >= 0.5)
        .map((b) => `${Math.round(b.x + b.width / 2 - 0.5)} ${Math.round(b.y + b.height / 2 - 0.5)}`);
      expect(centres.sort()).toEqual(nuclei.map((n) => `${n.x} ${n.y}`).sort());
    }
  });

  test('at another scale too: twice as fine, and in between', async () => {
    await writeFile(picture, png);
    for (const mpp of [0.6, 0.35]) {
      const { init, fit } = await prepare(picture, 'he-nuclei', { mpp, tileSize: 300 });
      const client = new WorkerClient();
      try {
        await client.start(init);
        const boxes = boxesOf((await client.lease(fit.grid)).results.values()).filter((b) => b.score >= 0.5);
        for (const nucleus of nuclei) {
          const near = boxes.filter(
            (b) => Math.hypot(b.x + b.width / 2 - nucleus.x, b.y + b.height / 2 - nucleus.y) < 4,
          );
          expect(near).toHaveLength(1);
        }
      } finally {
        await client.stop();
      }
    }
  });

  test('glass is background, tissue is not, and no nucleus lies in a skipped tile', async () => {
    await writeFile(picture, png);
    const { init, fit } = await prepare(picture, 'he-nuclei', { mpp: 0.5, tileSize: 128 });
    await worker.start(init);
    const { skip, content } = await worker.preprocess(fit.grid, 'tissue');
    for (const n of nuclei) expect(skip[tileAt(fit.grid, n.x, n.y)]).toBe(0);
    for (let tile = 0; tile < skip.length; tile++) {
      const core = coreRect(fit.grid, tile);
      const width = Math.max(0, Math.min(core.x + core.width, 1300) - Math.max(core.x, 200));
      const height = Math.max(0, Math.min(core.y + core.height, 900) - Math.max(core.y, 200));
      const truth = (width * height) / (core.width * core.height);
      expect(content[tile]).toBeCloseTo(truth, 1);
      if (truth >= 0.005) expect(skip[tile]).toBe(0);
    }
    expect(skip.filter((code) => code === 1).length).toBeGreaterThan(40);
    expect((await worker.preprocess(fit.grid, 'none')).skip.every((code) => code === 0)).toBe(true);
  });

  test('an image smaller than a tile is one tile, cut to the image', async () => {
    const small = tissuePicture(300, 200, 20);
    await writeFile(picture, small.png);
    const { init, fit } = await prepare(picture, 'he-nuclei', { mpp: 0.5 });
    expect(tileCount(fit.grid)).toBe(1);
    await worker.start(init);
    const boxes = boxesOf((await worker.lease(fit.grid)).results.values()).filter((b) => b.score >= 0.5);
    expect(boxes).toHaveLength(small.nuclei.length);
  });
});

describe('a real slide', () => {
  test.skipIf(slide === null)(
    "seams: tiles with the model's overlap give exactly what the whole region gives",
    async () => {
      const whole = await prepare(slide!, 'he-nuclei', { grid: { columns: 1, rows: 1 } });
      const tiled = await prepare(slide!, 'he-nuclei', { tileSize: 300 });
      const bare = await prepare(slide!, 'he-nuclei', { tileSize: 300, overlap: { unit: 'px', value: 0 } });
      expect(tileCount(whole.fit.grid)).toBe(1);
      expect(tileCount(tiled.fit.grid)).toBe(9 * 12);
      await worker.start(whole.init);
      const places = async (plan: typeof whole.fit.grid): Promise<Set<string>> =>
        new Set(boxesOf((await worker.lease(plan)).results.values()).map(placeOf));
      const reference = await places(whole.fit.grid);
      expect(reference.size).toBeGreaterThan(3000);
      const found = await places(tiled.fit.grid);
      expect(without(reference, found)).toBe(0);
      expect(without(found, reference)).toBe(0);
      // The control: without overlap the same comparison sees the seams.
      const seams = await places(bare.fit.grid);
      expect(without(reference, seams)).toBeGreaterThan(50);
      expect(without(seams, reference)).toBeGreaterThan(50);
    },
  );

  test.skipIf(slide === null)('skipping background loses no finding', async () => {
    const { init, fit } = await prepare(slide!, 'he-nuclei', { tileSize: 128 });
    await worker.start(init);
    const { skip } = await worker.preprocess(fit.grid, 'tissue');
    const { results } = await worker.lease(fit.grid, { batch: 4 });
    const lost = [...results.values()].filter((r) => skip[r.tile] !== 0 && r.detections.length > 0);
    expect(lost).toEqual([]);
  });

  test.skipIf(slide === null)(
    'keepAll gives both sides of a border, and the owned ones among them',
    async () => {
      const { init, fit } = await prepare(slide!, 'he-nuclei');
      await worker.start(init);
      const own = boxesOf((await worker.lease(fit.grid)).results.values());
      const all = boxesOf((await worker.lease(fit.grid, { keepAll: true })).results.values());
      const places = all.map(placeOf);
      expect(all.length).toBeGreaterThan(own.length);
      expect(without(new Set(own.map(placeOf)), new Set(places))).toBe(0);
      expect(new Set(places).size).toBeLessThan(places.length);
    },
  );

  test.skipIf(slide === null)(
    'a tile whose pixels are corrupt fails for good, its batch is done',
    async () => {
      const copy = join(folder, 'corrupt.svs');
      const bytes = Buffer.from(await readFile(slide!));
      bytes.fill(0, 700_000, 760_000);
      await writeFile(copy, bytes);
      const { init, fit } = await prepare(copy, 'he-nuclei');
      await worker.start(init);
      const { results, failures } = await worker.lease(fit.grid, { batch: 4 });
      expect(failures.length).toBeGreaterThan(0);
      expect(results.size).toBeGreaterThan(failures.length);
      expect(results.size + failures.length).toBe(tileCount(fit.grid));
      for (const { error, transient } of failures)
        expect([error.code, transient]).toEqual(['image-corrupt', false]);
    },
  );

  test.skipIf(slide === null)('a tile that the disk does not give is worth another try', async () => {
    const copy = join(folder, 'shrinking.svs');
    await writeFile(copy, await readFile(slide!));
    const { init, fit } = await prepare(copy, 'he-nuclei');
    await worker.start(init);
    await truncate(copy, 600_000);
    const { results, failures } = await worker.lease(fit.grid, { batch: 4 });
    expect(results.size).toBeGreaterThan(0);
    expect(results.size + failures.length).toBe(tileCount(fit.grid));
    expect(failures.length).toBeGreaterThan(0);
    for (const { error, transient } of failures) expect([error.code, transient]).toEqual(['io', true]);
  });
});

describe('scenes', () => {
  test.skipIf(landsat8 === null)(
    '16 bit, four bands: fractions a tile add up, no-data tiles are told apart',
    async () => {
      const { init, fit } = await prepare(landsat8!, 'landcover-rgbn', { tileSize: 8 });
      expect(init.modelPath).toMatch(/uint16/);
      await worker.start(init);
      const { skip } = await worker.preprocess(fit.grid, 'nodata');
      expect(skip.some((code) => code === 2)).toBe(true);
      const { results } = await worker.lease(fit.grid, { batch: 3 });
      let area = 0;
      let noData = 0;
      for (const { tile, values, classIndex } of results.values()) {
        expect(values.reduce((sum, v) => sum + v, 0)).toBeCloseTo(1, 5);
        const core = coreRect(fit.grid, tile);
        area += core.width * core.height;
        noData += (values[0] ?? 0) * core.width * core.height;
        if (skip[tile] === 2) expect([values[0], classIndex]).toEqual([1, 255]);
      }
      expect(area).toBe(77 * 78);
      // Counted with GDAL: pixels that are 0 in all four bands.
      expect(Math.round(noData)).toBe(1892);
    },
  );
});

describe('a worker that cannot work says why and stops', () => {
  beforeEach(() => writeFile(picture, tissuePicture(600, 500).png));

  test('the model is no ONNX file', async () => {
    const { init } = await prepare(picture, 'he-nuclei', { mpp: 0.5 });
    const modelPath = join(folder, 'model.onnx');
    await writeFile(modelPath, 'this is no model');
    const modelSha256 = createHash('sha256').update('this is no model').digest('hex');
    const error = await fatal(worker.start({ ...init, modelPath, modelSha256 }));
    expect(error).toMatchObject({ code: 'model-invalid', where: expect.stringContaining('model.onnx') });
    expect(await worker.exited).toBe(1);
  });

  test('the model is another one than the run began with', async () => {
    const { init } = await prepare(picture, 'he-nuclei', { mpp: 0.5 });
    const modelPath = join(folder, 'model.onnx');
    await writeFile(modelPath, await readFile(join(modelsDir, 'hdab-nuclei/hdab-nuclei.onnx')));
    const error = await fatal(worker.start({ ...init, modelPath }));
    expect(error.code).toBe('model-changed');
    expect(error.message).toMatch(/not the one/);
  });

  test('gigatile.json and graph differ', async () => {
    const { init } = await prepare(picture, 'he-nuclei', { mpp: 0.5 });
    const manifest = { ...init.manifest, outputs: { detections: { name: 'boxes' } } };
    const error = await fatal(worker.start({ ...init, manifest }));
    expect(error.message).toMatch(/no output boxes; it gives detections, tile_values/);
  });

  test('the image has changed', async () => {
    const { init } = await prepare(picture, 'he-nuclei', { mpp: 0.5 });
    await writeFile(picture, tissuePicture(600, 501).png);
    expect((await fatal(worker.start(init))).code).toBe('image-changed');
  });

  test('the image is gone', async () => {
    const { init } = await prepare(picture, 'he-nuclei', { mpp: 0.5 });
    await rm(picture);
    expect((await fatal(worker.start(init))).code).toBe('file-not-found');
  });
});

test('cancel drops the batches that are not begun, and the next lease is worked at', async () => {
  await writeFile(picture, tissuePicture(1500, 1100).png);
  const { init, fit } = await prepare(picture, 'he-nuclei', { mpp: 0.5, tileSize: 128 });
  await worker.start(init);
  const tiles = Int32Array.from({ length: tileCount(fit.grid) }, (_, i) => i);
  worker.post({ kind: 'lease', lease: 100, epoch: 1, plan: fit.grid, batch: 1, tiles });
  worker.post({ kind: 'lease', lease: 101, epoch: 1, plan: fit.grid, batch: 1, tiles: tiles.subarray(0, 1) });
  const first = await worker.next();
  expect(first).toMatchObject({ kind: 'tiles', lease: 100 });
  worker.post({ kind: 'cancel', lease: 100 });
  let done = 1;
  for (;;) {
    const message = await worker.next();
    if (message.kind === 'lease-done') break;
    done++;
  }
  expect(done).toBeLessThan(tiles.length);
  expect(await worker.next()).toMatchObject({ kind: 'tiles', lease: 101 });
  expect(await worker.next()).toMatchObject({ kind: 'lease-done', lease: 101 });
});
