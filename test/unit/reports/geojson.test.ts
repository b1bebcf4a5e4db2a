import { randomUUID } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { annotationSchema } from '../../../src-main/contract/annotation.ts';
import { GigatileError } from '../../../src-main/contract/errors.ts';
import { tileStateCode } from '../../../src-main/contract/run.ts';
import { isSameOutline, roundedBy } from '../../../src-main/core/annotation-feature.ts';
import { coreRect } from '../../../src-main/core/grid.ts';
import { readAnnotations } from '../../../src-main/core/geojson-annotations.ts';
import { geojsonQupath } from '../../../src-main/reports/geojson-qupath.ts';
import { geojsonRfc7946 } from '../../../src-main/reports/geojson-rfc7946.ts';
import { manifest, sampleReport, scene, slide, textOf } from '../../support/sample-report.ts';

interface Feature {
  type: string;
  id: string;
  geometry: { type: string; coordinates: number[][][] };
  properties: Record<string, unknown> & {
    objectType: string;
    classification: { name: string; color: number[] };
    measurements?: Record<string, number | string>;
    metadata?: Record<string, string>;
    isLocked?: boolean;
    name?: string;
  };
}
interface Collection {
  type: string;
  features: Feature[];
  gigatile: { tiles: { failed: number }; complete: boolean; notAnalysed?: unknown[] };
}

const parse = async (chunks: AsyncIterable<string>) => JSON.parse(await textOf(chunks)) as Collection;
const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

