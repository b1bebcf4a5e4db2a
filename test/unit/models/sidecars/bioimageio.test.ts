import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { stringify } from 'yaml';
import { onnxBytes, type OnnxSpec } from '../../../support/onnx-file.ts';
import { described, problemOf } from './model-folder.ts';

const graph: OnnxSpec = {
  inputs: [['x', 'float32', ['b', 3, 'h', 'w']]],
  outputs: [['y', 'float32', ['b', 1, 'h', 'w']]],
};
const sha256 = createHash('sha256').update(onnxBytes(graph)).digest('hex');

/** Format 0.4. */
const old = {
  type: 'model',
  format_version: '0.4.10',
  name: 'Nuclei',
  version: '1.2.0',
  license: 'CC-BY-4.0',
  description: 'Finds nuclei',
  tags: ['semantic-segmentation', 'pathology'],
  cite: [{ text: 'Somebody 2021', doi: '10.1/x' }],
  weights: { onnx: { source: './model.onnx', sha256, opset_version: 12 } },
  inputs: [
    {
      name: 'input0',
      axes: 'bcyx',
      data_type: 'float32',
      shape: { min: [1, 3, 64, 64], step: [0, 0, 16, 16] },
      preprocessing: [{ name: 'scale_linear', kwargs: { gain: 1 / 255, offset: 0, axes: 'yx' } }],
    },
  ],
  outputs: [
    {
      name: 'output0',
      axes: 'bcyx',
      data_type: 'float32',
      shape: { reference_tensor: 'input0', scale: [1, 0, 1, 1], offset: [0, 0.5, 0, 0] },
      halo: [0, 0, 32, 32],
      postprocessing: [{ name: 'sigmoid' }, { name: 'binarize', kwargs: { threshold: 0.4 } }],
    },
  ],
};

/** Format 0.5. */
const young = {
  type: 'model',
  format_version: '0.5.4',
  name: 'Layers',
  license: 'MIT',
  weights: { onnx: { source: 'model.onnx', sha256, opset_version: 17 } },
  inputs: [
    {
      id: 'raw',
      axes: [
        { type: 'batch' },
        { type: 'channel', channel_names: ['red', 'green', 'blue'] },
        { type: 'space', id: 'y', size: { min: 64, step: 32 }, unit: 'micrometer', scale: 0.5 },
        { type: 'space', id: 'x', size: { min: 64, step: 32 }, unit: 'micrometer', scale: 0.5 },
      ],
      data: { type: 'uint8' },
      preprocessing: [
        { id: 'ensure_dtype', kwargs: { dtype: 'float32' } },
        { id: 'zero_mean_unit_variance', kwargs: { axes: ['y', 'x'], eps: 1e-5 } },
        { id: 'clip', kwargs: { min: -3, max: 3 } },
      ],
    },
  ],
  outputs: [
    {
      id: 'mask',
      axes: [
        { type: 'batch' },
        { type: 'channel', channel_names: ['gland', 'stroma', 'fat'] },
        { type: 'space', id: 'y', scale: 0.5, halo: 16, size: { tensor_id: 'raw', axis_id: 'y' } },
        { type: 'space', id: 'x', scale: 0.5, halo: 16, size: { tensor_id: 'raw', axis_id: 'x' } },
      ],
      postprocessing: [{ id: 'softmax', kwargs: { axis: 'channel' } }],
    },
  ],
};
const threeClasses: OnnxSpec = {
  inputs: [['x', 'float32', ['b', 3, 'h', 'w']]],
  outputs: [['y', 'float32', ['b', 3, 'h', 'w']]],
};
const unhashed = { onnx: { source: 'model.onnx' } };

type Change = Record<string, unknown>;
const oldInput = (change: Change): Change => ({ ...old, inputs: [{ ...old.inputs[0], ...change }] });
const oldOutput = (change: Change): Change => ({ ...old, outputs: [{ ...old.outputs[0], ...change }] });
const before = (preprocessing: readonly Change[]): Change => oldInput({ preprocessing });
const youngSteps = (preprocessing: readonly Change[]): Change => ({
  ...young,
  weights: unhashed,
  inputs: [{ ...young.inputs[0], preprocessing }],
});
const rdf = (content: object): Record<string, string> => ({ 'rdf.yaml': stringify(content) });

