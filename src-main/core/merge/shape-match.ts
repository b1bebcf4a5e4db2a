/**
 * IoU of what detections cover, in double precision: outlines where the model gives them (rotated boxes, masks), else boxes.
 * Rotated boxes are cut against each other (./convex.ts), masks are measured in slabs (./scan.ts).
 */
import { detectionStride as stride } from '../worker-protocol.ts';
import { convexOverlap, isConvex } from './convex.ts';
import { forEachRing, shapeOf, type Outlines } from './outlines.ts';
import { areasOf, type Polygons } from './scan.ts';

const one = new Float64Array(8);
const other = new Float64Array(8);

export class Coverage {
  readonly #packed: Float32Array;
  readonly #outlines: Outlines;
  /** Square pixels. */
  readonly #areas: Float64Array;
  /** Where the corners of a convex quadrilateral begin; -1: the box itself; -2: any other outline. */
  readonly #corners: Float64Array;
  readonly #replaced = new Map<number, Polygons>();

  constructor(packed: Float32Array, outlines: Outlines) {
    this.#packed = packed;
    this.#outlines = outlines;
    const count = packed.length / stride;
    this.#areas = new Float64Array(count);
    this.#corners = new Float64Array(count).fill(-1);
    for (let i = 0; i < count; i++) this.#measure(i);
  }

  #measure(i: number): void {
    const { numbers } = this.#outlines;
    let area = 0;
    let rings = 0;
    forEachRing(this.#outlines, i, (from, to, isHole) => {
      this.#corners[i] = rings === 0 && to - from === 8 && isConvex(numbers, from) ? from : -2;
      area += Math.abs(ringArea(numbers, from, to)) * (isHole ? -1 : 1);
      rings++;
    });
    const p = i * stride;
    this.#areas[i] = rings === 0 ? this.#packed[p + 2]! * this.#packed[p + 3]! : area;
  }

  /**
   * Whether the IoU of two detections is at least `threshold` (above 0).
   * @param most the area that they share at most, by the boxes around them
   */
  matches(i: number, j: number, threshold: number, most = Infinity): boolean {
    const areaI = this.#areas[i]!;
    const areaJ = this.#areas[j]!;
    // Shared area is at most the smaller of the two, and IoU >= t means shared >= t / (1 + t) * sum; a hair less against rounding.
    const least = (threshold / (1 + threshold)) * (areaI + areaJ) * (1 - 1e-9);
    if (Math.min(areaI, areaJ, most * (1 + 1e-6)) < least) return false;
    if (this.#corners[i] !== -2 && this.#corners[j] !== -2) {
      this.#quadrilateral(i, one);
      this.#quadrilateral(j, other);
      const both = convexOverlap(one, other);
      return both > 0 && both >= threshold * (areaI + areaJ - both);
    }
    const { a, b, both } = areasOf(this.polygons(i), this.polygons(j));
    return both > 0 && both >= threshold * (a + b - both);
  }

  /** IoU of two detections; 0 where it is certainly below `least` (above 0). */
  iou(i: number, j: number, least: number): number {
    const sum = this.#areas[i]! + this.#areas[j]!;
    if (Math.min(this.#areas[i]!, this.#areas[j]!) < (least / (1 + least)) * sum * (1 - 1e-9)) return 0;
    if (this.#corners[i] !== -2 && this.#corners[j] !== -2) {
      this.#quadrilateral(i, one);
      this.#quadrilateral(j, other);
      const both = convexOverlap(one, other);
      return both > 0 ? Math.min(1, both / (sum - both)) : 0;
    }
    const { a, b, both } = areasOf(this.polygons(i), this.polygons(j));
    return both > 0 ? Math.min(1, both / (a + b - both)) : 0;
  }

  /** From now on detection i covers this. */
  replace(i: number, polygons: Polygons): void {
    this.#replaced.set(i, polygons);
    this.#corners[i] = -2;
    this.#areas[i] = areasOf(polygons, []).a;
  }

  /** Whether nothing but its box is known. */
  isBox(i: number): boolean {
    return this.#corners[i] === -1;
  }

  /** What a detection covers. */
  polygons(i: number): Polygons {
    const polygons = this.#replaced.get(i) ?? shapeOf(this.#outlines, i)?.polygons ?? [];
    return polygons.length > 0 ? polygons : [[boxRing(this.#packed, i)]];
  }

  #quadrilateral(i: number, into: Float64Array): void {
    const from = this.#corners[i]!;
    if (from < 0) into.set(boxRing(this.#packed, i));
    else for (let k = 0; k < 8; k++) into[k] = this.#outlines.numbers[from + k]!;
  }
}

function boxRing(packed: Float32Array, i: number): number[] {
  const p = i * stride;
  const [x, y] = [packed[p]!, packed[p + 1]!];
  const [right, bottom] = [x + packed[p + 2]!, y + packed[p + 3]!];
  return [x, y, right, y, right, bottom, x, bottom];
}

/** Signed, relative to its first point so that no digits are lost to the place in the image. */
function ringArea(numbers: Float32Array, from: number, to: number): number {
  const x0 = numbers[from]!;
  const y0 = numbers[from + 1]!;
  let sum = 0;
  for (let i = from, j = to - 2; i < to; j = i, i += 2) {
    sum += (numbers[j]! - x0) * (numbers[i + 1]! - y0) - (numbers[i]! - x0) * (numbers[j + 1]! - y0);
  }
  return sum / 2;
}
