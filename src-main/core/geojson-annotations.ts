/**
 * Annotations out of GeoJSON: QuPath's (level-0 pixels, its classes and colours), and any whose coordinate system is known: longitude
 * and latitude (RFC 7946), or the one that a `crs` member names (GeoJSON 2008).
 */
import { z } from 'zod';
import type { Annotation } from '../contract/annotation.ts';
import { GigatileError } from '../contract/errors.ts';
import type { Geo } from '../contract/image.ts';
import { outerRing } from './annotation-shapes.ts';
import { projectionOf } from './geo.ts';
import { crsToPixel } from './map-transform.ts';
import { touchesRing } from './roi.ts';

type Rgb = [number, number, number];
type Point = [number, number];

const positionSchema = z.array(z.number()).min(2);
const ringSchema = z.array(positionSchema);
const geometrySchema = z.looseObject({
  type: z.string(),
  coordinates: z.unknown().optional(),
  geometries: z.array(z.unknown()).optional(),
  isEllipse: z.boolean().optional(),
});
const byte = z.number().int().min(0).max(255);
const classificationSchema = z.looseObject({
  name: z.string().nullish(),
  names: z.array(z.string()).optional(),
  color: z.tuple([byte, byte, byte]).optional(),
  /** Before QuPath 0.4: 0xAARRGGBB as a signed number. */
  colorRGB: z.number().int().optional(),
});
const featureSchema = z.looseObject({
  type: z.literal('Feature'),
  id: z.unknown().optional(),
  geometry: geometrySchema.nullable(),
  properties: z
    .looseObject({
      objectType: z.string().optional(),
      classification: classificationSchema.nullish(),
      name: z.unknown().optional(),
      /** As RFC 7946 exports have it. */
      class: z.unknown().optional(),
      color: z.tuple([byte, byte, byte]).optional(),
    })
    .nullish(),
});
type Feature = z.infer<typeof featureSchema>;

const fallbackColor: Rgb = [86, 180, 233];
const unclassified = 'Imported';

export interface ImportedAnnotations {
  annotations: Annotation[];
  /** Objects that are no annotations (detections, cells, tiles), and shapes that cannot be one (lines of many points, empty ones). */
  leftOut: number;
}

export interface ImportTarget {
  width: number;
  height: number;
  geo: Geo | null;
}

/**
 * @param newId makes the id of what has none of its own
 * @throws {GigatileError} usage where it is no GeoJSON, holds nothing to draw, or lies wholly outside of the image
 */
export function readAnnotations(text: string, image: ImportTarget, newId: () => string): ImportedAnnotations {
  const annotations: Annotation[] = [];
  let leftOut = 0;
  for (const { feature, shapes } of placedShapes(text, image, ['annotation'])) {
    if (shapes.length === 0) leftOut++;
    for (const shape of shapes) {
      const own = z.uuid().safeParse(feature.id);
      annotations.push({
        id: own.success && shapes.length === 1 ? own.data : newId(),
        ...shape,
        ...labelOf(feature),
      });
    }
  }
  if (annotations.length === 0) {
    throw new GigatileError('usage', 'There is nothing in this file to draw', {
      hint:
        leftOut === 0
          ? 'It has no features.'
          : `Its ${leftOut} objects are detections, cells or tiles: annotations are read.`,
    });
  }
  if (annotations.every((annotation) => liesOutside(annotation, image))) {
    throw new GigatileError('usage', 'Everything in this file lies outside of the image', {
      hint: 'It may belong to another image, or be in another coordinate system than it says.',
    });
  }
  return { annotations, leftOut };
}

/**
 * What each feature of a file shows, level-0 pixels.
 * @param objectTypes of QuPath's objects only these; other programs have none
 * @throws {GigatileError} usage where it is no GeoJSON, or in a coordinate system that is not known
 */
