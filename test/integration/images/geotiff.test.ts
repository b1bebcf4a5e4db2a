/** Where a GeoTIFF lies, what its bands are and where it holds data: as GDAL says of files that GDAL made. */
import { readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { imageInfoSchema } from '../../../src-main/contract/image.ts';
import type { ImageInfo } from '../../../src-main/contract/image.ts';
import { projectionOf } from '../../../src-main/core/geo.ts';
import { openImage } from '../../../src-main/images/open-image.ts';
import type { ImageSource } from '../../../src-main/images/image-source.ts';
import { createCodecs } from '../../../src-main/workers/codecs/codecs.ts';
import { preprocess } from '../../../src-main/workers/inference/preprocess.ts';
import { testData } from '../../support/test-data.ts';
import { bytesOf, difference, run, scratchFolder } from './oracles.ts';

const codecs = await createCodecs();
const folder = scratchFolder();
const script = join(import.meta.dirname, 'make-geotiffs.py');
const made: Record<string, GdalDescription> = JSON.parse(run('/usr/bin/python3', script, folder).toString());
const names = Object.keys(made);
const opened: ImageSource[] = [];
afterAll(() => {
  for (const source of opened) source.close();
});

interface GdalDescription {
  geoTransform?: number[];
  coordinateSystem?: { wkt: string };
  gcps?: { coordinateSystem: { wkt: string }; gcpList: Record<'pixel' | 'line' | 'x' | 'y' | 'z', number>[] };
  bands: {
    colorInterpretation: string;
    description?: string;
    scale?: number;
    offset?: number;
    unit?: string;
    noDataValue?: number | string;
    mask?: { flags: string[] };
  }[];
}

function gdal(path: string): GdalDescription {
  const known = made[basename(path, '.tif')];
  if (known !== undefined) return known;
  const description: GdalDescription = JSON.parse(run('gdalinfo', '-json', path).toString());
  return description;
}

async function open(path: string): Promise<ImageSource> {
  const source = await openImage(path, codecs);
  opened.push(source);
  return source;
}

const pathOf = (name: string): string => join(folder, `${name}.tif`);
const infoOf = async (path: string): Promise<ImageInfo> => imageInfoSchema.parse((await open(path)).info);

const scenes = [
  'landsat8-newyork-rgbn-uint16',
  'rasterio-RGB.byte',
  'riot-colorado',
  'riot-mosaic_cog1',
  'stars-L7_ETMs',
]
  .map((name) => testData('satellite', `${name}.tif`))
  .filter((path) => path !== null);
const all = [...names.map(pathOf), ...scenes].map((path): [string, string] => [basename(path), path]);

/** The EPSG code of the whole system stands last in its definition; those of its parts before. */
const epsgOf = (wkt: string | undefined): number | null => {
  const code = /ID\["EPSG",(\d+)\]\]$/.exec(wkt ?? '')?.[1];
  return code === undefined ? null : Number(code);
};

describe('as gdalinfo -json has it', () => {
  test.each(all)('%s', async (_name, path) => {
    const info = await infoOf(path);
    const expected = gdal(path);

    // GDAL gives the identity where a file has no geo-reference.
    expect(info.geo === null).toBe(expected.geoTransform === undefined);
    for (const [i, value] of (expected.geoTransform ?? []).entries()) {
      expect(info.geo?.transform[i]).toBeCloseTo(value, 8);
    }
    if (expected.geoTransform !== undefined) {
      expect(info.geo?.epsg ?? null).toBe(epsgOf(expected.coordinateSystem?.wkt));
    }

    expect(info.controlPoints?.points ?? []).toEqual(
      (expected.gcps?.gcpList ?? []).map(({ pixel, line, x, y, z }) => ({
        column: pixel,
        row: line,
        x,
        y,
        z,
      })),
    );
    expect(info.controlPoints?.epsg ?? null).toBe(epsgOf(expected.gcps?.coordinateSystem.wkt));

    if (info.bandInfo === undefined) expect(expected.bands[0]?.description).toBeUndefined();
    for (const [band, facts] of (info.bandInfo ?? []).entries()) {
      const own = expected.bands[band];
      expect(facts.name).toBe(own?.description ?? null);
      expect(facts.scale).toBe(own?.scale ?? null);
      expect(facts.offset).toBe(own?.offset ?? null);
      expect(facts.unit).toBe(own?.unit ?? null);
      const meaning = own?.colorInterpretation.toLowerCase();
      expect(facts.interpretation ?? 'undefined').toBe(meaning);
      const value = own?.noDataValue;
      expect(facts.noData).toBe(typeof value === 'number' ? value : null);
    }

    const flags = expected.bands[0]?.mask?.flags ?? [];
    const value = expected.bands[0]?.noDataValue;
    const validity = flags.includes('ALPHA')
      ? 'alpha'
      : flags.includes('PER_DATASET')
        ? 'mask'
        : value !== undefined
          ? 'no-data'
          : undefined;
    expect(info.validity).toBe(validity);
  });
});