describe('GeoJSON for QuPath', () => {
  it('has what QuPath asks of every object', async () => {
    const { type, features } = await parse(geojsonQupath(sampleReport({ failed: 3 })));
    expect(type).toBe('FeatureCollection');
    expect(new Set(features.map(({ id }) => id)).size).toBe(features.length);
    for (const { type: kind, id, geometry, properties } of features) {
      expect(kind).toBe('Feature');
      expect(id).toMatch(uuid);
      // Without an object type QuPath makes annotations of all; with a class that has no colour it gives up.
      expect(['detection', 'tile', 'annotation']).toContain(properties.objectType);
      expect(properties.classification.name).not.toBe('');
      expect(properties.classification.color).toHaveLength(3);
      for (const value of properties.classification.color) {
        expect(Number.isInteger(value) && value >= 0 && value <= 255).toBe(true);
      }
      for (const value of Object.values(properties.measurements ?? {})) {
        expect(
          typeof value === 'number'
            ? Number.isFinite(value)
            : ['NaN', 'Infinity', '-Infinity'].includes(value),
        ).toBe(true);
      }
      for (const value of Object.values(properties.metadata ?? {})) expect(typeof value).toBe('string');
      const [ring = []] = geometry.coordinates;
      expect(geometry.type).toBe('Polygon');
      expect(ring).toHaveLength(5);
      expect(ring[0]).toEqual(ring[4]);
      for (const [x = -1, y = -1] of ring) {
        expect(x >= 0 && x <= slide.width + 20 && y >= 0 && y <= slide.height + 20).toBe(true);
      }
    }
  });

  it('holds the findings at the threshold, marks the rejected ones, and shows failed tiles as locked annotations', async () => {
    const data = sampleReport({ failed: 3 });
    const { features, gigatile } = await parse(geojsonQupath(data));
    const shown = [...(data.findings() as Iterable<{ score: number; verdict: string | null }>)].filter(
      ({ score }) => score >= data.threshold,
    );
    expect(features.filter(({ properties }) => properties.objectType === 'detection')).toHaveLength(
      shown.length,
    );
    const rejected = features.filter(({ properties }) =>
      properties.classification.name.endsWith(': Rejected'),
    );
    expect(rejected).toHaveLength(shown.filter(({ verdict }) => verdict === 'rejected').length);
    expect(rejected.length).toBeGreaterThan(0);
    expect(rejected[0]?.properties.metadata?.['verdict']).toBe('rejected');
    const gaps = features.filter(({ properties }) => properties.objectType === 'annotation');
    expect(gaps).toHaveLength(3);
    for (const { properties } of gaps) {
      expect(properties.isLocked).toBe(true);
      expect(properties.name).toMatch(/Not analysed: tile \d+, The stored tile .* is damaged/);
    }
    expect(gigatile).toMatchObject({ tiles: { failed: 3 }, complete: false });
  });

  it('holds what reviewers drew, under its own id, and an ellipse as one', async () => {
    const data = sampleReport({ findings: 2 });
    const by = {
      author: 'Dr. A',
      createdAt: '2024-05-31T14:00:00.000Z',
      changedAt: '2024-05-31T14:00:00.000Z',
    };
    const id = '11111111-1111-4111-8111-111111111111';
    const label = { className: 'Tumour', color: [200, 0, 0] as [number, number, number], name: 'front' };
    data.annotations = [{ ...by, ...label, id, kind: 'ellipse', points: [[10, 20], [110, 70]] }]; // prettier-ignore
    const { features } = await parse(geojsonQupath(data));
    const [drawn, ...others] = features.filter(({ properties }) => properties.objectType === 'annotation');
    expect(others).toEqual([]);
    expect(drawn).toMatchObject({
      id,
      geometry: { type: 'Polygon', isEllipse: true },
      properties: {
        name: 'front',
        classification: { name: 'Tumour', color: [200, 0, 0] },
        metadata: { author: 'Dr. A' },
      },
    });
    const ring = drawn?.geometry.coordinates[0] ?? [];
    expect(ring[0]).toEqual(ring.at(-1));
    expect([Math.min(...ring.map(([x = 0]) => x)), Math.max(...ring.map(([, y = 0]) => y))]).toEqual([
      10, 70,
    ]);
  });

  it('writes numbers that JSON lacks as strings, and tile values as measurements', async () => {
    const data = sampleReport({ findings: 4, finding: () => ({ kind: 'tile', score: 0.9, tile: 2 }) });
    data.tiles.values = new Float32Array(data.tiles.states.length * 2).fill(NaN);
    data.tiles.valueNames = ['tissue fraction', 'prob_tumour'];
    data.tiles.values[5] = 0.75;
    const { features } = await parse(geojsonQupath(data));
    expect(features[0]?.properties.objectType).toBe('tile');
    expect(features[0]?.properties.measurements).toEqual({
      Score: 0.9,
      'tissue fraction': 'NaN',
      prob_tumour: 0.75,
    });
  });

  it('holds each tile that was measured once: with a class where it is a finding, else with its values alone', async () => {
    const classifier = { ...manifest, task: 'classify' as const };
    const finding = { kind: 'tile' as const, score: 0.9, tile: 2 };
    const data = sampleReport({ manifest: classifier, failed: 3, findings: 1, finding: () => finding });
    data.tiles.values = Float32Array.from(data.tiles.states.keys(), (tile) => tile / 2);
    data.tiles.valueNames = ['Tumour'];
    const { features } = await parse(geojsonQupath(data));
    const tiles = features.filter(({ properties }) => properties.objectType === 'tile');
    expect(tiles).toHaveLength(data.run.tiles.done);
    expect(new Set(features.map(({ id }) => id)).size).toBe(features.length);
    const [found, ...others] = tiles;
    expect(found?.properties).toMatchObject({ measurements: { Score: 0.9, Tumour: 1 } });
    expect(data.tiles.states[2]).toBe(tileStateCode.done);
    for (const { geometry, properties } of others) {
      const tile = Number(properties.metadata?.['tile']);
      expect(tile).not.toBe(2);
      expect(data.tiles.states[tile]).toBe(tileStateCode.done);
      // Without a class QuPath counts it as nothing.
      expect(properties).toEqual({
        objectType: 'tile',
        measurements: { Tumour: tile / 2 },
        metadata: { tile: String(tile) },
      });
      const { x, y } = coreRect(data.plan, tile);
      expect(geometry.coordinates[0]?.[0]).toEqual([x, y]);
    }
    // Detectors say nothing of a tile.
    const detector = { ...data, model: { ...data.model, manifest } };
    const ofDetector = (await parse(geojsonQupath(detector))).features;
    expect(ofDetector.filter(({ properties }) => properties.objectType === 'tile')).toHaveLength(1);
  });

  it('is valid with nothing found', async () => {
    const { features } = await parse(geojsonQupath(sampleReport({ findings: 0 })));
    expect(features).toEqual([]);
  });
});

