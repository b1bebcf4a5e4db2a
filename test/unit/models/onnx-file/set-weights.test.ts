import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { expect, it } from 'vitest';
import { GraphBuilder } from '../../../../models/builder/graph.ts';
import { stains, unmixing } from '../../../../src-main/core/stains.ts';
import { setWeights } from '../../../../src-main/models/onnx-file/set-weights.ts';

function file(weights: readonly number[]): Uint8Array {
  const graph = new GraphBuilder();
  const x = graph.op('Add', [graph.input('x', 'float32', [3]), graph.floats([1, 2, 3], [3])]);
  graph.op('Mul', [x, graph.floats(weights, [3], 'wanted')], {}, 'y');
  graph.output('y', 'float32', [3]);
  return new Uint8Array(graph.toBytes('a', 'b', { c: 'd'.repeat(300) }));
}

it('is the file that would have been built with these numbers, and leaves its own as it is', () => {
  const own = file([1, 2, 3]);
  expect(setWeights(own, 'wanted', Float32Array.of(4, 5, 6))).toEqual(file([4, 5, 6]));
  expect(own).toEqual(file([1, 2, 3]));
});

it('copies a Buffer too, whose slice would be the same memory', () => {
  const own = Buffer.from(file([1, 2, 3]));
  setWeights(own, 'wanted', Float32Array.of(4, 5, 6));
  expect(new Uint8Array(own)).toEqual(file([1, 2, 3]));
});

it('refuses weights that are not there, or of another length', () => {
  for (const [name, length] of [
    ['unwanted', 3],
    ['wanted', 4],
  ] as const) {
    expect(() => setWeights(file([1, 2, 3]), name, new Float32Array(length))).toThrow(/no . weights/);
  }
});

it('finds what the built-in models say of themselves', async () => {
  const path = resolve(import.meta.dirname, '../../../../models/he-nuclei');
  const own = new Uint8Array(await readFile(`${path}/he-nuclei.onnx`));
  const { stains: stated } = JSON.parse(await readFile(`${path}/gigatile.json`, 'utf8')) as {
    stains: { weights: string };
  };
  const rows = Float32Array.from(unmixing(stains.hematoxylin, stains.eosin).flat());
  expect(setWeights(own, stated.weights, rows)).toEqual(own);
  expect(
    setWeights(
      own,
      stated.weights,
      rows.map((x) => -x),
    ),
  ).not.toEqual(own);
});
