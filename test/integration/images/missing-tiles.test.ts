/** Sparse TIFFs: tiles that are not in the file are no-data or background, as GDAL reads them, and they are counted. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { openImage } from '../../../src-main/images/open-image.ts';
import { forgeTiff, imageTags, tileTags, writeForged } from '../../unit/images/forge-tiff.ts';
import { bytesOf, gdalLevel, run, scratchFolder } from './oracles.ts';
import { codecs, withSlide } from './slide-oracle.ts';

const folder = scratchFolder();
const [width, height] = [300, 200];

/** Sparse by GDAL: of 5 x 4 tiles of 64 x 64 only those hold anything that the picture in the middle touches. */
function sparse(name: string, bands: number, options: string[] = [], isSparse = true): string {
  const raw = join(folder, `${name}.raw`);
  const data = Buffer.alloc(width * height * bands);
  for (let y = 70; y < 120; y++) {
    for (let x = 70; x < 180; x++) {
      for (let band = 0; band < bands; band++)
        data[(y * width + x) * bands + band] = 1 + ((x * 7 + y * 13 + band * 50) % 250);
    }
  }
  writeFileSync(raw, data);
  const header = ['ENVI', `samples = ${width}`, `lines = ${height}`, `bands = ${bands}`, 'data type = 1'];
  writeFileSync(raw.replace('.raw', '.hdr'), [...header, 'interleave = bip', ''].join('\n'));
  const path = join(folder, `${name}.tif`);
  const creation = [
    'TILED=YES',
    'BLOCKXSIZE=64',
    'BLOCKYSIZE=64',
    `SPARSE_OK=${isSparse}`,
    'COMPRESS=DEFLATE',
  ];
  run(
    'gdal_translate',
    '-q',
    '-of',
    'GTiff',
    ...creation.flatMap((option) => ['-co', option]),
    ...options,
    raw,
    path,
  );
  return path;
}

describe('as GDAL reads them', () => {
  const geo = ['-a_srs', 'EPSG:32618', '-a_ullr', '500000', '4500000', '503000', '4498000'];
  const cases: [name: string, bands: number, options: string[]][] = [
    ['with no-data', 1, ['-a_nodata', '0']],
    ['three bands with no-data', 3, ['-a_nodata', '0', ...geo]],
    ['geo-referenced without no-data', 3, geo],
    ['in planes', 3, [...geo, '-co', 'INTERLEAVE=BAND']],
  ];
  test.each(cases)('%s', async (name, bands, options) => {
    const path = sparse(name.replaceAll(' ', '-'), bands, options);
    await withSlide(path, async (source) => {
      expect(source.info.levels[0]?.missingTiles).toBe(20 - 2);
      const raster = await source.readRegion({ level: 0, x: 0, y: 0, width, height });
      expect(bytesOf(raster.data).equals(gdalLevel(path, 0))).toBe(true);
    });
  });

  test('a file that is complete has no count', async () => {
    const path = sparse('complete', 3, [], false);
    await withSlide(path, async (source) => {
      expect(source.info.levels[0]?.missingTiles).toBeUndefined();
    });
  });
});

test('pictures that lie nowhere: white', async () => {
  const path = sparse('picture', 3);
  await withSlide(path, async (source) => {
    expect(source.info.levels[0]?.missingTiles).toBe(18);
    const raster = await source.readRegion({ level: 0, x: 0, y: 0, width: 64, height: 64 });
    expect(new Set(raster.data)).toEqual(new Set([255]));
    expect((await source.displayTile(0, 0, 0))?.type).toBe('image/jpeg');
  });
});

describe('planes of their own', () => {
  const tile = Buffer.alloc(64 * 64);
  const planar = (offsets: number[], counts: number[], noData?: string) =>
    writeForged(
      forgeTiff({
        data: Buffer.concat([tile.fill(10), Buffer.from(tile).fill(20), Buffer.from(tile).fill(30)]),
        directories: [
          {
            tags: [
              ...imageTags(64, 64, { bands: 3 }),
              { tag: 284, type: 3, value: [2] },
              ...tileTags(64, 64, offsets, counts),
              ...(noData === undefined ? [] : [{ tag: 42_113, type: 2, value: noData }]),
            ],
          },
        ],
      }),
    );
  const pixelOf = async (path: string): Promise<number[]> => {
    const source = await openImage(path, codecs);
    const raster = await source.readRegion({ level: 0, x: 5, y: 5, width: 1, height: 1 });
    source.close();
    return [...raster.data];
  };

  test('one that is missing does not take the others with it, whichever it is', async () => {
    const [first, second, third] = [8, 8 + 4096, 8 + 8192] as const;
    expect(await pixelOf(planar([first, second, third], [4096, 4096, 4096]))).toEqual([10, 20, 30]);
    expect(await pixelOf(planar([0, second, third], [0, 4096, 4096]))).toEqual([255, 20, 30]);
    expect(await pixelOf(planar([first, 0, third], [4096, 0, 4096]))).toEqual([10, 255, 30]);
    expect(await pixelOf(planar([0, second, third], [0, 4096, 4096], '7'))).toEqual([7, 20, 30]);
    expect(await pixelOf(planar([0, 0, 0], [0, 0, 0]))).toEqual([255, 255, 255]);
  });
});