describe('GeoJSON by RFC 7946', () => {
  /** Twice the area by the shoelace formula: positive for counter-clockwise rings. */
  const turn = (ring: number[][]) =>
    ring.slice(1).reduce((sum, [x2 = 0, y2 = 0], i) => {
      const [x1 = 0, y1 = 0] = ring[i] ?? [];
      return sum + x1 * y2 - x2 * y1;
    }, 0);

  it('holds what reviewers drew, which is the same when it is read again', async () => {
    const data = sampleReport({ image: scene, findings: 2 });
    const by = { author: 'A', createdAt: '2024-05-31T14:00:00.000Z', changedAt: '2024-05-31T14:00:00.000Z' };
    const color: [number, number, number] = [1, 2, 3];
    const shapes = [
      { kind: 'ellipse', points: [[10, 20], [510, 270]] },
      { kind: 'polygon', points: [[0, 0], [500, 30], [250, 400]], holes: [[[200, 50], [300, 50], [250, 150]]] },
      { kind: 'point', points: [[3.5, 4.25]] },
      { kind: 'ruler', points: [[0, 0], [300, 400]] },
    ] as const; // prettier-ignore
    data.annotations = shapes.map((shape, i) => ({
      ...by,
      ...annotationSchema.parse({ ...shape, id: randomUUID(), className: `Class ${i}`, color, name: `${i}` }),
    }));
    const { features } = await parse(geojsonRfc7946(data));
    const drawn = features.filter(({ properties }) => properties['kind'] === 'annotation');
    const { geo, width, height } = scene;
    const file = JSON.stringify({ type: 'FeatureCollection', features: drawn });
    const { annotations } = readAnnotations(file, { geo, width, height }, randomUUID);
    expect(annotations).toHaveLength(4);
    for (const [i, read] of annotations.entries()) {
      const sent = data.annotations[i]!;
      expect(read).toMatchObject({ id: sent.id, className: sent.className, color, name: sent.name });
      expect(isSameOutline(read, sent, roundedBy(geo?.metersPerPixel ?? null)), sent.kind).toBe(true);
      const moved = { ...sent, points: sent.points.map(([x, y]): [number, number] => [x + 1, y]) };
      expect(isSameOutline(read, moved, roundedBy(geo?.metersPerPixel ?? null)), sent.kind).toBe(false);
    }
  });

  it('keeps the rules', async () => {
    const text = await textOf(geojsonRfc7946(sampleReport({ image: scene, failed: 2 })));
    const { features, gigatile, ...rest } = JSON.parse(text) as Collection & Record<string, unknown>;
    expect(rest).toEqual({ type: 'FeatureCollection' });
    expect(gigatile.notAnalysed).toHaveLength(2);
    expect(features.length).toBeGreaterThan(1000);
    for (const { geometry } of features) {
      expect(geometry.type).toBe('Polygon');
      for (const ring of geometry.coordinates) {
        expect(ring.length).toBeGreaterThanOrEqual(4);
        expect(ring[0]).toEqual(ring.at(-1));
        expect(turn(ring)).toBeGreaterThan(0);
        for (const [longitude = NaN, latitude = NaN] of ring) {
          // Near Zurich, where the made-up scene lies.
          expect(longitude > 8 && longitude < 11).toBe(true);
          expect(latitude > 46 && latitude < 48).toBe(true);
        }
      }
    }
    // At most seven decimals.
    expect(text).not.toMatch(/\d\.\d{8,}[,\]]\s*-?\d+\.\d+\]/);
  });

  it('cuts what crosses the antimeridian into two parts', async () => {
    const fiji = {
      ...scene,
      geo: {
        epsg: 32701,
        crsName: null,
        transform: [150_000, 10, 0, 8_100_000, 0, -10] as const,
        metersPerPixel: null,
      },
    };
    const data = sampleReport({
      image: { ...fiji, geo: { ...fiji.geo, transform: [...fiji.geo.transform] } },
    });
    const kinds = new Map<string, number>();
    for (const { geometry } of (await parse(geojsonRfc7946(data))).features) {
      kinds.set(geometry.type, (kinds.get(geometry.type) ?? 0) + 1);
      const parts =
        geometry.type === 'Polygon'
          ? [geometry.coordinates]
          : (geometry.coordinates as unknown as number[][][][]);
      for (const [ring = []] of parts) {
        const longitudes = ring.map(([longitude = NaN]) => longitude);
        expect(Math.max(...longitudes) - Math.min(...longitudes)).toBeLessThan(1);
        expect(Math.max(...longitudes.map(Math.abs))).toBeLessThanOrEqual(180);
      }
    }
    expect(kinds.get('Polygon')).toBeGreaterThan(100);
  });

  it('says why there is none, for an image without a place or in an unknown system', async () => {
    await expect(textOf(geojsonRfc7946(sampleReport()))).rejects.toThrow(GigatileError);
    const unknown = { ...scene, geo: { ...scene.geo!, epsg: 2056 } };
    await expect(textOf(geojsonRfc7946(sampleReport({ image: unknown })))).rejects.toThrow(/EPSG:2056/);
  });
});
