/** Polygons on the Earth: directions, the antimeridian, the poles; areas are those of the pixels that were put in. */
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Geo } from '../../../src-main/contract/image.ts';
import { cutAtAntimeridian, signedArea, type Ring } from '../../../src-main/core/antimeridian.ts';
import { earthPolygons } from '../../../src-main/core/earth-polygons.ts';

function placed(epsg: number, transform: Geo['transform'], size = 1000): (...rings: number[][]) => Ring[][] {
  const geo = { epsg, crsName: null, transform, metersPerPixel: null };
  const place = earthPolygons({ width: size, height: size, geo });
  return (...rings) => place(rings);
}

const box = (x: number, y: number, width: number, height: number): number[] => [
  x,
  y,
  x + width,
  y,
  x + width,
  y + height,
  x,
  y + height,
];

/** Of polygons, square degrees. */
const degrees = (polygons: readonly Ring[][]): number =>
  polygons.flat().reduce((sum, ring) => sum + signedArea(ring) / 2, 0);

/** Of polygons on a sphere of radius 1: the integral of sin(latitude) along the borders (Green). */
function onSphere(polygons: readonly Ring[][]): number {
  let sum = 0;
  for (const ring of polygons.flat()) {
    for (let i = 1; i < ring.length; i++) {
      const [[east, north], [nextEast, nextNorth]] = [ring[i - 1]!, ring[i]!];
      const [a, b] = [north, nextNorth].map((latitude) => (latitude * Math.PI) / 180) as [number, number];
      const mean = Math.abs(b - a) < 1e-9 ? Math.sin((a + b) / 2) : (Math.cos(a) - Math.cos(b)) / (b - a);
      sum -= (((nextEast - east) * Math.PI) / 180) * mean;
    }
  }
  return sum;
}

function expectRules(polygons: readonly Ring[][]): void {
  expect(polygons.length).toBeGreaterThan(0);
  for (const [border, ...holes] of polygons) {
    expect(signedArea(border ?? [])).toBeGreaterThan(0);
    for (const hole of holes) expect(signedArea(hole)).toBeLessThan(0);
    for (const ring of [border ?? [], ...holes]) {
      expect(ring.length).toBeGreaterThanOrEqual(4);
      expect(ring[0]).toEqual(ring.at(-1));
      for (const [i, [longitude, latitude]] of ring.entries()) {
        expect(Math.abs(longitude)).toBeLessThanOrEqual(180);
        expect(Math.abs(latitude)).toBeLessThanOrEqual(90);
        expect(Number(longitude.toFixed(7))).toBe(longitude);
        // Only at a pole, which is a point, is there a long way.
        const [before, beforeNorth] = ring[i - 1] ?? [longitude, latitude];
        if (Math.abs(latitude) < 89.99 || Math.abs(beforeNorth) < 89.99)
          expect(Math.abs(longitude - before)).toBeLessThan(180);
      }
    }
  }
}

