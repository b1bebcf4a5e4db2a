import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { activate, sigmoid } from '../../../../src-main/models/decode/activation.ts';
import { decode, detector, failure, floats } from './detector.ts';

const after = (values: number[], how: 'none' | 'sigmoid' | 'softmax'): number[] => {
  const list = Float32Array.from(values);
  activate(list, how);
  return [...list];
};

describe('activations', () => {
  test('known values', () => {
    expect(after([0, Math.log(3)], 'softmax')).toEqual([0.25, 0.75]);
    expect(after([0, Math.log(3)], 'sigmoid')).toEqual([0.5, 0.75]);
    expect(after([0.5, 7], 'none')).toEqual([0.5, 7]);
  });

  test('no logits are too large: probabilities stay probabilities', () => {
    const logit = fc.float({ noNaN: true, noDefaultInfinity: true });
    fc.assert(
      fc.property(fc.array(logit, { minLength: 1, maxLength: 20 }), (logits) => {
        const soft = after(logits, 'softmax');
        expect(soft.reduce((sum, p) => sum + p, 0)).toBeCloseTo(1, 5);
        expect(soft.every((p) => p >= 0 && p <= 1)).toBe(true);
        for (const value of logits) {
          expect(sigmoid(value) + sigmoid(-value)).toBeCloseTo(1, 12);
          expect(sigmoid(value)).toBeGreaterThanOrEqual(0);
        }
      }),
    );
  });
});

describe('numbers of a tile', () => {
  const classifier = (activation: 'softmax' | 'sigmoid') =>
    detector(
      { form: 'yolov8' },
      {
        classes: 2,
        manifest: {
          task: 'classify',
          outputs: { classFractions: { name: 'logits', activation } },
          tileColor: { by: 'class' },
        },
      },
    );

  test('logits of a classifier become its probabilities, and the colour of the tile', () => {
    const [result] = decode(classifier('softmax'), { logits: floats([1, 2], [0, Math.log(3)]) });
    expect(result).toMatchObject({ values: Float32Array.of(0.25, 0.75), score: 0.75, classIndex: 1 });
    expect(failure(() => decode(classifier('sigmoid'), { logits: floats([1, 2], [0, Infinity]) })).code).toBe(
      'internal',
    );
  });

  test('values are multiplied by their factor', () => {
    const manifest = detector(
      { form: 'yolov8' },
      {
        manifest: {
          task: 'regress',
          outputs: { tileValues: { name: 'values', names: ['height', 'age'], factor: 0.5 } },
          tileColor: { by: 'value', value: 'age', full: 10 },
        },
      },
    );
    const [result] = decode(manifest, { values: floats([1, 2], [3, 8]) });
    expect(result).toMatchObject({ values: Float32Array.of(1.5, 4), score: 0.4 });
  });
});
