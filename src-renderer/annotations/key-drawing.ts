/** Drawing by keys: what a key makes of the points that are set. Places are level-0 pixels, of the crosshair in the middle of the view. */
import type { DrawingTool } from '../state/view-store.ts';

export type Point = readonly [x: number, y: number];
/** Sets a point, ends a polygon, takes the last point back, or drops all of them. */
export type KeyStep = 'set' | 'end' | 'back' | 'drop';

/** Nearer than this to its first point, a polygon is closed, CSS pixels. */
export const closeReach = 10;
/** A drag that is shorter was none; what is narrower has no area; CSS pixels. */
export const leastDrag = 3;

export interface Crosshair {
  at: Point;
  /** CSS pixels per level-0 pixel. */
  scale: number;
}

export type Outcome =
  | { kind: 'set'; points: readonly Point[] }
  | { kind: 'done'; points: readonly Point[] }
  | { kind: 'back'; points: readonly Point[] }
  | { kind: 'dropped' }
  /** There was nothing to drop: the tool is put away. */
  | { kind: 'left' }
  | { kind: 'refused'; why: 'too-few' | 'same-place' | 'flat' };

/** Whether it takes as many points as wanted, and has an end of its own. */
export function isRing(tool: DrawingTool): boolean {
  return tool === 'polygon' || tool === 'freehand';
}

/** Fewer points make none. */
export function leastPoints(tool: DrawingTool): number {
  return tool === 'point' ? 1 : isRing(tool) ? 3 : 2;
}

/** Whether a place is so near to a polygon's first point that it closes it. */
export function closes(points: readonly Point[], at: Point, scale: number): boolean {
  const [first] = points;
  return first !== undefined && points.length >= 3 && away(first, at, scale) <= closeReach;
}

/**
 * @param isByKeys whether the points were set by keys: else they are the mouse's, which goes on with them
 * @returns null: the key does nothing now
 */
export function drawnByKey(
  tool: DrawingTool,
  { points, isByKeys }: { points: readonly Point[]; isByKeys: boolean },
  step: KeyStep,
  crosshair: Crosshair,
): Outcome | null {
  switch (step) {
    case 'set':
      // A corner is where the mouse clicked, not at a crosshair that nobody has seen: the key ends the polygon.
      if (!isByKeys && points.length > 0) return ended(tool, points);
      return withPoint(tool, points, crosshair);
    case 'end':
      return ended(tool, points);
    case 'back':
      return points.length === 0 ? null : { kind: 'back', points: points.slice(0, -1) };
    case 'drop':
      return points.length === 0 ? { kind: 'left' } : { kind: 'dropped' };
  }
}

function ended(tool: DrawingTool, points: readonly Point[]): Outcome | null {
  if (!isRing(tool)) return null;
  return points.length < leastPoints(tool) ? { kind: 'refused', why: 'too-few' } : { kind: 'done', points };
}

function withPoint(tool: DrawingTool, points: readonly Point[], { at, scale }: Crosshair): Outcome {
  if (isRing(tool) && closes(points, at, scale)) return { kind: 'done', points };
  const last = points.at(-1);
  if (last !== undefined) {
    if (away(last, at, scale) < leastDrag) return { kind: 'refused', why: 'same-place' };
    const isFlat = Math.min(Math.abs(at[0] - last[0]), Math.abs(at[1] - last[1])) * scale < leastDrag;
    // Two steps to the side are soon made and no step down: a box without area is nobody's wish.
    if (isFlat && (tool === 'rectangle' || tool === 'ellipse')) return { kind: 'refused', why: 'flat' };
  }
  const next = [...points, at];
  const isWhole = !isRing(tool) && next.length === leastPoints(tool);
  return { kind: isWhole ? 'done' : 'set', points: next };
}

/** CSS pixels between two places. */
function away(a: Point, b: Point, scale: number): number {
  return Math.hypot(a[0] - b[0], a[1] - b[1]) * scale;
}
