/**
 * Polygons of an image on the Earth, for GeoJSON (RFC 7946): longitude and latitude in WGS84, borders counter-clockwise, holes
 * clockwise, cut at the antimeridian. GeoJSON's edges are straight in degrees: where the image's own are not, points are put in.
 */
import type { Geo } from '../contract/image.ts';
import {
  cutAtAntimeridian,
  signedArea,
  turn,
  type EarthRing,
  type LonLat,
  type Ring,
} from './antimeridian.ts';
import { isGeographic, pixelToCrs, pixelToLonLat, projectionOf } from './geo.ts';
import { crsToPixel } from './map-transform.ts';

/** A ring of level-0 pixels: x0, y0, x1, y1 …, without the first point again. */
type FlatRing = readonly number[];
type At = (x: number, y: number) => LonLat;

export interface PlacedImage {
  width: number;
  height: number;
  geo: Geo;
}

/** Halvings of one edge: enough for a million pixels. */
const mostHalvings = 20;
/** Pixels: an edge through a pole, where there is no longitude, is moved by so much. */
const nudge = 1e-3;

/**
 * @returns takes a polygon, its border first; gives polygons of closed rings, none where a point lies outside the projection
 * @throws {GigatileError} image-unsupported, see projectionOf
 */
export function earthPolygons(image: PlacedImage): (rings: readonly FlatRing[]) => Ring[][] {
  const trace = isGeographic(image.geo) ? inDegrees(image.geo) : projected(image);
  return (rings) => {
    const traced = rings.map(trace);
    if (traced.some(({ points }) => points.some(([x, y]) => !Number.isFinite(x) || !Number.isFinite(y))))
      return [];
    // What is thinner than the rounding has no area and no direction: a hole is left out, and of two parts the other stands for all.
    const polygons = cutAtAntimeridian(traced).map((parts) =>
      parts.map(closed).filter((ring, i) => i === 0 || signedArea(ring) < 0),
    );
    const solid = polygons.filter(([border]) => border !== undefined && signedArea(border) > 0);
    return solid.length > 0 ? solid : polygons.slice(0, 1);
  };
}

/** The axes are degrees already, and may run on beyond 180. */
function inDegrees(geo: Geo): (ring: FlatRing) => EarthRing {
  const at = pixelToLonLat(geo);
  return (ring) => ({
    turned: 0,
    points: pairs(ring).map(([x, y]): LonLat => {
      const [longitude, latitude] = at(x, y);
      const [own] = pixelToCrs(geo.transform, x, y);
      return [longitude + 360 * Math.round((own - longitude) / 360), latitude];
    }),
  });
}

function projected(image: PlacedImage): (ring: FlatRing) => EarthRing {
  const at = pixelToLonLat(image.geo);
  const tolerance = pixelDegrees(at, image.width / 2, image.height / 2) / 16;
  const poles = polesIn(image);
  return (ring) => {
    const corners = awayFrom(poles, pairs(ring));
    const [first] = corners;
    if (first === undefined) return { points: [], turned: 0 };
    const points: LonLat[] = [at(...first)];
    for (const [i, corner] of corners.entries()) {
      follow(at, corner, corners[i + 1] ?? first, tolerance, mostHalvings, points);
    }
    const turned = 360 * Math.round(((points.pop()?.[0] ?? 0) - (points[0]?.[0] ?? 0)) / 360);
    return { points, turned };
  };
}

