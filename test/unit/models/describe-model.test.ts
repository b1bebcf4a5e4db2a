import { chmodSync, copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createHash } from 'node:crypto';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { GigatileError } from '../../../src-main/contract/errors.ts';
import { completeManifest, modelId } from '../../../src-main/models/complete-manifest.ts';
import { describeModel, readModel } from '../../../src-main/models/read-manifest.ts';
import { writeManifest } from '../../../src-main/models/write-manifest.ts';
import { externalTensor, writeOnnx } from '../../support/onnx-file.ts';
import { testData } from '../../support/test-data.ts';

let folder: string;
beforeEach(() => void (folder = mkdtempSync(join(tmpdir(), 'gigatile-describe-'))));
afterEach(() => {
  chmodSync(folder, 0o700);
  rmSync(folder, { recursive: true });
});

async function errorOf(promise: Promise<unknown>): Promise<GigatileError> {
  return promise.then(
    () => {
      throw new Error('nothing was wrong');
    },
    (error: unknown) => error as GigatileError,
  );
}

const ultralytics = { task: 'detect', stride: '32', imgsz: '[640, 640]', names: "{0: 'a', 1: 'b'}" };
const detects = { metadata: ultralytics, outputs: [['output0', 'float32', [1, 6, 8400]]] } as const;
const answers = {
  outputs: 'segment:class-map',
  classes: 'nothing, water,land',
  resolution: '10 cm',
  'input.bands': 'red, green, blue',
  normalisation: 'imagenet',
};
/** Of a model that says nothing about itself. */
const silent = {
  inputs: [['x', 'float32', [1, 3, 256, 256]]],
  outputs: [['y', 'float32', [1, 3, 256, 256]]],
} as const;

describe('where a description comes from', () => {
  test('gigatile.json beside it, then metadata inside it', async () => {
    const path = writeOnnx(folder, detects);
    expect((await describeModel(path)).convention).toBe('Ultralytics');
    const found = await readModel(path);
    expect(found.card.sha256).toEqual([createHash('sha256').update(readFileSync(path)).digest('hex')]);
    expect(found.card.notes?.join()).toContain('resolution');
    expect(await readModel(folder)).toEqual(found);
    const mine = { ...found.card.manifest, id: 'mine', threshold: 0.9 };
    writeFileSync(join(folder, 'gigatile.json'), JSON.stringify(mine));
    const stated = await describeModel(path);
    expect(stated).toMatchObject({
      convention: 'gigatile.json',
      found: { card: { manifest: { id: 'mine', threshold: 0.9 } } },
    });
    expect(stated.found?.card.readFrom).toMatchObject({ task: 'gigatile.json', classes: 'gigatile.json' });
  });

  test('a gigatile.json for another model does not hide what a model says of itself', async () => {
    const one = writeOnnx(folder, silent, 'one.onnx');
    await writeManifest(one, answers);
    const two = writeOnnx(folder, detects, 'two.onnx');
    expect((await describeModel(two)).convention).toBe('Ultralytics');
    const three = writeOnnx(folder, silent, 'three.onnx');
    expect((await errorOf(describeModel(three))).message).toMatch(/does not name it/);
    expect((await describeModel(folder)).found?.card.manifest.id).toBe('one');
  });

  test('two models in a folder: which of them is asked', async () => {
    writeOnnx(folder, detects, 'a.onnx');
    writeOnnx(folder, detects, 'b.onnx');
    expect((await errorOf(readModel(folder))).message).toMatch(/not one \.onnx file only/);
  });

  test('nobody describes it: what is known, and what a person must say', async () => {
    const path = writeOnnx(folder, { ...silent, inputs: [['x', 'uint8', ['N', 'h', 'w', 4]]] });
    const { found, file, convention } = await describeModel(path);
    expect({ found, convention, problem: file?.problem }).toEqual({
      found: null,
      convention: null,
      problem: null,
    });
    expect(file?.draft.input).toEqual({ name: 'x', dtype: 'uint8', layout: 'NHWC', fixedSize: false });
    expect(file?.missing.map(({ fact }) => fact)).toEqual([
      'outputs',
      'classes',
      'resolution',
      'input.tileSize',
      'input.bands',
    ]);
    const error = await errorOf(readModel(path));
    expect(error.code).toBe('model-invalid');
    expect(error.hint).toMatch(/outputs, classes, resolution.*--set/);
  });

  test('only forms that the graph can have are offered', async () => {
    const offered = async (...dims: number[]): Promise<string[]> => {
      const path = writeOnnx(folder, { ...silent, outputs: [['y', 'float32', dims]] });
      const { file } = await describeModel(path);
      return file?.missing.find(({ fact }) => fact === 'outputs')?.choices?.map(({ value }) => value) ?? [];
    };
    expect(await offered(1, 10)).toEqual(['classify:probabilities', 'classify:logits', 'regress:tile']);
    expect(await offered(1, 10, 1, 1)).toContain('classify:logits');
    expect(await offered(1, 3, 200, 200)).toEqual([
      'segment:class-map',
      'segment:coarse-class-map',
      'segment:probability',
      'regress:map',
    ]);
    expect(await offered(1, 3, 512, 512)).toEqual([]);
    expect(await offered(1, 100, 6)).toContain('detect:yolo-end2end');
  });

  test('which axis holds the bands is asked where both could', async () => {
    const path = writeOnnx(folder, { ...silent, inputs: [['x', 'float32', [1, 8, 8, 8]]] });
    const { file } = await describeModel(path);
    expect(file?.draft.input.layout).toBeUndefined();
    expect(file?.missing.map(({ fact }) => fact)).toContain('input.layout');
  });

  test('weights in a file of their own are part of what the model is', async () => {
    writeFileSync(join(folder, 'w.bin'), new Uint8Array(16));
    const path = writeOnnx(folder, {
      ...detects,
      graph: { initializer: [externalTensor({ location: 'w.bin' })] },
    });
    const found = await readModel(path);
    const sha256 = createHash('sha256').update(new Uint8Array(16)).digest('hex');
    expect(found.card.externalData).toEqual([{ file: 'w.bin', sha256 }]);
    const own = createHash('sha256').update(readFileSync(path)).digest('hex');
    expect(found.card.sha256).toEqual([
      createHash('sha256').update(`${own}\n${sha256}  w.bin\n`).digest('hex'),
    ]);
    writeFileSync(join(folder, 'w.bin'), new Uint8Array(16).fill(1));
    expect((await readModel(path)).card.sha256).not.toEqual(found.card.sha256);
    expect(found.externalData).toEqual([[expect.objectContaining({ location: 'w.bin', needed: 16 })]]);
    rmSync(join(folder, 'w.bin'));
    expect((await errorOf(readModel(path))).message).toMatch(/"w\.bin", which is not there/);
  });

  test('a gigatile.json does not let custom operators through', async () => {
    const path = writeOnnx(folder, silent);
    await writeManifest(path, answers);
    writeOnnx(folder, { ...silent, graph: { node: [{ opType: 'Evil', domain: 'evil' }] } });
    expect((await errorOf(readModel(path))).message).toMatch(/Evil of the domain "evil"/);
  });
});