export function placedShapes(
  text: string,
  image: ImportTarget,
  objectTypes?: readonly string[],
): { feature: Feature; shapes: Shape[] }[] {
  const file = parseJson(text);
  const features = featuresOf(file);
  const toPixel = projectorOf(file, features, image);
  return features.map((feature, at) => {
    const { geometry } = feature;
    const type = feature.properties?.objectType;
    const isWanted = objectTypes === undefined || type === undefined || objectTypes.includes(type);
    return { feature, shapes: geometry && isWanted ? shapesOfFeature(geometry, toPixel, at) : [] };
  });
}

/** Whether nothing of it is in the image: an area around all of the image is. */
export function liesOutside(shape: Shape, { width, height }: ImportTarget): boolean {
  if (shape.points.some(([x, y]) => x >= 0 && y >= 0 && x <= width && y <= height)) return false;
  const ring = outerRing(shape);
  return ring === null || !touchesRing({ x: 0, y: 0, width, height }, ring);
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch (error) {
    throw new GigatileError('usage', 'This file is no JSON', { cause: error });
  }
}

/** A collection, a bare list, or one feature: QuPath writes all of them. */
function featuresOf(file: unknown): Feature[] {
  const list = Array.isArray(file)
    ? file
    : (z.looseObject({ features: z.array(z.unknown()) }).safeParse(file).data?.features ?? [file]);
  return list.map((entry, at) => {
    const feature = featureSchema.safeParse(entry);
    if (feature.success) return feature.data;
    const issue = feature.error.issues[0];
    throw new GigatileError('usage', 'This is no GeoJSON that can be read', {
      where: `feature ${at + 1}, ${issue?.path.join('.') ?? ''}: ${issue?.message ?? ''}`,
    });
  });
}

type ToPixel = (x: number, y: number) => Point;

function projectorOf(file: unknown, features: readonly Feature[], { geo }: ImportTarget): ToPixel {
  const inPixels: ToPixel = (x, y) => [x, y];
  if (geo === null) return inPixels;
  const named = z
    .looseObject({ crs: z.looseObject({ properties: z.looseObject({ name: z.string() }) }) })
    .safeParse(file).data?.crs.properties.name;
  if (named === undefined && features.some(({ properties }) => properties?.objectType !== undefined)) {
    return inPixels;
  }
  const toMap = (east: number, north: number): Point => crsToPixel(geo.transform, east, north);
  const epsg = named === undefined || /CRS84$/i.test(named) ? 4326 : Number(/(\d+)\s*$/.exec(named)?.[1]);
  const checked = epsg === 4326 ? degrees : inPixels;
  if (epsg === geo.epsg) return (x, y) => toMap(...checked(x, y));
  if (!Number.isInteger(epsg)) {
    throw new GigatileError('usage', `The coordinate system "${named}" is not known`, {
      hint: 'Write the file in longitude and latitude (EPSG:4326).',
    });
  }
  const from = projectionOf({ epsg, crsName: null });
  const to = projectionOf(geo);
  return (x, y) => toMap(...to.fromLonLat(...from.toLonLat(...checked(x, y))));
}

/** Pixels that were taken for degrees would be projected to somewhere, perhaps into the image. */
function degrees(x: number, y: number): Point {
  if (Math.abs(x) <= 360 && Math.abs(y) <= 90) return [x, y];
  throw new GigatileError('usage', 'The coordinates in this file are no longitude and latitude', {
    where: `${x}, ${y}`,
    hint: 'Over an image with a geo-reference they are longitude and latitude, or what a "crs" member names; pixels only in objects of QuPath.',
  });
}

type Shape = Pick<Annotation, 'kind' | 'points' | 'holes'>;

function shapesOfFeature(geometry: z.infer<typeof geometrySchema>, toPixel: ToPixel, at: number): Shape[] {
  try {
    return shapesOf(geometry, toPixel);
  } catch (error) {
    if (!(error instanceof z.ZodError)) throw error;
    throw new GigatileError('usage', 'This is no GeoJSON that can be read', {
      where: `feature ${at + 1}: its coordinates are none of a ${geometry.type}`,
    });
  }
}

