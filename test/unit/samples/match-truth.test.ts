import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { matchPoints, pointsOfGeoJson, type PointSet } from '../../../src-main/core/match-truth.ts';

const set = (points: readonly (readonly [number, number])[]): PointSet => ({
  x: Float64Array.from(points, (point) => point[0]),
  y: Float64Array.from(points, (point) => point[1]),
});

const points = fc.array(
  fc.tuple(fc.double({ min: -300, max: 300, noNaN: true }), fc.double({ min: -300, max: 300, noNaN: true })),
  { maxLength: 60 },
);
const radius = fc.double({ min: 0.5, max: 120, noNaN: true });

/** The same rule without buckets: the closest free pair again and again. */
function slowMatches(predicted: PointSet, truth: PointSet, radius: number): number[] {
  const result = Array.from(predicted.x, () => -1);
  for (;;) {
    let best: [number, number, number] | null = null;
    for (let p = 0; p < predicted.x.length; p++) {
      if (result[p] !== -1) continue;
      for (let t = 0; t < truth.x.length; t++) {
        if (result.includes(t)) continue;
        const d = Math.hypot(
          (truth.x[t] as number) - (predicted.x[p] as number),
          (truth.y[t] as number) - (predicted.y[p] as number),
        );
        if (d <= radius && (best === null || d < best[0])) best = [d, p, t];
      }
    }
    if (best === null) return result;
    result[best[1]] = best[2];
  }
}

describe('matchPoints', () => {
  test('is the closest-first pairing, whatever the points', () => {
    fc.assert(
      fc.property(points, points, radius, (a, b, r) => {
        const result = matchPoints(set(a), set(b), r);
        expect(Array.from(result.matches)).toEqual(slowMatches(set(a), set(b), r));
      }),
      { numRuns: 150 },
    );
  });

  test('pairs one to one within the radius, and its counts add up', () => {
    fc.assert(
      fc.property(points, points, radius, (a, b, r) => {
        const result = matchPoints(set(a), set(b), r);
        const used = Array.from(result.matches).filter((t) => t >= 0);
        expect(new Set(used).size).toBe(used.length);
        result.matches.forEach((t, p) => {
          if (t < 0) return;
          const [px, py] = a[p] as [number, number];
          const [tx, ty] = b[t] as [number, number];
          expect(Math.hypot(px - tx, py - ty)).toBeLessThanOrEqual(r);
        });
        expect(result.truePositives).toBe(used.length);
        expect(result.truePositives + result.falsePositives).toBe(a.length);
        expect(result.truePositives + result.falseNegatives).toBe(b.length);
      }),
    );
  });

  test('points matched with themselves are all right', () => {
    fc.assert(
      fc.property(points, (a) => {
        expect(matchPoints(set(a), set(a), 1).truePositives).toBe(a.length);
      }),
    );
  });

  test('a known example', () => {
    const truth = set([
      [0, 0],
      [10, 0],
      [100, 100],
    ]);
    const predicted = set([
      [1, 0],
      [2, 0],
      [11, 0],
      [50, 50],
    ]);
    const result = matchPoints(predicted, truth, 5);
    expect(Array.from(result.matches)).toEqual([0, -1, 1, -1]);
    expect(result.precision).toBe(0.5);
    expect(result.recall).toBeCloseTo(2 / 3, 12);
    expect(result.f1).toBeCloseTo(4 / 7, 12);
  });

  test('nothing predicted, nothing true', () => {
    expect(matchPoints(set([]), set([]), 5)).toMatchObject({ precision: 0, recall: 0, f1: 0 });
    expect(() => matchPoints(set([]), set([]), 0)).toThrow(RangeError);
  });
});

describe('pointsOfGeoJson', () => {
  const ring = [
    [
      [1000, 2000],
      [1004, 2000],
      [1004, 2008],
      [1000, 2008],
      [1000, 2000],
    ],
  ];
  const polygon = { type: 'Feature', geometry: { type: 'Polygon', coordinates: ring }, properties: {} };
  const point = { type: 'Feature', geometry: { type: 'Point', coordinates: [3, 4] }, properties: null };

  test('takes a collection, an array and a single feature', () => {
    for (const document of [{ type: 'FeatureCollection', features: [point] }, [point], point]) {
      expect(pointsOfGeoJson(document)).toEqual(set([[3, 4]]));
    }
  });

  test('a polygon stands for its centroid, unless it says its centre', () => {
    expect(pointsOfGeoJson([polygon])).toEqual(set([[1002, 2004]]));
    const measured = {
      ...polygon,
      properties: { measurements: { 'Centre X px': 1001.5, 'Centre Y px': 2003.25 } },
    };
    expect(pointsOfGeoJson([measured])).toEqual(set([[1001.5, 2003.25]]));
  });

  test('says what it cannot read', () => {
    expect(() => pointsOfGeoJson('text')).toThrow('no GeoJSON');
    expect(() => pointsOfGeoJson([{ ...point, geometry: { type: 'LineString' } }])).toThrow(
      'Feature 0 of the GeoJSON is neither a Point nor a Polygon with a ring (LineString)',
    );
  });
});
