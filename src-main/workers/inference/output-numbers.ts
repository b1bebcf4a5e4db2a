/** The tensors of onnxruntime as plain numbers. */
import type * as Runtime from 'onnxruntime-node';
import { GigatileError } from '../../contract/errors.ts';
import type { Outputs, OutputTensor } from '../../models/outputs.ts';

/** @throws {GigatileError} model-invalid where an output is no tensor of numbers */
export function numbersOf(found: Readonly<Record<string, Runtime.OnnxValue>>): Outputs {
  const outputs: Record<string, OutputTensor> = {};
  for (const [name, value] of Object.entries(found)) outputs[name] = tensorNumbers(name, value);
  return outputs;
}

function tensorNumbers(name: string, value: Runtime.OnnxValue): OutputTensor {
  const { data, dims, type } = value;
  // Class indexes and counts; beyond 2^53 they would be neither.
  if (data instanceof BigInt64Array || data instanceof BigUint64Array) {
    return { data: Float64Array.from(data, Number), dims };
  }
  if (!ArrayBuffer.isView(data)) {
    throw new GigatileError('model-invalid', `The output ${name} is ${type}: a tensor of numbers is needed`);
  }
  // Where the runtime has no Float16Array, half floats come as their bits.
  if (type === 'float16' && data instanceof Uint16Array)
    return { data: Float32Array.from(data, halfFloat), dims };
  return { data, dims };
}

/** IEEE 754 binary16. */
export function halfFloat(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 0x1f;
  const fraction = bits & 0x3ff;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  if (exponent === 31) return fraction === 0 ? sign * Infinity : Number.NaN;
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}
