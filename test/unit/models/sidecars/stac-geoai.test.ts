import { describe, expect, it } from 'vitest';
import type { OnnxSpec } from '../../../support/onnx-file.ts';
import { described, problemOf } from './model-folder.ts';

const graph: OnnxSpec = {
  inputs: [['input', 'float32', ['b', 4, 256, 256]]],
  outputs: [['logits', 'float32', ['b', 3, 256, 256]]],
};

interface Parts {
  properties?: object;
  input?: object;
  output?: object;
}

const item = ({ properties = {}, input = {}, output = {} }: Parts = {}): object => ({
  type: 'Feature',
  stac_version: '1.0.0',
  stac_extensions: ['https://stac-extensions.github.io/mlm/v1.4.0/schema.json'],
  id: 'land',
  properties: {
    'mlm:name': 'Land',
    'mlm:architecture': 'U-Net',
    'mlm:tasks': ['semantic-segmentation'],
    gsd: 10,
    'mlm:input': [
      {
        name: 'four bands',
        bands: ['B04', 'B03', 'B02', 'B08'],
        input: {
          shape: [-1, 4, 256, 256],
          dim_order: ['batch', 'channel', 'height', 'width'],
          data_type: 'float32',
        },
        value_scaling: [{ type: 'min-max', minimum: 0, maximum: 10_000 }],
        resize_type: null,
        pre_processing_function: null,
        ...input,
      },
    ],
    'mlm:output': [
      {
        name: 'logits',
        tasks: ['semantic-segmentation'],
        result: {
          shape: [-1, 3, 256, 256],
          dim_order: ['batch', 'class', 'height', 'width'],
          data_type: 'float32',
        },
        'classification:classes': [
          { value: 2, name: 'forest', color_hint: '00ff00' },
          { value: 0, name: 'water' },
          { value: 1, name: 'field' },
        ],
        post_processing_function: null,
        ...output,
      },
    ],
    ...properties,
  },
  assets: {
    model: {
      href: 'https://example.org/models/model.onnx?download=1',
      roles: ['mlm:model', 'mlm:weights'],
      'eo:bands': [
        { name: 'B04', common_name: 'red' },
        { name: 'B03', common_name: 'green' },
        { name: 'B02', common_name: 'blue' },
        { name: 'B08', common_name: 'nir' },
      ],
    },
  },
});
const beside = (parts?: Parts): Record<string, object> => ({ 'item.json': item(parts) });

describe('STAC MLM 1.4', () => {
  it('is read: bands by their common names, resolution, classes by their numbers', async () => {
    const { manifest, convention, missing, problem } = await described(graph, beside());
    expect(problem).toBeNull();
    expect(convention).toBe('STAC MLM');
    expect(missing).toEqual([]);
    expect(manifest).toMatchObject({
      name: 'Land',
      task: 'segment',
      mpp: null,
      metresPerPixel: 10,
      input: {
        bands: ['red', 'green', 'blue', 'nir'],
        tileSize: 256,
        fixedSize: true,
        scale: 1 / 10_000,
      },
      outputs: { classMap: { name: 'logits', layout: 'NCHW' } },
      background: 'nodata',
    });
    expect(manifest?.classes.map(({ name }) => name)).toEqual(['water', 'field', 'forest']);
    expect(manifest?.classes[2]?.color).toEqual([0, 255, 0]);
  });

  it('scales each band by its own numbers', async () => {
    const scaling = [1, 2, 4, 8].map((stddev, i) => ({ type: 'z-score', mean: 100 * (i + 1), stddev }));
    const { draft } = await described(graph, beside({ input: { value_scaling: scaling } }));
    expect(draft.input.mean).toEqual([100, 200, 300, 400]);
    expect(draft.input.std).toEqual([1, 2, 4, 8]);
  });

  it.each<[object, number, number]>([
    [{ type: 'min-max', minimum: 1000, maximum: 3000 }, 2500, 0.75],
    [{ type: 'z-score', mean: 100, stddev: 20 }, 150, 2.5],
    [{ type: 'offset', value: 1000 }, 1500, 500],
    [{ type: 'scale', value: 10_000 }, 2500, 0.25],
    [{ type: 'clip', minimum: 5, maximum: 10 }, 20, 10],
    [{ type: 'clip-min', minimum: 5 }, 2, 5],
    [{ type: 'clip-max', maximum: 10 }, 20, 10],
    [{ type: null }, 7, 7],
  ])('does %j as the extension says: %d is %d', async (scaling, pixel, expected) => {
    const { draft } = await described(graph, beside({ input: { value_scaling: [scaling] } }));
    const { scale = 1, mean = [0], std = [1], clip = [-Infinity, Infinity] } = draft.input;
    const value = (pixel * scale - (mean[0] ?? 0)) / (std[0] ?? 1);
    expect(Math.min(clip[1], Math.max(clip[0], value))).toBeCloseTo(expected, 10);
  });

  it('asks for bands that only a sensor knows, and for the form of what is open', async () => {
    const { missing } = await described(graph, beside({ input: { bands: ['a', 'b', 'c', 'd'] } }));
    expect(missing).toMatchObject([{ fact: 'input.bands', suggestion: 'band-1, band-2, band-3, band-4' }]);
    const scene = await described(
      { ...graph, outputs: [['logits', 'float32', ['b', 3]]] },
      beside({
        output: {
          tasks: ['scene-classification'],
          result: { shape: [-1, 3], dim_order: ['batch', 'class'], data_type: 'float32' },
        },
      }),
    );
    expect(scene.missing.map(({ fact }) => fact)).toEqual(['outputs']);
  });

  it.each<[string, Parts, string]>([
    [
      'code before the model',
      { input: { pre_processing_function: { format: 'python', expression: 'a:b' } } },
      'code of its own before',
    ],
    [
      'code after it',
      { output: { post_processing_function: { format: 'python', expression: 'a:b' } } },
      'code of its own after',
    ],
    [
      'bands that are computed',
      { input: { bands: ['B04', 'B03', 'B02', { name: 'i', format: 'x', expression: 'B04 / B03' }] } },
      'computed',
    ],
    [
      'scaling by a formula',
      { input: { value_scaling: [{ type: 'processing', format: 'x', expression: 'A' }] } },
      'processing',
    ],
    [
      'a range of nothing',
      { input: { value_scaling: [{ type: 'min-max', minimum: 1, maximum: 1 }] } },
      'a range',
    ],
    ['a number that is missing', { input: { value_scaling: [{ type: 'z-score', mean: 1 }] } }, 'stddev'],
    ['scaling of other bands', { input: { value_scaling: [{ type: null }, { type: null }] } }, '2 entries'],
    [
      'the time axis',
      {
        input: {
          input: {
            shape: [1, 4, 3, 9, 9],
            dim_order: ['batch', 'time', 'channel', 'height', 'width'],
            data_type: 'float32',
          },
        },
      },
      'time',
    ],
    ['a task that is none here', { output: { tasks: ['image-captioning'] } }, 'image-captioning'],
    [
      'a hole in the classes',
      {
        output: {
          'classification:classes': [
            { value: 0, name: 'a' },
            { value: 2, name: 'b' },
          ],
        },
      },
      'no class 1',
    ],
    [
      'another type than the graph',
      { input: { input: { shape: [-1, 4, 256, 256], dim_order: ['b', 'c', 'h', 'w'], data_type: 'uint8' } } },
      'uint8',
    ],
    [
      'another size than the graph',
      {
        input: { input: { shape: [-1, 4, 128, 128], dim_order: ['b', 'c', 'h', 'w'], data_type: 'float32' } },
      },
      '128',
    ],
    ['no inputs', { properties: { 'mlm:input': [] } }, '0 inputs'],
    ['a name that is none', { properties: { 'mlm:name': 7 } }, 'mlm:name'],
  ])('says what cannot be done: %s', async (_, parts, said) => {
    expect((await problemOf(graph, beside(parts))).message).toContain(said);
  });

  it('says nothing of a model that is none of its assets', async () => {
    const other = JSON.stringify(item()).replace('model.onnx', 'other.onnx');
    expect((await described(graph, { 'item.json': other })).convention).toBeNull();
    expect((await described(graph, { 'broken.json': '{', 'list.json': '[]' })).problem).toBeNull();
  });
});

