/** Scenes across the antimeridian and around the poles, analysed and exported: valid by GDAL and GEOS, and as large as in their own coordinates. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ChildWorkerHost } from '../../../src-main/engine/child-worker-host.ts';
import { createEngine, type EngineParts } from '../../../src-main/engine/engine.ts';
import { writeExport } from '../../../src-main/engine/export-run.ts';
import { generateSample } from '../../../src-main/samples/generate-sample.ts';
import { Cleanup } from '../../support/cleanup.ts';

const cleanup = new Cleanup();
let engine: EngineParts;
let folder: string;
let sample: string;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'gigatile-earth-'));
  cleanup.add(() => rmSync(folder, { recursive: true, force: true }));
  sample = join(folder, 'sample.tif');
  await generateSample({ kind: 'satellite', width: 520, height: 450, out: sample, seed: 5 });
  engine = await createEngine({
    host: new ChildWorkerHost(),
    shell: { kind: 'web' },
    dataDir: join(folder, 'data'),
    modelsDir: resolve(import.meta.dirname, '../../../models'),
    version: 'test',
  });
  cleanup.add(() => engine.close());
});
afterAll(cleanup.run);

interface Read {
  count: number;
  native: number;
  invalid: number;
  /** Findings of more than one part. */
  parts: number;
  outside: number;
  /** Polygons of more than 180°. */
  wide: number;
  ids: boolean;
  area: number;
  nativeArea: number;
  worst: number;
  /** Rings that run the wrong way. */
  wound: number;
}

// Fiji, in metres and in degrees that run on beyond 180; both poles in the middle of the image, 10 m and 1 km a pixel.
const scenes = [
  { name: 'utm', srs: 'EPSG:32701', corners: [177_500, 8_106_000, 184_500, 8_100_000], equal: 'EPSG:6932' },
  { name: 'degrees', srs: 'EPSG:4326', corners: [179.65, -16, 180.35, -16.6], equal: '+proj=cea +lon_0=180 +datum=WGS84' },
  { name: 'north', srs: 'EPSG:3413', corners: [-3500, 3000, 3500, -3000], equal: 'EPSG:6931', isPolar: true },
  { name: 'south', srs: 'EPSG:3031', corners: [-350_000, 300_000, 350_000, -300_000], equal: 'EPSG:6932', isPolar: true },
]; // prettier-ignore

describe('scenes at the edges of the map', () => {
  it.each(scenes)('$name', async ({ name, srs, corners, equal, isPolar }) => {
    const image = join(folder, `${name}.tif`);
    execFileSync('gdal_translate', ['-q', '-a_srs', srs, '-a_ullr', ...corners.map(String), sample, image]);
    const session = await engine.cases.open(image, join(folder, `${name}.gigatile`));
    await (
      await session.startRun('landcover-rgbn', { workers: 1 })
    ).ended;
    const [geojson, gpkg, cog] = ['geojson', 'gpkg', 'heatmap-cog'].map((format) =>
      join(folder, `${name}.${format}`),
    );
    await writeExport(session, engine.images, 1, 'geojson', geojson!);
    await writeExport(session, engine.images, 1, 'gpkg', gpkg!);
    await writeExport(session, engine.images, 1, 'heatmap-cog', cog!);
    const text = execFileSync('/usr/bin/python3', [
      join(import.meta.dirname, 'earth-oracle.py'),
      geojson!,
      gpkg!,
      equal,
    ]);
    const read = JSON.parse(text.toString()) as Read;
    expect(read).toMatchObject({ invalid: 0, outside: 0, wound: 0, ids: true });
    expect(read.count).toBe(read.native);
    expect(read.count).toBeGreaterThan(50);
    expect(read.parts).toBeGreaterThan(0);
    // Only around a pole is anything wider than half the world.
    if (isPolar !== true) expect(read.wide).toBe(0);
    expect(Math.abs(read.area / read.nativeArea - 1)).toBeLessThan(3e-4);
    expect(read.worst).toBeLessThan(0.005);
    // The raster stays where it is: GDAL says so of the image and of the heatmap.
    const [of, its] = [image, cog!].map((path) => {
      const info = JSON.parse(execFileSync('gdalinfo', ['-json', path]).toString()) as {
        coordinateSystem: { wkt: string };
        cornerCoordinates: Record<string, [number, number]>;
      };
      return {
        code: /ID\["EPSG",(\d+)\]\]$/.exec(info.coordinateSystem.wkt)?.[1],
        from: info.cornerCoordinates['upperLeft'],
      };
    });
    expect(its).toEqual(of);
    expect(`EPSG:${its?.code}`).toBe(srs);
  });
});
