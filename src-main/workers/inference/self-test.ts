/** A model on the test input that was published with it, by the same way that pixels take into it. One message, one answer. */
import { readFile } from 'node:fs/promises';
import { GigatileError, toPlainError } from '../../contract/errors.ts';
import type { FromTrial, SelfTestOrder, SelfTestResult } from '../../core/worker-protocol.ts';
import { inputArray, tensorFiller } from '../../models/fill-tensor.ts';
import { valueFiller } from '../../models/input/fill-values.ts';
import { pixelMeaning } from '../../models/input/pixel-meaning.ts';
import { output } from '../../models/outputs.ts';
import { compare, finished } from '../../models/self-test/compare.ts';
import { readNpy, type NpyArray } from '../../models/self-test/npy.ts';
import { inputDtype, openModel } from './model-session.ts';

export function serveSelfTest(
  order: SelfTestOrder,
  post: (message: FromTrial) => void,
  exit: (code: number) => void,
): void {
  run(order).then(
    (result) => post({ kind: 'self-tested', result }),
    (error: unknown) => {
      post({ kind: 'fatal', error: toPlainError(error) });
      exit(1);
    },
  );
}

async function run(order: SelfTestOrder): Promise<SelfTestResult> {
  const input = readNpy(await readFile(order.input), order.input);
  const expected = readNpy(await readFile(order.expected), order.expected);
  const session = await openModel(order.model);
  const tensor = inputOf(input, order);
  const answers = await session.run(tensor, input.dims);
  const answer = output(answers, order.output.name);
  return compare({ data: finished(answer, order.output), dims: answer.dims }, expected, order.tolerance);
}

/** The steps before the model, on arrays in the layout of its input. @throws {GigatileError} model-invalid */
function inputOf(
  { dims, data }: NpyArray,
  { model, input: where }: SelfTestOrder,
): ReturnType<typeof inputArray> {
  const { input } = model.manifest;
  const isLast = input.layout === 'NHWC';
  const [count = 0, second = 0, third = 0, fourth = 0] = dims;
  const [bands, height, width] = isLast ? [fourth, second, third] : [second, third, fourth];
  if (dims.length !== 4 || bands !== input.bands.length || data.length === 0) {
    throw new GigatileError(
      'model-invalid',
      `The test input has the shape ${dims.join(' x ')}; ${input.layout} with ${input.bands.length} bands is needed`,
      { where },
    );
  }
  const dtype = inputDtype(model);
  const indexes = input.bands.map((_, i) => i);
  // Test inputs need not be whole numbers, so the quick ways of bytes and words are not for them.
  const fill = dtype.startsWith('float')
    ? valueFiller(
        input,
        dtype,
        indexes.map((i) => [i]),
        { ...pixelMeaning(input), integers: false },
      )
    : tensorFiller({ ...input, bands: indexes.map((i) => `band-${i + 1}`) }, dtype, indexes);
  const pixels = width * height;
  const tensor = inputArray(dtype, data.length);
  for (let tile = 0; tile < count; tile++) {
    const from = data.subarray(tile * pixels * bands, (tile + 1) * pixels * bands);
    fill(
      { width, height, bands, data: isLast ? from : interleaved(from, bands, pixels) },
      tensor,
      tile * pixels * bands,
    );
  }
  return tensor;
}

function interleaved(planes: Float64Array, bands: number, pixels: number): Float64Array {
  const result = new Float64Array(planes.length);
  for (let b = 0; b < bands; b++) {
    for (let i = 0; i < pixels; i++) result[i * bands + b] = planes[b * pixels + i] ?? 0;
  }
  return result;
}