const nowhere = { epsg: null, crsName: null };

const placesScript = `
import json, sys
from osgeo import osr
osr.UseExceptions()
system, earth = osr.SpatialReference(), osr.SpatialReference()
system.SetFromUserInput(sys.argv[1])
earth.ImportFromEPSG(4326)
for s in (system, earth):
    s.SetAxisMappingStrategy(osr.OAMS_TRADITIONAL_GIS_ORDER)
change = osr.CoordinateTransformation(system, earth)
print(json.dumps([v for x, y in json.loads(sys.argv[2]) for v in change.TransformPoint(x, y)[:2]]))
`;

describe('a coordinate system that is described key by key', () => {
  const described = names.filter((name) => name.startsWith('crs-') && name !== 'crs-robinson');

  test.each(described)('%s: puts places where GDAL puts them', async (name) => {
    const { geo } = await infoOf(pathOf(name));
    expect(geo).toMatchObject({ epsg: null, crs: expect.stringContaining('+proj=') });
    const [x0 = 0, dx = 0, , y0 = 0, , dy = 0] = geo?.transform ?? [];
    const points = [
      [0, 0],
      [200, 0],
      [77, 149],
      [199, 150],
    ].map(([column = 0, row = 0]) => [x0 + column * dx, y0 + row * dy]);
    const lonLat = (from: string): number[] =>
      JSON.parse(run('/usr/bin/python3', '-c', placesScript, from, JSON.stringify(points)).toString());
    const wkt = gdal(pathOf(name)).coordinateSystem?.wkt ?? '';
    const [ours, theirs] = [lonLat(geo?.crs ?? ''), lonLat(wkt)];
    expect(theirs).toHaveLength(8);
    expect(theirs.every(Number.isFinite)).toBe(true);
    // 1e-8 degrees are a millimetre.
    expect(difference(ours, theirs).max).toBeLessThan(1e-8);
    // What exports say of places comes through PROJ's JavaScript; a millionth of a degree is a tenth of a metre.
    const exported = points.flatMap(([x = 0, y = 0]) => projectionOf(geo ?? nowhere).toLonLat(x, y));
    expect(difference(exported, theirs).max).toBeLessThan(1e-6);
  });

  test('is named, and not made up, where its method is not known', async () => {
    const { geo } = await infoOf(pathOf('crs-robinson'));
    expect(geo).toMatchObject({ epsg: null, crs: null });
    expect(geo?.crsName).not.toBeNull();
    expect(() => projectionOf(geo ?? nowhere)).toThrow(
      expect.objectContaining({ code: 'image-unsupported' }),
    );
  });
});

const gdalMasks = (name: string): Buffer => readFileSync(join(folder, `${name}.mask`));

