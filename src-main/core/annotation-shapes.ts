/** Geometry of annotations: their outlines, what is under the pointer, and how large they are. Level-0 pixels. */
import type { Annotation } from '../contract/annotation.ts';
import type { Rect } from '../contract/run.ts';
import { isInside, type Ring } from './roi.ts';

export type Point = readonly [x: number, y: number];
type Shape = Pick<Annotation, 'kind' | 'points' | 'holes'>;

/** Corners of the polygon that stands for an ellipse where only polygons are known: within 0.06 % of its area. */
const ellipseCorners = 128;

export function annotationBounds({ points }: Pick<Annotation, 'points'>): Rect {
  let [left, top, right, bottom] = [Infinity, Infinity, -Infinity, -Infinity];
  for (const [x, y] of points) {
    left = Math.min(left, x);
    right = Math.max(right, x);
    top = Math.min(top, y);
    bottom = Math.max(bottom, y);
  }
  return { x: left, y: top, width: right - left, height: bottom - top };
}

/** Whether it encloses an area: points and rulers do not. */
export function isArea({ kind }: Pick<Annotation, 'kind'>): boolean {
  return kind !== 'point' && kind !== 'ruler';
}

/** Outer ring, without its closing point; null for what encloses nothing. */
export function outerRing(shape: Shape): Point[] | null {
  if (!isArea(shape)) return null;
  if (shape.kind === 'polygon' || shape.kind === 'freehand') return [...shape.points];
  const { x, y, width, height } = annotationBounds(shape);
  if (shape.kind === 'rectangle') {
    return [
      [x, y],
      [x + width, y],
      [x + width, y + height],
      [x, y + height],
    ];
  }
  return Array.from({ length: ellipseCorners }, (_, i): Point => {
    const angle = (2 * Math.PI * i) / ellipseCorners;
    return [x + (width / 2) * (1 + Math.cos(angle)), y + (height / 2) * (1 + Math.sin(angle))];
  });
}

/** By the shoelace formula, holes taken off; ellipses exactly. px², with pixels of a given width and height in any unit. */
export function annotationArea(shape: Shape, pixel: { x: number; y: number } = { x: 1, y: 1 }): number {
  if (!isArea(shape)) return 0;
  const square = pixel.x * pixel.y;
  if (shape.kind === 'ellipse') {
    const { width, height } = annotationBounds(shape);
    return ((Math.PI * width * height) / 4) * square;
  }
  const holes = (shape.holes ?? []).reduce((sum, hole) => sum + ringArea(hole), 0);
  return Math.max(0, ringArea(outerRing(shape) ?? []) - holes) * square;
}

function ringArea(ring: readonly Point[]): number {
  let twice = 0;
  for (let i = 0, j = ring.length - 1; i < ring.length; j = i++) {
    const [xi, yi] = ring[i] ?? [0, 0];
    const [xj, yj] = ring[j] ?? [0, 0];
    twice += xj * yi - xi * yj;
  }
  return Math.abs(twice) / 2;
}

/** Of a ruler its length, of an area its perimeter. */
export function annotationLength(
  shape: Shape,
  distance: (a: Point, b: Point) => number = (a, b) => Math.hypot(a[0] - b[0], a[1] - b[1]),
): number {
  const ring = outerRing(shape);
  const line = ring === null ? shape.points : [...ring, ring[0] ?? [0, 0]];
  let length = 0;
  for (let i = 1; i < line.length; i++) length += distance(line[i - 1] ?? [0, 0], line[i] ?? [0, 0]);
  return length;
}

/** What is under a place: its edge (or the point or ruler itself) within `slack`, else its inside. */
export function hitAnnotation(shape: Shape, x: number, y: number, slack: number): 'edge' | 'inside' | null {
  if (shape.kind === 'point') {
    const [px, py] = shape.points[0] ?? [Infinity, Infinity];
    return Math.hypot(px - x, py - y) <= 2 * slack ? 'edge' : null;
  }
  const outer = outerRing(shape);
  const rings = outer === null ? [shape.points] : [outer, ...(shape.holes ?? [])];
  for (const ring of rings) {
    for (let i = outer === null ? 1 : 0; i < ring.length; i++) {
      const a = ring[(i + ring.length - 1) % ring.length] ?? [0, 0];
      const b = ring[i] ?? [0, 0];
      if (distanceToSegment(x, y, a, b) <= slack) return 'edge';
    }
  }
  return outer !== null && isWithin(shape, outer, x, y) ? 'inside' : null;
}

function isWithin({ holes }: Shape, outer: Ring, x: number, y: number): boolean {
  return isInside(outer, x, y) && !(holes ?? []).some((hole) => isInside(hole, x, y));
}

function distanceToSegment(x: number, y: number, [ax, ay]: Point, [bx, by]: Point): number {
  const [dx, dy] = [bx - ax, by - ay];
  const square = dx * dx + dy * dy;
  const along = square === 0 ? 0 : Math.min(1, Math.max(0, ((x - ax) * dx + (y - ay) * dy) / square));
  return Math.hypot(x - ax - along * dx, y - ay - along * dy);
}

/** Fewer points that stay within a tolerance of the line (Ramer 1972, Douglas and Peucker 1973); the ends stay. */
export function simplified(points: readonly Point[], tolerance: number): Point[] {
  if (points.length < 3) return [...points];
  const kept = new Uint8Array(points.length);
  kept[0] = 1;
  kept[points.length - 1] = 1;
  const spans: [number, number][] = [[0, points.length - 1]];
  for (let span = spans.pop(); span !== undefined; span = spans.pop()) {
    const [from, to] = span;
    let farthest = -1;
    let most = tolerance;
    for (let i = from + 1; i < to; i++) {
      const [x, y] = points[i] ?? [0, 0];
      const away = distanceToSegment(x, y, points[from] ?? [0, 0], points[to] ?? [0, 0]);
      if (away > most) {
        most = away;
        farthest = i;
      }
    }
    if (farthest < 0) continue;
    kept[farthest] = 1;
    spans.push([from, farthest], [farthest, to]);
  }
  return points.filter((_, i) => kept[i] === 1);
}