/** Adds the points of an edge behind its first, which is the last one there is. */
function follow(
  at: At,
  from: readonly [number, number],
  to: readonly [number, number],
  tolerance: number,
  halvings: number,
  points: LonLat[],
): void {
  const before = points.at(-1)!;
  const [x, y] = to;
  const [longitude, latitude] = at(x, y);
  const east = turn(longitude - before[0]);
  const north = latitude - before[1];
  // A straight line of a projection leaves that of degrees by about the square of its length, over eight.
  const mayBend = ((east * east + north * north) * Math.PI) / 180 / 8 > tolerance;
  if (mayBend && halvings > 0) {
    const middle: [number, number] = [(from[0] + x) / 2, (from[1] + y) / 2];
    const [middleEast, middleNorth] = at(...middle);
    const away = arc(
      turn(middleEast - before[0] - east / 2),
      middleNorth - before[1] - north / 2,
      middleNorth,
    );
    if (away > tolerance) {
      follow(at, from, middle, tolerance, halvings - 1, points);
      follow(at, middle, to, tolerance, halvings - 1, points);
      return;
    }
  }
  points.push([before[0] + east, latitude]);
}

/** Length in degrees of a great circle, of short ways. */
function arc(east: number, north: number, latitude: number): number {
  return Math.hypot(east * Math.cos((latitude * Math.PI) / 180), north);
}

function pixelDegrees(at: At, x: number, y: number): number {
  const [east, north] = at(x, y);
  const [nextEast, nextNorth] = at(x + 1, y);
  const size = arc(turn(nextEast - east), nextNorth - north, (north + nextNorth) / 2);
  // Outside the projection there is nothing to measure: a centimetre then.
  return size > 0 ? size : 1e-7;
}

/** Pixels of the poles that lie in the image. */
function polesIn({ geo, width, height }: PlacedImage): [x: number, y: number][] {
  const projection = projectionOf(geo);
  return [90, -90].flatMap((latitude): [number, number][] => {
    const places = [0, 120].map((longitude) =>
      crsToPixel(geo.transform, ...projection.fromLonLat(longitude, latitude)),
    );
    const [[x, y], [otherX, otherY]] = places as [[number, number], [number, number]];
    // In some projections a pole is a line.
    const isPoint = Math.hypot(x - otherX, y - otherY) < nudge;
    return isPoint && x > -1 && y > -1 && x < width + 1 && y < height + 1 ? [[x, y]] : [];
  });
}

function awayFrom(poles: readonly [number, number][], corners: [number, number][]): [number, number][] {
  const isHit = poles.some((pole) =>
    corners.some((corner, i) => distance(pole, corner, corners[(i + 1) % corners.length]!) < nudge / 10),
  );
  return isHit ? corners.map(([x, y]) => [x + nudge, y + nudge / 2]) : corners;
}

/** From a point to an edge. */
function distance([x, y]: [number, number], [x1, y1]: [number, number], [x2, y2]: [number, number]): number {
  const [dx, dy] = [x2 - x1, y2 - y1];
  const length = dx * dx + dy * dy;
  const part = length === 0 ? 0 : Math.min(1, Math.max(0, ((x - x1) * dx + (y - y1) * dy) / length));
  return Math.hypot(x - x1 - part * dx, y - y1 - part * dy);
}

function pairs(ring: FlatRing): [number, number][] {
  const points: [number, number][] = [];
  for (let i = 0; i + 1 < ring.length; i += 2) points.push([ring[i]!, ring[i + 1]!]);
  return points;
}

/** Seven decimals are a centimetre: more only make files larger (RFC 7946, section 11.2). */
function rounded(value: number, most: number): number {
  const degrees = Math.round(Math.min(most, Math.max(-most, value)) * 1e7) / 1e7;
  return degrees === 0 ? 0 : degrees;
}

function closed(ring: Ring): Ring {
  const points: Ring = [];
  for (const [longitude, latitude] of ring) {
    const point: LonLat = [rounded(longitude, 180), rounded(latitude, 90)];
    const before = points.at(-1);
    if (before === undefined || before[0] !== point[0] || before[1] !== point[1]) points.push(point);
  }
  const [first] = points;
  const last = points.at(-1);
  if (first !== undefined && (points.length === 1 || last?.[0] !== first[0] || last[1] !== first[1]))
    points.push([first[0], first[1]]);
  // A ring has four points, even where the rounding left fewer.
  if (first !== undefined) for (let i = points.length; i < 4; i++) points.push([first[0], first[1]]);
  return points;
}
