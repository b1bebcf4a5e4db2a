import { describe, expect, it } from 'vitest';
import type { OnnxSpec } from '../../../support/onnx-file.ts';
import { described, modelFolder, problemOf } from './model-folder.ts';
import { writeOnnx } from '../../../support/onnx-file.ts';
import { describeFile } from '../../../../src-main/models/describe-model.ts';
import { rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { readModel } from '../../../../src-main/models/read-manifest.ts';

const config = {
  spec_version: '1.0',
  architecture: 'resnet34',
  num_classes: 2,
  patch_size_pixels: 350,
  spacing_um_px: 0.25,
  class_names: ['notumor', 'tumor'],
  transform: [
    { name: 'Resize', arguments: { size: 224 } },
    { name: 'ToTensor' },
    { name: 'Normalize', arguments: { mean: [0.7, 0.6, 0.7], std: [0.15, 0.2, 0.15] } },
  ],
};
const graph: OnnxSpec = {
  inputs: [['input', 'float32', ['batch', 3, 224, 224]]],
  outputs: [['logits', 'float32', ['batch', 2]]],
};

describe('WSInfer', () => {
  it('covers patch_size_pixels * spacing of the slide, at the size that Resize gives', async () => {
    const { manifest, convention, missing, readFrom } = await described(graph, { 'config.json': config });
    expect(convention).toBe('WSInfer');
    expect(missing).toEqual([]);
    // 350 px of 0.25 µm are 87.5 µm, in 224 px.
    expect(manifest?.mpp).toBeCloseTo(87.5 / 224, 12);
    expect(manifest).toMatchObject({
      task: 'classify',
      input: {
        name: 'input',
        layout: 'NCHW',
        bands: ['red', 'green', 'blue'],
        tileSize: 224,
        fixedSize: true,
        resample: 'bilinear',
        scale: 1 / 255,
        mean: [0.7, 0.6, 0.7],
        std: [0.15, 0.2, 0.15],
      },
      halo: 0,
      outputs: { classFractions: { name: 'logits', activation: 'softmax' } },
      background: 'tissue',
    });
    expect(manifest?.classes.map(({ name }) => name)).toEqual(['notumor', 'tumor']);
    expect(readFrom['resolution']).toContain('spacing_um_px');
  });

  it('takes the patch as it is without Resize, and a sigmoid with one class', async () => {
    const { manifest } = await described(
      { inputs: [['x', 'float32', [1, 3, 100, 100]]], outputs: [['y', 'float32', [1, 1]]] },
      {
        'config.json': {
          ...config,
          num_classes: 1,
          class_names: ['til'],
          patch_size_pixels: 100,
          spacing_um_px: 0.5,
          transform: [{ name: 'ToTensor' }],
        },
      },
    );
    expect(manifest).toMatchObject({
      mpp: 0.5,
      input: { tileSize: 100 },
      outputs: { classFractions: { activation: 'sigmoid' } },
    });
    expect(manifest?.input.mean).toBeUndefined();
  });

  it.each([
    ['an unknown transform', { transform: [{ name: 'CenterCrop' }, { name: 'ToTensor' }] }, 'CenterCrop'],
    [
      'another order',
      { transform: [{ name: 'ToTensor' }, { name: 'Resize', arguments: { size: 224 } }] },
      'Resize',
    ],
    [
      'a resize of another kind',
      {
        transform: [
          { name: 'Resize', arguments: { size: 224, interpolation: 'bicubic' } },
          { name: 'ToTensor' },
        ],
      },
      'bicubic',
    ],
    [
      'no antialiasing',
      { transform: [{ name: 'Resize', arguments: { size: 224, antialias: false } }, { name: 'ToTensor' }] },
      'antialias',
    ],
    [
      'an oblong resize',
      { transform: [{ name: 'Resize', arguments: { size: [224, 200] } }, { name: 'ToTensor' }] },
      '200 x 224',
    ],
    ['no ToTensor', { transform: [] }, 'ToTensor'],
    [
      'a std of 0',
      {
        transform: [
          { name: 'ToTensor' },
          { name: 'Normalize', arguments: { mean: [0, 0, 0], std: [1, 0, 1] } },
        ],
      },
      'std',
    ],
    ['too few names', { class_names: ['one'] }, 'class_names'],
    ['another version', { spec_version: '2.0' }, 'spec_version'],
    ['no resolution', { spacing_um_px: 0 }, 'spacing_um_px'],
    ['text for a number', { patch_size_pixels: '350' }, 'patch_size_pixels'],
    [
      'another size than the graph',
      { transform: [{ name: 'Resize', arguments: { size: 256 } }, { name: 'ToTensor' }] },
      '256',
    ],
    ['other classes than the graph', { num_classes: 3, class_names: ['a', 'b', 'c'] }, '3 classes'],
  ])('says what is wrong: %s', async (_, change, said) => {
    const problem = await problemOf(graph, { 'config.json': { ...config, ...change } });
    expect(problem.code).toBe('model-invalid');
    expect(`${problem.message} ${problem.where}`).toContain(said);
  });

  it('leaves config.json of other libraries alone', async () => {
    const { convention, problem } = await described(graph, { 'config.json': { architectures: ['ViT'] } });
    expect(convention).toBeNull();
    expect(problem).toBeNull();
  });

  it('is told what is no JSON', async () => {
    const problem = await problemOf(graph, { 'config.json': '{"spacing_um_px": 1, "patch_size_pixels": ' });
    expect(problem.message).toContain('no JSON');
  });

  it('says that TorchScript, which the zoo ships, is not run here', async () => {
    const folder = dirname(modelFolder(graph, { 'config.json': config, 'torchscript_model.pt': 'PK' }));
    await expect(readModel(folder)).resolves.toMatchObject({ card: { manifest: { task: 'classify' } } });
    rmSync(join(folder, 'model.onnx'));
    await expect(readModel(folder)).rejects.toThrow('TorchScript only');
  });

  it('does not say which of two models it describes', async () => {
    const file = modelFolder(graph, { 'config.json': config });
    writeOnnx(dirname(file), graph, 'other.onnx');
    expect((await describeFile(file)).problem?.message).toContain('2 .onnx files');
  });
});
