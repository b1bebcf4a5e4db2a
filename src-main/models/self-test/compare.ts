/** A model's answer against the one that was published with it. */
import type { SelfTestOrder, SelfTestResult } from '../../core/worker-protocol.ts';
import { GigatileError } from '../../contract/errors.ts';
import type { OutputTensor } from '../outputs.ts';
import type { NpyArray } from './npy.ts';

/**
 * What follows the model: sigmoid or softmax (over the channels), a factor, a threshold (1 above it, else 0).
 * @throws {GigatileError} model-invalid where there is no axis of channels to take the softmax over
 */
export function finished(
  { data, dims }: OutputTensor,
  { activation, factor, threshold, channelAxis }: SelfTestOrder['output'],
): Float64Array {
  const result = Float64Array.from(data);
  if (activation === 'sigmoid') {
    for (let i = 0; i < result.length; i++) result[i] = 1 / (1 + Math.exp(-(result[i] ?? 0)));
  }
  if (activation === 'softmax') softmax(result, dims, channelAxis);
  for (let i = 0; i < result.length; i++) {
    const value = (result[i] ?? 0) * factor;
    result[i] = threshold === null ? value : value > threshold ? 1 : 0;
  }
  return result;
}

function softmax(values: Float64Array, dims: readonly number[], axis: number | null): void {
  const count = axis === null ? undefined : dims[axis];
  if (axis === null || count === undefined) {
    throw new GigatileError('model-invalid', 'A softmax is asked for, and there is no axis of channels');
  }
  const step = dims.slice(axis + 1).reduce((product, dim) => product * dim, 1);
  const block = step * count;
  for (let from = 0; from < values.length; from += block) {
    for (let first = from; first < from + step; first++) {
      let highest = -Infinity;
      for (let i = first; i < first + block; i += step) highest = Math.max(highest, values[i] ?? 0);
      let sum = 0;
      for (let i = first; i < first + block; i += step) {
        const power = Math.exp((values[i] ?? 0) - highest);
        values[i] = power;
        sum += power;
      }
      for (let i = first; i < first + block; i += step) values[i] = (values[i] ?? 0) / sum;
    }
  }
}

/**
 * numpy's `assert_allclose`, with some numbers in a million let off: |found - expected| <= absolute + relative * |expected|.
 * NaN is only NaN's equal.
 * @throws {GigatileError} model-invalid where the shapes differ
 */
export function compare(
  found: { data: ArrayLike<number>; dims: readonly number[] },
  expected: NpyArray,
  { relative, absolute, mismatchedPerMillion }: SelfTestOrder['tolerance'],
): SelfTestResult {
  const total = expected.data.length;
  if (found.dims.join() !== expected.dims.join() || found.data.length !== total) {
    throw new GigatileError(
      'model-invalid',
      `The model answered ${found.dims.join(' x ')} numbers, and its published answer has ${expected.dims.join(' x ')}`,
    );
  }
  let largest = 0;
  let largestRelative = 0;
  let mismatched = 0;
  for (let i = 0; i < total; i++) {
    const want = expected.data[i] ?? 0;
    const has = found.data[i] ?? 0;
    if (has === want || (Number.isNaN(has) && Number.isNaN(want))) continue;
    const apart = Math.abs(has - want);
    const isClose = apart <= absolute + relative * Math.abs(want);
    if (!isClose || !Number.isFinite(apart)) mismatched++;
    largest = Math.max(largest, Number.isNaN(apart) ? Infinity : apart);
    if (want !== 0) largestRelative = Math.max(largestRelative, apart / Math.abs(want) || 0);
  }
  return {
    total,
    largest,
    largestRelative,
    mismatched,
    isWithin: total > 0 && mismatched <= (total * mismatchedPerMillion) / 1e6,
  };
}
