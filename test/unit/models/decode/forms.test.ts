/** The same objects, written down in each of the forms of detectors, are the same detections. */
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Outputs } from '../../../../src-main/models/outputs.ts';
import { decode, detector, failure, floats, found, type Boxes } from './detector.ts';

interface Thing {
  x1: number;
  y1: number;
  x2: number;
  y2: number;
  score: number;
  classIndex: number;
}

const size = 64;
const classes = 3;
const logit = (p: number): number => Math.log(p / (1 - p));
const centre = ({ x1, y1, x2, y2 }: Thing): number[] => [(x1 + x2) / 2, (y1 + y2) / 2, x2 - x1, y2 - y1];
const corners = ({ x1, y1, x2, y2 }: Thing): number[] => [x1, y1, x2, y2];
/** The thing's score at its class, a little at the others. */
const scores = ({ score, classIndex }: Thing, rest = 0.01): number[] =>
  Array.from({ length: classes }, (_, c) => (c === classIndex ? score : rest));
const transposed = (rows: number[][]): number[] =>
  (rows[0] ?? []).flatMap((_, c) => rows.map((row) => row[c]!));
const parts = (numbers: number[]): number[] => numbers.map((n) => n / size);

/** One tile in every form; row 0 of each is a thing that scores too little. */
const forms: Record<Boxes['form'], (things: Thing[]) => { boxes: Partial<Boxes>; outputs: Outputs }> = {
  yolov5: (things) => ({
    boxes: {},
    outputs: {
      out: floats(
        [1, things.length, 5 + classes],
        things.flatMap((t) => [...centre(t), 0.9, ...scores(t).map((s) => s / 0.9)]),
      ),
    },
  }),
  yolov8: (things) => ({
    boxes: {},
    outputs: {
      out: floats(
        [1, 4 + classes, things.length],
        transposed(things.map((t) => [...centre(t), ...scores(t)])),
      ),
    },
  }),
  'yolo-end2end': (things) => ({
    boxes: {},
    outputs: {
      out: floats(
        [1, things.length + 1, 6],
        [...things.flatMap((t) => [...corners(t), t.score, t.classIndex]), 0, 0, 0, 0, 0, 0],
      ),
    },
  }),
  'yolo-nms': (things) => forms['yolo-end2end'](things),
  'detr-normalised': (things) => ({
    boxes: {},
    outputs: {
      out: floats(
        [1, things.length, 4 + classes],
        things.flatMap((t) => [...parts(centre(t)), ...scores(t)]),
      ),
    },
  }),
  'boxes-scores-classes': (things) => ({
    boxes: { scores: 'scores', labels: 'labels' },
    outputs: {
      out: floats([1, things.length, 4], things.flatMap(corners)),
      scores: floats(
        [1, things.length],
        things.map((t) => t.score),
      ),
      labels: { dims: [1, things.length], data: Float64Array.from(things, (t) => t.classIndex) },
    },
  }),
  'dets-labels': (things) => ({
    boxes: { labels: 'labels' },
    outputs: {
      out: floats(
        [1, things.length + 1, 5],
        [...things.flatMap((t) => [...corners(t), t.score]), 0, 0, 0, 0, 0],
      ),
      labels: {
        dims: [1, things.length + 1],
        data: Float64Array.from([...things.map((t) => t.classIndex), -1]),
      },
    },
  }),
  'rf-detr': (things) => ({
    boxes: { labels: 'labels' },
    outputs: {
      out: floats(
        [1, things.length, 4],
        things.flatMap((t) => parts(centre(t))),
      ),
      labels: floats(
        [1, things.length, classes],
        things.flatMap((t) => scores(t).map(logit)),
      ),
    },
  }),
  'priors-normalised': (things) => ({
    boxes: { scores: 'scores' },
    outputs: {
      out: floats(
        [1, things.length, 4],
        things.flatMap((t) => parts(corners(t))),
      ),
      scores: floats(
        [1, things.length, classes],
        things.flatMap((t) => scores(t)),
      ),
    },
  }),
};
const formNames = Object.keys(forms) as Boxes['form'][];

const things = fc.array(
  fc
    .record({
      x: fc.integer({ min: 0, max: size - 8 }),
      y: fc.integer({ min: 0, max: size - 8 }),
      width: fc.integer({ min: 1, max: 8 }),
      height: fc.integer({ min: 1, max: 8 }),
      score: fc.integer({ min: 1, max: 85 }),
      // Class 0 is nothing in one of the forms.
      classIndex: fc.integer({ min: 1, max: classes - 1 }),
    })
    .map(({ x, y, width, height, score, classIndex }) => ({
      x1: x,
      y1: y,
      x2: x + width,
      y2: y + height,
      score: score / 100,
      classIndex,
    })),
  { minLength: 1, maxLength: 12 },
);

