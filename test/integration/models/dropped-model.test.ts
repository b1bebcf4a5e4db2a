/** A file as Ultralytics exports it, dropped in with nothing beside it, is run and gives findings; one that says nothing is not. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { GraphBuilder } from '../../../models/builder/graph.ts';
import { gigatile } from '../../support/cli.ts';

let folder: string;
beforeAll(() => void (folder = mkdtempSync(join(tmpdir(), 'gigatile-dropped-'))));
afterAll(() => rmSync(folder, { recursive: true }));

/** One box in the middle of each tile; its three scores are the means of red, green and blue: 0-1 only if pixels come as 0-1. */
function exported(): Uint8Array {
  const graph = new GraphBuilder();
  const images = graph.input('images', 'float32', [1, 3, 64, 64]);
  const means = graph.op('Reshape', [
    graph.op('ReduceMean', [images], { axes: [2, 3], keepdims: 0 }),
    graph.ints([1, 3, 1]),
  ]);
  graph.op('Concat', [graph.floats([32, 32, 16, 8], [1, 4, 1]), means], { axis: 1 }, 'output0');
  graph.output('output0', 'float32', [1, 7, 1]);
  return graph.toBytes('main_graph', '', {
    description: 'Ultralytics YOLO11n model trained on tissue.yaml',
    stride: '32',
    task: 'detect',
    imgsz: '[64, 64]',
    names: "{0: 'red', 1: 'green', 2: 'blue'}",
    args: "{'batch': 1, 'nms': False}",
    channels: '3',
    end2end: 'False',
  });
}

test('run and exported', () => {
  const model = join(folder, 'Tissue Finder.onnx');
  const image = join(folder, 'slide.tif');
  writeFileSync(model, exported());
  expect(gigatile(folder, ['sample', 'pathology', '--size', '256x256', '--out', image]).code).toBe(0);
  const file = join(folder, 'case.gigatile');
  const analyzed = gigatile(folder, ['analyze', image, '--model', model, '--case', file, '--json']);
  expect(analyzed.stderr).toBe('');
  const finished = analyzed.json().at(-1) as { state: string; tiles: { total: number }; findings: number };
  expect(finished).toMatchObject({ state: 'complete', findings: finished.tiles.total });
  const out = join(folder, 'findings.geojson');
  expect(gigatile(folder, ['export', file, '--format', 'geojson', '--out', out]).code).toBe(0);
  const { features } = JSON.parse(readFileSync(out, 'utf8')) as {
    features: { properties: Record<string, unknown>; geometry: { coordinates: [number, number][][] } }[];
  };
  expect(features).toHaveLength(finished.findings);
  const xs = features[0]!.geometry.coordinates[0]!.map(([x]) => x);
  expect(Math.max(...xs) - Math.min(...xs)).toBe(16);
  expect(JSON.stringify(features[0]!.properties)).toMatch(/"red"/);
});

test('a model that says nothing is described with exit code 0, and refused in one line when it is to be run', () => {
  const model = join(folder, 'silent.onnx');
  const graph = new GraphBuilder();
  graph.op('Identity', [graph.input('x', 'float32', [1, 3, 64, 64])], {}, 'y');
  graph.output('y', 'float32', [1, 3, 64, 64]);
  writeFileSync(model, graph.toBytes('g', '', {}));
  const described = gigatile(folder, ['models', model]);
  expect(described.code).toBe(0);
  expect(described.stdout).toMatch(/missing {7}classes: .*\n/);
  const said = gigatile(folder, ['analyze', join(folder, 'slide.tif'), '--model', model, '--json']);
  expect(said.code).toBe(2);
  expect(said.stderr).toMatch(
    /^gigatile: There is no gigatile\.json beside this model .*--set fact=answer.*\n$/,
  );
});
