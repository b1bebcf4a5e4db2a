import { expect, test } from 'vitest';
import { manifestProblem } from '../../../src-main/models/check-manifest.ts';
import { detector, type Boxes } from './decode/detector.ts';

const problem = (boxes: Partial<Boxes> & Pick<Boxes, 'form'>): string | undefined =>
  manifestProblem(detector(boxes))?.field;

test('forms of boxes name all the outputs that they consist of, and no others', () => {
  expect(problem({ form: 'yolov8' })).toBeUndefined();
  expect(problem({ form: 'yolov8', scores: 's' })).toBe('outputs.boxes.scores');
  expect(problem({ form: 'rf-detr' })).toBe('outputs.boxes.labels');
  expect(problem({ form: 'rf-detr', labels: 'l' })).toBeUndefined();
  expect(problem({ form: 'dets-labels', labels: 'l', masks: 'm' })).toBeUndefined();
  expect(problem({ form: 'priors-normalised', labels: 'l' })).toBe('outputs.boxes.scores');
  expect(problem({ form: 'boxes-scores-classes', scores: 's' })).toBe('outputs.boxes.labels');
  expect(problem({ form: 'boxes-scores-classes', scores: 's', labels: 'l' })).toBeUndefined();
});
