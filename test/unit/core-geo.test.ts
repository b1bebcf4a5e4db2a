import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { GigatileError } from '../../src-main/contract/errors.ts';
import type { Geo } from '../../src-main/contract/image.ts';
import { areaMeasure, withinImage } from '../../src-main/core/areas.ts';
import {
  pixelArea,
  pixelToLonLat,
  projectionOf,
  rectRings,
  ringsOf,
  signedArea,
  type LonLat,
} from '../../src-main/core/geo.ts';

const crs = (epsg: number | null): Pick<Geo, 'epsg' | 'crsName'> => ({ epsg, crsName: 'some system' });

function geoOf(epsg: number, transform: Geo['transform']): Geo {
  return { epsg, crsName: null, transform, metersPerPixel: null };
}

describe('projections', () => {
  it.each([32601, 32660, 32733, 25832, 26915, 3857, 4326, 4269, 4258, 3035, 2154, 5070, 3413, 3031])(
    'EPSG:%d goes there and back',
    (epsg) => {
      const projection = projectionOf(crs(epsg));
      // Near each system's own place.
      const start: Record<number, LonLat> = {
        32601: [-178, 40],
        32660: [176, 10],
        32733: [14, -30],
        25832: [8.5, 47],
        26915: [-93, 45],
        5070: [-100, 40],
        3413: [-40, 80],
        3031: [10, -80],
      };
      const [longitude, latitude] = start[epsg] ?? [9, 48];
      const [x, y] = projection.fromLonLat(longitude, latitude);
      const [backX, backY] = projection.toLonLat(x, y);
      expect(backX).toBeCloseTo(longitude, 8);
      expect(backY).toBeCloseTo(latitude, 8);
    },
  );

  it('names a system that it does not know', () => {
    for (const epsg of [32661, 25839, 1234, 27700]) {
      try {
        projectionOf(crs(epsg));
        expect.unreachable();
      } catch (error) {
        expect(error).toBeInstanceOf(GigatileError);
        expect((error as GigatileError).message).toContain(`EPSG:${epsg}`);
      }
    }
    expect(() => projectionOf(crs(null))).toThrow(/some system/);
  });
});

describe('ground area', () => {
  it('of a UTM pixel is its size, but for the scale of the projection', () => {
    // On the central meridian of a zone the scale is 0.9996.
    const area = pixelArea(geoOf(32632, [500_000, 10, 0, 5_200_000, 0, -10]), 0, 0);
    expect(area).toBeCloseTo(100 / 0.9996 ** 2, 3);
  });

  it('of the whole Earth in degrees is that of the WGS84 ellipsoid', () => {
    const geo = geoOf(4326, [-180, 0.5, 0, 90, 0, -0.5]);
    let sum = 0;
    for (let row = 0; row < 360; row++) sum += (pixelArea(geo, 3, row + 0.5) ?? 0) * 720;
    // 510,065,621.724 km² (Moritz, GRS80; WGS84 agrees to eight digits).
    expect(sum / 510_065_621.724e6).toBeCloseTo(1, 4);
  });

  it('of Web Mercator shrinks with the latitude', () => {
    const [, north] = projectionOf(crs(3857)).fromLonLat(0, 60);
    const area = pixelArea(geoOf(3857, [0, 10, 0, north, 0, -10]), 0, 0) ?? 0;
    expect(area / 100).toBeGreaterThan(0.249);
    expect(area / 100).toBeLessThan(0.253);
  });

  it('falls back on the pixel size that the file states, and says where there is none', () => {
    const unknown = { ...geoOf(1234, [0, 1, 0, 0, 0, -1]), metersPerPixel: { x: 2, y: 3 } };
    expect(pixelArea(unknown, 0, 0)).toBe(6);
    expect(pixelArea({ ...unknown, metersPerPixel: null }, 0, 0)).toBeNull();
    expect(areaMeasure({ mpp: null, geo: null, width: 10, height: 10 })).toBeNull();
  });

  it('is in mm² for slides, where a person’s own resolution goes first', () => {
    const slide = { mpp: { x: 0.5, y: 0.25 }, geo: null, width: 1000, height: 1000 };
    expect(areaMeasure(slide)?.of({ x: 0, y: 0, width: 1000, height: 1000 })).toBeCloseTo(0.125);
    expect(areaMeasure(slide, 1)?.of({ x: 0, y: 0, width: 1000, height: 1000 })).toBeCloseTo(1);
  });

  it('counts only what lies in the image', () => {
    expect(withinImage({ x: -5, y: 8, width: 10, height: 10 }, { width: 20, height: 10 })).toEqual({
      x: 0,
      y: 8,
      width: 5,
      height: 2,
    });
    expect(withinImage({ x: 30, y: 0, width: 10, height: 5 }, { width: 20, height: 10 }).width).toBe(0);
  });
});

describe('rings', () => {
  const rect = fc.record({
    x: fc.double({ min: 0, max: 999, noNaN: true }),
    y: fc.double({ min: 0, max: 999, noNaN: true }),
    width: fc.double({ min: 0.5, max: 500, noNaN: true }),
    height: fc.double({ min: 0.5, max: 500, noNaN: true }),
  });
  // Around the antimeridian in Fiji's UTM zones, and in degrees beyond 180 as some files have them.
  const images = fc.constantFrom(
    geoOf(32760, [790_000, 100, 0, 8_100_000, 0, -100]),
    geoOf(32701, [160_000, 100, 0, 8_100_000, 0, -100]),
    geoOf(4326, [179.5, 0.001, 0, -16, 0, -0.001]),
    geoOf(4326, [-180.5, 0.001, 0, -16, 0, -0.001]),
    geoOf(32632, [465_000, 10, 0, 5_250_000, 0, -10]),
    // South up and mirrored.
    geoOf(32632, [465_000, 10, 0, 5_250_000, 0, 10]),
    geoOf(25832, [465_000, 7, 3, 5_250_000, 3, -7]),
  );

  it('are closed, counter-clockwise, within bounds, and never cross the antimeridian', () => {
    let crossings = 0;
    fc.assert(
      fc.property(images, rect, (geo, box) => {
        const rings = rectRings(pixelToLonLat(geo), box);
        crossings += rings.length > 1 ? 1 : 0;
        expect(rings.length).toBeGreaterThan(0);
        for (const ring of rings) {
          expect(ring.length).toBeGreaterThanOrEqual(4);
          expect(ring[0]).toEqual(ring.at(-1));
          expect(signedArea(ring)).toBeGreaterThan(0);
          for (const [i, [longitude, latitude]] of ring.entries()) {
            expect(Math.abs(longitude)).toBeLessThanOrEqual(180);
            expect(Math.abs(latitude)).toBeLessThanOrEqual(90);
            expect(Number(longitude.toFixed(7))).toBe(longitude);
            expect(Math.abs(longitude - (ring[i - 1]?.[0] ?? longitude))).toBeLessThan(90);
          }
        }
      }),
      { numRuns: 500 },
    );
    // That some of them do cross is what the test is about; how many depends on the seed.
    expect(crossings).toBeGreaterThan(0);
  });

  it('keep the area of what they cut', () => {
    const [west, east] = ringsOf([
      [179, 0],
      [-178, 0],
      [-178, 2],
      [179, 2],
    ]);
    expect(signedArea(west ?? []) / 2).toBeCloseTo(2);
    expect(signedArea(east ?? []) / 2).toBeCloseTo(4);
    expect((east ?? []).map(([longitude]) => longitude)).toContain(-180);
  });
});
