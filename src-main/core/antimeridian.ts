/**
 * Polygons on the Earth cut at the antimeridian, as RFC 7946 (section 3.1.9) wants them: every part lies in -180 … 180. What
 * encloses a pole follows the map's edge along it. A border is cut into pieces where it crosses; their ends are joined along the edge
 * of the map, with the inside always on the left (Weiler and Atherton 1977).
 */

/** Longitude and latitude, degrees. */
export type LonLat = [longitude: number, latitude: number];
/** Without the first point again at the end. */
export type Ring = LonLat[];

/** A closed path whose longitudes run on where it crosses the antimeridian. */
export interface EarthRing {
  points: readonly LonLat[];
  /** How far east it has come once around: 0, or ±360 where it goes around a pole. */
  turned: number;
}

/** One step of the seven decimals that are written, a centimetre. */
const step = 1e-7;
/** What is written as a place on the antimeridian is no crossing. */
const margin = 0.6 * step;

/** A difference of longitudes the short way: -180 to 180. */
export function turn(degrees: number): number {
  return degrees - 360 * Math.round(degrees / 360);
}

/** Twice the signed area in square degrees: positive where the ring runs counter-clockwise. */
export function signedArea(ring: readonly LonLat[]): number {
  let sum = 0;
  for (let i = 0; i < ring.length; i++) {
    const [x1, y1] = ring[i]!;
    const [x2, y2] = ring[(i + 1) % ring.length]!;
    sum += x1 * y2 - x2 * y1;
  }
  return sum;
}

/**
 * @param rings of one polygon, the first its border; simple, in any direction
 * @returns polygons, borders counter-clockwise and holes clockwise
 */
export function cutAtAntimeridian(rings: readonly EarthRing[]): Ring[][] {
  const [border, ...holes] = rings.map((ring, i) => directed(ring, i > 0));
  if (border === undefined) return [];
  const [west, east] = range(border.points);
  const home = 360 * Math.round((west + east) / 720);
  if (border.turned === 0 && west - home >= -180 - margin && east - home <= 180 + margin) {
    const whole = [border, ...holes].map((ring) => {
      const [from, to] = range(ring.points);
      // A hole may have begun on the other side of the antimeridian.
      const away = 360 * Math.round((from + to - west - east) / 720) + home;
      return ring.points.map(([longitude, latitude]): LonLat => [longitude - away, latitude]);
    });
    return [whole];
  }
  const pieces: Ring[] = [];
  const islands: Ring[] = [];
  for (const ring of [border, ...holes]) {
    const { open, closed } = cut(ring);
    pieces.push(...open);
    if (closed !== null) islands.push(closed);
  }
  const isPolar = [border, ...holes].some(({ turned }) => turned !== 0);
  const loops = joined(pieces, isPolar)
    .filter((ring) => !isSliver(ring))
    .flatMap(simpleLoops);
  const polygons = loops.filter((ring) => signedArea(ring) >= 0).map((ring) => [ring]);
  islands.push(...loops.filter((ring) => signedArea(ring) < 0));
  for (const island of islands) {
    // Some of its points may lie on the border.
    const inside = ([ring = []]: Ring[]): number => island.filter((point) => isWithin(point, ring)).length;
    const owner = polygons.reduce<Ring[] | undefined>(
      (best, each) => (best === undefined || inside(each) > inside(best) ? each : best),
      undefined,
    );
    owner?.push(island);
  }
  return polygons;
}

function range(points: readonly LonLat[]): [west: number, east: number] {
  let [west, east] = [Infinity, -Infinity];
  for (const [longitude] of points) {
    west = Math.min(west, longitude);
    east = Math.max(east, longitude);
  }
  return [west, east];
}

/** Inside on the left: eastwards around the north pole, westwards around the south pole; holes the other way. */
function directed(ring: EarthRing, isHole: boolean): EarthRing {
  const { points, turned } = ring;
  const isNorth = points.reduce((sum, [, latitude]) => sum + latitude, 0) > 0;
  const leftward = turned === 0 ? signedArea(points) : isNorth ? turned : -turned;
  if (leftward === 0 || leftward > 0 === !isHole) return ring;
  // The way back begins where the way there ended.
  const [first, ...others] = points;
  if (first === undefined) return ring;
  return { points: [[first[0] + turned, first[1]], ...others.toReversed()], turned: -turned };
}

/** The map that a longitude lies on: 0 for -180 to 180. */
const mapOf = (longitude: number): number => Math.floor((longitude + 180) / 360);

/** A point on the antimeridian, just before it: a border that only touches it there would meet the cut along it. */
function beside([longitude, latitude]: LonLat): LonLat {
  const border = 360 * Math.round((longitude - 180) / 360) + 180;
  return [Math.abs(longitude - border) < margin ? border - step : longitude, latitude];
}