function shapesOf(geometry: z.infer<typeof geometrySchema>, toPixel: ToPixel): Shape[] {
  const { type, coordinates } = geometry;
  const ring = (positions: number[][]): Point[] => {
    const points = positions.map(([x = 0, y = 0]) => toPixel(x, y));
    const [first, last] = [points[0], points.at(-1)];
    const isClosed = points.length > 1 && first?.[0] === last?.[0] && first?.[1] === last?.[1];
    return isClosed ? points.slice(0, -1) : points;
  };
  const polygon = (rings: number[][][]): Shape[] => {
    const [outer = [], ...holes] = rings.map(ring);
    if (outer.length < 3) return [];
    if (geometry.isEllipse === true) return [{ kind: 'ellipse', points: cornersOf(outer) }];
    if (holes.length === 0 && isUpright(outer)) return [{ kind: 'rectangle', points: cornersOf(outer) }];
    const kept = holes.filter((hole) => hole.length >= 3);
    return [{ kind: 'polygon', points: outer, ...(kept.length > 0 && { holes: kept }) }];
  };
  switch (type) {
    case 'Polygon':
      return polygon(z.array(ringSchema).parse(coordinates));
    case 'MultiPolygon':
      return z.array(z.array(ringSchema)).parse(coordinates).flatMap(polygon);
    case 'Point': {
      const [x = 0, y = 0] = positionSchema.parse(coordinates);
      return [{ kind: 'point', points: [toPixel(x, y)] }];
    }
    case 'MultiPoint':
      return ringSchema
        .parse(coordinates)
        .map(([x = 0, y = 0]): Shape => ({ kind: 'point', points: [toPixel(x, y)] }));
    case 'LineString': {
      const line = ringSchema.parse(coordinates);
      if (line.length !== 2) return [];
      return [{ kind: 'ruler', points: line.map(([x = 0, y = 0]) => toPixel(x, y)) }];
    }
    case 'GeometryCollection':
      return (geometry.geometries ?? []).flatMap((part) => shapesOf(geometrySchema.parse(part), toPixel));
    default:
      return [];
  }
}

/** Four corners, alternately beside and above each other. */
function isUpright(ring: readonly Point[]): boolean {
  if (ring.length !== 4) return false;
  const [a, b, c, d] = ring as [Point, Point, Point, Point];
  const rows = a[1] === b[1] && c[1] === d[1] && b[0] === c[0] && d[0] === a[0];
  const columns = a[0] === b[0] && c[0] === d[0] && b[1] === c[1] && d[1] === a[1];
  return (rows || columns) && a[0] !== c[0] && a[1] !== c[1];
}

function cornersOf(ring: readonly Point[]): Point[] {
  const xs = ring.map(([x]) => x);
  const ys = ring.map(([, y]) => y);
  return [
    [xs.reduce((a, b) => Math.min(a, b)), ys.reduce((a, b) => Math.min(a, b))],
    [xs.reduce((a, b) => Math.max(a, b)), ys.reduce((a, b) => Math.max(a, b))],
  ];
}

function labelOf({ properties }: Feature): Pick<Annotation, 'className' | 'color' | 'name'> {
  const classification = properties?.classification;
  const own = typeof properties?.class === 'string' ? properties.class : '';
  const name = classification?.name ?? classification?.names?.join(': ') ?? own;
  const packed = classification?.colorRGB;
  const old: Rgb | undefined =
    packed === undefined ? undefined : [(packed >> 16) & 255, (packed >> 8) & 255, packed & 255];
  return {
    className: (name === '' ? unclassified : name).slice(0, 120),
    color: classification?.color ?? old ?? properties?.color ?? fallbackColor,
    name: typeof properties?.name === 'string' ? properties.name.slice(0, 200) : '',
  };
}
