import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { pointsOfGeoJson } from '../../../src-main/core/match-truth.ts';
import {
  generateSample,
  type SampleRequest,
  type SampleSummary,
} from '../../../src-main/samples/generate-sample.ts';

let folder: string;
let slide: SampleSummary;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'gigatile-samples-'));
  slide = await generateSample(pathology('slide', { workers: 3 }));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const run = (program: string, ...args: string[]): string =>
  execFileSync(program, args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'], maxBuffer: 1e8 });
const digest = (path: string): string => createHash('sha256').update(readFileSync(path)).digest('hex');
const pathology = (name: string, more: Partial<SampleRequest> = {}): SampleRequest => ({
  kind: 'pathology',
  width: 2500,
  height: 1700,
  seed: 5,
  out: join(folder, `${name}.tif`),
  truth: join(folder, `${name}.geojson`),
  ...more,
});

describe('a pathology sample', () => {
  test('opens in OpenSlide with its levels, resolution and pixels', () => {
    expect(slide).toMatchObject({ width: 2500, height: 1700, levels: 5, kind: 'pathology', seed: 5 });
    const properties = run('openslide-show-properties', slide.path);
    const property = (name: string): string | undefined =>
      properties
        .split('\n')
        .find((line) => line.startsWith(`${name}: `))
        ?.split("'")[1];
    expect(property('openslide.vendor')).toBe('generic-tiff');
    expect(property('openslide.level-count')).toBe('5');
    expect(property('openslide.level[1].width')).toBe('1250');
    expect(property('openslide.level[4].height')).toBe('107');
    // OpenSlide 4 makes openslide.mpp-x of these two, version 3 shows them as they are.
    expect(property('tiff.ResolutionUnit')).toBe('centimeter');
    expect(10_000 / Number(property('tiff.XResolution'))).toBeCloseTo(0.5, 9);
    const script = [
      'import sys, openslide',
      's = openslide.OpenSlide(sys.argv[1])',
      'for level in range(s.level_count):',
      '    a = s.read_region((0, 0), level, s.level_dimensions[level]).convert("RGB").resize((64, 44), 4)',
      '    print(",".join(str(v) for v in a.tobytes()))',
    ].join('\n');
    const levels = run('/usr/bin/python3', '-c', script, slide.path)
      .trim()
      .split('\n')
      .map((line) => line.split(',').map(Number));
    expect(levels).toHaveLength(5);
    for (const level of levels.slice(1)) {
      const off = level.map((value, i) => Math.abs(value - (levels[0]?.[i] ?? 0)));
      expect(off.reduce((a, b) => a + b, 0) / off.length).toBeLessThan(8);
    }
    expect(run('tiffinfo', slide.path)).not.toMatch(/warning|error/i);
  });

  test('is the same file, pixel and truth, by one process and by three', async () => {
    const one = await generateSample(pathology('one', { workers: 1 }));
    expect(readFileSync(join(folder, 'slide.geojson'), 'utf8')).toBe(
      readFileSync(join(folder, 'one.geojson'), 'utf8'),
    );
    for (const page of ['0', '2', '4']) {
      const [a, b] = [one.path, slide.path].map((path, i) => {
        const pixels = join(folder, `${i}.raw`);
        run('vips', 'rawsave', `${path}[page=${page}]`, pixels);
        return digest(pixels);
      });
      expect(a).toBe(b);
    }
  });

  test('has a truth that QuPath reads: detections within the image, as many as the summary says', () => {
    const document: { features: Record<string, never>[] } = JSON.parse(
      readFileSync(join(folder, 'slide.geojson'), 'utf8'),
    );
    expect(document.features).toHaveLength(slide.counts['nuclei'] ?? 0);
    expect(document.features.length).toBeGreaterThan(200);
    for (const feature of document.features) {
      expect(feature).toMatchObject({
        type: 'Feature',
        geometry: { type: 'Polygon' },
        properties: {
          objectType: 'detection',
          classification: {
            name: expect.any(String),
            color: [expect.any(Number), expect.any(Number), expect.any(Number)],
          },
          measurements: { 'Semi-major px': expect.any(Number), 'Semi-minor px': expect.any(Number) },
        },
      });
    }
    const points = pointsOfGeoJson(document);
    expect(points.x.every((x) => x >= 0 && x < 2500)).toBe(true);
    expect(points.y.every((y) => y >= 0 && y < 1700)).toBe(true);
    // Centroids of the outlines are the centres that the measurements tell.
    const bare = document.features.map((feature) => ({ ...feature, properties: {} }));
    const centroids = pointsOfGeoJson(bare);
    centroids.x.forEach((x, i) => expect(Math.abs(x - (points.x[i] ?? 0))).toBeLessThan(0.05));
  });
});

describe('a satellite sample', () => {
  test('is a valid COG in its place, with no data and overviews', async () => {
    const path = join(folder, 'scene.tif');
    const truth = join(folder, 'scene.geojson');
    const summary = await generateSample({
      kind: 'satellite',
      width: 1800,
      height: 1300,
      seed: 2,
      out: path,
      truth,
    });
    const info = JSON.parse(run('gdalinfo', '-json', '-stats', path)) as {
      size: number[];
      geoTransform: number[];
      coordinateSystem: { wkt: string };
      metadata: Record<string, Record<string, string>>;
      bands: {
        type: string;
        noDataValue: number;
        description: string;
        mean: number;
        overviews: { size: number[] }[];
      }[];
      wgs84Extent: { coordinates: number[][][] };
    };
    expect(info.size).toEqual([1800, 1300]);
    expect(info.geoTransform).toEqual([600_000, 10, 0, 5_340_000, 0, -10]);
    expect(info.coordinateSystem.wkt).toContain('"EPSG",32632');
    expect(info.metadata['IMAGE_STRUCTURE']).toMatchObject({ LAYOUT: 'COG', COMPRESSION: 'DEFLATE' });
    expect(info.bands.map((band) => [band.type, band.noDataValue, band.description])).toEqual(
      ['red', 'green', 'blue', 'nir'].map((name) => ['UInt16', 0, name]),
    );
    expect(info.bands[0]?.overviews.map((overview) => overview.size)).toEqual([
      [900, 650],
      [450, 325],
    ]);
    // Reflectances of land: a few percent in red, more in near infrared.
    const reflectance = info.bands.map((band) => band.mean * 2e-5 - 0.1);
    expect(reflectance[0]).toBeGreaterThan(0.03);
    expect(reflectance[3]).toBeGreaterThan((reflectance[0] ?? 1) + 0.05);
    expect(
      run('/usr/bin/python3', '-m', 'osgeo_utils.samples.validate_cloud_optimized_geotiff', path),
    ).toContain('is a valid cloud optimized GeoTIFF');
    const document: {
      features: {
        geometry: { coordinates: [number, number][][] };
        properties: { name: string; fractions: Record<string, number> };
      }[];
    } = JSON.parse(readFileSync(truth, 'utf8'));
    const scene = document.features.at(-1);
    expect(scene?.properties.name).toBe('scene');
    expect(Object.values(scene?.properties.fractions ?? {}).reduce((a, b) => a + b, 0)).toBeCloseTo(1, 4);
    expect((summary.counts['no data'] ?? 0) / (1800 * 1300)).toBeCloseTo(
      scene?.properties.fractions['no data'] ?? 0,
      6,
    );
    // The corner as GDAL computes it.
    const [longitude, latitude] = info.wgs84Extent.coordinates[0]?.[0] ?? [];
    expect(scene?.geometry.coordinates[0]?.[0]?.[0]).toBeCloseTo(longitude ?? 0, 6);
    expect(scene?.geometry.coordinates[0]?.[0]?.[1]).toBeCloseTo(latitude ?? 0, 6);
  });
});

describe('a sample that cannot be made', () => {
  const left = (): string[] =>
    readdirSync(folder).filter((name) => name.includes('fail') || name.endsWith('.part'));

  test.each([
    [{ width: 10 }, 'usage', '10 x 1700'],
    [{ seed: -1 }, 'usage', '-1 is no seed'],
    [{ truth: '' }, 'not-writable', ''],
    [{ out: '/nowhere/at/all.tif' }, 'not-writable', 'folder to write into does not exist'],
  ] as const)('%j says why and leaves nothing', async (more, code, message) => {
    const request = pathology('fail', {
      ...more,
      ...('truth' in more ? { truth: join(folder, 'no', 'fail.geojson') } : {}),
    });
    await expect(generateSample(request)).rejects.toMatchObject({
      code,
      message: expect.stringContaining(message),
    });
    expect(left()).toEqual([]);
  });

  test('a worker that dies ends it with one clear error and leaves nothing', async () => {
    const entry = join(folder, 'dying.mjs');
    writeFileSync(entry, 'process.on("message", () => process.exit(9));');
    await expect(generateSample(pathology('fail', { workerEntry: entry }))).rejects.toMatchObject({
      code: 'worker-crashed',
      message: expect.stringContaining('exit code 9'),
    });
    expect(left()).toEqual([]);
  });

  test('stopped in the middle it leaves nothing, and the old file stays', async () => {
    const request = pathology('fail');
    writeFileSync(request.out, 'what was there before');
    const controller = new AbortController();
    await expect(
      generateSample({ ...request, onProgress: () => controller.abort(), signal: controller.signal }),
    ).rejects.toMatchObject({ code: 'cancelled' });
    expect(left()).toEqual(['fail.tif']);
    expect(readFileSync(request.out, 'utf8')).toBe('what was there before');
  });
});