describe('geoai', () => {
  const rgb: OnnxSpec = {
    inputs: [['pixel_values', 'float32', ['batch', 3, 'height', 'width']]],
    outputs: [['logits', 'float32', ['batch', 2, 512, 512]]],
  };
  const metadata = {
    model_name: 'somebody/water',
    task: 'semantic-segmentation',
    input_height: 512,
    input_width: 512,
    input_channels: 3,
    opset_version: 17,
    output_names: ['logits'],
    id2label: { '0': 'land', '1': 'water' },
    num_labels: 2,
  };
  const file = (change: object = {}): Record<string, object> => ({
    'model.onnx.json': { ...metadata, ...change },
  });

  it('is read', async () => {
    const { manifest, convention, problem } = await described(rgb, file());
    expect(problem).toBeNull();
    expect(convention).toBe('geoai');
    expect(manifest).toMatchObject({
      task: 'segment',
      input: { name: 'pixel_values', tileSize: 512, fixedSize: true, scale: 1 / 255 },
      outputs: { classMap: { name: 'logits', layout: 'NCHW', activation: 'softmax' } },
    });
    expect(manifest?.classes.map(({ name }) => name)).toEqual(['land', 'water']);
  });

  it.each([
    ['a quarter of the resolution', [128, 128]],
    ['any resolution', ['h', 'w']],
  ] as const)('takes the nearest class of an answer of %s, as geoai does', async (_, size) => {
    const spec: OnnxSpec = { ...rgb, outputs: [['logits', 'float32', ['batch', 2, ...size]]] };
    const { manifest, problem } = await described(spec, file());
    expect(problem).toBeNull();
    expect(manifest?.outputs.classMap).toMatchObject({ name: 'logits', upsample: 'nearest' });
  });

  it.each<[string, OnnxSpec, object, string]>([
    [
      'an answer of more pixels than the input',
      { ...rgb, outputs: [['logits', 'float32', ['batch', 2, 1024, 1024]]] },
      {},
      'more than that',
    ],
    ['boxes', rgb, { task: 'object-detection' }, 'object-detection'],
    ['five bands', rgb, { input_channels: 5 }, '5 bands'],
    [
      'other classes than the graph',
      rgb,
      { id2label: { '0': 'a', '1': 'b', '2': 'c' }, num_labels: 3 },
      '3 classes',
    ],
    ['a hole in the names', rgb, { id2label: { '0': 'a', '2': 'c' } }, 'no class 1'],
    ['no size', rgb, { input_height: 'tall' }, 'input_height'],
  ])('says what cannot be done: %s', async (_, spec, change, said) => {
    expect((await problemOf(spec, file(change))).message).toContain(said);
  });
});
