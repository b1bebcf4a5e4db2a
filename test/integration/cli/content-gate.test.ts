/** `analyze --gate`: a classifier that looks first, as a person runs it. */
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { GraphBuilder } from '../../../models/builder/graph.ts';
import { CaseFile } from '../../../src-main/store/case-file.ts';
import { gigatileHere } from '../../support/cli-here.ts';
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
  gigatileHere(folder, ['analyze', image, ...options, '--case', join(folder, `${name}.gigatile`), ...more]);

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'gigatile-gate-'));
  image = join(folder, 'tissue.png');
  writeFileSync(image, tissuePicture(900, 700, 60).png);
  gate = join(folder, 'gate');
  writeGate(gate);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

it('lets through what shows an accepted class: the same findings, and none is lost', async () => {
  const plain = await analyze('plain');
  const gated = await analyze('gated', '--gate', `${gate}:nuclei`);
  expect(plain.code, plain.stderr).toBe(0);
  expect(gated.code, gated.stderr).toBe(0);
  expect(gated.json().at(-1)).toMatchObject({
    findings: plain.json().at(-1)?.['findings'],
    state: 'complete',
  });
  expect(gated.json().some((line) => typeof line['gate'] === 'number')).toBe(true);
});

it('skips the rest with its reason, and says how much that is', async () => {
  const gated = await analyze('closed', '--gate', `${gate}:none`);
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

it('refuses a class that the gate does not have, and a model that does not classify, before anything runs', async () => {
  const unknown = await analyze('unknown', '--gate', `${gate}:tumour`);
  expect(unknown.code).toBe(2);
  expect(unknown.stderr).toMatch(/Gate has no class "tumour".*\n?.*nuclei, none/);
  const detector = await analyze('detector', '--gate', 'hdab-nuclei:positive');
  expect(detector.code).toBe(2);
  expect(detector.stderr).toContain('cannot be a content gate');
  for (const [option, says] of [
    ['gate', '--gate gate is not'],
    ['image:gate', '--gate image:gate is not'],
    // Made for 0.5 µm per pixel: a whole slide at once is something else.
    [`image:${ofOneSize(gate)}:nuclei`, 'cannot judge the whole image at once'],
  ] as const) {
    const wrong = await analyze('wrong', '--gate', option);
    expect(wrong.code).toBe(2);
    expect(wrong.stderr).toContain(says);
  }
});

it('looks at the whole image at once, and ends a run that it rejects before any tile, with its reason', async () => {
  // Seen as small as that, no nucleus is dark.
  const closed = await analyze('image-closed', '--gate', `image:${gate}:nuclei`);
  expect(closed.code, closed.stderr).toBe(0);
  const { tiles, ...end } = closed.json().at(-1) ?? {};
  expect(end).toMatchObject({
    state: 'complete',
    findings: 0,
    reason: expect.stringMatching(
      /^Gate sees no nuclei in this image \(probability 0\.00, at least 0\.5 wanted\)/,
    ),
  });
  expect(tiles).toMatchObject({ done: 0, failed: 0 });
  const open = await analyze('image-open', '--gate', `image:${gate}:none@0.9`);
  expect(open.json().at(-1)).toMatchObject({ state: 'complete' });
  expect(open.json().at(-1)?.['findings']).toBeGreaterThan(0);
  const file = CaseFile.openReadOnly(join(folder, 'image-open.gigatile'));
  try {
    expect(file.runs.get(1).parameters.gate).toMatchObject({ scope: 'image', accept: ['none'], from: 0.9 });
    expect(file.events.last(1, 'preprocessed')?.data).toMatchObject({ gateOfImage: 1, rejectedByGate: 0 });
  } finally {
    file.close();
  }
});

/** A copy of a model that says which size of pixels it was made for. */
function ofOneSize(model: string): string {
  const copy = `${model}-of-one-size`;
  cpSync(model, copy, { recursive: true });
  const path = join(copy, 'gigatile.json');
  const manifest = JSON.parse(readFileSync(path, 'utf8')) as Record<string, unknown>;
  writeFileSync(path, JSON.stringify({ ...manifest, mpp: 0.5 }));
  return copy;
}
