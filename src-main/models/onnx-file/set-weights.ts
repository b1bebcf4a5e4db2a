/** Other numbers for one initializer of an ONNX file in memory, where its graph stays as it is. */
import { GigatileError } from '../../contract/errors.ts';
import { fields, textOf, type Span } from './fields.ts';

/** Fields of onnx.proto. */
const field = { graph: 7, initializer: 5, name: 8, rawData: 9 } as const;

/**
 * A copy of the file with these numbers.
 * @param bytes of a file that was checked (check-onnx.ts)
 * @throws {GigatileError} model-invalid where it has no float32 weights of that name and length, as raw data
 */
export function setWeights(bytes: Uint8Array, name: string, values: Float32Array): Uint8Array {
  const raw = findRawData(bytes, name);
  if (raw === null || raw.end - raw.start !== values.byteLength) {
    throw new GigatileError('model-invalid', `The model has no ${values.length} weights "${name}"`, {
      hint: 'Correct stains.weights in gigatile.json.',
    });
  }
  // Of a Buffer, slice() would be a view.
  const copy = new Uint8Array(bytes);
  const view = new DataView(copy.buffer);
  values.forEach((value, i) => view.setFloat32(raw.start + i * 4, value, true));
  return copy;
}

function findRawData(bytes: Uint8Array, name: string): Span | null {
  for (const graph of parts(bytes, { start: 0, end: bytes.length }, field.graph)) {
    for (const tensor of parts(bytes, graph, field.initializer)) {
      const [named] = parts(bytes, tensor, field.name);
      if (named === undefined || textOf(bytes, named) !== name) continue;
      return [...parts(bytes, tensor, field.rawData)][0] ?? null;
    }
  }
  return null;
}

/** What stands in the fields of a number in a message. */
function* parts(bytes: Uint8Array, message: Span, wanted: number): Generator<Span> {
  for (const { number, content } of fields(bytes, message)) if (number === wanted) yield content;
}
