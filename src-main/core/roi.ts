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
