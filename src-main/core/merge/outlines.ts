/** Outlines of many detections as columns: a million of them are two arrays here, not a million objects. */
import type { Shape } from '../../contract/finding.ts';
import { decodeShape } from '../shape.ts';
import { detectionStride as stride } from '../worker-protocol.ts';

export interface Outlines {
  /** Shapes as core/shape.ts encodes them, one after the other. */
  numbers: Float32Array;
  /** That of detection i is numbers[starts[i]] … numbers[starts[i + 1] - 1]; it has none where the two are equal. */
  starts: Uint32Array;
}

/**
 * Where the shape ends that begins at `at`, found without making it.
 * @throws {RangeError} where the numbers are no shape
 */
export function shapeEnd(numbers: Float32Array, at: number): number {
  let place = at;
  const count = (): number => {
    const value = numbers[place++];
    if (value === undefined || !Number.isInteger(value) || value < 0 || value > numbers.length) {
      throw new RangeError(`no shape: a count of ${value} at ${place - 1} of ${numbers.length} numbers`);
    }
    return value;
  };
  const skip = (stride: number): void => {
    const numbersToSkip = count() * stride;
    place += numbersToSkip;
  };
  for (let p = count(); p > 0; p--) for (let r = count(); r > 0; r--) skip(2);
  skip(3);
  if (place > numbers.length) throw new RangeError(`no shape: ends at ${place} of ${numbers.length} numbers`);
  return place;
}

export function shapeOf({ numbers, starts }: Outlines, i: number): Shape | undefined {
  return starts[i] === starts[i + 1] ? undefined : decodeShape(numbers, starts[i]).shape;
}

/** Calls for each ring of a detection: where its coordinates lie in `numbers`, and whether it is a hole. */
export function forEachRing(
  { numbers, starts }: Outlines,
  i: number,
  visit: (from: number, to: number, isHole: boolean) => void,
): void {
  if (starts[i] === starts[i + 1]) return;
  let place = starts[i]!;
  for (let p = numbers[place++]!; p > 0; p--) {
    const rings = numbers[place++]!;
    for (let r = 0; r < rings; r++) {
      const length = numbers[place++]! * 2;
      visit(place, place + length, r > 0);
      place += length;
    }
  }
}

/** The detections with the extent of their outline as their box, where they have one. */
export function envelopes(packed: Float32Array, outlines: Outlines): Float32Array {
  const { numbers } = outlines;
  const result = packed.slice();
  for (let i = 0; i < packed.length / stride; i++) {
    let [x1, y1, x2, y2] = [Infinity, Infinity, -Infinity, -Infinity];
    forEachRing(outlines, i, (from, to) => {
      for (let k = from; k < to; k += 2) {
        x1 = Math.min(x1, numbers[k]!);
        y1 = Math.min(y1, numbers[k + 1]!);
        x2 = Math.max(x2, numbers[k]!);
        y2 = Math.max(y2, numbers[k + 1]!);
      }
    });
    if (x1 <= x2) result.set([x1, y1, x2 - x1, y2 - y1], i * stride);
  }
  return result;
}
