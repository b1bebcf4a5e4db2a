/** Tiles that a model fails on are found and named, and cost nobody else a result. */
import { createHash } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { GraphBuilder } from '../../../models/builder/graph.ts';
import { tileCount } from '../../../src-main/core/grid.ts';
import { tissuePicture } from '../../support/tissue-png.ts';
import { prepare, WorkerClient, type Prepared } from './worker-client.ts';

let folder: string;
let worker: WorkerClient;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'gigatile-failing-'));
  worker = new WorkerClient();
});
afterEach(async () => {
  await worker.stop();
  await rm(folder, { recursive: true });
});

/** A model of one number a tile, made from each tile's darkest pixel (0-255) by `number`. */
async function modelOf(number: (graph: GraphBuilder, darkest: string) => string): Promise<Prepared> {
  const graph = new GraphBuilder();
  const image = graph.cast(graph.input('image', 'uint8', ['batch', 'height', 'width', 3]), 'float32');
  const darkest = graph.op('ReduceMin', [image], { axes: [1, 2, 3], keepdims: 0 });
  graph.op('Unsqueeze', [number(graph, darkest), graph.ints([1])], {}, 'value');
  graph.output('value', 'float32', ['batch', 1]);
  const bytes = graph.toBytes('test', 'test', {});
  await writeFile(join(folder, 'model.onnx'), bytes);
  const manifest = {
    schema: 1,
    id: 'test',
    name: 'Test',
    version: '1',
    task: 'regress',
    license: 'none',
    description: 'test',
    limits: [],
    references: [],
    files: [{ file: 'model.onnx', imageTypes: ['uint8'] }],
    mpp: null,
    input: {
      name: 'image',
      layout: 'NHWC',
      dtype: 'uint8',
      bands: ['red', 'green', 'blue'],
      tileSize: 100,
      fixedSize: false,
    },
    halo: 0,
    outputs: { tileValues: { name: 'value', names: ['darkness'] } },
    classes: [{ name: 'any', color: [0, 0, 0] }],
    backgroundClass: null,
    threshold: 0.5,
    keepFrom: 0,
    tileColor: { by: 'value', value: 'darkness', full: 255 },
    background: 'none',
  };
  await writeFile(join(folder, 'gigatile.json'), JSON.stringify(manifest));
  await writeFile(join(folder, 'tissue.png'), tissuePicture(600, 500, 100).png);
  const prepared = await prepare(join(folder, 'tissue.png'), folder);
  expect(prepared.init.modelSha256).toBe(createHash('sha256').update(bytes).digest('hex'));
  return prepared;
}

/** Tiles of 100 px: glass (245) where the outermost columns and rows are, nuclei (60) inside. */
const isGlass = (tile: number): boolean => {
  const [column, row] = [tile % 6, Math.floor(tile / 6)];
  return column === 0 || column === 5 || row === 0 || row === 4;
};

test.each([1, 4, 30])(
  'a batch of %i that the model refuses is halved down to the tiles at fault',
  async (batch) => {
    // An index out of range where a tile holds a nucleus: onnxruntime then refuses the whole batch.
    const { init, fit } = await modelOf((graph, darkest) => {
      const dark = graph.cast(graph.op('Less', [darkest, graph.floats([100])]), 'int64');
      const index = graph.op('Mul', [dark, graph.ints([7])]);
      return graph.op('Gather', [graph.floats([0.25, 0.5], [2]), index], { axis: 0 });
    });
    await worker.start(init);
    const { results, failures } = await worker.lease(fit.grid, { batch });
    expect(failures.map((f) => f.tile).sort((a, b) => a - b)).toEqual(
      Array.from({ length: tileCount(fit.grid) }, (_, i) => i).filter((tile) => !isGlass(tile)),
    );
    expect([...results.keys()].every(isGlass)).toBe(true);
    expect(results.size + failures.length).toBe(30);
    for (const { error, transient } of failures) {
      expect(transient).toBe(false);
      expect(error.message).toMatch(/^The model failed on this tile: .*Gather/);
    }
    for (const { values } of results.values()) expect([...values]).toEqual([0.25]);
  },
);

test('NaN fails its tile; the rest of the batch stands', async () => {
  // 0 / 0 on glass.
  const { init, fit } = await modelOf((graph, darkest) => {
    const zero = graph.op('Sub', [darkest, graph.floats([245])]);
    return graph.op('Div', [zero, zero]);
  });
  await worker.start(init);
  const { results, failures } = await worker.lease(fit.grid, { batch: 8 });
  expect(failures.map((f) => f.tile).every(isGlass)).toBe(true);
  expect([...results.keys()].some(isGlass)).toBe(false);
  expect(results.size + failures.length).toBe(30);
  for (const { error, transient } of failures) {
    expect([error.code, transient]).toEqual(['internal', false]);
    expect(error.message).toMatch(/NaN/);
  }
});

test('values colour the tiles', async () => {
  const { init, fit } = await modelOf((graph, darkest) => graph.op('Identity', [darkest]));
  await worker.start(init);
  const { results } = await worker.lease(fit.grid, { batch: 8 });
  for (const { tile, values, score } of results.values()) {
    expect(values[0]).toBe(isGlass(tile) ? 245 : 60);
    expect(score).toBeCloseTo((values[0] ?? 0) / 255, 6);
  }
});
