/**
 * The area that two convex quadrilaterals share, in double precision: one is cut by each side of the other (Sutherland and
 * Hodgman, 1974). The same number whichever comes first, wherever a corner list begins and whichever way round it goes.
 */

const longestPolygon = 16;
const buffers = [new Float64Array(longestPolygon * 2), new Float64Array(longestPolygon * 2)] as const;
const a = new Float64Array(8);
const b = new Float64Array(8);

/** Twice the signed area of a polygon of `points` points. */
function twiceArea(polygon: Float64Array, points: number): number {
  let sum = 0;
  for (let i = 0, j = points - 1; i < points; j = i++) {
    sum += polygon[2 * j]! * polygon[2 * i + 1]! - polygon[2 * i]! * polygon[2 * j + 1]!;
  }
  return sum;
}

/** Whether 4 corners (x, y each, from `at`) go round a convex area without crossing each other. */
export function isConvex(corners: ArrayLike<number>, at = 0): boolean {
  let sign = 0;
  for (let i = 0; i < 4; i++) {
    const [p, q, r] = [at + 2 * i, at + 2 * ((i + 1) % 4), at + 2 * ((i + 2) % 4)];
    const cross =
      (corners[q]! - corners[p]!) * (corners[r + 1]! - corners[q + 1]!) -
      (corners[q + 1]! - corners[p + 1]!) * (corners[r]! - corners[q]!);
    if (cross === 0 || (sign !== 0 && Math.sign(cross) !== sign)) return false;
    sign = Math.sign(cross);
  }
  return true;
}

/** Copies corners relative to an origin: from the one that comes first (by y, x), turning the same way. */
function normalise(from: ArrayLike<number>, to: Float64Array, x0: number, y0: number): void {
  let first = 0;
  for (let i = 1; i < 4; i++) {
    const byRow = from[2 * i + 1]! - from[2 * first + 1]!;
    if (byRow < 0 || (byRow === 0 && from[2 * i]! < from[2 * first]!)) first = i;
  }
  const turn =
    (from[2]! - from[0]!) * (from[5]! - from[3]!) - (from[3]! - from[1]!) * (from[4]! - from[2]!) > 0 ? 1 : 3;
  for (let i = 0; i < 4; i++) {
    const k = (first + i * turn) % 4;
    to[2 * i] = from[2 * k]! - x0;
    to[2 * i + 1] = from[2 * k + 1]! - y0;
  }
}

/** @returns shared area of two convex quadrilaterals (8 numbers each: x, y of the corners in turn) */
export function convexOverlap(one: ArrayLike<number>, other: ArrayLike<number>): number {
  let [x0, y0] = [Infinity, Infinity];
  for (let i = 0; i < 8; i += 2) {
    x0 = Math.min(x0, one[i]!, other[i]!);
    y0 = Math.min(y0, one[i + 1]!, other[i + 1]!);
  }
  // Near the origin, where products lose no digits to the place in the image.
  normalise(one, a, x0, y0);
  normalise(other, b, x0, y0);
  let order = 0;
  for (let i = 0; i < 8 && order === 0; i++) order = a[i]! - b[i]!;
  const [subject, clip] = order <= 0 ? [a, b] : [b, a];

  let from = buffers[0];
  let to = buffers[1];
  from.set(subject);
  let points = 4;
  for (let i = 0; i < 4 && points > 0; i++) {
    const j = (i + 1) % 4;
    const x = clip[2 * i]!;
    const y = clip[2 * i + 1]!;
    const dx = clip[2 * j]! - x;
    const dy = clip[2 * j + 1]! - y;
    let kept = 0;
    let px = from[2 * points - 2]!;
    let py = from[2 * points - 1]!;
    let before = dx * (py - y) - dy * (px - x);
    for (let k = 0; k < points; k++) {
      const qx = from[2 * k]!;
      const qy = from[2 * k + 1]!;
      const side = dx * (qy - y) - dy * (qx - x);
      if (side >= 0 !== before >= 0) {
        const t = before / (before - side);
        to[2 * kept] = px + (qx - px) * t;
        to[2 * kept + 1] = py + (qy - py) * t;
        kept++;
      }
      if (side >= 0) {
        to[2 * kept] = qx;
        to[2 * kept + 1] = qy;
        kept++;
      }
      px = qx;
      py = qy;
      before = side;
    }
    [from, to] = [to, from];
    points = kept;
  }
  return points < 3 ? 0 : Math.abs(twiceArea(from, points)) / 2;
}