describe('a mask', () => {
  test.each(names.filter((name) => name.startsWith('mask')))(
    '%s: equals GDAL’s on every level',
    async (name) => {
      const source = await open(pathOf(name));
      const { info } = source;
      const whole = { x: 0, y: 0, width: info.width, height: info.height };
      const masks = gdalMasks(name);
      let at = 0;
      expect(info.levels.length).toBe(name === 'mask' ? 1 : 3);
      for (const level of info.levels) {
        const size = level.width * level.height;
        const valid = await source.validity(whole, level.width, level.height);
        expect(difference(valid ?? [], masks.subarray(at, at + size)).max).toBe(0);
        at += size;
      }
      expect(at).toBe(masks.length);
    },
  );

  test.each(names.filter((name) => name.startsWith('mask')))(
    '%s: hides pixels on the screen',
    async (name) => {
      const source = await open(pathOf(name));
      const masks = gdalMasks(name);
      const [level] = source.info.display.levels;
      const tile = await source.displayTile(0, 0, 0);
      expect(tile?.type).toBe('image/png');
      const { width, height, bands, data } = await codecs.decodeAny(tile?.bytes ?? new Uint8Array());
      expect(bands).toBe(4);
      expect([width, height]).toEqual([
        Math.min(200, level?.tileWidth ?? 0),
        Math.min(150, level?.tileHeight ?? 0),
      ]);
      let seen = 0;
      for (let y = 0; y < height; y++) {
        for (let x = 0; x < width; x++) {
          const alpha = data[(y * width + x) * 4 + 3] ?? -1;
          expect(alpha).toBe(masks[y * 200 + x]);
          seen += alpha;
        }
      }
      expect(seen).toBeGreaterThan(0);
    },
  );

  test('a JPEG tile that holds data throughout is passed on as it is stored', async () => {
    const source = await open(pathOf('mask-jpeg'));
    // The circle holds the whole of the tile from (64, 64) to (128, 128).
    const tile = await source.displayTile(0, 1, 1);
    expect(tile?.type).toBe('image/jpeg');
    expect(codecs.decodeJpeg(tile?.bytes ?? new Uint8Array())).toMatchObject({ width: 64, height: 64 });
    expect((await source.displayTile(0, 0, 0))?.type).toBe('image/png');
  });

  test('leaves the stretch to what it holds', async () => {
    const { bands } = await (await open(pathOf('mask-tiles'))).look();
    const masked = gdalMasks('mask-tiles').subarray(0, 200 * 150);
    const pixels = (
      await (await open(pathOf('mask-tiles'))).readRegion({ level: 2, x: 0, y: 0, width: 50, height: 38 })
    ).data;
    expect(masked.includes(0)).toBe(true);
    expect(bands[0]?.histogram.reduce((sum, count) => sum + count, 0)).toBeLessThan(pixels.length / 3);
  });
});

test('tiles that the mask leaves out are no tiles to analyse', async () => {
  const source = await open(pathOf('mask-tiles'));
  const plan = {
    imageWidth: 200,
    imageHeight: 150,
    scaleX: 1,
    scaleY: 1,
    tileWidth: 20,
    tileHeight: 15,
    overlap: 0,
    columns: 10,
    rows: 10,
  };
  const { skip, content } = await preprocess(source, plan, 'nodata', [0, 1, 2]);
  const masked = gdalMasks('mask-tiles');
  for (let tile = 0; tile < 100; tile++) {
    let valid = 0;
    for (let y = 0; y < 15; y++) {
      for (let x = 0; x < 20; x++) {
        const at = (Math.floor(tile / 10) * 15 + y) * 200 + (tile % 10) * 20 + x;
        if (masked[at] === 255) valid++;
      }
    }
    expect(content[tile]).toBeCloseTo(valid / 300, 5);
    expect(skip[tile] === 0).toBe(valid > 0);
  }
});

describe('alpha', () => {
  test.each(['rgb-alpha', 'gray-alpha'])('%s is opacity on the screen, and no colour', async (name) => {
    const source = await open(pathOf(name));
    const tile = await source.displayTile(0, 0, 0);
    expect(tile?.type).toBe('image/png');
    const { width, bands, data } = await codecs.decodeAny(tile?.bytes ?? new Uint8Array());
    expect(bands).toBe(4);
    const raw = await source.readRegion({ level: 0, x: 0, y: 0, width: 200, height: 150 });
    for (const [x, y] of [
      [10, 10],
      [100, 100],
      [100, 20],
      [20, 100],
    ] as const) {
      const alpha = raw.data[(y * 200 + x) * raw.bands + raw.bands - 1];
      const at = (y * width + x) * 4;
      expect(data[at + 3]).toBe(alpha);
      if (alpha === 255) expect(data[at]).toBe(raw.data[(y * 200 + x) * raw.bands]);
    }
  });
});

test('bands that the file calls blue, green, red are shown in their colours', async () => {
  const { look } = await (await open(pathOf('bgr'))).look();
  expect(look).toMatchObject({ mode: 'rgb', bands: [{ band: 2 }, { band: 1 }, { band: 0 }] });
});

test('pixels of a world file’s image and of one with the reference inside lie at the same place', async () => {
  const [beside, inside] = [await infoOf(pathOf('world-file')), await infoOf(pathOf('north-up'))];
  expect(beside.geo?.transform).toEqual(inside.geo?.transform);
  expect(bytesOf(Float64Array.from(inside.geo?.transform ?? [])).length).toBe(48);
});