/** What came to lie before the antimeridian by that alone. */
function isSliver(ring: Ring): boolean {
  return ring.every(([longitude]) => longitude > 180 - 2 * step);
}

/** A border in pieces from edge to edge of the map; `closed` where it crosses nowhere. */
function cut({ points, turned }: EarthRing): { open: Ring[]; closed: Ring | null } {
  const ring = points.map(beside);
  const [first] = ring;
  if (first === undefined) return { open: [], closed: null };
  const pieces: Ring[] = [[]];
  for (const [i, from] of ring.entries()) {
    const to: LonLat = ring[i + 1] ?? [first[0] + turned, first[1]];
    const begin = mapOf(from[0]);
    const end = mapOf(to[0]);
    pieces.at(-1)!.push([from[0] - 360 * begin, from[1]]);
    const way = Math.sign(end - begin);
    for (let map = begin; map !== end; map += way) {
      const meridian = 360 * (way > 0 ? map + 1 : map) - 180;
      const part = (meridian - from[0]) / (to[0] - from[0]);
      const latitude = from[1] + part * (to[1] - from[1]);
      pieces.at(-1)!.push([180 * way, latitude]);
      pieces.push([[-180 * way, latitude]]);
    }
  }
  if (pieces.length === 1) return { open: [], closed: pieces[0]! };
  // It began in the middle of a piece.
  const [start, ...others] = pieces;
  others.at(-1)!.push(...start!);
  return { open: others, closed: null };
}

/** Along the map's edge counter-clockwise, from its south-east corner: up the east, west along the pole, down the west, and back. */
const edgeLength = 1080;
const corners: readonly [at: number, point: LonLat][] = [
  [180, [180, 90]],
  [540, [-180, 90]],
  [720, [-180, -90]],
  [1080, [180, -90]],
];

function onEdge([longitude, latitude]: LonLat): number {
  return longitude > 0 ? latitude + 90 : 630 - latitude;
}

/** Rings out of pieces that begin and end on the map's edge. */
function joined(pieces: readonly Ring[], isPolar: boolean): Ring[] {
  const rings: Ring[] = [];
  const left = new Set(pieces);
  for (const first of pieces) {
    if (!left.delete(first)) continue;
    const ring = [...first];
    for (;;) {
      const from = onEdge(ring.at(-1)!);
      const next = nearest(from, [first, ...left], isPolar);
      if (isPolar) ring.push(...passed(from, onEdge(next[0]!)));
      if (next === first) break;
      left.delete(next);
      ring.push(...next);
    }
    rings.push(ring);
  }
  return rings;
}

/** The piece that begins next on the way along the edge. */
function nearest(from: number, pieces: readonly Ring[], isPolar: boolean): Ring {
  const away = (piece: Ring): number => {
    const forward = (onEdge(piece[0]!) - from + edgeLength) % edgeLength;
    // What goes around no pole never needs the corners: a border that crosses itself would lead there.
    return !isPolar && forward > 180 ? edgeLength + Math.min(forward, edgeLength - forward) : forward;
  };
  return pieces.reduce((best, piece) => (away(piece) < away(best) ? piece : best));
}

/** The corners of the map between two places on its edge. */
function passed(from: number, to: number): LonLat[] {
  const end = to >= from ? to : to + edgeLength;
  return [...corners, ...corners.map(([at, point]): [number, LonLat] => [at + edgeLength, point])]
    .filter(([at]) => at > from && at < end)
    .map(([, [longitude, latitude]]): LonLat => [longitude, latitude]);
}

/** A border that a hole touches touches itself once the two are one: loops that touch nothing but each other. */
function simpleLoops(ring: Ring): Ring[] {
  const loops: Ring[] = [];
  const seen = new Map<string, number>();
  const keyOf = (point: LonLat): string => point.map((degrees) => Math.round(degrees / step)).join();
  const path: Ring = [];
  for (const point of ring) {
    const key = keyOf(point);
    const from = seen.get(key);
    if (from === undefined) {
      seen.set(key, path.length);
      path.push(point);
      continue;
    }
    const loop = path.splice(from + 1);
    for (const left of loop) seen.delete(keyOf(left));
    if (loop.length > 1) loops.push([point, ...loop]);
  }
  return [...loops, path];
}

/** By the crossings of a ray to the east. */
function isWithin([longitude, latitude]: LonLat, ring: Ring): boolean {
  let isInside = false;
  for (const [i, [x1, y1]] of ring.entries()) {
    const [x2, y2] = ring[(i + 1) % ring.length]!;
    if (y1 > latitude === y2 > latitude) continue;
    if (longitude < x1 + ((latitude - y1) / (y2 - y1)) * (x2 - x1)) isInside = !isInside;
  }
  return isInside;
}
