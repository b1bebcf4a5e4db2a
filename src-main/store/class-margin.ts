/** The SQL function `class_margin`: how far a classifier's first class lies above its second in a tile's values. */
import { asFloats } from './floats.ts';
import type { Db } from './open-database.ts';

/** Of values that are shares of one, as a softmax gives them. */
const leastSum = 0.98;
const mostSum = 1.02;

/**
 * Margin sampling's measure of certainty (Scheffer, Decomain and Wrobel 2001), 0-1.
 * @returns null of values that are no shares of one: several classes may be true at once then, or they are no probabilities
 */
export function classMargin(values: Float32Array): number | null {
  let [first, second, sum] = [-Infinity, -Infinity, 0];
  for (const value of values) {
    sum += value;
    if (value < 0) return null;
    if (value > first) [first, second] = [value, first];
    else if (value > second) second = value;
  }
  return values.length >= 2 && sum >= leastSum && sum <= mostSum ? first - second : null;
}

export function addClassMargin(db: Db): void {
  db.function('class_margin', { deterministic: true }, (values: unknown) =>
    values instanceof Uint8Array ? classMargin(asFloats(values)) : null,
  );
}
