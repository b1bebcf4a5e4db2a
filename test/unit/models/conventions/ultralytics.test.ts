import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { ModelManifest } from '../../../../src-main/contract/model.ts';
import { describeFile, type FileDescription } from '../../../../src-main/models/describe-model.ts';
import { writeOnnx, type TensorSpec } from '../../../support/onnx-file.ts';

let folder: string;
beforeAll(() => void (folder = mkdtempSync(join(tmpdir(), 'gigatile-ultralytics-'))));
afterAll(() => rmSync(folder, { recursive: true }));

const three = "{0: 'car', 1: 'it\\'s a \"van\"', 2: 'lorry'}";
const two = "{0: 'plane', 1: 'ship'}";

/** What the exporter of 8.3 writes, for an input of 64 x 64. */
function metadata(task: string, names: string, more: Record<string, string> = {}): Record<string, string> {
  return {
    description: `Ultralytics YOLO11n-${task} model trained on things.yaml`,
    author: 'Ultralytics',
    date: '2026-01-31T10:11:12.123456',
    version: '8.3.40',
    license: 'AGPL-3.0 License (https://ultralytics.com/license)',
    docs: 'https://docs.ultralytics.com',
    stride: '32',
    task,
    batch: '1',
    imgsz: '[64, 64]',
    names,
    args: "{'batch': 1, 'half': False, 'dynamic': False, 'simplify': True, 'opset': None, 'nms': False}",
    channels: '3',
    end2end: 'False',
    ...more,
  };
}

interface Model {
  metadata: Record<string, string>;
  outputs: TensorSpec[];
  input?: TensorSpec;
}

const input: TensorSpec = ['images', 'float32', [1, 3, 64, 64]];

function read(model: Model): Promise<FileDescription> {
  return describeFile(
    writeOnnx(
      folder,
      { metadata: model.metadata, inputs: [model.input ?? input], outputs: model.outputs },
      'My Model v2.onnx',
    ),
  );
}

async function manifestOf(model: Model): Promise<ModelManifest> {
  const { manifest, problem, missing } = await read(model);
  expect({ problem, missing }).toEqual({ problem: null, missing: [] });
  return manifest!;
}

const out = (name: string, ...dims: (number | string)[]): TensorSpec => [name, 'float32', dims];
const rest = { iou: 0.45, maxDetections: 300 };

describe('by what the metadata says, not by the shape', () => {
  test('three classes detected and two with an angle both give [1, 7, 84]', async () => {
    const outputs = [out('output0', 1, 7, 84)];
    const detect = await manifestOf({ metadata: metadata('detect', three), outputs });
    expect(detect.outputs).toEqual({ boxes: { name: 'output0', form: 'yolov8', ...rest } });
    const obb = await manifestOf({ metadata: metadata('obb', two), outputs });
    expect(obb.outputs).toEqual({ boxes: { name: 'output0', form: 'yolov8', oriented: true, ...rest } });
    expect(obb.classes.map(({ name }) => name)).toEqual(['plane', 'ship']);
  });

  test('two classes and 6 columns: suppressed inside or not, as end2end and nms say', async () => {
    const outputs = [out('output0', 1, 6, 6)];
    const form = async (more: Record<string, string>): Promise<string | undefined> =>
      (await manifestOf({ metadata: metadata('detect', two, more), outputs })).outputs.boxes?.form;
    expect(await form({})).toBe('yolov8');
    expect(await form({ end2end: 'True' })).toBe('yolo-end2end');
    expect(await form({ args: "{'nms': True}" })).toBe('yolo-nms');
    const { end2end: _none, ...early } = metadata('detect', two, {
      description: 'Ultralytics YOLOv10n model',
    });
    expect((await manifestOf({ metadata: early, outputs })).outputs.boxes?.form).toBe('yolo-end2end');
    expect(await form({ description: 'Ultralytics rtdetr-l model' })).toBe('detr-normalised');
    expect(await form({ head: 'RTDETRDecoder' })).toBe('detr-normalised');
  });
});