describe('bioimage.io 0.4', () => {
  it('is read: sizes, context, steps, licence', async () => {
    const { convention, draft, missing, problem } = await described(graph, rdf(old));
    expect(problem).toBeNull();
    expect(convention).toBe('bioimage.io');
    expect(draft).toMatchObject({
      name: 'Nuclei',
      version: '1.2.0',
      license: 'CC-BY-4.0',
      references: ['Somebody 2021 10.1/x'],
      task: 'segment',
      mpp: null,
      // The last of 64 + n * 16 up to 512.
      input: { name: 'x', layout: 'NCHW', tileSize: 512, fixedSize: false, multipleOf: 16, scale: 1 / 255 },
      halo: 32,
      outputs: { probability: { name: 'y', activation: 'sigmoid' } },
      threshold: 0.4,
    });
    // Neither colours nor names of classes are in this format.
    expect(missing.map(({ fact }) => fact)).toEqual(['input.bands', 'classes']);
  });

  it('is one size where the sizes are no multiples of their step', async () => {
    const { draft } = await described(
      graph,
      rdf(oldInput({ shape: { min: [1, 3, 68, 68], step: [0, 0, 16, 16] } })),
    );
    expect(draft.input).toMatchObject({ tileSize: 500, fixedSize: true });
    expect(draft.input.multipleOf).toBeUndefined();
  });

  it('counts what an output is smaller than its input as context', async () => {
    const smaller = oldOutput({
      halo: null,
      shape: { reference_tensor: 'input0', scale: [1, 1, 1, 1], offset: [0, 0, -20, -20] },
    });
    expect((await described(graph, rdf(smaller))).draft.halo).toBe(20);
  });

  it('asks what the numbers are where neither tags nor steps say it', async () => {
    const { draft, missing } = await described(
      graph,
      rdf({ ...oldOutput({ postprocessing: null }), tags: [] }),
    );
    expect(draft.task).toBeUndefined();
    const asked = missing.find(({ fact }) => fact === 'outputs');
    expect(asked?.choices?.map(({ value }) => value)).toContain('segment:probability');
  });

  it('is a quantity a pixel where the tags say so', async () => {
    const { draft } = await described(
      graph,
      rdf({
        ...oldOutput({ postprocessing: [{ name: 'scale_linear', kwargs: { gain: 100 } }] }),
        tags: ['image-restoration'],
      }),
    );
    expect(draft).toMatchObject({
      task: 'regress',
      outputs: { valueMap: { name: 'y', names: ['output0'], factor: 100 } },
    });
  });

  it.each<[string, Change, object]>([
    [
      'fixed mean and deviation',
      before([
        {
          name: 'zero_mean_unit_variance',
          kwargs: { mode: 'fixed', mean: [10, 20, 30], std: [1, 2, 4], eps: 1e-9 },
        },
      ]),
      { mean: [10, 20, 30], std: [1, 2, 4] },
    ],
    [
      'statistics of all channels together',
      before([{ name: 'zero_mean_unit_variance', kwargs: { mode: 'per_sample', axes: 'cyx' } }]),
      { tileStatistics: { kind: 'zero-mean-unit-variance', perBand: false, eps: 1e-6 } },
    ],
    [
      'percentiles a channel',
      before([
        {
          name: 'scale_range',
          kwargs: { mode: 'per_sample', axes: 'yx', min_percentile: 1, max_percentile: 99.8 },
        },
      ]),
      { tileStatistics: { kind: 'percentiles', low: 1, high: 99.8, perBand: true, eps: 1e-6 } },
    ],
    [
      'a scale before statistics, which only moves eps',
      before([
        { name: 'scale_linear', kwargs: { gain: 0.5, offset: 3 } },
        { name: 'zero_mean_unit_variance', kwargs: { mode: 'per_sample', axes: 'yx', eps: 0.01 } },
      ]),
      { tileStatistics: { kind: 'zero-mean-unit-variance', perBand: true, eps: 0.02 } },
    ],
    [
      'a clip that is scaled afterwards',
      before([
        { name: 'clip', kwargs: { min: 0, max: 200 } },
        { name: 'scale_linear', kwargs: { gain: 0.01, offset: -1 } },
      ]),
      { scale: 0.01, mean: [1, 1, 1], clip: [-1, 1] },
    ],
  ])('folds %s', async (_, content, fields) => {
    const { draft, problem } = await described(graph, rdf(content));
    expect(problem).toBeNull();
    const { tileStatistics, scale, mean, std, clip } = draft.input;
    const found = Object.entries({ tileStatistics, scale, mean, std, clip }).filter(
      ([, value]) => value !== undefined,
    );
    const rounded: unknown = JSON.parse(
      JSON.stringify(Object.fromEntries(found), (__, value: unknown) =>
        typeof value === 'number' ? Number(value.toPrecision(8)) : value,
      ),
    );
    expect(rounded).toEqual(fields);
  });

  it.each<[string, Change, string]>([
    ['an unknown step', before([{ name: 'remove_moon', kwargs: {} }]), 'remove_moon'],
    [
      'statistics of a data set',
      before([{ name: 'zero_mean_unit_variance', kwargs: { mode: 'per_dataset', axes: 'yx' } }]),
      'data set',
    ],
    [
      'a reference to another tensor',
      before([
        { name: 'scale_range', kwargs: { mode: 'per_sample', axes: 'yx', reference_tensor: 'other' } },
      ]),
      'other',
    ],
    [
      'statistics after a clip',
      before([
        { name: 'clip', kwargs: { min: 0, max: 1 } },
        { name: 'zero_mean_unit_variance', kwargs: { mode: 'per_sample', axes: 'yx' } },
      ]),
      'zero_mean_unit_variance',
    ],
    [
      'a step after the model that is unknown',
      oldOutput({ postprocessing: [{ name: 'stardist' }] }),
      'stardist',
    ],
    [
      'another mean after the model',
      oldOutput({ postprocessing: [{ name: 'scale_mean_variance', kwargs: {} }] }),
      'scale_mean_variance',
    ],
    ['volumes', oldInput({ axes: 'bczyx', shape: [1, 3, 8, 64, 64] }), 'z y x'],
    [
      'an output of another scale',
      oldOutput({ shape: { reference_tensor: 'input0', scale: [1, 1, 2, 2], offset: [0, 0, 0, 0] } }),
      '2 times',
    ],
    ['two inputs', { ...old, inputs: [old.inputs[0], old.inputs[0]] }, '2 inputs'],
    ['other channels than the graph', oldInput({ shape: [1, 4, 64, 64] }), '4'],
    [
      'another file than was hashed',
      { ...old, weights: { onnx: { source: 'model.onnx', sha256: '0'.repeat(64) } } },
      'not the one',
    ],
    ['a format that is too new', { ...old, format_version: '0.6.0' }, '0.6.0'],
    ['sizes without axes', oldInput({ shape: [1, 3] }), 'one number for each axis'],
  ])('refuses %s by name', async (_, content, said) => {
    const problem = await problemOf(graph, rdf(content));
    expect(problem.code).toBe('model-invalid');
    expect(problem.message).toContain(said);
  });

  it('leaves a model alone that is none of its weights', async () => {
    const elsewhere = { ...old, weights: { onnx: { source: 'other.onnx' } } };
    expect((await described(graph, rdf(elsewhere))).convention).toBeNull();
    expect((await described(graph, rdf({ ...old, weights: { torchscript: {} } }))).convention).toBeNull();
    expect((await described(graph, rdf({ type: 'dataset' }))).convention).toBeNull();
  });
});

