/** What of polygons lies in a rectangle or a strip. */
import type { Polygons } from './scan.ts';

/**
 * Polygons cut to a rectangle, side by side (Sutherland and Hodgman, 1974). Where a ring leaves the rectangle and comes back, its
 * pieces hang together along the side; areas by the even-odd rule are right all the same.
 */
export function clipPolygons(polygons: Polygons, x1: number, y1: number, x2: number, y2: number): Polygons {
  return polygons.map((rings) =>
    rings
      .map((ring) => {
        const byX = clipRing(clipRing(ring, 0, x1, 1), 0, x2, -1);
        return clipRing(clipRing(byX, 1, y1, 1), 1, y2, -1);
      })
      .filter((ring) => ring.length >= 6),
  );
}

/** Keeps what is at or above (`sign` 1) or below (-1) a limit of x (`axis` 0) or y (1). */
function clipRing(ring: readonly number[], axis: 0 | 1, limit: number, sign: 1 | -1): number[] {
  const clipped: number[] = [];
  if (!Number.isFinite(limit)) return [...ring];
  for (let i = 0, j = ring.length - 2; i < ring.length; j = i, i += 2) {
    const before = (ring[j + axis]! - limit) * sign;
    const here = (ring[i + axis]! - limit) * sign;
    if (before >= 0 !== here >= 0) {
      const t = before / (before - here);
      const other = ring[j + 1 - axis]! + (ring[i + 1 - axis]! - ring[j + 1 - axis]!) * t;
      if (axis === 0) clipped.push(limit, other);
      else clipped.push(other, limit);
    }
    if (here >= 0) clipped.push(ring[i]!, ring[i + 1]!);
  }
  return clipped;
}

/** From where to where polygons go along one axis, within a strip of the other; empty (from > to) where they are not in it. */
export function stretchWithin(
  polygons: Polygons,
  along: 'x' | 'y',
  [low, high]: readonly [number, number],
): readonly [number, number] {
  const axis = along === 'x' ? 0 : 1;
  let [from, to] = [Infinity, -Infinity];
  for (const ring of polygons.flat()) {
    const inStrip = clipRing(clipRing(ring, axis === 0 ? 1 : 0, low, 1), axis === 0 ? 1 : 0, high, -1);
    for (let i = axis; i < inStrip.length; i += 2) {
      from = Math.min(from, inStrip[i]!);
      to = Math.max(to, inStrip[i]!);
    }
  }
  return [from, to];
}
