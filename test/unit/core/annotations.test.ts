/** Annotations: how large they are, what is under the pointer, and how they come out of GeoJSON. */
import { describe, expect, it } from 'vitest';
import { annotationSchema } from '../../../src-main/contract/annotation.ts';
import {
  annotationArea,
  annotationLength,
  hitAnnotation,
  outerRing,
  simplified,
} from '../../../src-main/core/annotation-shapes.ts';
import { pixelToLonLat } from '../../../src-main/core/geo.ts';
import { readAnnotations } from '../../../src-main/core/geojson-annotations.ts';
import { coreRect, planGrid, tileCount } from '../../../src-main/core/grid.ts';
import { tilesInRegion } from '../../../src-main/core/region-tiles.ts';
import { isInRegion, ringWithHoles } from '../../../src-main/core/roi.ts';

const square = {
  kind: 'rectangle' as const,
  points: [[10, 20] as [number, number], [30, 60] as [number, number]],
};
const holed = {
  kind: 'polygon' as const,
  points: [
    [0, 0],
    [100, 0],
    [100, 100],
    [0, 100],
  ] as [number, number][],
  holes: [
    [
      [40, 40],
      [60, 40],
      [60, 60],
      [40, 60],
    ],
  ] as [number, number][][],
};

describe('geometry', () => {
  it('measures areas with holes and pixels that are not square, and lengths', () => {
    expect(annotationArea(square)).toBe(800);
    expect(annotationArea(square, { x: 0.5, y: 0.25 })).toBe(100);
    expect(annotationArea(holed)).toBe(9600);
    const disc = { kind: 'ellipse' as const, points: square.points };
    expect(annotationArea(disc)).toBeCloseTo(Math.PI * 10 * 20, 9);
    expect(annotationArea({ kind: 'polygon', points: outerRing(disc) as [number, number][] })).toBeCloseTo(
      Math.PI * 200,
      -1,
    );
    expect(annotationLength(square)).toBe(120);
    expect(
      annotationLength({
        kind: 'ruler',
        points: [
          [0, 0],
          [3, 4],
        ],
      }),
    ).toBe(5);
  });

  it('finds edges before insides, and nothing in a hole', () => {
    expect(hitAnnotation(holed, 50, 2, 3)).toBe('edge');
    expect(hitAnnotation(holed, 20, 20, 3)).toBe('inside');
    expect(hitAnnotation(holed, 50, 50, 3)).toBeNull();
    expect(hitAnnotation(holed, 41, 50, 3)).toBe('edge');
    expect(
      hitAnnotation(
        {
          kind: 'ruler',
          points: [
            [0, 0],
            [10, 0],
          ],
        },
        5,
        2,
        3,
      ),
    ).toBe('edge');
    expect(
      hitAnnotation(
        {
          kind: 'ruler',
          points: [
            [0, 0],
            [10, 0],
          ],
        },
        5,
        8,
        3,
      ),
    ).toBeNull();
  });

  it('drops points that say nothing, and no others', () => {
    const line = Array.from({ length: 101 }, (_, i): [number, number] => [i, i === 50 ? 9 : 0]);
    expect(simplified(line, 0.5)).toEqual([
      [0, 0],
      [49, 0],
      [50, 9],
      [51, 0],
      [100, 0],
    ]);
  });
});

describe('regions of a run', () => {
  const ring = outerRing(square) ?? [];
  const tile = (x: number, y: number, side: number) => ({ x, y, width: side, height: side });

  it('take the tiles that touch what is included, and leave those that lie wholly in what is excluded', () => {
    expect(isInRegion(tile(0, 0, 500), {})).toBe(true);
    expect(isInRegion(tile(5, 15, 10), { roi: [ring] })).toBe(true);
    expect(isInRegion(tile(40, 15, 10), { roi: [ring] })).toBe(false);
    expect(isInRegion(tile(12, 25, 10), { exclude: [ring] })).toBe(false);
    expect(isInRegion(tile(5, 15, 10), { exclude: [ring] })).toBe(true);
    expect(isInRegion(tile(0, 0, 100), { exclude: [ring] })).toBe(true);
    expect(isInRegion(tile(12, 25, 10), { roi: [ring], exclude: [ring] })).toBe(false);
  });

  it('are counted in tiles before a run: exactly, and of outlines that would take long rather too many', () => {
    const size = { imageWidth: 5000, imageHeight: 3000, scaleX: 1, scaleY: 1 };
    const plan = planGrid({ ...size, tileWidth: 100, tileHeight: 100, overlap: 20 });
    const around = (cx: number, cy: number, radius: number, corners: number): [number, number][] =>
      Array.from({ length: corners }, (_, i) => {
        const angle = (2 * Math.PI * i) / corners;
        return [cx + radius * Math.cos(angle), cy + radius * Math.sin(angle)];
      });
    const roi = [around(1000, 900, 700, 40), around(1500, 900, 500, 5), around(4000, 2000, 5, 3)];
    const exclude = [around(1000, 900, 300, 12)];
    const all = Array.from({ length: tileCount(plan) }, (_, tile) => coreRect(plan, tile));
    for (const region of [{}, { roi }, { exclude }, { roi, exclude }, { roi: [around(-900, 0, 50, 9)] }]) {
      expect(tilesInRegion(plan, region)).toBe(all.filter((core) => isInRegion(core, region)).length);
    }
    const long = { roi: [around(1000, 900, 700, 20_000)] };
    const exact = all.filter((core) => isInRegion(core, { roi: [around(1000, 900, 700, 200)] })).length;
    expect(tilesInRegion(plan, long)).toBeGreaterThan(exact);
    expect(tilesInRegion(plan, long)).toBeLessThanOrEqual(all.length);
  });

  it('know the holes of a polygon', () => {
    const box = (at: number, side: number): [number, number][] => [
      [at, at],
      [at + side, at],
      [at + side, at + side],
      [at, at + side],
    ];
    const frame = ringWithHoles(box(0, 100), [box(10, 30), box(60, 30)]);
    for (const include of [{ roi: [frame] }, { roi: [[...frame, [0, 0] as const]] }]) {
      expect(isInRegion(tile(20, 20, 10), include)).toBe(false);
      expect(isInRegion(tile(70, 70, 10), include)).toBe(false);
      expect(isInRegion(tile(45, 45, 10), include)).toBe(true);
      expect(isInRegion(tile(35, 20, 10), include)).toBe(true);
      expect(isInRegion(tile(120, 20, 10), include)).toBe(false);
    }
    expect(isInRegion(tile(20, 20, 10), { exclude: [frame] })).toBe(true);
    expect(isInRegion(tile(45, 45, 10), { exclude: [frame] })).toBe(false);
  });
});