describe('what a person says is kept beside the model', () => {
  test('and is all that was missing', async () => {
    const path = writeOnnx(folder, silent);
    const written = await writeManifest(path, { ...answers, threshold: '0.3', name: 'My land' });
    expect(written.path).toBe(join(folder, 'gigatile.json'));
    const { card } = await readModel(path);
    expect(card.manifest).toEqual(written.manifest);
    expect(card.manifest).toMatchObject({
      id: 'model',
      name: 'My land',
      task: 'segment',
      mpp: null,
      metresPerPixel: 0.1,
      background: 'nodata',
      threshold: 0.3,
      halo: 25,
      classes: [{ name: 'nothing' }, { name: 'water' }, { name: 'land' }],
      outputs: { classMap: { name: 'y', layout: 'NCHW', activation: 'none' } },
      input: {
        scale: 1 / 255,
        mean: [0.485, 0.456, 0.406],
        std: [0.229, 0.224, 0.225],
        layout: 'NCHW',
        tileSize: 256,
      },
    });
  });

  test.each([
    ['0.5 µm', { mpp: 0.5 }],
    ['0,25 um', null],
    ['.25 um/px', { mpp: 0.25 }],
    ['30cm', { metresPerPixel: 0.3 }],
    ['10 m', { metresPerPixel: 10 }],
    ['any', { mpp: null }],
    ['0 m', null],
    ['fine', null],
  ])('a resolution of %s', async (resolution, expected) => {
    const path = writeOnnx(folder, silent);
    const written = writeManifest(path, { ...answers, resolution });
    if (expected === null) expect((await errorOf(written)).code).toBe('usage');
    else expect((await written).manifest).toMatchObject(expected);
  });

  test.each([
    ['classes', ' , ', /no answer for classes/],
    ['outputs', 'dream', /no answer for outputs/],
    ['input.bands', 'ultraviolet', /no answer for input\.bands/],
    ['normalisation', 'loud', /no answer for normalisation/],
    ['threshold', '2', /no answer for threshold/],
    ['input.layout', 'HWC', /no answer for input\.layout/],
    ['input.tileSize', '-3', /no answer for input\.tileSize/],
    ['task', 'dream', /no answer for task/],
    ['colour', 'red', /Nobody asked for "colour"/],
  ])('%s: %s', async (fact, answer, message) => {
    const error = await errorOf(writeManifest(writeOnnx(folder, silent), { ...answers, [fact]: answer }));
    expect(error.code).toBe('usage');
    expect(error.message).toMatch(message);
  });

  test('nothing is taken for granted: what was not said is asked for again', async () => {
    const { classes: _none, ...others } = answers;
    const error = await errorOf(writeManifest(writeOnnx(folder, silent), others));
    expect(error).toMatchObject({ code: 'usage', message: 'It is not said yet: classes' });
  });

  test('an existing one is not overwritten unless that is said', async () => {
    const path = writeOnnx(folder, silent);
    await writeManifest(path, answers);
    const before = readFileSync(join(folder, 'gigatile.json'), 'utf8');
    expect((await errorOf(writeManifest(path, { ...answers, classes: 'a,b,c' }))).code).toBe('conflict');
    expect(readFileSync(join(folder, 'gigatile.json'), 'utf8')).toBe(before);
    await writeManifest(path, { ...answers, classes: 'a,b,c' }, { replace: true });
    expect((await readModel(path)).card.manifest.classes.map(({ name }) => name)).toEqual(['a', 'b', 'c']);
  });

  test.skipIf(process.getuid?.() === 0)('a folder in which nobody may write', async () => {
    const path = writeOnnx(folder, silent);
    chmodSync(folder, 0o500);
    expect(await errorOf(writeManifest(path, answers))).toMatchObject({
      code: 'not-writable',
      hint: expect.stringContaining('Copy the model') as string,
    });
  });
});

