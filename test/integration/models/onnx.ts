/** Runs ONNX files directly, without anything of ours in between. */
import { readFile } from 'node:fs/promises';
import * as ort from 'onnxruntime-node';

export async function runOnnx(
  model: string | Uint8Array,
  type: 'uint8' | 'uint16',
  data: Uint8Array | Uint16Array,
  dims: number[],
): Promise<ort.InferenceSession.OnnxValueMapType> {
  const bytes = typeof model === 'string' ? await readFile(model) : model;
  const session = await ort.InferenceSession.create(bytes, { logSeverityLevel: 3, intraOpNumThreads: 1 });
  const found = await session.run({ image: new ort.Tensor(type, data, dims) });
  await session.release();
  return found;
}

/** Rows of a [K, 7] tensor. */
export function rowsOf(tensor: ort.OnnxValue | undefined): number[][] {
  if (tensor === undefined || !(tensor.data instanceof Float32Array))
    throw new TypeError('no float32 tensor');
  const { data } = tensor;
  return Array.from({ length: data.length / 7 }, (_, i) => [...data.subarray(i * 7, i * 7 + 7)]);
}