describe.each(formNames)('%s', (form) => {
  test('gives each thing that scores enough, best first, where it is', () => {
    fc.assert(
      fc.property(things, (list) => {
        // Not at the threshold, where rounding decides.
        const all = list.filter(({ score }) => Math.abs(score - 0.25) > 0.001);
        fc.pre(all.length > 0);
        const { boxes, outputs } = forms[form](all);
        const [result] = decode(detector({ form, ...boxes }, { classes }), outputs);
        const expected = all.filter(({ score }) => score > 0.25).sort((a, b) => b.score - a.score);
        const got = found(result);
        expect(got.map((d) => d.score)).toEqual(expected.map((t) => expect.closeTo(t.score, 5)));
        // Equal scores may be a rounding apart.
        const line = (x: number, y: number, w: number, h: number, c: number): string =>
          [x, y, w, h].map((n) => n.toFixed(3)).join(' ') + ` ${c}`;
        expect(
          got.map(({ box: [x, y, w, h], classIndex }) => line(x!, y!, w!, h!, classIndex)).sort(),
        ).toEqual(expected.map((t) => line(t.x1, t.y1, t.x2 - t.x1, t.y2 - t.y1, t.classIndex)).sort());
      }),
    );
  });

  const thing: Thing = { x1: 8, y1: 8, x2: 24, y2: 40, score: 0.75, classIndex: 1 };

  test('a NaN or an infinity anywhere is a tile without a result', () => {
    for (const bad of [Number.NaN, Infinity, -Infinity]) {
      const { boxes, outputs } = forms[form]([{ ...thing, score: 0.1 }, thing]);
      (outputs['out']!.data as Float32Array)[1] = bad;
      expect(failure(() => decode(detector({ form, ...boxes }), outputs))).toMatchObject({
        code: 'internal',
      });
    }
  });

  test('another number of columns, of tiles, or of numbers is no such output', () => {
    const { boxes, outputs } = forms[form]([thing, thing]);
    const manifest = detector({ form, ...boxes });
    const { dims, data } = outputs['out']!;
    const wrong: Outputs[string][] = [
      { dims: [dims[0]!, dims[1]! + 1, dims[2]! + 1], data },
      { dims: [2, ...dims.slice(1)], data },
      { dims: [...dims, 1], data },
      { dims, data: new Float32Array(data.length - 1) },
    ];
    for (const out of wrong) {
      expect(failure(() => decode(manifest, { ...outputs, out })).code).toBe('model-invalid');
    }
    expect(failure(() => decode(manifest, {})).message).toMatch(/no output/);
  });

  test('a negative width, and a score above 1, are errors and no findings', () => {
    const inverted = forms[form]([{ ...thing, x1: 24, x2: 8 }]);
    expect(failure(() => decode(detector({ form, ...inverted.boxes }), inverted.outputs)).message).toMatch(
      /negative width/,
    );
    if (form === 'rf-detr') return;
    const high = forms[form]([{ ...thing, score: 7 }]);
    expect(failure(() => decode(detector({ form, ...high.boxes }), high.outputs))).toMatchObject({
      code: 'model-invalid',
      message: expect.stringMatching(/score of 7|score of 6.99/),
    });
  });
});

describe('classes', () => {
  const forms3 = ['yolo-end2end', 'boxes-scores-classes', 'dets-labels'] as const;
  test.each(forms3)('%s: one that has no name, or is none, is an error', (form) => {
    for (const classIndex of [classes, -1, 0.5]) {
      const { boxes, outputs } = forms[form]([{ x1: 1, y1: 1, x2: 9, y2: 9, score: 0.6, classIndex }]);
      const manifest = detector({ form, ...boxes });
      expect(failure(() => decode(manifest, outputs)).message).toMatch(/has no name/);
    }
  });

  test('the background class is never a finding', () => {
    const { outputs } = forms.yolov8([{ x1: 1, y1: 1, x2: 9, y2: 9, score: 0.6, classIndex: 1 }]);
    const manifest = detector({ form: 'yolov8' }, { manifest: { backgroundClass: 1 } });
    expect(found(decode(manifest, outputs)[0])).toEqual([]);
  });

  test('rf-detr: one query may be two things', () => {
    const outputs = {
      out: floats([1, 1, 4], [0.5, 0.5, 0.25, 0.25]),
      labels: floats([1, 1, 3], [logit(0.6), logit(0.1), logit(0.8)]),
    };
    const result = found(decode(detector({ form: 'rf-detr', labels: 'labels' }), outputs)[0]);
    expect(result.map((d) => [d.classIndex, Number(d.score.toFixed(5))])).toEqual([
      [2, 0.8],
      [0, 0.6],
    ]);
    const one = detector({ form: 'rf-detr', labels: 'labels', maxDetections: 1 });
    expect(found(decode(one, outputs)[0])).toHaveLength(1);
  });
});

test('raw predictions that are none are no answer; a finished list may be empty', () => {
  const empty = { out: floats([1, 7, 0], []) };
  expect(failure(() => decode(detector({ form: 'yolov8' }), empty)).message).toMatch(/is empty/);
  expect(found(decode(detector({ form: 'yolo-nms' }), { out: floats([1, 0, 6], []) })[0])).toEqual([]);
});

test('a model for one tile may leave the dimension of the batch out', () => {
  const outputs = {
    out: floats([2, 4], [1, 2, 11, 22, 5, 5, 6, 6]),
    scores: floats([2], [0.75, 0.5]),
    labels: { dims: [2], data: Float64Array.of(2, 0) },
  };
  const manifest = detector({ form: 'boxes-scores-classes', scores: 'scores', labels: 'labels' });
  expect(found(decode(manifest, outputs)[0])).toEqual([
    { box: [1, 2, 10, 20], classIndex: 2, score: 0.75 },
    { box: [5, 5, 1, 1], classIndex: 0, score: 0.5 },
  ]);
});

test('a list that no tile can hold is an error', () => {
  const rows = 100_001;
  const data = new Float32Array(rows * 6);
  for (let row = 0; row < rows; row++) data.set([1, 1, 2, 2, 0.9, 0], row * 6);
  const out = { dims: [1, rows, 6], data };
  expect(failure(() => decode(detector({ form: 'yolo-nms' }), { out })).message).toMatch(/100001 objects/);
});
