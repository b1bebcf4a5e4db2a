/** Models of bioimage.io against test arrays that numpy made: the steps before and after the model, not only the model. */
import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { stringify } from 'yaml';
import { GraphBuilder } from '../../../models/builder/graph.ts';
import { ChildWorkerHost } from '../../../src-main/engine/child-worker-host.ts';
import { requireWithin, selfTest } from '../../../src-main/engine/self-test.ts';
import { gigatile } from '../../support/cli.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';

const python = '/usr/bin/python3';
const hasNumpy = spawnSync(python, ['-c', 'import numpy']).status === 0;

/** 1.5 * the mean of the bands - 0.25, for each pixel. */
function model(): Uint8Array {
  const graph = new GraphBuilder();
  const input = graph.input('x', 'float32', ['n', 3, 'h', 'w']);
  graph.op(
    'Conv',
    [input, graph.floats([0.5, 0.5, 0.5], [1, 3, 1, 1]), graph.floats([-0.25], [1])],
    { kernel_shape: [1, 1] },
    'y',
  );
  graph.output('y', 'float32', ['n', 1, 'h', 'w']);
  return graph.toBytes('test', 'test', {});
}

/** numpy's own words for the steps of the description below. */
const script = `
import sys, numpy as np
folder, off = sys.argv[1], float(sys.argv[2])
x = np.random.default_rng(7).uniform(0, 255, (2, 3, 32, 48)).astype(np.float32)
np.save(folder + '/in.npy', x)
v = x.astype(np.float64)
v = (v - v.mean((2, 3), keepdims=True)) / (v.std((2, 3), keepdims=True) + 1e-6)
v = np.clip(v, -1, 1)
y = 0.5 * v.sum(1, keepdims=True) - 0.25
p = 1 / (1 + np.exp(-y))
p[0, 0, 3, 4] += off
np.save(folder + '/out.npy', p.astype(np.float32))
`;

function folderWith(off: number, change: object = {}): string {
  const folder = temporaryFolder('self-test');
  writeFileSync(join(folder, 'model.onnx'), model());
  spawnSync(python, ['-c', script, folder, String(off)]);
  const space = (id: string): object => ({ type: 'space', id, size: { min: 16, step: 16 } });
  const like = (id: string): object => ({ type: 'space', id, size: { tensor_id: 'raw', axis_id: id } });
  writeFileSync(
    join(folder, 'rdf.yaml'),
    stringify({
      type: 'model',
      format_version: '0.5.3',
      name: 'Test',
      weights: { onnx: { source: 'model.onnx' } },
      inputs: [
        {
          id: 'raw',
          axes: [
            { type: 'batch' },
            { type: 'channel', channel_names: ['a', 'b', 'c'] },
            space('y'),
            space('x'),
          ],
          preprocessing: [
            { id: 'zero_mean_unit_variance', kwargs: { axes: ['y', 'x'] } },
            { id: 'clip', kwargs: { min: -1, max: 1 } },
          ],
          test_tensor: { source: 'in.npy' },
        },
      ],
      outputs: [
        {
          id: 'probability',
          axes: [{ type: 'batch' }, { type: 'channel', channel_names: ['thing'] }, like('y'), like('x')],
          postprocessing: [{ id: 'sigmoid' }],
          test_tensor: { source: 'out.npy' },
        },
      ],
      config: {
        bioimageio: {
          reproducibility_tolerance: [
            { relative_tolerance: 1e-4, absolute_tolerance: 1e-5, mismatched_elements_per_million: 0 },
          ],
        },
      },
      ...change,
    }),
  );
  return folder;
}

describe.skipIf(!hasNumpy)('a model that brings its own test (numpy is needed to make one)', () => {
  it('gives the answer that was published, as long as nothing is asked of a person', async () => {
    const test = await selfTest(new ChildWorkerHost(), join(folderWith(0), 'model.onnx'));
    expect(test).toMatchObject({ output: 'probability', total: 2 * 32 * 48, mismatched: 0, isWithin: true });
    // float32 in another order, and no more; but not nothing, or nothing would have been compared.
    expect(test.largest).toBeLessThan(1e-6);
    expect(test.largest).toBeGreaterThan(0);
    expect(test.tolerance).toEqual({ relative: 1e-4, absolute: 1e-5, mismatchedPerMillion: 0 });
    requireWithin(test, 'here');
  });

  it('fails by the command line where one number differs by more than is allowed', () => {
    const folder = folderWith(1e-3);
    const answer = gigatile(folder, ['models', join(folder, 'model.onnx'), '--self-test']);
    expect(answer.code).toBe(2);
    expect(answer.stdout).toContain('largest difference 0.00100');
    expect(answer.stderr).toContain('1 of 3072 numbers');
  });

  it('says which array is damaged', async () => {
    const folder = folderWith(0);
    const out = join(folder, 'out.npy');
    writeFileSync(out, readFileSync(out).subarray(0, -4));
    await expect(selfTest(new ChildWorkerHost(), folder)).rejects.toMatchObject({
      code: 'model-invalid',
      where: out,
    });
    writeFileSync(join(folder, 'rdf.yaml'), 'type: dataset');
    await expect(selfTest(new ChildWorkerHost(), folder)).rejects.toThrow('brings no test');
  });
});
