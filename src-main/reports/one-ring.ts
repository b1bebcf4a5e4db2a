/** Outlines for formats that know neither holes nor several parts. */
import type { FlatPolygon } from './outlines.ts';

/**
 * Outer border, and from its first point to each hole and back: a cut of no width, so that filling it, by whatever rule, and its area
 * come out right. Further polygons are joined to the first one in the same way.
 */
export function oneRing(polygons: readonly FlatPolygon[]): number[] {
  const [outer = [], ...others] = polygons.flat();
  const points = [...outer];
  const back = outer.slice(0, 2);
  if (others.length > 0) points.push(...back);
  for (const ring of others) {
    for (const value of ring) points.push(value);
    points.push(...ring.slice(0, 2), ...back);
  }
  return points;
}