test.each<[string, Model, ModelManifest['task'], ModelManifest['outputs']]>([
  [
    'segment',
    {
      metadata: metadata('segment', three),
      outputs: [out('output0', 1, 39, 84), out('output1', 1, 32, 16, 16)],
    },
    'detect',
    { boxes: { name: 'output0', form: 'yolov8', protos: 'output1', ...rest } },
  ],
  [
    'pose',
    {
      metadata: metadata('pose', "{0: 'person'}", { kpt_shape: '[17, 3]' }),
      outputs: [out('output0', 1, 56, 84)],
    },
    'detect',
    { boxes: { name: 'output0', form: 'yolov8', keypoints: { count: 17, numbers: 3 }, ...rest } },
  ],
  [
    'classify',
    { metadata: metadata('classify', two), outputs: [out('output0', 1, 2)] },
    'classify',
    { classFractions: { name: 'output0', activation: 'none' } },
  ],
  [
    'semantic, numbers a class',
    { metadata: metadata('semantic', three), outputs: [out('output0', 1, 3, 64, 64)] },
    'segment',
    { classMap: { name: 'output0', layout: 'NCHW', activation: 'softmax' } },
  ],
  [
    'semantic, classes',
    { metadata: metadata('semantic', three), outputs: [['output0', 'int64', [1, 64, 64]]] },
    'segment',
    { labels: { name: 'output0' } },
  ],
  [
    'segment end to end',
    {
      metadata: metadata('segment', three, { end2end: 'True' }),
      outputs: [out('output0', 1, 300, 38), out('output1', 1, 32, 16, 16)],
    },
    'detect',
    { boxes: { name: 'output0', form: 'yolo-end2end', protos: 'output1' } },
  ],
  [
    'oriented end to end',
    { metadata: metadata('obb', two, { end2end: 'True' }), outputs: [out('output0', 1, 300, 7)] },
    'detect',
    { boxes: { name: 'output0', form: 'yolo-end2end', oriented: true } },
  ],
  [
    'YOLOv5 detect',
    { metadata: { stride: '32', names: three }, outputs: [out('output0', 1, 252, 8)] },
    'detect',
    { boxes: { name: 'output0', form: 'yolov5', iou: 0.45, maxDetections: 1000 } },
  ],
  [
    'YOLOv5 segment, names as a list',
    {
      metadata: { stride: '32', names: "['a', 'b']" },
      outputs: [out('output0', 1, 252, 39), out('output1', 1, 32, 16, 16)],
    },
    'detect',
    { boxes: { name: 'output0', form: 'yolov5', protos: 'output1', iou: 0.45, maxDetections: 1000 } },
  ],
  [
    'YOLOv5 classify',
    { metadata: { stride: '32', names: two }, outputs: [out('output0', 1, 2)] },
    'classify',
    { classFractions: { name: 'output0', activation: 'softmax' } },
  ],
])('%s', async (_, model, task, outputs) => {
  expect(await manifestOf(model)).toMatchObject({ task, outputs });
  expect((await manifestOf(model)).outputs).toEqual(outputs);
});

describe('the rest of the manifest', () => {
  test('input, thresholds, names, and where each fact was read', async () => {
    const description = await read({
      metadata: metadata('detect', three),
      outputs: [out('output0', 1, 7, 84)],
    });
    expect(description.manifest).toMatchObject({
      id: 'my-model-v2',
      name: 'My Model v2',
      version: '2026-01-31',
      license: 'AGPL-3.0 License (https://ultralytics.com/license)',
      files: [{ file: 'My Model v2.onnx', imageTypes: ['uint8'] }],
      mpp: null,
      background: 'none',
      halo: 6,
      threshold: 0.25,
      keepFrom: 0.1,
      tileColor: { by: 'density' },
      input: {
        name: 'images',
        layout: 'NCHW',
        dtype: 'float32',
        bands: ['red', 'green', 'blue'],
        tileSize: 64,
        fixedSize: true,
        resize: 'letterbox',
        padValue: 114,
        scale: 1 / 255,
      },
    });
    expect(description.manifest?.classes.map(({ name }) => name)).toEqual(['car', 'it\'s a "van"', 'lorry']);
    expect(new Set(description.manifest?.classes.map(({ color }) => color.join())).size).toBe(3);
    expect(description.readFrom).toMatchObject({
      task: 'metadata task',
      classes: 'metadata names',
      resolution: expect.stringContaining('not stated') as string,
      outputs: 'metadata task, end2end, args',
      'input.tileSize': 'graph',
    });
  });

  test('any size where the graph leaves it open: multiples of the stride', async () => {
    const { input: taken } = await manifestOf({
      metadata: metadata('detect', three, { imgsz: '[96, 64]' }),
      input: ['images', 'float16', ['batch', 3, 'height', 'width']],
      outputs: [out('output0', 'batch', 7, 'anchors')],
    });
    expect(taken).toMatchObject({
      dtype: 'float16',
      tileSize: 64,
      tileHeight: 96,
      fixedSize: false,
      multipleOf: 32,
    });
    expect(taken.resize).toBeUndefined();
  });

  test('YOLOv5 classifies pixels with the mean of ImageNet; RT-DETR stretches; one channel is grey', async () => {
    const classify = await manifestOf({ metadata: { stride: '32', names: two }, outputs: [out('o', 1, 2)] });
    expect(classify.input).toMatchObject({ mean: [0.485, 0.456, 0.406], std: [0.229, 0.224, 0.225] });
    const detr = await manifestOf({
      metadata: metadata('detect', two, { description: 'Ultralytics rtdetr-l model' }),
      outputs: [out('output0', 1, 300, 6)],
    });
    expect(detr.input.resize).toBe('stretch');
    const gray = await manifestOf({
      metadata: metadata('detect', two, { channels: '1' }),
      input: ['images', 'float32', [1, 1, 64, 64]],
      outputs: [out('output0', 1, 6, 84)],
    });
    expect(gray.input.bands).toEqual(['gray']);
  });

  test('suppressed inside: what was cut off there cannot be shown', async () => {
    const inside = metadata('detect', two, { args: "{'nms': True, 'conf': 0.4}" });
    expect(await manifestOf({ metadata: inside, outputs: [out('o', 1, 300, 6)] })).toMatchObject({
      threshold: 0.4,
      keepFrom: 0.4,
    });
  });
});

