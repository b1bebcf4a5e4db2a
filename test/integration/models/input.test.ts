/** What a model is really given: a graph that answers with the mean of each of its bands and with its second input. */
import { writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { GraphBuilder } from '../../../models/builder/graph.ts';
import { PixelBytes, tiledDirectory } from '../../support/forge/tiff-image.ts';
import { forgeTiff } from '../../unit/images/forge-tiff.ts';
import { prepare, WorkerClient } from './worker-client.ts';

let folder: string;
let worker: WorkerClient;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'gigatile-input-'));
  worker = new WorkerClient();
});
afterEach(async () => {
  await worker.stop();
  await rm(folder, { recursive: true });
});

/** 256 x 128 px; columns of 64 px have red 10, 20, 30, 40; green is 100, blue 200. */
function picture(): string {
  const pixels = new PixelBytes(false);
  const tags = tiledDirectory(pixels, {
    width: 256,
    height: 128,
    tileWidth: 64,
    tileHeight: 64,
    compression: 1,
    photometric: 2,
    tile: (column) =>
      Uint8Array.from({ length: 64 * 64 * 3 }, (_, i) => [10 * (column + 1), 100, 200][i % 3]!),
  });
  const path = join(folder, 'picture.tif');
  writeFileSync(path, forgeTiff({ directories: [{ tags }], data: pixels.joined() }));
  return path;
}

test('half floats of a non-square, letterboxed tile, and the size as a second input', async () => {
  const graph = new GraphBuilder();
  const image = graph.input('image', 'float16', ['batch', 3, 32, 64]);
  const size = graph.input('orig_target_sizes', 'int64', ['batch', 2]);
  const means = graph.op('ReduceMean', [graph.cast(image, 'float32')], { axes: [2, 3], keepdims: 0 });
  graph.op('Concat', [means, graph.cast(size, 'float32')], { axis: 1 }, 'values');
  graph.output('values', 'float32', ['batch', 5]);
  const model = join(folder, 'means.onnx');
  writeFileSync(model, graph.toBytes('means', 'for tests', {}));
  const names = ['red', 'green', 'blue', 'width', 'height'];
  const manifest = {
    schema: 1,
    id: 'means',
    name: 'Means',
    version: '1',
    task: 'regress',
    license: '',
    description: '',
    limits: [],
    references: [],
    files: [
      {
        file: 'means.onnx',
        imageTypes: ['uint8'],
      },
    ],
    mpp: null,
    input: {
      name: 'image',
      layout: 'NCHW',
      dtype: 'float16',
      bands: ['red', 'green', 'blue'],
      tileSize: 64,
      tileHeight: 32,
      fixedSize: true,
      resize: 'letterbox',
      padValue: 0,
      scale: 1 / 255,
      extra: [
        {
          name: 'orig_target_sizes',
          value: 'size',
        },
      ],
    },
    halo: 0,
    outputs: {
      tileValues: {
        name: 'values',
        names,
      },
    },
    classes: [
      {
        name: 'a',
        color: [0, 0, 0],
      },
    ],
    backgroundClass: null,
    threshold: 0.5,
    keepFrom: 0.5,
    tileColor: {
      by: 'value',
      value: 'red',
      full: 1,
    },
    background: 'none',
  };
  writeFileSync(join(folder, 'gigatile.json'), JSON.stringify(manifest));
  // Tiles of 64 x 128 px become 16 x 32, a quarter of the input; the rest is 0.
  const { init, fit } = await prepare(picture(), model, { grid: { columns: 4, rows: 1 } });
  expect(fit.grid).toMatchObject({ tileWidth: 64, tileHeight: 128, columns: 4, rows: 1 });
  await worker.start(init);
  const { results, failures } = await worker.lease(fit.grid, { batch: 3 });
  expect(failures).toEqual([]);
  expect(results.size).toBe(4);
  for (const [tile, { values }] of results) {
    const [red, green, blue, width, height] = values;
    expect(red).toBeCloseTo((10 * (tile + 1)) / 255 / 4, 4);
    expect(green).toBeCloseTo(100 / 255 / 4, 4);
    expect(blue).toBeCloseTo(200 / 255 / 4, 3);
    expect([width, height]).toEqual([64, 32]);
  }
});
