import { describe, expect, it } from 'vitest';
import { describeFile, type FileDescription } from '../../../src-main/models/describe-model.ts';
import { manifestWith } from '../../../src-main/models/write-manifest.ts';
import { writeOnnx, type OnnxSpec } from '../../support/onnx-file.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';

const describeSpec = (spec: OnnxSpec): Promise<FileDescription> =>
  describeFile(writeOnnx(temporaryFolder('family'), spec));

const image = (name: string): NonNullable<OnnxSpec['inputs']>[number] => [name, 'float32', [1, 3, 560, 560]];
const rfDetr: OnnxSpec = {
  inputs: [image('input')],
  outputs: [
    ['dets', 'float32', [1, 300, 4]],
    ['labels', 'float32', [1, 300, 3]],
  ],
};
const rtDetr: OnnxSpec = {
  inputs: [image('images'), ['orig_target_sizes', 'int64', ['N', 2]]],
  outputs: [
    ['labels', 'int64', ['N', 300]],
    ['boxes', 'float32', ['N', 300, 4]],
    ['scores', 'float32', ['N', 300]],
  ],
};
const mmdeploy: OnnxSpec = {
  inputs: [['input', 'float32', ['N', 3, 'h', 'w']]],
  outputs: [
    ['dets', 'float32', ['N', 'K', 5]],
    ['labels', 'int64', ['N', 'K']],
    ['masks', 'float32', ['N', 'K', 'mh', 'mw']],
  ],
};
const ultraface: OnnxSpec = {
  inputs: [['input', 'float32', [1, 3, 240, 320]]],
  outputs: [
    ['scores', 'float32', [1, 4420, 2]],
    ['boxes', 'float32', [1, 4420, 4]],
  ],
};
const said = { classes: 'cat, dog, bird', resolution: 'any', 'input.bands': 'red, green, blue' };

/** What is offered of a graph, without "none of these". */
async function offered(spec: OnnxSpec): Promise<string[]> {
  const { missing } = await describeSpec(spec);
  const choices = missing.find(({ fact }) => fact === 'family')?.choices ?? [];
  return choices.map(({ value }) => value);
}

describe('families that a person names', () => {
  it('are offered where names and shapes are theirs', async () => {
    expect(await offered(rfDetr)).toEqual(['rf-detr', 'other']);
    expect(await offered(rtDetr)).toEqual(['rt-detr', 'other']);
    expect(await offered(mmdeploy)).toEqual(['mmdeploy', 'other']);
    expect(await offered(ultraface)).toEqual(['ultraface', 'other']);
    expect(await offered({})).toEqual([]);
  });

  it('is RF-DETR: normalised as ImageNet, stretched to a square, boxes by their logits', async () => {
    const manifest = manifestWith(await describeSpec(rfDetr), { ...said, family: 'rf-detr' });
    expect(manifest).toMatchObject({
      task: 'detect',
      files: [{ imageTypes: ['uint8'] }],
      input: {
        name: 'input',
        layout: 'NCHW',
        tileSize: 560,
        resize: 'stretch',
        scale: 1 / 255,
        mean: [0.485, 0.456, 0.406],
        std: [0.229, 0.224, 0.225],
      },
      outputs: { boxes: { name: 'dets', labels: 'labels', form: 'rf-detr', maxDetections: 300 } },
      threshold: 0.5,
    });
  });

  it('is RF-DETR with masks', async () => {
    const withMasks: OnnxSpec = {
      ...rfDetr,
      outputs: [...(rfDetr.outputs ?? []), ['masks', 'float32', [1, 300, 140, 140]]],
    };
    const manifest = manifestWith(await describeSpec(withMasks), { ...said, family: 'rf-detr' });
    expect(manifest.outputs.boxes).toMatchObject({ form: 'rf-detr', masks: 'masks' });
  });

  it('is RT-DETR: told the size of its input, boxes in its pixels', async () => {
    const manifest = manifestWith(await describeSpec(rtDetr), { ...said, family: 'rt-detr' });
    expect(manifest.input).toMatchObject({
      name: 'images',
      scale: 1 / 255,
      extra: [{ name: 'orig_target_sizes', value: 'size' }],
    });
    expect(manifest.input.mean).toBeUndefined();
    expect(manifest.outputs.boxes).toEqual({
      name: 'boxes',
      scores: 'scores',
      labels: 'labels',
      form: 'boxes-scores-classes',
    });
  });

  it('is MMDeploy: masks where there are any, and a normalisation that is asked', async () => {
    const description = await describeSpec(mmdeploy);
    const answers = { ...said, family: 'mmdeploy', 'input.tileSize': '640' };
    expect(() => manifestWith(description, answers)).toThrow('not said yet: normalisation');
    const manifest = manifestWith(description, { ...answers, normalisation: 'imagenet' });
    expect(manifest.outputs.boxes).toEqual({
      name: 'dets',
      labels: 'labels',
      masks: 'masks',
      form: 'dets-labels',
    });
    // Its size is free: nothing is stretched.
    expect(manifest.input.resize).toBeUndefined();
  });

  it('is UltraFace: (pixel - 127) / 128, class 0 is nothing', async () => {
    const manifest = manifestWith(await describeSpec(ultraface), {
      ...said,
      classes: 'background, face',
      family: 'ultraface',
    });
    const { scale = 1, mean = [] } = manifest.input;
    expect(255 * scale - (mean[0] ?? 0)).toBe((255 - 127) / 128);
    expect(manifest).toMatchObject({ backgroundClass: 0, input: { tileSize: 320, tileHeight: 240 } });
  });

  it.each([
    ['another graph', 'rt-detr', {}, 'it takes input too'],
    ['other classes', 'rf-detr', { classes: 'cat, dog' }, '3 classes, and 2 are named'],
  ])('tells what does not fit: %s', async (_, family, change, message) => {
    const description = await describeSpec(rfDetr);
    expect(() => manifestWith(description, { ...said, ...change, family })).toThrow(message);
  });

  it('tells a shape that is not the family’s', async () => {
    const wrong: OnnxSpec = {
      ...rfDetr,
      outputs: [
        ['dets', 'float32', [1, 300, 5]],
        ['labels', 'float32', [1, 300, 3]],
      ],
    };
    const description = await describeSpec(wrong);
    expect(() => manifestWith(description, { ...said, family: 'rf-detr' })).toThrow(
      'dets should be any x any x 4',
    );
  });

  it('is none of them, and then everything is asked', async () => {
    const description = await describeSpec(rfDetr);
    expect(() => manifestWith(description, { ...said, family: 'other' })).toThrow('outputs, normalisation');
    expect(() => manifestWith(description, { ...said, family: 'yolo' })).toThrow('no answer for family');
  });
});
