/** The tensors that a model answers with. */
import { GigatileError } from '../contract/errors.ts';

/** Numbers in row-major order. */
export interface OutputTensor {
  dims: readonly number[];
  data: ArrayLike<number>;
}

export type Outputs = Readonly<Record<string, OutputTensor>>;

/** @throws {GigatileError} model-invalid */
export function output(outputs: Outputs, name: string): OutputTensor {
  const tensor = outputs[name];
  if (tensor === undefined) {
    throw new GigatileError('model-invalid', `The model gave no output "${name}"`, {
      hint: `It gave ${Object.keys(outputs).join(', ')}.`,
    });
  }
  return tensor;
}

/** A tile whose numbers are NaN or infinite is a failed tile, never a finding and never "nothing found". */
export function notFinite(name: string): GigatileError {
  return new GigatileError('internal', 'The model answered with NaN or infinity for this tile', {
    where: `output ${name}`,
    hint: 'The same pixels give the same answer: this tile stays without a result.',
  });
}
