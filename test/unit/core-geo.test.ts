import { describe, expect, it } from 'vitest';
import { GigatileError } from '../../src-main/contract/errors.ts';
import type { Geo } from '../../src-main/contract/image.ts';
import type { LonLat } from '../../src-main/core/antimeridian.ts';
import { areaMeasure, withinImage } from '../../src-main/core/areas.ts';
import { pixelArea, projectionOf } from '../../src-main/core/geo.ts';

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
    for (const epsg of [32662, 25839, 1234, 27700]) {
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

  it('holds at a pole and on the antimeridian, where longitudes leap', () => {
    for (const [epsg, transform] of [
      [6931, [-7000, 10, 0, 6000, 0, -10]],
      [6932, [-7000, 10, 0, 6000, 0, -10]],
    ] as const) {
      const geo = geoOf(epsg, [...transform]);
      for (const [x, y] of [[700, 600], [700.5, 600], [701, 602], [100, 100]] as const)
        expect(pixelArea(geo, x, y)).toBeCloseTo(100, 1); // prettier-ignore
    }
    const fiji = geoOf(4326, [179.5, 0.001, 0, -16, 0, -0.001]);
    expect(pixelArea(fiji, 500, 0)).toBeCloseTo(pixelArea(fiji, 100, 0) ?? 0, 3);
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
