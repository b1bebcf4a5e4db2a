/** Places by which a selected annotation is changed, and what moving one of them makes of it. */
import type { Annotation } from '../../src-main/contract/annotation.ts';
import { annotationBounds } from '../../src-main/core/annotation-shapes.ts';

type Point = [number, number];
type Shape = Pick<Annotation, 'kind' | 'points' | 'holes'>;

export interface Handle {
  /** `corner` of a box, `vertex` of a line, `between` two of them (moving it makes a new one), or the whole. */
  kind: 'corner' | 'vertex' | 'between' | 'whole';
  index: number;
  x: number;
  y: number;
}

/** Outlines of more points are changed by drawing them anew. */
const mostVertices = 200;

export function handlesOf(shape: Shape): Handle[] {
  const { x, y, width, height } = annotationBounds(shape);
  if (shape.kind === 'point') {
    return [{ kind: 'whole', index: 0, x, y }];
  }
  const whole: Handle = { kind: 'whole', index: 0, x: x + width / 2, y: y + height / 2 };
  if (shape.kind === 'rectangle' || shape.kind === 'ellipse') {
    const corners = [0, 1, 2, 3].map((index): Handle => ({
      kind: 'corner',
      index,
      x: index % 2 === 0 ? x : x + width,
      y: index < 2 ? y : y + height,
    }));
    return [...corners, whole];
  }
  if (shape.points.length > mostVertices) return [whole];
  const vertices = shape.points.map(([px, py], index): Handle => ({ kind: 'vertex', index, x: px, y: py }));
  if (shape.kind === 'ruler') return [...vertices, whole];
  const between = shape.points.map(([px, py], index): Handle => {
    const [qx, qy] = shape.points[(index + 1) % shape.points.length] ?? [px, py];
    return { kind: 'between', index, x: (px + qx) / 2, y: (py + qy) / 2 };
  });
  return [...vertices, ...between, whole];
}

/** @param to where the handle is now */
export function withMovedHandle<T extends Shape>(shape: T, handle: Handle, to: { x: number; y: number }): T {
  const [dx, dy] = [to.x - handle.x, to.y - handle.y];
  const shifted = (points: readonly Point[]): Point[] => points.map(([x, y]) => [x + dx, y + dy]);
  switch (handle.kind) {
    case 'whole':
      return {
        ...shape,
        points: shifted(shape.points),
        ...(shape.holes !== undefined && { holes: shape.holes.map(shifted) }),
      };
    case 'corner': {
      const { x, y, width, height } = annotationBounds(shape);
      // The corner across stays.
      const across: Point = [handle.index % 2 === 0 ? x + width : x, handle.index < 2 ? y + height : y];
      return { ...shape, points: [across, [to.x, to.y]] };
    }
    case 'vertex':
      return { ...shape, points: shape.points.with(handle.index, [to.x, to.y]) };
    case 'between':
      return { ...shape, points: shape.points.toSpliced(handle.index + 1, 0, [to.x, to.y]) };
  }
}

/** null where too few would be left. */
export function withoutVertex<T extends Shape>(shape: T, index: number): T | null {
  const least = shape.kind === 'polygon' || shape.kind === 'freehand' ? 4 : Infinity;
  return shape.points.length < least ? null : { ...shape, points: shape.points.toSpliced(index, 1) };
}