describe('what only a person can say', () => {
  test('bands of four channels', async () => {
    const { manifest, missing, draft } = await read({
      metadata: metadata('detect', two, { channels: '4' }),
      input: ['images', 'float32', [1, 4, 64, 64]],
      outputs: [out('output0', 1, 6, 84)],
    });
    expect(manifest).toBeNull();
    expect(missing.map(({ fact }) => fact)).toEqual(['input.bands']);
    expect(draft.classes).toHaveLength(2);
  });

  test('the task of a YOLOv5 model whose shapes are open', async () => {
    const { missing, draft, convention } = await read({
      metadata: { stride: '32', names: two },
      outputs: [out('a', 'N', 'M', 'K'), out('b', 'N', 'M', 'K')],
    });
    expect(convention).toBe('Ultralytics');
    expect(missing.map(({ fact }) => fact)).toEqual(['outputs', 'normalisation']);
    expect(draft.task).toBeUndefined();
  });
});

describe('wrong and contradictory metadata is told, with its key', () => {
  const detect = (more: Record<string, string>): Model => ({
    metadata: metadata('detect', three, more),
    outputs: [out('output0', 1, 7, 84)],
  });
  test.each<[string, Model, RegExp]>([
    [
      'names that are no literal',
      detect({ names: '{0: car}' }),
      /names cannot be read: a value is expected at character 5/,
    ],
    ['code', detect({ names: "__import__('os').system('x')" }), /names cannot be read/],
    ['a class left out', detect({ names: "{0: 'a', 2: 'b'}" }), /names has no class 1 among 2/],
    ['no classes', detect({ names: '{}' }), /names no classes/],
    ['an unknown task', detect({ task: 'dream' }), /task is "dream"/],
    ['a size that is none', detect({ imgsz: '[64]' }), /imgsz must be/],
    ['another size', detect({ imgsz: '[32, 64]' }), /64 x 32 px, but the input images takes 64 x 64/],
    ['another number of channels', detect({ channels: '4' }), /4 channels .*images is 1 x 3 x 64 x 64/],
    ['a bool that is none', detect({ end2end: '3' }), /end2end must be True or False/],
    ['pose without key points', { ...detect({ task: 'pose' }) }, /kpt_shape is missing/],
    [
      'more classes than the output has',
      {
        metadata: metadata('detect', "{0: 'a', 1: 'b', 2: 'c', 3: 'd'}"),
        outputs: [out('output0', 1, 7, 84)],
      },
      /detect with 4 classes \(any x 8 x any\), but output0 is 1 x 7 x 84/,
    ],
    [
      'masks without a second output',
      { metadata: metadata('segment', three), outputs: [out('output0', 1, 39, 84)] },
      /with 2 outputs, but the graph has 1/,
    ],
    [
      'YOLOv5 that is none',
      { metadata: { stride: '32', names: two }, outputs: [out('o', 1, 84, 8400)] },
      /YOLOv5 with 2 classes \(N x any x 7\), but o is 1 x 84 x 8400/,
    ],
    ['two images', { ...detect({}), input: ['images', 'int64', [1, 3, 64, 64]] }, /input images is int64/],
  ])('%s', async (_, model, message) => {
    const { manifest, problem, convention } = await read(model);
    expect(manifest).toBeNull();
    expect(convention).toBeNull();
    expect(problem).toMatchObject({
      code: 'model-invalid',
      message: expect.stringMatching(message) as string,
    });
    expect(problem?.where).toContain('My Model v2.onnx');
  });
});

test('names without stride and task are somebody else’s', async () => {
  const { convention, problem } = await read({ metadata: { names: 'x' }, outputs: [out('o', 1, 2)] });
  expect({ convention, problem }).toEqual({ convention: null, problem: null });
});
