/** From a network's last numbers to probabilities, in double precision, stable for any logits. */
import type { ModelManifest } from '../../contract/model.ts';

export type Activation = NonNullable<NonNullable<ModelManifest['outputs']['classFractions']>['activation']>;

export function sigmoid(value: number): number {
  if (value >= 0) return 1 / (1 + Math.exp(-value));
  const e = Math.exp(value);
  return e / (1 + e);
}

/** In place. */
export function activate(values: Float32Array, activation: Activation): void {
  if (activation === 'sigmoid') {
    for (let i = 0; i < values.length; i++) values[i] = sigmoid(values[i]!);
  } else if (activation === 'softmax') {
    const highest = values.reduce((most, value) => Math.max(most, value), -Infinity);
    const parts = Float64Array.from(values, (value) => Math.exp(value - highest));
    const sum = parts.reduce((total, part) => total + part, 0);
    for (let i = 0; i < values.length; i++) values[i] = parts[i]! / sum;
  }
}
