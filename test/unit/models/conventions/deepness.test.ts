import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { ModelManifest } from '../../../../src-main/contract/model.ts';
import { describeFile, type FileDescription } from '../../../../src-main/models/describe-model.ts';
import { writeOnnx, type TensorSpec } from '../../../support/onnx-file.ts';

let folder: string;
beforeAll(() => void (folder = mkdtempSync(join(tmpdir(), 'gigatile-deepness-'))));
afterAll(() => rmSync(folder, { recursive: true }));

type Metadata = Record<string, unknown>;
const out = (name: string, ...dims: (number | string)[]): TensorSpec => [name, 'float32', dims];
const standard: TensorSpec = ['input', 'float32', [1, 3, 512, 512]];

/** Values as the plugin's documentation has them written: each one JSON. */
function read(metadata: Metadata, outputs: TensorSpec[], input = standard): Promise<FileDescription> {
  const texts = Object.fromEntries(
    Object.entries(metadata).map(([key, value]) => [key, JSON.stringify(value)]),
  );
  return describeFile(writeOnnx(folder, { metadata: texts, inputs: [input], outputs }));
}

async function manifestOf(
  metadata: Metadata,
  outputs: TensorSpec[],
  input = standard,
): Promise<ModelManifest> {
  const { manifest, problem, missing } = await read(metadata, outputs, input);
  expect({ problem, missing }).toEqual({ problem: null, missing: [] });
  return manifest!;
}

const classes = { 0: '_background', 1: 'building', 2: 'road' };

test('Segmentor, all that its metadata can say', async () => {
  const description = await read(
    {
      model_type: 'Segmentor',
      class_names: classes,
      resolution: 10,
      tile_size: 512,
      tiles_overlap: 15,
      seg_thresh: 0.4,
      seg_small_segment: 6,
      standardization_mean: [0.4, 0.5, 0.6],
      standardization_std: [0.1, 0.2, 0.3],
    },
    [out('output', 1, 3, 512, 512)],
  );
  expect(description.convention).toBe('Deepness');
  expect(description.manifest).toMatchObject({
    task: 'segment',
    mpp: null,
    metresPerPixel: 0.1,
    background: 'nodata',
    halo: 38,
    threshold: 0.4,
    smallestRegion: 25,
    backgroundClass: 0,
    outputs: { classMap: { name: 'output', layout: 'NCHW', activation: 'none' } },
    input: {
      name: 'input',
      bands: ['red', 'green', 'blue'],
      tileSize: 512,
      fixedSize: true,
      scale: 1 / 255,
      mean: [0.4, 0.5, 0.6],
      std: [0.1, 0.2, 0.3],
    },
  });
  expect(description.readFrom).toMatchObject({
    task: 'metadata model_type',
    classes: 'metadata class_names',
    resolution: 'metadata resolution',
    halo: 'metadata tiles_overlap',
    'input.mean': 'metadata standardization_mean',
    threshold: 'metadata seg_thresh',
  });
});

test('Segmentor with one channel, or none: two classes told apart by a probability', async () => {
  const metadata = { model_type: 'Segmentor', class_names: { 0: 'no', 1: 'yes' } };
  const probability = { probability: { name: 'o', activation: 'none' } };
  expect((await manifestOf(metadata, [out('o', 1, 1, 484, 484)])).outputs).toEqual(probability);
  expect((await manifestOf(metadata, [out('o', 1, 512, 512)])).outputs).toEqual(probability);
  const one = await manifestOf({ ...metadata, class_names: { 0: 'yes' } }, [out('o', 1, 1, 512, 512)]);
  expect(one.classes.map(({ name }) => name)).toEqual(['_background', 'yes']);
});

test('an output that is only the centre makes neighbours overlap by what it lacks', async () => {
  const metadata = { model_type: 'Segmentor', class_names: { 0: 'no', 1: 'yes' }, tiles_overlap: 2 };
  const { manifest, readFrom } = await read(metadata, [out('o', 1, 2, 484, 484)]);
  expect(manifest?.halo).toBe(14);
  expect(readFrom['halo']).toMatch(/centre/);
  expect((await manifestOf(metadata, [out('o', 1, 2, 512, 512)])).halo).toBe(5);
});

