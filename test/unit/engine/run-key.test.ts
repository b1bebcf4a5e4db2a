import { expect, test } from 'vitest';
import { runKey } from '../../../src-main/engine/run-key.ts';
import { detector, plan } from '../models/decode/detector.ts';

type Keyed = Parameters<typeof runKey>[0];

const run: Keyed = {
  modelSha256: 's',
  parameters: {},
  grid: plan,
  fit: { fileIndex: 0, bandIndexes: [0, 1, 2], notes: [] },
  manifest: detector({ form: 'yolov8' }),
};
const withInput = (input: Partial<Keyed['manifest']['input']>): Keyed => ({
  ...run,
  manifest: { ...run.manifest, input: { ...run.manifest.input, ...input } },
});

test('what shapes results makes another analysis: another key for each', () => {
  const others: Keyed[] = [
    { ...run, modelSha256: 't' },
    { ...run, parameters: { merge: { mode: 'sahi', type: 'NMS', metric: 'IOU', threshold: 0.5 } } },
    { ...run, fit: { ...run.fit, wholeImage: plan } },
    withInput({ scale: 1 / 255 }),
    withInput({ mean: [0.5, 0.5, 0.5] }),
    withInput({ std: [0.5, 0.5, 0.5] }),
    withInput({ padValue: 0 }),
  ];
  const keys = [run, ...others].map((each) => runKey(each, 'f'));
  expect(new Set([...keys, runKey(run, 'g')]).size).toBe(keys.length + 1);
});

test('what does not shape them leaves the key as it is', () => {
  const same: Keyed[] = [
    { ...run, parameters: { workers: 3, batch: 2, provider: 'cuda', threshold: 0.9 } },
    { ...run, manifest: { ...run.manifest, name: 'Another name', limits: ['none'] } },
  ];
  expect(new Set([run, ...same].map((each) => runKey(each, 'f'))).size).toBe(1);
});
