import { expect, test } from 'vitest';
import { openImage } from '../../../src-main/images/open-image.ts';
import type { ForgedTag } from './forge-tiff.ts';
import { forgeTiff, imageTags, noCodecs, tileTags, writeForged } from './forge-tiff.ts';

async function geoOf(tags: ForgedTag[]) {
  const data = new Uint8Array(128 * 128);
  const all = [...imageTags(100, 50), ...tileTags(128, 128, [8], [data.length]), ...tags];
  const source = await openImage(writeForged(forgeTiff({ data, directories: [{ tags: all }] })), noCodecs);
  source.close();
  return source.info;
}

const scale = (x: number, y: number): ForgedTag => ({ tag: 33_550, type: 12, value: [x, y, 0] });
const tie = (...values: number[]): ForgedTag => ({ tag: 33_922, type: 12, value: values });
const keys = (...entries: number[][]): ForgedTag => ({
  tag: 34_735,
  type: 3,
  value: [1, 1, 0, entries.length, ...entries.flat()],
});
const projected = [1024, 0, 1, 1];
const geographic = [1024, 0, 1, 2];
const utm18 = [3072, 0, 1, 32_618];
const wgs84 = [2048, 0, 1, 4326];
const metres = [3076, 0, 1, 9001];
const pixelIsPoint = [1025, 0, 1, 2];

test('a tie point anywhere in the image', async () => {
  const { geo } = await geoOf([scale(10, 20), tie(3, 5, 0, 1000, 2000, 0), keys(projected, utm18, metres)]);
  expect(geo?.transform).toEqual([970, 10, 0, 2100, 0, -20]);
  expect(geo?.epsg).toBe(32_618);
  expect(geo?.metersPerPixel).toEqual({ x: 10, y: 20 });
});

test('PixelIsPoint shifts by half a pixel, also where the image is rotated', async () => {
  const straight = await geoOf([
    scale(10, 20),
    tie(0, 0, 0, 1000, 2000, 0),
    keys(projected, pixelIsPoint, utm18),
  ]);
  expect(straight.geo?.transform).toEqual([995, 10, 0, 2010, 0, -20]);
  const matrix = [8, 6, 0, 100, 6, -8, 0, 200, 0, 0, 0, 0, 0, 0, 0, 1];
  const rotated = await geoOf([
    { tag: 34_264, type: 12, value: matrix },
    keys(projected, pixelIsPoint, utm18, metres),
  ]);
  expect(rotated.geo?.transform).toEqual([93, 8, 6, 201, 6, -8]);
  expect(rotated.geo?.metersPerPixel?.x).toBeCloseTo(10, 12);
  expect(rotated.geo?.metersPerPixel?.y).toBeCloseTo(10, 12);
});

test('degrees become metres at the latitude of the centre', async () => {
  const { geo } = await geoOf([scale(0.001, 0.001), tie(0, 0, 0, 10, 60.025, 0), keys(geographic, wgs84)]);
  expect(geo?.epsg).toBe(4326);
  // At 60° N a degree has 55,800 m along the parallel and 111,412 m along the meridian (WGS 84 tables).
  expect(geo?.metersPerPixel?.x).toBeCloseTo(55.8, 1);
  expect(geo?.metersPerPixel?.y).toBeCloseTo(111.412, 2);
});

test('Web Mercator’s metres are shorter on the ground', async () => {
  const y = 6_378_137 * Math.log(Math.tan(Math.PI / 4 + Math.PI / 6));
  const { geo } = await geoOf([
    scale(10, 10),
    tie(50, 25, 0, 0, y, 0),
    keys(projected, [3072, 0, 1, 3857], metres),
  ]);
  expect(geo?.metersPerPixel?.x).toBeCloseTo(5, 6);
});

test('feet, user-defined systems and unknown units', async () => {
  const feet = await geoOf([
    scale(1, 1),
    tie(0, 0, 0, 0, 0, 0),
    keys(projected, [3072, 0, 1, 2263], [3076, 0, 1, 9003]),
  ]);
  expect(feet.geo?.metersPerPixel?.x).toBeCloseTo(1200 / 3937, 12);
  const own = await geoOf([scale(1, 1), tie(0, 0, 0, 0, 0, 0), keys(projected, [3072, 0, 1, 32_767], wgs84)]);
  expect(own.geo).toMatchObject({ epsg: null, metersPerPixel: null });
  const none = await geoOf([scale(1, 1), tie(0, 0, 0, 0, 0, 0)]);
  expect(none.geo).toMatchObject({ epsg: null, crsName: null, metersPerPixel: null });
});

test('ground control points alone are no geo-reference; nor is a scale of zero', async () => {
  const points = tie(0, 0, 0, 1, 1, 0, 9, 9, 0, 2, 2, 0, 9, 0, 0, 2, 1, 0);
  expect((await geoOf([points, keys(projected, utm18)])).geo).toBeNull();
  expect((await geoOf([scale(0, 0), tie(0, 0, 0, 1, 1, 0), keys(projected, utm18)])).geo).toBeNull();
});

test('no-data that is not a number is kept out of JSON, and still is no data', async () => {
  expect((await geoOf([{ tag: 42_113, type: 2, value: 'nan' }])).noData).toBeNull();
  expect((await geoOf([{ tag: 42_113, type: 2, value: '-9999 ' }])).noData).toBe(-9999);
});

test('resolution tags: a microscope’s are µm per pixel, a printer’s are not', async () => {
  const resolution = (perUnit: number, unit: number): ForgedTag[] => [
    { tag: 282, type: 5, value: [perUnit] },
    { tag: 283, type: 5, value: [perUnit] },
    { tag: 296, type: 3, value: [unit] },
  ];
  expect((await geoOf(resolution(20_000, 3))).mpp).toEqual({ x: 0.5, y: 0.5 });
  expect((await geoOf(resolution(50_800, 2))).mpp).toEqual({ x: 0.5, y: 0.5 });
  expect((await geoOf(resolution(300, 2))).mpp).toBeNull();
  expect((await geoOf(resolution(28.34, 3))).mpp).toBeNull();
  expect((await geoOf(resolution(20_000, 1))).mpp).toBeNull();
});
