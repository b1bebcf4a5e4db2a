/** A model that is somebody else's, described by a gigatile.json beside it. */
import { copyFile, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as ort from 'onnxruntime-node';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { coreModelRect, tileModelRect, tileRect } from '../../../src-main/core/grid.ts';
import { openImage } from '../../../src-main/images/open-image.ts';
import { testData } from '../../support/test-data.ts';
import { codecs, prepare, WorkerClient } from './worker-client.ts';

const slide = testData('pathology', 'CMU-1-Small-Region.svs');
const tissueNet = testData('models', 'superfast-tissue-unet.onnx');

let folder: string;
let worker: WorkerClient;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'gigatile-foreign-'));
  worker = new WorkerClient();
});
afterEach(async () => {
  await worker.stop();
  await rm(folder, { recursive: true });
});

test.skipIf(tissueNet === null || slide === null)(
  'float32, one size only, a probability a pixel',
  async () => {
    const model = join(folder, 'superfast-tissue-unet.onnx');
    await copyFile(tissueNet!, model);
    await writeFile(
      join(folder, 'gigatile.json'),
      JSON.stringify({
        schema: 1,
        id: 'superfast-tissue',
        name: 'Tissue mask',
        version: '1',
        task: 'segment',
        license: 'MIT',
        description: 'Tissue against glass',
        limits: [],
        references: [],
        files: [{ file: 'superfast-tissue-unet.onnx', imageTypes: ['uint8'] }],
        mpp: 2,
        input: {
          name: 'input',
          layout: 'NHWC',
          dtype: 'float32',
          bands: ['red', 'green', 'blue'],
          tileSize: 500,
          fixedSize: true,
          scale: 1 / 255,
        },
        halo: 0,
        outputs: { probability: { name: 'cropping2d_12' } },
        classes: [
          { name: 'glass', color: [200, 200, 200] },
          { name: 'tissue', color: [0, 158, 115] },
        ],
        backgroundClass: 0,
        threshold: 0.6,
        keepFrom: 0.6,
        tileColor: { by: 'class' },
        background: 'none',
      }),
    );
    const { init, fit } = await prepare(slide!, model);
    await worker.start(init);
    const { results, failures } = await worker.lease(fit.grid, { batch: 2 });
    expect(failures).toEqual([]);
    // The same by hand: each tile's pixels through the bare model, counted over its core.
    const session = await ort.InferenceSession.create(model, { logSeverityLevel: 3 });
    const source = await openImage(slide!, codecs);
    const { scaleX, scaleY } = fit.grid;
    const seen: number[] = [];
    for (const { tile, values } of results.values()) {
      const { data } = await source.readScaled(tileRect(fit.grid, tile), 500, 500);
      const input = Float32Array.from(data, (v) => v / 255);
      const outputs = await session.run({ input: new ort.Tensor(input, [1, 500, 500, 3]) });
      const probability = outputs['cropping2d_12']?.data as Float32Array;
      const [rect, core] = [tileModelRect(fit.grid, tile), coreModelRect(fit.grid, tile)];
      let above = 0;
      for (let y = core.y; y < core.y + core.height; y++) {
        for (let x = core.x; x < core.x + core.width; x++) {
          if ((probability[(y - rect.y) * 500 + x - rect.x] ?? 0) > 0.6) above++;
        }
      }
      expect(values[1]).toBeCloseTo(above / (core.width * core.height), 3);
      seen.push(values[1] ?? 0);
    }
    source.close();
    expect([scaleX, scaleY].map((s) => s.toFixed(3))).toEqual(['4.008', '4.008']);
    expect(Math.max(...seen)).toBeGreaterThan(0.4);
    expect(Math.min(...seen)).toBeLessThan(0.4);
  },
);