describe('bioimage.io 0.5', () => {
  it('is read: names of channels, resolution, pixel type', async () => {
    const { manifest, missing, problem } = await described(threeClasses, {
      'bioimageio.yaml': stringify({ ...young, weights: unhashed }),
    });
    expect(problem).toBeNull();
    expect(missing).toEqual([]);
    expect(manifest).toMatchObject({
      task: 'segment',
      mpp: 0.5,
      files: [{ imageTypes: ['uint8'] }],
      input: {
        bands: ['red', 'green', 'blue'],
        tileSize: 512,
        multipleOf: 32,
        tileStatistics: { kind: 'zero-mean-unit-variance', perBand: true, eps: 1e-5 },
        clip: [-3, 3],
      },
      halo: 16,
      outputs: { classMap: { name: 'y', layout: 'NCHW', activation: 'softmax' } },
    });
    expect(manifest?.classes.map(({ name }) => name)).toEqual(['gland', 'stroma', 'fat']);
  });

  it('folds a mean and deviation a channel', async () => {
    const { draft } = await described(
      threeClasses,
      rdf(
        youngSteps([
          {
            id: 'fixed_zero_mean_unit_variance',
            kwargs: { axis: 'channel', mean: [1, 2, 3], std: [10, 10, 20] },
          },
        ]),
      ),
    );
    expect(draft.input.mean).toEqual([expect.closeTo(1), expect.closeTo(2), expect.closeTo(3)]);
    expect(draft.input.std).toEqual([expect.closeTo(10, 4), expect.closeTo(10, 4), expect.closeTo(20, 4)]);
  });

  it.each<[string, Change, string]>([
    ['statistics without axes', youngSteps([{ id: 'zero_mean_unit_variance', kwargs: {} }]), 'data set'],
    [
      'numbers cut on the way',
      youngSteps([
        { id: 'scale_linear', kwargs: { gain: 0.1 } },
        { id: 'ensure_dtype', kwargs: { dtype: 'uint8' } },
      ]),
      'ensure_dtype',
    ],
    [
      'a size of nothing',
      {
        ...young,
        weights: unhashed,
        outputs: [
          {
            ...young.outputs[0],
            axes: [
              { type: 'batch' },
              { type: 'channel', size: 3 },
              { type: 'space', id: 'y', size: { tensor_id: 'nobody', axis_id: 'y' } },
              { type: 'space', id: 'x', size: 3 },
            ],
          },
        ],
      },
      'not there',
    ],
  ])('refuses %s by name', async (_, content, said) => {
    expect((await problemOf(threeClasses, rdf(content))).message).toContain(said);
  });
});

