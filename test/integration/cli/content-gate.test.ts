/** `analyze --gate`: a classifier that looks first, as a person runs it. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { GraphBuilder } from '../../../models/builder/graph.ts';
import { CaseFile } from '../../../src-main/store/case-file.ts';
import { gigatile } from '../../support/cli.ts';
import { tissuePicture } from '../../support/tissue-png.ts';

let folder: string;
let image: string;
let gate: string;

/** Two classes by each tile's darkest pixel: `nuclei` where one is dark (60 against the tissue's 172). */
function writeGate(path: string): void {
  const graph = new GraphBuilder();
  const pixels = graph.cast(graph.input('image', 'uint8', ['batch', 'height', 'width', 3]), 'float32');
  const darkest = graph.op('ReduceMin', [pixels], { axes: [1, 2, 3], keepdims: 0 });
  const dark = graph.cast(graph.op('Less', [darkest, graph.floats([100])]), 'float32');
  const light = graph.op('Sub', [graph.floats([1]), dark]);
  const columns = [dark, light].map((of) => graph.op('Unsqueeze', [of, graph.ints([1])]));
  graph.op('Concat', columns, { axis: 1 }, 'probability');
  graph.output('probability', 'float32', ['batch', 2]);
  mkdirSync(path);
  writeFileSync(join(path, 'gate.onnx'), graph.toBytes('gate', 'test', {}));
  const manifest = {
    schema: 1,
    id: 'gate',
    name: 'Gate',
    version: '1',
    task: 'classify',
    license: 'none',
    description: 'Says whether a tile has nuclei',
    limits: [],
    references: [],
    files: [{ file: 'gate.onnx', imageTypes: ['uint8'] }],
    mpp: null,
    input: {
      name: 'image',
      layout: 'NHWC',
      dtype: 'uint8',
      bands: ['red', 'green', 'blue'],
      tileSize: 64,
      fixedSize: false,
    },
    halo: 0,
    outputs: { classFractions: { name: 'probability' } },
    classes: [
      { name: 'nuclei', color: [88, 60, 146] },
      { name: 'none', color: [232, 172, 205] },
    ],
    backgroundClass: 1,
    threshold: 0.5,
    keepFrom: 0,
    tileColor: { by: 'class' },
    background: 'none',
  };
  writeFileSync(join(path, 'gigatile.json'), JSON.stringify(manifest));
}

const options = '--model he-nuclei --mpp 0.5 --tile 128 --workers 1 --json'.split(' ');
const analyze = (name: string, ...more: string[]) =>
  gigatile(folder, ['analyze', image, ...options, '--case', join(folder, `${name}.gigatile`), ...more]);

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'gigatile-gate-'));
  image = join(folder, 'tissue.png');
  writeFileSync(image, tissuePicture(900, 700, 60).png);
  gate = join(folder, 'gate');
  writeGate(gate);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

it('lets through what shows an accepted class: the same findings, and none is lost', () => {
  const plain = analyze('plain');
  const gated = analyze('gated', '--gate', `${gate}:nuclei`);
  expect(plain.code, plain.stderr).toBe(0);
  expect(gated.code, gated.stderr).toBe(0);
  expect(gated.json().at(-1)).toMatchObject({
    findings: plain.json().at(-1)?.['findings'],
    state: 'complete',
  });
  expect(gated.json().some((line) => typeof line['gate'] === 'number')).toBe(true);
});

it('skips the rest with its reason, and says how much that is', () => {
  const gated = analyze('closed', '--gate', `${gate}:none`);
  expect(gated.code, gated.stderr).toBe(0);
  const file = CaseFile.openReadOnly(join(folder, 'closed.gigatile'));
  try {
    const counts = file.tiles.counts(1);
    const [event] = file.events.list(1).filter(({ kind }) => kind === 'preprocessed');
    const byReason = file.tiles.skippedByReason(1);
    // 4: the place of content-gate in skipReasons, which is stored.
    expect(byReason.get(4)).toBeGreaterThan(counts.total / 2);
    expect(event?.data).toMatchObject({ rejectedByGate: byReason.get(4) });
    expect(counts).toMatchObject({ failed: 0, pending: 0 });
  } finally {
    file.close();
  }
});

it('refuses a class that the gate does not have, and a model that does not classify, before anything runs', () => {
  const unknown = analyze('unknown', '--gate', `${gate}:tumour`);
  expect(unknown.code).toBe(2);
  expect(unknown.stderr).toMatch(/Gate has no class "tumour".*\n?.*nuclei, none/);
  const detector = analyze('detector', '--gate', 'hdab-nuclei:positive');
  expect(detector.code).toBe(2);
  expect(detector.stderr).toContain('cannot be a content gate');
  const wrong = analyze('wrong', '--gate', 'gate');
  expect(wrong.code).toBe(2);
  expect(wrong.stderr).toContain('--gate gate is not');
});
