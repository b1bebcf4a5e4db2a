/** What the command line makes of the options of a run; a wrong one is named. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { readRegionFiles, regionsOf } from '../../../src-main/cli/region-files.ts';
import { readRunOptions } from '../../../src-main/cli/run-options.ts';

describe('the order of tiles', () => {
  it('is attention or native', () => {
    expect(readRunOptions({ order: 'native' })).toEqual({ order: 'native' });
    expect(readRunOptions({ order: 'attention' })).toEqual({ order: 'attention' });
    expect(() => readRunOptions({ order: 'random' })).toThrow('--order random');
  });
});

describe('how a run ends', () => {
  it.each([
    [{ tolerate: '0' }, { tolerate: { kind: 'count', value: 0 } }],
    [{ tolerate: '2.5%' }, { tolerate: { kind: 'percent', value: 2.5 } }],
    [{ 'min-successful': '500' }, { minSuccessful: { kind: 'count', value: 500 } }],
    [{ 'min-successful': '80%' }, { minSuccessful: { kind: 'percent', value: 80 } }],
    [{ 'fail-fast': true }, { failFast: true }],
    [{ 'fail-fast': false }, {}],
    [{ 'tile-timeout': '30' }, { tileTimeout: 30 }],
  ])('%j', (options, parameters) => {
    expect(readRunOptions(options)).toEqual(parameters);
  });

  it.each([
    [{ tolerate: 'some' }, '--tolerate some'],
    [{ tolerate: '1.5' }, '--tolerate 1.5'],
    [{ tolerate: '101%' }, '--tolerate 101'],
    [{ 'min-successful': '0' }, '--min-successful 0'],
    [{ 'min-successful': '0%' }, '--min-successful 0%'],
    [{ 'min-successful': '-3' }, '--min-successful -3'],
    [{ 'tile-timeout': '0' }, '--tile-timeout 0'],
  ])('%j is refused by its name', (options, words) => {
    expect(() => readRunOptions(options)).toThrow(words);
  });
});

describe('--roi and --exclude', () => {
  const folder = mkdtempSync(join(tmpdir(), 'gigatile-roi-'));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  const pixels = { width: 1000, height: 800, geo: null };
  /** 10 m pixels in UTM zone 32 north; 9° E is its middle, 500 km east. */
  const scene = {
    ...pixels,
    geo: {
      epsg: 32632,
      crsName: null,
      transform: [495_000, 10, 0, 5_254_000, 0, -10] as [number, number, number, number, number, number],
      metersPerPixel: { x: 10, y: 10 },
    },
  };
  const box = (x0: number, y0: number, x1: number, y1: number): [number, number][] => [
    [x0, y0],
    [x1, y0],
    [x1, y1],
    [x0, y1],
    [x0, y0],
  ];
  const file = (ring: [number, number][], more: object = {}, properties: object = {}): string => {
    const path = join(folder, 'region.geojson');
    const features = [{ type: 'Feature', properties, geometry: { type: 'Polygon', coordinates: [ring] } }];
    writeFileSync(path, JSON.stringify({ type: 'FeatureCollection', ...more, features }));
    return path;
  };
  const roi = (path: string, image: Parameters<typeof regionsOf>[1]) =>
    regionsOf(readRegionFiles({ roi: path }), image);
  const corners = [
    [100, 200],
    [300, 200],
    [300, 500],
    [100, 500],
  ];

  it('are pixels of a slide, and what QuPath calls its objects does not matter', async () => {
    expect(await roi(file(box(100, 200, 300, 500)), pixels)).toEqual({ roi: [corners] });
    const tile = file(box(100, 200, 300, 500), {}, { objectType: 'tile' });
    for (const image of [pixels, scene]) expect(await roi(tile, image)).toEqual({ roi: [corners] });
  });

  it('are longitude and latitude over a scene, or in the system that the file names', async () => {
    const crs = (name: string) => ({ crs: { type: 'name', properties: { name } } });
    const inUtm = box(496_000, 5_249_000, 498_000, 5_252_000);
    const named = await roi(file(inUtm, crs('urn:ogc:def:crs:EPSG::32632')), scene);
    expect(named.roi?.[0]?.toSorted((a, b) => a[1] - b[1] || a[0] - b[0])).toEqual(
      corners.toSorted((a, b) => a[1]! - b[1]! || a[0]! - b[0]!),
    );
    // The meridian is the edge at 500 km: 500 pixels from the left.
    const east = await roi(file(box(9, 47.4, 9.02, 47.42)), scene);
    const xs = east.roi?.[0]?.map(([x]) => x) ?? [];
    expect(Math.min(...xs)).toBeCloseTo(500, 0);
    expect(Math.max(...xs)).toBeGreaterThan(640);
    expect(Math.max(...xs)).toBeLessThan(660);
  });

  it('may lie around all of the image', async () => {
    expect((await roi(file(box(-10, -10, 2000, 2000)), pixels)).roi).toHaveLength(1);
    expect((await roi(file(box(8, 46, 10, 49)), scene)).roi).toHaveLength(1);
  });

  it('outside of the image are refused, with what their numbers were taken for', async () => {
    await expect(roi(file(box(2000, 0, 2100, 50)), pixels)).rejects.toMatchObject({
      message: 'Everything in the file of --roi lies outside of the image',
      where: 'region.geojson',
      hint: expect.stringContaining('pixels of its 1000 x 800') as string,
    });
    await expect(roi(file(box(11, 47.4, 11.02, 47.42)), scene)).rejects.toMatchObject({
      code: 'usage',
      hint: expect.stringContaining('longitude and latitude') as string,
    });
    // Pixels of a scene, by a program that is not QuPath.
    await expect(roi(file(box(100, 200, 300, 500)), scene)).rejects.toMatchObject({
      message: 'The coordinates in this file are no longitude and latitude',
      where: 'region.geojson, 100, 200',
    });
    const elsewhere = readRegionFiles({ exclude: file(box(2000, 0, 2100, 50)) });
    await expect(regionsOf(elsewhere, pixels)).rejects.toThrow('--exclude');
    // One file for many images: nothing of this one is left out.
    expect(await regionsOf(elsewhere, pixels, { excludeMayMiss: true })).toEqual({});
  });

  it('without polygons, or no JSON, say so and where', async () => {
    const path = join(folder, 'points.geojson');
    const point = { type: 'Feature', geometry: { type: 'Point', coordinates: [1, 2] } };
    writeFileSync(path, JSON.stringify(point));
    await expect(roi(path, pixels)).rejects.toMatchObject({
      message: 'The region file holds no GeoJSON polygons',
      where: 'points.geojson',
    });
    writeFileSync(path, '{');
    expect(() => readRegionFiles({ roi: path })).toThrow('no GeoJSON');
    expect(() => readRegionFiles({ roi: join(folder, 'none') })).toThrow('cannot be read');
  });
});