describe('polygons on the Earth', () => {
  const rect = fc.record({
    x: fc.double({ min: 0, max: 999, noNaN: true }),
    y: fc.double({ min: 0, max: 999, noNaN: true }),
    width: fc.double({ min: 0.5, max: 500, noNaN: true }),
    height: fc.double({ min: 0.5, max: 500, noNaN: true }),
  });
  // Around the antimeridian in Fiji's UTM zones, and in degrees beyond 180 as some files have them.
  const images = fc.constantFrom(
    placed(32760, [790_000, 100, 0, 8_100_000, 0, -100]),
    placed(32701, [160_000, 100, 0, 8_100_000, 0, -100]),
    placed(4326, [179.5, 0.001, 0, -16, 0, -0.001]),
    placed(4326, [-180.5, 0.001, 0, -16, 0, -0.001]),
    placed(32632, [465_000, 10, 0, 5_250_000, 0, -10]),
    // South up and mirrored.
    placed(32632, [465_000, 10, 0, 5_250_000, 0, 10]),
    placed(25832, [465_000, 7, 3, 5_250_000, 3, -7]),
  );

  it('are closed, right-handed, within bounds, and never cross the antimeridian', () => {
    let crossings = 0;
    fc.assert(
      fc.property(images, rect, (place, { x, y, width, height }) => {
        const whole = place(box(x, y, width, height));
        const holed = place(
          box(x, y, width, height),
          box(x + width * 0.4, y + height / 2, width / 2, height / 4),
        );
        crossings += whole.length > 1 ? 1 : 0;
        expectRules(whole);
        expectRules(holed);
        const share = degrees(holed) / degrees(whole);
        if (width * height > 100) expect(share).toBeCloseTo(1 - 1 / 8, 1);
      }),
      { numRuns: 500 },
    );
    // That some of them do cross is what the test is about; how many depends on the seed.
    expect(crossings).toBeGreaterThan(0);
  });

  it('may touch the antimeridian from both sides, and reach beyond by less than is written', () => {
    for (const beyond of [0, 1e-9, 1.004e-9, 3e-8, 5.9e-8]) {
      const place = placed(4326, [179.5, 0.001, 0, -16, 0, -0.001]);
      const pixels = beyond * 1000;
      const east = place(box(0, 0, 500 + pixels, 0.5));
      const west = place(box(500 - pixels, 0, 400, 0.5));
      for (const polygons of [east, west]) expectRules(polygons);
      expect([east, west].map((polygons) => polygons.length)).toEqual([1, 1]);
      expect([degrees(east), degrees(west)].map((area) => Number(area.toFixed(7)))).toEqual([
        0.00025, 0.0002,
      ]);
    }
  });

  it('keep the area of what is cut', () => {
    const [one, other] = placed(4326, [0, 1, 0, 90, 0, -1])(box(179, 88, 3, 2));
    expect([one, other].map((polygon) => degrees([polygon ?? []])).toSorted((a, b) => a - b)).toEqual([2, 4]);
    expect([one, other].flat(2).some((place) => place?.[0] === -180)).toBe(true);
  });

  it('are cut into as many parts as cross: a comb, with a hole on the antimeridian', () => {
    const comb = [
      170, 10, 185, 10, 185, 8, 175, 8, 175, 6, 185, 6, 185, 4, 175, 4, 175, 2, 185, 2, 185, 0, 170, 0,
    ];
    const hole = box(178, 8.5, 4, 1);
    const polygons = placed(4326, [0, 1, 0, 0, 0, 1])(comb, hole);
    expectRules(polygons);
    // One part in the east, three teeth in the west; the hole is a bay of both.
    expect(polygons).toHaveLength(4);
    expect(polygons.every((polygon) => polygon.length === 1)).toBe(true);
    expect(degrees(polygons)).toBeCloseTo(15 * 10 - 2 * 2 * 10 - 4);
  });

  it('keep a hole on its own side, and one that begins beyond the antimeridian', () => {
    const place = placed(4326, [0, 1, 0, 0, 0, 1]);
    const [east, west] = place(box(170, 0, 20, 10), box(172, 2, 2, 2), box(185, 2, 1, 1));
    expect([east?.length, west?.length]).toEqual([2, 2]);
    expectRules(place(box(170, 0, 10, 10), box(172, 2, 2, 2)));
    expect(cutAtAntimeridian([
      { points: [[170, 0], [179, 0], [179, 9], [170, 9]], turned: 0 },
      { points: [[-188, 2], [-187, 2], [-187, 3], [-188, 3]], turned: 0 },
    ])[0]?.[1]?.[0]?.[0]).toBeGreaterThan(171); // prettier-ignore
  });

  it('may be as wide as the world', () => {
    for (const west of [-180, 0]) {
      const polygons = placed(4326, [west, 1, 0, 90, 0, -1])(box(0, 0, 360, 180));
      expectRules(polygons);
      expect(degrees(polygons)).toBeCloseTo(360 * 180);
    }
    expect(degrees(placed(4326, [-180, 0.5, 0, 90, 0, -0.5])(box(0, 0, 512, 360)))).toBeCloseTo(256 * 180);
  });

  // The pole is in the middle; equal area, so that what the borders enclose is what the pixels are.
  const north = placed(6931, [-500_000, 1000, 0, 500_000, 0, -1000]);
  const south = placed(6932, [-500_000, 1000, 0, 500_000, 0, -1000]);
  const square = (1000 / 6_371_007.2) ** 2;

  it.each([
    ['around', box(300, 420, 300, 200)],
    ['beside', box(505, 505, 200, 200)],
    ['with their corner at', box(500, 500, 300, 200)],
    ['with their edge through', box(400, 500, 300, 200)],
    ['with their corner at, from the other side', box(200, 300, 300, 200)],
    ['a hair from', box(400.5, 499.999, 300, 100)],
  ])('%s a pole', (_, ring) => {
    const pixels = (ring[2]! - ring[0]!) * (ring[5]! - ring[1]!);
    for (const place of [north, south]) {
      const polygons = place(ring);
      expectRules(polygons);
      // Latitudes of the ellipsoid taken for those of a sphere: near the poles 0.67 % of the radius, each way.
      expect(onSphere(polygons) / (pixels * square)).toBeGreaterThan(0.97);
      expect(onSphere(polygons) / (pixels * square)).toBeLessThan(1.01);
    }
  });

  it('four tiles that meet at a pole cover it once', () => {
    const tiles = [
      box(300, 300, 200, 200),
      box(500, 300, 200, 200),
      box(300, 500, 200, 200),
      box(500, 500, 200, 200),
    ];
    const all = onSphere(north(box(300, 300, 400, 400)));
    expect(tiles.reduce((sum, tile) => sum + onSphere(north(tile)), 0) / all).toBeCloseTo(1, 3);
  });

  it('a ring around a pole, with the pole in its hole', () => {
    for (const place of [north, south]) {
      const polygons = place(box(300, 300, 400, 400), box(400, 400, 200, 200));
      expectRules(polygons);
      expect(polygons).toHaveLength(1);
      expect(polygons.flat(2).every(([, latitude]) => Math.abs(latitude) < 89.95)).toBe(true);
      const whole = onSphere(place(box(300, 300, 400, 400)));
      expect(onSphere(polygons) / whole).toBeCloseTo(0.75, 2);
    }
  });

  it('follow an edge that the projection bends, to a sixteenth of a pixel', () => {
    const [polygon] = placed(3413, [-500_000, 1000, 0, -1_000_000, 0, -1000])(box(0, 0, 1000, 10));
    expect(polygon?.[0]?.length).toBeGreaterThan(20);
    // Across a UTM tile there is nothing to follow.
    expect(placed(32632, [465_000, 10, 0, 5_250_000, 0, -10])(box(0, 0, 512, 512))[0]?.[0]).toHaveLength(5);
  });

  it('are none where the projection does not reach', () => {
    const outside = placed(3035, [1e9, 1000, 0, 1e9, 0, -1000]);
    expect(outside(box(0, 0, 10, 10))).toEqual([]);
  });
});
