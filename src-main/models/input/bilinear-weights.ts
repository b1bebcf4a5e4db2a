/** Weights of an antialiased bilinear resize along one axis, as Pillow's Resample.c computes them (`precompute_coeffs`). */

/** For each output position the first source index, and the weights from there on; their sum is 1. */
export interface AxisWeights {
  starts: Int32Array;
  counts: Int32Array;
  weights: Float64Array;
  /** Room for weights an output position. */
  stride: number;
}

/**
 * The triangle of ±1 pixel, made as many times wider as the image is made smaller; at the edges what lies within the source counts
 * alone.
 */
export function bilinearWeights(sourceLength: number, length: number): AxisWeights {
  const scale = sourceLength / length;
  const support = Math.max(1, scale);
  const stride = Math.ceil(support) * 2 + 1;
  const starts = new Int32Array(length);
  const counts = new Int32Array(length);
  const weights = new Float64Array(length * stride);
  for (let i = 0; i < length; i++) {
    const centre = (i + 0.5) * scale;
    const first = Math.max(0, Math.trunc(centre - support + 0.5));
    const count = Math.min(sourceLength, Math.trunc(centre + support + 0.5)) - first;
    let sum = 0;
    for (let k = 0; k < count; k++) {
      const weight = Math.max(0, 1 - Math.abs((k + first - centre + 0.5) * (1 / support)));
      weights[i * stride + k] = weight;
      sum += weight;
    }
    for (let k = 0; k < count; k++) weights[i * stride + k]! /= sum;
    starts[i] = first;
    counts[i] = count;
  }
  return { starts, counts, weights, stride };
}
