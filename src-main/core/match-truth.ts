/** How well predicted points agree with true ones: one-to-one matches within a radius, precision, recall, F1. */

export interface PointSet {
  /** Level-0 px; x[i] and y[i] belong together. */
  x: Float64Array;
  y: Float64Array;
}

export interface MatchScore {
  truePositives: number;
  falsePositives: number;
  falseNegatives: number;
  /** Share of the predictions that are right; 0 where there are none. */
  precision: number;
  /** Share of the true points that were found; 0 where there are none. */
  recall: number;
  /** Harmonic mean of both; 0 where nothing matches. */
  f1: number;
}

export interface MatchResult extends MatchScore {
  /** For each predicted point the index of its true point, or -1. */
  matches: Int32Array;
}

/**
 * Pairs the closest points first (ties: by index), each point at most once, none farther apart than `radius` px.
 * Points are bucketed into squares of the radius, so that hundreds of thousands take well under a second.
 */
export function matchPoints(predicted: PointSet, truth: PointSet, radius: number): MatchResult {
  if (!(radius > 0)) throw new RangeError(`A radius of ${radius} px matches nothing`);
  const buckets = bucket(truth, radius);
  const pairs: { distance: number; predicted: number; truth: number }[] = [];
  for (let p = 0; p < predicted.x.length; p++) {
    const px = predicted.x[p] as number;
    const py = predicted.y[p] as number;
    const column = Math.floor(px / radius);
    const row = Math.floor(py / radius);
    for (let r = row - 1; r <= row + 1; r++) {
      for (let c = column - 1; c <= column + 1; c++) {
        for (const t of buckets.get(bucketKey(c, r)) ?? []) {
          const distance = Math.hypot((truth.x[t] as number) - px, (truth.y[t] as number) - py);
          if (distance <= radius) pairs.push({ distance, predicted: p, truth: t });
        }
      }
    }
  }
  pairs.sort((a, b) => a.distance - b.distance || a.predicted - b.predicted || a.truth - b.truth);
  const matches = new Int32Array(predicted.x.length).fill(-1);
  const taken = new Uint8Array(truth.x.length);
  let truePositives = 0;
  for (const pair of pairs) {
    if (matches[pair.predicted] !== -1 || taken[pair.truth] === 1) continue;
    matches[pair.predicted] = pair.truth;
    taken[pair.truth] = 1;
    truePositives++;
  }
  return { ...score(truePositives, predicted.x.length, truth.x.length), matches };
}

function score(truePositives: number, predicted: number, truth: number): MatchScore {
  return {
    truePositives,
    falsePositives: predicted - truePositives,
    falseNegatives: truth - truePositives,
    precision: predicted === 0 ? 0 : truePositives / predicted,
    recall: truth === 0 ? 0 : truePositives / truth,
    f1: predicted + truth === 0 ? 0 : (2 * truePositives) / (predicted + truth),
  };
}

/** One number for a bucket; distinct within 67 million buckets along each axis. */
function bucketKey(column: number, row: number): number {
  return row * 134_217_728 + column;
}

function bucket(points: PointSet, size: number): Map<number, number[]> {
  const buckets = new Map<number, number[]>();
  for (let i = 0; i < points.x.length; i++) {
    const key = bucketKey(
      Math.floor((points.x[i] as number) / size),
      Math.floor((points.y[i] as number) / size),
    );
    const list = buckets.get(key);
    if (list) list.push(i);
    else buckets.set(key, [i]);
  }
  return buckets;
}

/**
 * Centres of the features of a GeoJSON document in level-0 px: a Point itself, a Polygon's centroid, the measurements
 * `Centre X px` and `Centre Y px` where a feature has them. Takes a FeatureCollection, an array of Features or one Feature.
 * @throws {RangeError} where the document is no GeoJSON or a geometry has no centre.
 */
export function pointsOfGeoJson(document: unknown): PointSet {
  const features = featuresOf(document);
  const x = new Float64Array(features.length);
  const y = new Float64Array(features.length);
  features.forEach((feature, i) => {
    const centre = centreOf(feature, i);
    x[i] = centre[0];
    y[i] = centre[1];
  });
  return { x, y };
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function featuresOf(document: unknown): unknown[] {
  if (Array.isArray(document)) return document;
  if (isRecord(document)) {
    if (document['type'] === 'Feature') return [document];
    if (document['type'] === 'FeatureCollection' && Array.isArray(document['features'])) {
      return document['features'];
    }
  }
  throw new RangeError('This is no GeoJSON of features');
}

function centreOf(feature: unknown, index: number): [number, number] {
  const fail = (what: string): never => {
    throw new RangeError(`Feature ${index} of the GeoJSON ${what}`);
  };
  if (!isRecord(feature)) return fail('is no object');
  const properties = isRecord(feature['properties']) ? feature['properties'] : {};
  const measurements = isRecord(properties['measurements']) ? properties['measurements'] : {};
  const cx = measurements['Centre X px'];
  const cy = measurements['Centre Y px'];
  if (typeof cx === 'number' && typeof cy === 'number') return [cx, cy];
  const geometry = feature['geometry'];
  if (!isRecord(geometry)) return fail('has no geometry');
  const coordinates = geometry['coordinates'];
  if (geometry['type'] === 'Point' && isPosition(coordinates)) return [coordinates[0], coordinates[1]];
  if (geometry['type'] === 'Polygon' && Array.isArray(coordinates)) {
    const ring: unknown = coordinates[0];
    if (Array.isArray(ring) && ring.length >= 4 && ring.every(isPosition)) return ringCentroid(ring);
  }
  return fail(`is neither a Point nor a Polygon with a ring (${String(geometry['type'])})`);
}

function isPosition(value: unknown): value is [number, number] {
  return Array.isArray(value) && Number.isFinite(value[0]) && Number.isFinite(value[1]);
}

/** Centroid of the area; the mean of the corners where there is no area. */
function ringCentroid(ring: readonly [number, number][]): [number, number] {
  const [ox, oy] = ring[0] as [number, number];
  let area = 0;
  let sx = 0;
  let sy = 0;
  for (let i = 0; i + 1 < ring.length; i++) {
    // Relative to the first corner: the coordinates are large, the polygons small.
    const [x0, y0] = ring[i] as [number, number];
    const [x1, y1] = ring[i + 1] as [number, number];
    const cross = (x0 - ox) * (y1 - oy) - (x1 - ox) * (y0 - oy);
    area += cross;
    sx += (x0 + x1 - 2 * ox) * cross;
    sy += (y0 + y1 - 2 * oy) * cross;
  }
  if (Math.abs(area) > 1e-9) return [ox + sx / (3 * area), oy + sy / (3 * area)];
  const corners = ring.slice(0, -1);
  return [
    corners.reduce((sum, corner) => sum + corner[0], 0) / corners.length,
    corners.reduce((sum, corner) => sum + corner[1], 0) / corners.length,
  ];
}
