/** What the writer writes, read by programs that nobody here wrote. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { deflateTile } from '../../../src-main/images/write/deflate-tile.ts';
import { PyramidCascade, repeatEdge } from '../../../src-main/images/write/pyramid-cascade.ts';
import { PyramidTiffWriter, type PyramidTiffOptions } from '../../../src-main/images/write/pyramid-writer.ts';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'gigatile-writer-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const [width, height, tileSize] = [300, 212, 64];
const valueAt = (x: number, y: number, band: number): number =>
  (x * 211 + y * 37 + band * 1009 + x * y) & 0x3fff;

async function write(name: string, options: Partial<PyramidTiffOptions>): Promise<string> {
  const path = join(folder, name);
  const bands = options.bands ?? 2;
  const writer = await PyramidTiffWriter.create({
    path,
    width,
    height,
    tileSize,
    bands,
    dtype: 'uint16',
    photometric: 'grey',
    compression: 'deflate',
    predictor: 2,
    layout: 'streamed',
    ...options,
  });
  const cascade = new PyramidCascade({ levels: writer.levels, tileSize, bands });
  const full = writer.levels[0] as (typeof writer.levels)[number];
  for (let index = full.columns * full.rows - 1; index >= 0; index--) {
    const [column, row] = [index % full.columns, Math.floor(index / full.columns)];
    const pixels = new Uint16Array(tileSize * tileSize * bands);
    for (let i = 0; i < tileSize * tileSize; i++) {
      const x = column * tileSize + (i % tileSize);
      const y = row * tileSize + Math.floor(i / tileSize);
      for (let band = 0; band < bands; band++) pixels[i * bands + band] = valueAt(x, y, band);
    }
    repeatEdge(
      pixels,
      tileSize,
      bands,
      Math.min(tileSize, width - column * tileSize),
      Math.min(tileSize, height - row * tileSize),
    );
    const tile = { level: 0, column, row, pixels };
    for (const each of [tile, ...cascade.put(tile)]) {
      const bytes = deflateTile(
        { width: tileSize, bands, data: each.pixels },
        { predictor: options.predictor ?? 2 },
      );
      await writer.putTile(each.level, each.column, each.row, bytes);
    }
  }
  await writer.finish();
  return path;
}

/** Pixels as GDAL reads them: band-sequential. */
function readByGdal(path: string, overview?: number): number[][][] {
  const script = [
    'import sys, json',
    'from osgeo import gdal',
    'gdal.UseExceptions()',
    'd = gdal.Open(sys.argv[1])',
    'bands = [d.GetRasterBand(i + 1) for i in range(d.RasterCount)]',
    'o = int(sys.argv[2])',
    'print(json.dumps([(b if o < 0 else b.GetOverview(o)).ReadAsArray().tolist() for b in bands]))',
  ].join('\n');
  const args = ['-c', script, path, String(overview ?? -1)];
  return JSON.parse(
    execFileSync('/usr/bin/python3', args, { encoding: 'utf8', maxBuffer: 1e8 }),
  ) as number[][][];
}

function expectExact(path: string, bands: number): void {
  const read = readByGdal(path);
  expect(read).toHaveLength(bands);
  for (let band = 0; band < bands; band++) {
    const expected = Array.from({ length: height }, (_, y) =>
      Array.from({ length: width }, (_, x) => valueAt(x, y, band)),
    );
    expect(read[band]).toEqual(expected);
  }
  const smaller = readByGdal(path, 0);
  const mean = (valueAt(10, 20, 0) + valueAt(11, 20, 0) + valueAt(10, 21, 0) + valueAt(11, 21, 0) + 2) >> 2;
  expect(smaller[0]?.[10]?.[5]).toBe(mean);
}

test.each([
  ['classic.tif', { bigTiff: false }],
  ['big.tif', { bigTiff: true }],
  ['cog.tif', { layout: 'cog' }],
  ['big-cog.tif', { layout: 'cog', bigTiff: true }],
  ['plain.tif', { predictor: 1, bands: 1 }],
] as const)('%s holds every pixel and its means, as GDAL reads it', async (name, options) => {
  const path = await write(name, options);
  expectExact(path, 'bands' in options ? options.bands : 2);
  const info = execFileSync('tiffinfo', [path], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
  expect(info.match(/Image Width: \d+/g)).toEqual(
    [300, 150, 75, 38].map((levelWidth) => `Image Width: ${levelWidth}`),
  );
});

test('a rotated geo-reference and degrees are read as they were written', async () => {
  const transform: [number, number, number, number, number, number] = [
    10.5, 0.001, 0.0002, 48.25, 0.0002, -0.001,
  ];
  const path = await write('rotated.tif', {
    noData: 0,
    geo: { epsg: 4326, crsName: 'WGS 84', geographic: true, transform },
  });
  const info = JSON.parse(execFileSync('gdalinfo', ['-json', path], { encoding: 'utf8' })) as {
    geoTransform: number[];
    coordinateSystem: { wkt: string };
  };
  info.geoTransform.forEach((value, i) => expect(value).toBeCloseTo(transform[i] ?? 0, 12));
  expect(info.coordinateSystem.wkt).toContain('ID["EPSG",4326]');
});

test('a file with a missing or doubled tile is refused and leaves nothing', async () => {
  const options = {
    path: join(folder, 'holes.tif'),
    width,
    height,
    tileSize,
    bands: 1,
    dtype: 'uint8',
    photometric: 'grey',
    compression: 'deflate',
    layout: 'streamed',
  } as const;
  const writer = await PyramidTiffWriter.create(options);
  await writer.putTile(0, 1, 0, Uint8Array.of(1, 2, 3));
  await expect(writer.putTile(0, 1, 0, Uint8Array.of(1))).rejects.toThrow('stored before');
  await expect(writer.putTile(0, 99, 0, Uint8Array.of(1))).rejects.toThrow('no tile (99, 0)');
  await expect(writer.finish()).rejects.toMatchObject({
    code: 'internal',
    message: 'Tile (0, 0) of level 0 was never written',
  });
  expect(readdirSync(folder).filter((name) => name.includes('holes'))).toEqual([]);
});
