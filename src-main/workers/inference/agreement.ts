/** Do two providers give the same answer, but for the rounding of their arithmetic? */
import type { Outputs, OutputTensor } from '../../models/outputs.ts';

/** Of the largest number of an output: float32 in another order, or TF32 (10 bits) in the middle of it, and no more. */
const relative = 1e-2;
const absolute = 1e-3;
/** Outputs of as many rows as there is something (peaks at a threshold): so much may their number differ. */
const rows = 0.02;

/** @returns null where they agree; else what differs, for a person */
export function disagreement(found: Outputs, expected: Outputs): string | null {
  for (const [name, want] of Object.entries(expected)) {
    const has = found[name];
    if (has === undefined) return `${name} is missing`;
    const difference = tensorDifference(has, want);
    if (difference !== null) return `${name} ${difference}`;
  }
  return null;
}

function tensorDifference(has: OutputTensor, want: OutputTensor): string | null {
  if (!sameShape(has.dims, want.dims)) {
    const fewer = Math.abs((has.dims[0] ?? 0) - (want.dims[0] ?? 0));
    const isRowsOnly = sameShape(has.dims.slice(1), want.dims.slice(1));
    return isRowsOnly && fewer <= Math.max(1, rows * (want.dims[0] ?? 0))
      ? null
      : `has the shape ${has.dims.join(' x ')} instead of ${want.dims.join(' x ')}`;
  }
  let largest = 0;
  let most = 0;
  for (let i = 0; i < want.data.length; i++) {
    const a = has.data[i] ?? Number.NaN;
    const b = want.data[i] ?? Number.NaN;
    if (Object.is(a, b) || a === b) continue;
    const apart = Math.abs(a - b);
    if (Number.isNaN(apart)) return `is ${a} where the processor has ${b}`;
    most = Math.max(most, apart);
    largest = Math.max(largest, Math.abs(b));
  }
  for (let i = 0; i < want.data.length; i++) {
    const b = Math.abs(want.data[i] ?? 0);
    if (Number.isFinite(b)) largest = Math.max(largest, b);
  }
  return most > relative * largest + absolute
    ? `differs by ${most.toPrecision(2)} of ${largest.toPrecision(2)}`
    : null;
}

function sameShape(a: readonly number[], b: readonly number[]): boolean {
  return a.length === b.length && a.every((size, axis) => size === b[axis]);
}
