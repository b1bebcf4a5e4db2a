/** A model whose front was taken off gives the very numbers that onnxruntime gives with all of it. */
import { createHash } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as ort from 'onnxruntime-node';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { GraphBuilder, type Tensor } from '../../../models/builder/graph.ts';
import { validManifest } from '../../../src-main/models/parse-manifest.ts';
import type { ModelInit } from '../../../src-main/core/worker-protocol.ts';
import { PixelMemory } from '../../../src-main/core/pixel-kernel/pixel-memory.ts';
import { splitFront } from '../../../src-main/models/onnx-file/split-front.ts';
import { openModel } from '../../../src-main/workers/inference/model-session.ts';

// onnxruntime computes a logarithm of numbers that fill no vector otherwise, in the last place: there are 16 pixels to each row.
const [width, height, batch] = [48, 29, 3];
const length = width * height * 3;
let folder = '';

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'gigatile-front-'));
});
afterAll(() => rm(folder, { recursive: true }));

type Part = (graph: GraphBuilder, of: Tensor) => Tensor;

/** A factor and a term a colour. */
const linear: Part = (graph, planes) =>
  graph.op('Sub', [
    graph.op('Mul', [planes, graph.floats([1 / 255])]),
    graph.floats([0.485, 0.456, 0.406], [1, 3, 1, 1]),
  ]);
/** Optical density, with a division a colour, of planes that something else takes too. */
const table: Part = (graph, planes) => {
  const light = graph.op('Div', [
    graph.op('Max', [planes, graph.floats([1])]),
    graph.floats([255, 250, 245], [3, 1, 1]),
  ]);
  return graph.op('Mul', [graph.op('Log', [light]), graph.floats([-1 / Math.LN10])]);
};

/** Transpose, Cast, what `part` makes of them, and two layers. */
async function model(part: Part): Promise<{ init: ModelInit; bytes: Uint8Array }> {
  const graph = new GraphBuilder();
  const image = graph.input('image', 'uint8', ['batch', 'height', 'width', 3]);
  const planes = graph.cast(graph.op('Transpose', [image], { perm: [0, 3, 1, 2] }), 'float32');
  const front = part(graph, planes);
  const weights = (seed: number, count: number): number[] =>
    Array.from({ length: count }, (_, i) => Math.sin(i * 12.9898 + seed));
  const first = graph.op('Relu', [
    graph.op('Conv', [front, graph.floats(weights(1, 8 * 27), [8, 3, 3, 3])], {
      kernel_shape: [3, 3],
      pads: [1, 1, 1, 1],
    }),
  ]);
  const second = graph.op('Conv', [first, graph.floats(weights(2, 16), [2, 8, 1, 1])], {
    kernel_shape: [1, 1],
  });
  const both =
    part === table
      ? graph.op('Mul', [second, graph.op('ReduceMax', [planes], { axes: [1], keepdims: 1 })])
      : second;
  graph.op('Flatten', [graph.op('GlobalAveragePool', [both])], { axis: 1 }, 'fractions');
  graph.output('fractions', 'float32', ['batch', 2]);
  const bytes = graph.toBytes('front', 'made up', {});
  const modelPath = join(folder, 'model.onnx');
  await writeFile(modelPath, bytes);
  const manifest = validManifest(
    {
      schema: 1,
      id: 'front',
      name: 'Front',
      version: '1',
      task: 'classify',
      license: 'none',
      description: 'Made up',
      limits: [],
      references: [],
      files: [{ file: 'model.onnx', imageTypes: ['uint8'] }],
      mpp: null,
      input: {
        name: 'image',
        layout: 'NHWC',
        dtype: 'uint8',
        bands: ['red', 'green', 'blue'],
        tileSize: 32,
        fixedSize: false,
      },
      halo: 0,
      outputs: { classFractions: { name: 'fractions' } },
      classes: ['a', 'b'].map((name) => ({ name, color: [0, 0, 0] })),
      backgroundClass: null,
      threshold: 0.5,
      keepFrom: 0,
      tileColor: { by: 'class' },
      background: 'none',
    },
    'gigatile.json',
    'a test',
  );
  const modelSha256 = createHash('sha256').update(bytes).digest('hex');
  return { bytes, init: { modelPath, modelSha256, manifest, fileIndex: 0, threads: 1, provider: 'cpu' } };
}

function noise(tile: number): Uint8Array {
  return Uint8Array.from({ length }, (_, i) => (i * 7919 + (i >> 5) * 31 + tile * 101) % 256);
}

test.each<[string, Part, object]>([
  ['factor and term', linear, { keepsBytes: false, work: { scale: Math.fround(1 / 255) } }],
  ['table', table, { keepsBytes: true, work: { graph: expect.any(Uint8Array) as unknown } }],
])('%s: bit for bit, in batches, from whatever memory the tiles lie in', async (_, part, split) => {
  const { init, bytes } = await model(part);
  expect(splitFront(bytes, 'image')).toMatchObject(split);
  const whole = await ort.InferenceSession.create(bytes, { intraOpNumThreads: 1 });
  const session = await openModel(init);
  expect(session.maxBatch).toBe(Number.POSITIVE_INFINITY);
  const room = new PixelMemory(2 ** 20);
  const full = new PixelMemory(batch * length + 256);
  const inMemory = (memory: PixelMemory): Uint8Array => {
    const piece = memory.take(batch * length);
    if (piece === null) throw new Error('no room');
    return piece;
  };
  // Each again after the others: the memory for planes goes from one to the other.
  const places = [inMemory(room), inMemory(full), new Uint8Array(batch * length)];
  for (const [round, place] of [...places, ...places].entries()) {
    for (const count of [1, batch]) {
      const input = place.subarray(0, count * length);
      for (let tile = 0; tile < count; tile++) input.set(noise(round * batch + tile), tile * length);
      const dims = [count, height, width, 3];
      const { fractions: found } = await session.run(input, dims);
      const { fractions } = await whole.run({ image: new ort.Tensor('uint8', Uint8Array.from(input), dims) });
      expect(found?.dims).toEqual([count, 2]);
      expect(Array.from(found?.data ?? [])).toEqual(Array.from((fractions?.data ?? []) as Float32Array));
    }
  }
});

test.each([linear, table])(
  'what the manifest says wrongly of the input is told as of the whole model',
  async (part) => {
    const { init } = await model(part);
    const { manifest } = init;
    const input = { ...manifest.input, tileSize: 64, layout: 'NCHW' as const };
    await expect(openModel({ ...init, manifest: { ...manifest, input } })).rejects.toThrow(
      /The input image has the shape/,
    );
    const named = { ...manifest.input, name: 'picture' };
    await expect(openModel({ ...init, manifest: { ...manifest, input: named } })).rejects.toThrow(
      /The graph takes image, gigatile.json says picture/,
    );
  },
);