describe('GeoJSON', () => {
  let made = 0;
  const read = (file: unknown, geo: Parameters<typeof readAnnotations>[1]['geo'] = null) =>
    readAnnotations(
      typeof file === 'string' ? file : JSON.stringify(file),
      { width: 1000, height: 1000, geo },
      () => `00000000-0000-4000-8000-${String(++made).padStart(12, '0')}`,
    );
  const feature = (geometry: object, properties: object = {}, id?: string) => ({
    type: 'Feature',
    id,
    geometry,
    properties,
  });

  it('of QuPath keeps ids, classes with colours old and new, ellipses, rectangles and holes', () => {
    const id = '2a1fdc6b-5d3c-4b3e-9ed3-0a4a5c1f7e11';
    const ring = (points: [number, number][]) => [...points, points[0]!];
    const { annotations, leftOut } = read({
      type: 'FeatureCollection',
      features: [
        feature(
          { type: 'Polygon', coordinates: [ring(holed.points), ring(holed.holes[0]!)] },
          { objectType: 'annotation', name: 'core', classification: { name: 'Tumor', color: [200, 0, 0] } },
          id,
        ),
        feature(
          {
            type: 'Polygon',
            isEllipse: true,
            coordinates: [
              ring([
                [0, 5],
                [5, 0],
                [10, 5],
                [5, 10],
              ]),
            ],
          },
          { objectType: 'annotation', classification: { name: 'Stroma', colorRGB: -6895466 } },
        ),
        feature({
          type: 'Polygon',
          coordinates: [
            ring([
              [0, 0],
              [0, 7],
              [9, 7],
              [9, 0],
            ]),
          ],
        }),
        feature(
          {
            type: 'MultiPoint',
            coordinates: [
              [1, 2],
              [3, 4],
            ],
          },
          { objectType: 'annotation' },
        ),
        feature({ type: 'Polygon', coordinates: [ring(holed.points)] }, { objectType: 'detection' }),
      ],
    });
    for (const annotation of annotations) expect(annotationSchema.safeParse(annotation).success).toBe(true);
    expect(annotations.map(({ kind }) => kind)).toEqual([
      'polygon',
      'ellipse',
      'rectangle',
      'point',
      'point',
    ]);
    expect(annotations[0]).toEqual({ id, ...holed, className: 'Tumor', color: [200, 0, 0], name: 'core' });
    expect(annotations[1]?.color).toEqual([150, 200, 150]);
    expect(annotations[1]?.points).toEqual([
      [0, 0],
      [10, 10],
    ]);
    expect(annotations[2]?.points).toEqual([
      [0, 0],
      [9, 7],
    ]);
    expect(leftOut).toBe(1);
  });

  it('of a map goes by longitude and latitude, or by the system that it names', () => {
    const geo = {
      epsg: 32633,
      crsName: null,
      transform: [500_000, 10, 0, 5_800_000, 0, -10] as [number, number, number, number, number, number],
      metersPerPixel: { x: 10, y: 10 },
    };
    const corner = pixelToLonLat(geo)(100, 200);
    const [point] = read([feature({ type: 'Point', coordinates: corner })], geo).annotations;
    expect(point?.points[0]?.[0]).toBeCloseTo(100, 4);
    expect(point?.points[0]?.[1]).toBeCloseTo(200, 4);
    const named = {
      type: 'FeatureCollection',
      crs: { type: 'name', properties: { name: 'urn:ogc:def:crs:EPSG::32633' } },
      features: [feature({ type: 'Point', coordinates: [501_000, 5_798_000] })],
    };
    expect(read(named, geo).annotations[0]?.points).toEqual([[100, 200]]);
    // QuPath's are pixels on whatever image.
    const pixels = feature({ type: 'Point', coordinates: [100, 200] }, { objectType: 'annotation' });
    expect(read(pixels, geo).annotations[0]?.points).toEqual([[100, 200]]);
  });

  it.each([
    ['{', 'This file is no JSON'],
    ['{"type":"Feature"}', 'This is no GeoJSON that can be read'],
    [feature({ type: 'Polygon', coordinates: [[5]] }), 'This is no GeoJSON that can be read'],
    [{ type: 'FeatureCollection', features: [] }, 'There is nothing in this file to draw'],
    [feature({ type: 'Point', coordinates: [5000, 1] }), 'Everything in this file lies outside of the image'],
  ])('that is not usable is refused with one reason: %j', (file, message) => {
    expect(() => read(file)).toThrow(message);
  });
});
