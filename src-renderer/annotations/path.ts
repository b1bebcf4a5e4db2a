/** An annotation as an SVG path in level-0 pixels. */
import type { Annotation } from '../../src-main/contract/annotation.ts';
import { annotationBounds, outerRing } from '../../src-main/core/annotation-shapes.ts';

type Points = readonly (readonly [number, number])[];

function line(points: Points, close: boolean): string {
  return `M${points.map(([x, y]) => `${x} ${y}`).join('L')}${close ? 'Z' : ''}`;
}

export function annotationPath(shape: Pick<Annotation, 'kind' | 'points' | 'holes'>): string {
  if (shape.kind === 'point') {
    const [x, y] = shape.points[0] ?? [0, 0];
    // A line without length has round ends: a dot of constant size on the screen.
    return `M${x} ${y}h0`;
  }
  if (shape.kind === 'ruler') return line(shape.points, false);
  if (shape.kind === 'ellipse') {
    const { x, y, width, height } = annotationBounds(shape);
    const [rx, ry] = [width / 2, height / 2];
    return `M${x} ${y + ry}a${rx} ${ry} 0 1 0 ${width} 0a${rx} ${ry} 0 1 0 ${-width} 0Z`;
  }
  const outer = outerRing(shape) ?? [];
  return [outer, ...(shape.holes ?? [])].map((ring) => line(ring, true)).join('');
}