test('ids: whatever a file is called, the id is one that the schema allows', () => {
  fc.assert(
    fc.property(fc.array(fc.nat(0x2fff), { maxLength: 80 }), (codes) => {
      const name = String.fromCodePoint(...codes);
      expect(modelId(`${name}.onnx`)).toMatch(/^[a-z0-9][a-z0-9-]*$/);
    }),
  );
  expect(modelId('/a/b/Über Modell (v2).ONNX')).toBe('uber-modell-v2');
});

test('28 classes have as many colours', () => {
  const classes = Array.from({ length: 28 }, (_, i) => ({ name: `c${i}` }));
  const { classes: coloured } = completeManifest(
    {
      task: 'classify',
      classes,
      outputs: { classFractions: { name: 'y' } },
      input: { name: 'x', layout: 'NCHW', dtype: 'float32', bands: ['red'], tileSize: 8, fixedSize: true },
    },
    'x.onnx',
  );
  expect(new Set(coloured.map(({ color }) => color.join())).size).toBe(28);
});

const published = testData('models');
test.skipIf(published === null).each([
  ['deepness-dummy_regression_model_batched.onnx', 'Deepness', []],
  ['deepness-two_outputs_softmax_bsx2x512x512.onnx', 'Deepness', []],
  [
    'deepness-one_output_softmax_bsx2x512x512.onnx',
    null,
    ['outputs', 'classes', 'resolution', 'input.bands', 'normalisation'],
  ],
  [
    'deepness-different_output_size_512_to_484.onnx',
    null,
    ['outputs', 'classes', 'resolution', 'input.bands', 'normalisation'],
  ],
  [
    'deepness-dummy_superresolution_model.onnx',
    null,
    ['outputs', 'classes', 'resolution', 'input.bands', 'normalisation'],
  ],
  ['onnx-light_squeezenet.onnx', null, ['outputs', 'classes', 'resolution', 'input.bands', 'normalisation']],
  ['ort-mnist.onnx', null, ['outputs', 'classes', 'resolution', 'input.bands', 'normalisation']],
  ['superfast-tissue-unet.onnx', null, ['outputs', 'classes', 'resolution', 'input.bands', 'normalisation']],
  [
    'ultraface-version-slim-320.onnx',
    null,
    ['family', 'outputs', 'classes', 'resolution', 'input.bands', 'normalisation'],
  ],
])('%s', async (name, convention, missing) => {
  const path = join(folder, name);
  copyFileSync(join(published!, name), path);
  const description = await describeModel(path);
  expect(description.convention).toBe(convention);
  expect(description.file?.problem).toBeNull();
  expect(description.file?.missing.map(({ fact }) => fact)).toEqual(missing);
  expect(description.found === null).toBe(missing.length > 0);
});
