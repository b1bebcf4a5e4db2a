/** What this application says that onnxruntime takes is what the runtime takes: told before a file is loaded. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import onnxProto from 'onnx-proto';
import * as ort from 'onnxruntime-node';
import { expect, test } from 'vitest';
import { runtimeLimits } from '../../../src-main/models/onnx-file/check-onnx.ts';

const { onnx } = onnxProto;

function model(change: onnxProto.onnx.IModelProto, graph: onnxProto.onnx.IGraphProto = {}): Uint8Array {
  const tensor = (name: string): onnxProto.onnx.IValueInfoProto => ({
    name,
    type: { tensorType: { elemType: 1, shape: { dim: [{ dimValue: 2 }] } } },
  });
  return onnx.ModelProto.encode(
    onnx.ModelProto.create({
      irVersion: 8,
      opsetImport: [{ domain: '', version: 17 }],
      graph: {
        name: 'g',
        node: [{ opType: 'Relu', input: ['x'], output: ['y'] }],
        input: [tensor('x')],
        output: [tensor('y')],
        ...graph,
      },
      ...change,
    }),
  ).finish();
}

const loads = (bytes: Uint8Array): Promise<boolean> =>
  ort.InferenceSession.create(bytes, { logSeverityLevel: 4 }).then(
    () => true,
    () => false,
  );

test('the newest format and operator sets, and not the next', async () => {
  const own = runtimeLimits.opsets[''];
  const ml = runtimeLimits.opsets['ai.onnx.ml'];
  const opsets = (version: number, other: number): onnxProto.onnx.IModelProto => ({
    opsetImport: [
      { domain: '', version },
      { domain: 'ai.onnx.ml', version: other },
    ],
  });
  expect(await loads(model(opsets(own, ml)))).toBe(true);
  expect(await loads(model(opsets(own + 1, ml)))).toBe(false);
  expect(await loads(model(opsets(own, ml + 1)))).toBe(false);
  expect(await loads(model({ irVersion: runtimeLimits.irVersion }))).toBe(true);
  expect(await loads(model({ irVersion: runtimeLimits.irVersion + 1 }))).toBe(false);
});

test('a model that comes as bytes gets its external data as bytes too', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'gigatile-external-'));
  try {
    const weights = new Uint8Array(Float32Array.of(10, 20).buffer);
    const bytes = model(
      {},
      {
        node: [{ opType: 'Add', input: ['x', 'w'], output: ['y'] }],
        initializer: [
          {
            name: 'w',
            dataType: 1,
            dims: [2],
            dataLocation: onnx.TensorProto.DataLocation.EXTERNAL,
            externalData: [{ key: 'location', value: 'w.bin' }],
          },
        ],
      },
    );
    writeFileSync(join(folder, 'w.bin'), weights);
    expect(await loads(bytes)).toBe(false);
    const session = await ort.InferenceSession.create(bytes, {
      externalData: [{ path: 'w.bin', data: weights }],
    });
    const { y } = await session.run({ x: new ort.Tensor('float32', [1, 2], [2]) });
    expect([...(y!.data as Float32Array)]).toEqual([11, 22]);
  } finally {
    rmSync(folder, { recursive: true });
  }
});