describe('hostile YAML', () => {
  it.each([
    [
      'aliases of aliases',
      `type: model\na: &a [x,x,x,x,x,x,x,x,x]\n${'bcdefghij'
        .split('')
        .map((n, i) => `${n}: &${n} [${Array.from({ length: 9 }, () => `*${'abcdefghi'[i]}`).join(',')}]`)
        .join('\n')}\n`,
    ],
    ['brackets in brackets', `type: model\nx: ${'['.repeat(100_000)}`],
    ['no YAML', 'type: model\n  name: "x\n: : :'],
    ['300 kB', `type: model\nx: "${'y'.repeat(300_000)}"\n`],
    ['more than a sidecar can be', `type: model\nx: "${'y'.repeat(5 * 2 ** 20)}"\n`],
  ])('is an error: %s', async (_, text) => {
    const problem = await problemOf(graph, { 'rdf.yaml': text });
    expect(problem.code).toBe('model-invalid');
    expect(problem.message.length).toBeLessThan(1100);
  });

  it('makes no prototype of what is called one', async () => {
    const problem = await problemOf(graph, rdf({ ...old, inputs: 'none' }));
    expect(problem.message).toContain('inputs');
    await described(graph, {
      'rdf.yaml': '__proto__: { polluted: true }\ntype: model\nweights: { onnx: 1 }\nformat_version: 0.4.1\n',
    });
    expect(({} as Record<string, unknown>)['polluted']).toBeUndefined();
  });

  it('takes numbers that are none for none', async () => {
    const nan = before([{ name: 'scale_linear', kwargs: { gain: Number.NaN } }]);
    expect((await problemOf(graph, rdf(nan))).message).toContain('gain');
    const none = before([{ name: 'scale_linear', kwargs: { gain: 0 } }]);
    expect((await problemOf(graph, rdf(none))).message).toContain('multiplied by 0');
  });
});