test('of two outputs the first is used, and that is said', async () => {
  const lists = [
    { 0: 'Coffee', 1: 'Tea' },
    { 0: 'Juice', 1: 'Beer' },
  ];
  const { manifest, notes } = await read({ model_type: 'Segmentor', class_names: lists }, [
    out('a', 1, 2, 512, 512),
    out('b', 1, 2, 512, 512),
  ]);
  expect(manifest?.classes.map(({ name }) => name)).toEqual(['Coffee', 'Tea']);
  expect(notes.join(' ')).toContain('only a is used; for b');
});

test.each<[string, TensorSpec[], object]>([
  ['YOLO_v5_or_v7_default', [out('o', 1, 100, 8)], { form: 'yolov5' }],
  ['YOLO_v6', [out('o', 1, 100, 8)], { form: 'yolov5' }],
  ['YOLO_v9', [out('o', 1, 7, 100)], { form: 'yolov8' }],
  ['YOLO_v8', [out('o', 1, 7, 100)], { form: 'yolov8' }],
  ['YOLO_Ultralytics', [out('o', 1, 7, 100)], { form: 'yolov8' }],
  ['YOLO_Ultralytics_obb', [out('o', 1, 8, 100)], { form: 'yolov8', oriented: true }],
  [
    'YOLO_Ultralytics_segmentation',
    [out('o', 1, 39, 100), out('p', 1, 32, 128, 128)],
    { form: 'yolov8', protos: 'p' },
  ],
  [
    'retinanet',
    [out('o', 'n', 4), out('s', 'n'), out('l', 'n')],
    { form: 'boxes-scores-classes', scores: 's', labels: 'l' },
  ],
])('Detector %s', async (det_type, outputs, boxes) => {
  const metadata = {
    model_type: 'Detector',
    det_type,
    class_names: classes,
    det_conf: 0.3,
    det_iou_thresh: 0.6,
  };
  const manifest = await manifestOf(metadata, outputs);
  expect(manifest.outputs).toEqual({ boxes: { name: 'o', iou: 0.6, classAgnostic: true, ...boxes } });
  expect(manifest).toMatchObject({ task: 'detect', threshold: 0.3, keepFrom: 0.1 });
});

test('Detector: an export of Ultralytics with names of its own, made for the plugin', async () => {
  const path = writeOnnx(folder, {
    metadata: {
      stride: '32',
      names: "{0: 'car', 1: 'van'}",
      task: 'detect',
      model_type: '"Detector"',
      det_type: '"YOLO_Ultralytics"',
      resolution: '30',
    },
    inputs: [standard],
    outputs: [out('output0', 1, 6, 100)],
  });
  const { manifest, readFrom, convention } = await describeFile(path);
  expect(convention).toBe('Deepness');
  expect(manifest).toMatchObject({ metresPerPixel: 0.3, classes: [{ name: 'car' }, { name: 'van' }] });
  expect(readFrom['classes']).toBe('metadata names');
});

test('Regressor: a quantity a channel, scaled', async () => {
  const manifest = await manifestOf(
    { model_type: 'Regressor', reg_output_scaling: 1.5, class_names: { 0: 'height' } },
    [out('o', 'N', 1, 512, 512)],
  );
  expect(manifest).toMatchObject({
    task: 'regress',
    outputs: { valueMap: { name: 'o', names: ['height'], factor: 1.5 } },
    tileColor: { by: 'value', value: 'height' },
  });
});

