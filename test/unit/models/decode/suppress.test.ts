/** Suppression within a tile against numpy. */
import { execFileSync } from 'node:child_process';
import { expect, test } from 'vitest';
import { suppress } from '../../../../src-main/models/decode/suppress.ts';
import type { BoxesOutput, Candidate } from '../../../../src-main/models/decode/tile-tensor.ts';

const python = (() => {
  try {
    execFileSync('/usr/bin/python3', ['-c', 'import numpy']);
    return '/usr/bin/python3';
  } catch {
    return null;
  }
})();

function crowd(count: number, seed: number): Candidate[] {
  let state = seed;
  const random = (): number => (state = (state * 16807) % 2147483647) / 2147483647;
  return Array.from({ length: count }, (_, row) => {
    const [x, y, w, h] = [random() * 100, random() * 100, 5 + random() * 40, 5 + random() * 20];
    return {
      x1: x - w / 2,
      y1: y - h / 2,
      x2: x + w / 2,
      y2: y + h / 2,
      angle: random() * 3.14 - 0.78,
      // Some are equal.
      score: Math.round(random() * 200) / 200,
      classIndex: Math.floor(random() * 3),
      row,
    };
  });
}

const script = `
import json, sys, numpy as np
def run(d):
    c = d['candidates']
    x1, y1, x2, y2, r, s = (np.array([q[k] for q in c]) for k in ('x1', 'y1', 'x2', 'y2', 'angle', 'score'))
    cls = np.zeros(len(c), int) if d['agnostic'] else np.array([q['classIndex'] for q in c])
    order = np.argsort(-s, kind='stable')
    same = cls[:, None] == cls[None, :]
    if d['oriented']:
        w, h = (x2 - x1) ** 2 / 12, (y2 - y1) ** 2 / 12
        cov = np.zeros((len(c), 2, 2))
        rot = np.stack([np.stack([np.cos(r), -np.sin(r)], -1), np.stack([np.sin(r), np.cos(r)], -1)], -2)
        diag = np.zeros_like(cov); diag[:, 0, 0] = w; diag[:, 1, 1] = h
        cov = rot @ diag @ rot.transpose(0, 2, 1)
        mu = np.stack([(x1 + x2) / 2, (y1 + y2) / 2], -1)
        mean = (cov[:, None] + cov[None, :]) / 2
        diff = mu[:, None] - mu[None, :]
        bd = np.einsum('ijk,ijkl,ijl->ij', diff, np.linalg.inv(mean), diff) / 8
        bd = bd + .5 * np.log(np.linalg.det(mean) / np.sqrt(np.linalg.det(cov)[:, None] * np.linalg.det(cov)[None, :]))
        iou = 1 - np.sqrt(np.clip(1 - np.exp(-bd), 0, None))
        m = (iou >= d['iou']) & same
        m = m[order][:, order]
        kept = order[np.triu(m, 1).sum(0) == 0]
    else:
        iw = np.clip(np.minimum(x2[:, None], x2) - np.maximum(x1[:, None], x1), 0, None)
        ih = np.clip(np.minimum(y2[:, None], y2) - np.maximum(y1[:, None], y1), 0, None)
        a = (x2 - x1) * (y2 - y1)
        m = (iw * ih / (a[:, None] + a - iw * ih) > d['iou']) & same
        kept = []
        for i in order:
            if not any(m[i, k] for k in kept): kept.append(i)
    return [int(k) for k in kept]
print(json.dumps([run(d) for d in json.load(sys.stdin)]))
`;

test.skipIf(python === null)('equals numpy: upright and rotated, in a class and among all', () => {
  const cases = [false, true].flatMap((oriented) =>
    [false, true].flatMap((agnostic) =>
      [0.1, 0.45, 0.7].map((iou) => ({ candidates: crowd(250, 11 + iou * 100), iou, oriented, agnostic })),
    ),
  );
  const answer = execFileSync(python!, ['-c', script], { input: JSON.stringify(cases) }).toString();
  const expected = JSON.parse(answer) as number[][];
  expect(expected).toHaveLength(12);
  cases.forEach(({ candidates, iou, oriented, agnostic }, i) => {
    const boxes: BoxesOutput = { name: 'out', form: 'yolov8', iou, oriented, classAgnostic: agnostic };
    const rows = expected[i]!;
    expect(suppress(candidates, boxes).map((c) => c.row)).toEqual(rows);
    expect(rows.length).toBeLessThan(250);
    const few = suppress(candidates, { ...boxes, maxDetections: 7 });
    expect(few.map((c) => c.row)).toEqual(rows.slice(0, 7));
  });
});

test('nothing is suppressed where the model states no IoU', () => {
  const candidates = crowd(50, 3);
  expect(suppress(candidates, { name: 'out', form: 'yolov8' })).toHaveLength(50);
});
