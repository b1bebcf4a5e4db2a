/**
 * Outlines of findings: what a rotated box, an instance mask or a region of a segmentation covers, and the key points of a pose.
 * In memory as lists of rings; in the case file and between processes as one run of float32 numbers:
 *
 *   polygons, then for each: rings, then for each: points, then x, y of each point; key points, then x, y, confidence of each
 *
 * float32 holds whole pixels exactly up to 16,777,216, and hundredths of a pixel up to 131,072.
 */

import type { Shape } from '../contract/finding.ts';

/** Beyond this a shape is no outline of anything: a model's nonsense must not fill the memory. */
const mostNumbers = 1 << 24;

export function encodeShape({ polygons, keypoints }: Shape): Float32Array {
  const numbers: number[] = [polygons.length];
  for (const rings of polygons) {
    numbers.push(rings.length);
    for (const ring of rings) {
      numbers.push(ring.length / 2);
      for (const value of ring) numbers.push(value);
    }
  }
  numbers.push(keypoints.length / 3, ...keypoints);
  return Float32Array.from(numbers);
}

/**
 * @param at where the shape begins in `numbers`
 * @returns the shape, and where the next one begins
 * @throws {RangeError} where the numbers are no shape
 */
export function decodeShape(numbers: Float32Array, at = 0): { shape: Shape; end: number } {
  let place = at;
  const count = (): number => {
    const value = numbers[place++];
    if (value === undefined || !Number.isInteger(value) || value < 0 || value > mostNumbers) {
      throw new RangeError(`no shape: a count of ${value} at ${place - 1} of ${numbers.length} numbers`);
    }
    return value;
  };
  const take = (length: number): number[] => {
    if (place + length > numbers.length) {
      throw new RangeError(`no shape: ${length} numbers at ${place} of ${numbers.length}`);
    }
    place += length;
    return [...numbers.subarray(place - length, place)];
  };
  const polygons: Shape['polygons'] = [];
  for (let p = count(); p > 0; p--) {
    const rings: Shape['polygons'][number] = [];
    for (let r = count(); r > 0; r--) rings.push(take(count() * 2));
    polygons.push(rings);
  }
  const keypoints = take(count() * 3);
  return { shape: { polygons, keypoints }, end: place };
}

/** Twice the signed area of a ring by the shoelace formula; positive where x to y turns clockwise on the screen. */
function twiceArea(ring: readonly number[]): number {
  let sum = 0;
  for (let i = 0, j = ring.length - 2; i < ring.length; j = i, i += 2) {
    sum += ring[j]! * ring[i + 1]! - ring[i]! * ring[j + 1]!;
  }
  return sum;
}

/** Area in square level-0 pixels, holes taken off. */
export function shapeArea({ polygons }: Shape): number {
  let area = 0;
  for (const rings of polygons) {
    rings.forEach((ring, r) => (area += (Math.abs(twiceArea(ring)) / 2) * (r === 0 ? 1 : -1)));
  }
  return area;
}

/** The smallest upright box around all polygons; null where there are none. */
export function shapeBounds({
  polygons,
}: Shape): { x: number; y: number; width: number; height: number } | null {
  let [x1, y1, x2, y2] = [Infinity, Infinity, -Infinity, -Infinity];
  for (const [outer] of polygons) {
    for (let i = 0; i < (outer?.length ?? 0); i += 2) {
      x1 = Math.min(x1, outer![i]!);
      x2 = Math.max(x2, outer![i]!);
      y1 = Math.min(y1, outer![i + 1]!);
      y2 = Math.max(y2, outer![i + 1]!);
    }
  }
  return x1 > x2 ? null : { x: x1, y: y1, width: x2 - x1, height: y2 - y1 };
}
