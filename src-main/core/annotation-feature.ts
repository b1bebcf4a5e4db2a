/** An annotation as QuPath's GeoJSON has it (level-0 pixels); ./geojson-annotations.ts takes it back under the same id. */
import type { Annotation } from '../contract/annotation.ts';
import {
  annotationArea,
  annotationBounds,
  annotationLength,
  outerRing,
  type Point,
} from './annotation-shapes.ts';

/** Hundredths of a pixel. */
const round = (value: number): number => Math.round(value * 100) / 100;
const position = ([x, y]: Point): [number, number] => [round(x), round(y)];
const closed = (ring: readonly Point[]): [number, number][] =>
  [...ring, ...ring.slice(0, 1)].map((point) => position(point));

/** @param metadata of QuPath: texts by name */
export function annotationFeature(annotation: Annotation, metadata: Record<string, string>): object {
  const { id, className, color, name } = annotation;
  return {
    type: 'Feature',
    id,
    geometry: geometryOf(annotation),
    properties: {
      objectType: 'annotation',
      ...(name !== '' && { name }),
      classification: { name: className, color: [...color] },
      metadata,
    },
  };
}

function geometryOf(annotation: Annotation): object {
  const { kind, points, holes = [] } = annotation;
  const ring = outerRing(annotation);
  if (ring !== null) {
    return {
      type: 'Polygon',
      coordinates: [ring, ...holes].map((each) => closed(each)),
      // QuPath makes an ellipse again of the polygon's bounds.
      ...(kind === 'ellipse' && { isEllipse: true }),
    };
  }
  const [first = [0, 0], ...others] = points;
  return others.length === 0
    ? { type: 'Point', coordinates: position(first) }
    : { type: 'LineString', coordinates: points.map((point) => position(point)) };
}

/** Files in pixels are rounded to hundredths. */
const ofPixels = 0.02;
/** Files in degrees to about a centimetre. */
const metresOfDegrees = 0.03;

/** How far a point may be off after it went into a file and came back, in pixels. */
export function roundedBy(metersPerPixel: { x: number; y: number } | null): number {
  if (metersPerPixel === null) return ofPixels;
  return Math.max(ofPixels, metresOfDegrees / Math.min(metersPerPixel.x, metersPerPixel.y));
}

/**
 * The same outline, whichever corner it begins with and whichever way it goes round, and whether a kind was lost on the way.
 * @param tolerance pixels that a point may be off
 */
export function isSameOutline(a: Annotation, b: Annotation, tolerance: number): boolean {
  const bounds = (one: Annotation): number[] => {
    const { x, y, width, height } = annotationBounds(one);
    return [x, y, x + width, y + height];
  };
  const theirs = bounds(b);
  if (bounds(a).some((value, i) => Math.abs(value - (theirs[i] ?? Number.NaN)) > tolerance)) return false;
  const length = annotationLength(a);
  if (Math.abs(length - annotationLength(b)) > tolerance * (2 + cornersOf(a))) return false;
  return Math.abs(areaInFiles(a) - areaInFiles(b)) <= tolerance * (1 + length);
}

/** Some files know no ellipses: of all, the area that their polygon has. */
function areaInFiles(annotation: Annotation): number {
  const ring = outerRing(annotation);
  if (ring === null) return 0;
  return annotationArea({ ...annotation, kind: 'polygon', points: ring.map(([x, y]) => [x, y]) });
}

const cornersOf = ({ points, holes = [] }: Annotation): number =>
  points.length + holes.reduce((sum, hole) => sum + hole.length, 0);