describe('what a person must say', () => {
  test('classes that are not named; a detector of no type', async () => {
    const segmentor = await read({ model_type: 'Segmentor' }, [out('o', 1, 3, 512, 512)]);
    expect(segmentor.missing.map(({ fact }) => fact)).toEqual(['classes']);
    const detector = await read({ model_type: 'Detector', class_names: classes }, [out('o', 1, 100, 8)]);
    expect(detector.missing.map(({ fact }) => fact)).toEqual(['outputs.boxes.form']);
    const open: TensorSpec = ['input', 'float32', ['N', 3, 'h', 'w']];
    const sized = await read(
      { model_type: 'Segmentor', class_names: classes },
      [out('o', 'N', 3, 'h', 'w')],
      open,
    );
    expect(sized.missing.map(({ fact }) => fact)).toEqual(['input.tileSize']);
    expect(
      await manifestOf(
        { model_type: 'Segmentor', class_names: classes, tiles_size: 384 },
        [out('o', 'N', 3, 'h', 'w')],
        open,
      ),
    ).toMatchObject({
      input: { tileSize: 384, fixedSize: false },
    });
  });
});

test.each<[string, Metadata, TensorSpec[], RegExp]>([
  [
    'Superresolution',
    { model_type: 'Superresolution' },
    [out('o', 1, 3, 1024, 1024)],
    /makes larger pictures/,
  ],
  ['Recognition', { model_type: 'Recognition' }, [out('o', 1, 512)], /picture of what is looked for/],
  ['an unknown type', { model_type: 'Dreamer' }, [out('o', 1, 512)], /model_type is "Dreamer"/],
  [
    'an unknown detector',
    { model_type: 'Detector', det_type: 'X', class_names: classes },
    [out('o', 1, 7, 9)],
    /det_type is "X"/,
  ],
  [
    'a resolution that is none',
    { model_type: 'Segmentor', resolution: 'fine' },
    [out('o', 1, 3, 512, 512)],
    /resolution must be a number/,
  ],
  [
    'an overlap beyond all',
    { model_type: 'Segmentor', tiles_overlap: 120 },
    [out('o', 1, 3, 512, 512)],
    /tiles_overlap must be/,
  ],
  [
    'division by zero',
    { model_type: 'Segmentor', standardization_std: [1, 0, 1] },
    [out('o', 1, 3, 512, 512)],
    /standardization_std/,
  ],
  [
    'numbers for other bands',
    { model_type: 'Segmentor', standardization_mean: [1, 2] },
    [out('o', 1, 3, 512, 512)],
    /2 numbers of standardization_mean, but input takes 3/,
  ],
  [
    'more classes than channels',
    { model_type: 'Segmentor', class_names: classes },
    [out('o', 1, 2, 512, 512)],
    /3 classes .* o is 1 x 2 x 512 x 512/,
  ],
  [
    'an output that is no centre',
    { model_type: 'Segmentor', class_names: classes },
    [out('o', 1, 3, 1024, 1024)],
    /the centre of its 512 px wide input/,
  ],
  [
    'columns of another type',
    { model_type: 'Detector', det_type: 'YOLO_v9', class_names: classes },
    [out('o', 1, 100, 8)],
    /YOLO_v9 with 3 classes/,
  ],
  [
    'class names that skip one',
    { model_type: 'Segmentor', class_names: { 0: 'a', 2: 'b' } },
    [out('o', 1, 2, 512, 512)],
    /has no class 1/,
  ],
])('%s is refused in one sentence', async (_, metadata, outputs, message) => {
  const { manifest, problem } = await read(metadata, outputs);
  expect(manifest).toBeNull();
  expect(problem).toMatchObject({ code: 'model-invalid', message: expect.stringMatching(message) as string });
});

test('a bare word where JSON wants quotation marks is understood, other text is not', async () => {
  const read = (text: string): Promise<FileDescription> =>
    describeFile(
      writeOnnx(folder, {
        metadata: { model_type: text, class_names: '{"0":"a","1":"b"}' },
        inputs: [standard],
        outputs: [out('o', 1, 2, 512, 512)],
      }),
    );
  expect((await read('segmentor')).manifest?.task).toBe('segment');
  expect((await read('{Segmentor')).problem?.message).toMatch(/model_type is no JSON/);
});
