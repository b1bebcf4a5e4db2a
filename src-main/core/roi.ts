/** Regions of interest: does a tile's core touch a polygon? Level-0 pixels; a ring is closed by itself, even-odd inside. */
import type { Rect } from '../contract/run.ts';

export type Ring = readonly (readonly [number, number])[];

export function isInside(ring: Ring, x: number, y: number): boolean {
  let inside = false;
  for (let i = 0, j = ring.length - 1; i < ring.length; j = i++) {
    const [xi, yi] = ring[i] ?? [0, 0];
    const [xj, yj] = ring[j] ?? [0, 0];
    if (yi > y !== yj > y && x < ((xj - xi) * (y - yi)) / (yj - yi) + xi) inside = !inside;
  }
  return inside;
}

/**
 * A polygon with holes as one ring: from a corner it goes to each hole, around it and back, and even-odd finds the holes outside. Where
 * the way there leaves a winding polygon, it touches a tile too many, never one too few.
 */
export function ringWithHoles(outer: Ring, holes: readonly Ring[]): [number, number][] {
  const detours = new Map<number, [number, number][]>();
  for (const hole of holes) {
    const from = nearestTo(hole[0], outer);
    const corner = outer[from];
    if (corner === undefined) continue;
    const at = nearestTo(corner, hole);
    const around = [...hole.slice(at), ...hole.slice(0, at + 1), corner];
    detours.set(from, [...(detours.get(from) ?? []), ...around.map(([x, y]): [number, number] => [x, y])]);
  }
  return outer.flatMap(([x, y], at): [number, number][] => [[x, y], ...(detours.get(at) ?? [])]);
}

/** Index of the corner that is nearest; -1 where there is none. */
function nearestTo(place: Ring[number] | undefined, ring: Ring): number {
  let [nearest, least] = [-1, Infinity];
  for (const [at, [x, y]] of ring.entries()) {
    if (place === undefined) break;
    const square = (x - place[0]) ** 2 + (y - place[1]) ** 2;
    if (square < least) [nearest, least] = [at, square];
  }
  return nearest;
}

/** Liang-Barsky clipping: does the segment touch the rectangle? */
function segmentTouches(rect: Rect, x0: number, y0: number, x1: number, y1: number): boolean {
  let from = 0;
  let to = 1;
  const edges: [number, number][] = [
    [x0 - x1, x0 - rect.x],
    [x1 - x0, rect.x + rect.width - x0],
    [y0 - y1, y0 - rect.y],
    [y1 - y0, rect.y + rect.height - y0],
  ];
  for (const [p, q] of edges) {
    if (p === 0) {
      if (q < 0) return false;
    } else if (p < 0) {
      from = Math.max(from, q / p);
    } else {
      to = Math.min(to, q / p);
    }
  }
  return from <= to;
}

/** Whether the whole rectangle lies inside. */
export function coversRect(ring: Ring, rect: Rect): boolean {
  for (let i = 0, j = ring.length - 1; i < ring.length; j = i++) {
    const [xi, yi] = ring[i] ?? [0, 0];
    const [xj, yj] = ring[j] ?? [0, 0];
    if (segmentTouches(rect, xi, yi, xj, yj)) return false;
  }
  return isInside(ring, rect.x + rect.width / 2, rect.y + rect.height / 2);
}

export function touchesRing(rect: Rect, ring: Ring): boolean {
  for (let i = 0, j = ring.length - 1; i < ring.length; j = i++) {
    const [xi, yi] = ring[i] ?? [0, 0];
    const [xj, yj] = ring[j] ?? [0, 0];
    if (segmentTouches(rect, xi, yi, xj, yj)) return true;
  }
  // No edge crosses the rectangle: it lies wholly inside, or wholly outside.
  return isInside(ring, rect.x + rect.width / 2, rect.y + rect.height / 2);
}

/** Whether a tile is to be looked at: it touches a ring of the region, where there is one, and lies in none that is left out. */
export function isInRegion(
  core: Rect,
  region: { roi?: readonly Ring[] | undefined; exclude?: readonly Ring[] | undefined },
): boolean {
  const { roi, exclude } = region;
  return (
    (roi === undefined || roi.some((ring) => touchesRing(core, ring))) &&
    !(exclude ?? []).some((ring) => coversRect(ring, core))
  );
}
