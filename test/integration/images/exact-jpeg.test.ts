/** The decoder that a run may ask for where it must give the very pixels of other programs. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { openImage } from '../../../src-main/images/open-image.ts';
import { createCodecs } from '../../../src-main/workers/codecs/codecs.ts';
import { tissuePicture } from '../../support/tissue-png.ts';
import { testData } from '../../support/test-data.ts';
import { difference, openslideRegions, randomRegions, run, scratchFolder, vipsPixels } from './oracles.ts';

const exact = await createCodecs(undefined, 'exact');
const svs = testData('pathology', 'CMU-1-Small-Region.svs');
const pyramid = testData('pathology', 'CMU-region-pyramid-jpeg.tif');

describe('the exact JPEG decoder', () => {
  test.skipIf(svs === null)('gives OpenSlide’s pixels of an SVS', async () => {
    const source = await openImage(svs ?? '', exact);
    const regions = randomRegions(source.info.levels, 25, 3);
    const expected = openslideRegions(svs ?? '', regions);
    for (const [i, region] of regions.entries()) {
      const raster = await source.readRegion(region);
      expect(difference(raster.data, expected[i] ?? []).max, JSON.stringify(region)).toBeLessThanOrEqual(1);
    }
    source.close();
  });

  test.skipIf(pyramid === null)('gives libvips’s pixels of each level of a pyramid', async () => {
    const source = await openImage(pyramid ?? '', exact);
    for (const [level, { width, height }] of source.info.levels.entries()) {
      const expected = vipsPixels(pyramid ?? '', level === 0 ? '' : `[subifd=${level - 1}]`);
      const raster = await source.readRegion({ level, x: 0, y: 0, width, height });
      expect(difference(raster.data, expected).max, `level ${level}`).toBeLessThanOrEqual(1);
    }
    source.close();
  });

  test.each([
    ['YCbCr', []],
    ['RGB', ['--rgbjpeg']],
  ])('gives libvips’s pixels of %s tiles, and of grey ones', async (_name, options) => {
    const folder = scratchFolder();
    const png = join(folder, 'in.png');
    const colour = join(folder, 'colour.tif');
    const grey = join(folder, 'grey.tif');
    writeFileSync(png, tissuePicture(600, 500, 60).png);
    run('vips', 'colourspace', png, `${grey}.v`, 'b-w');
    const tiled = ['--tile', '--compression', 'jpeg', '--Q', '85'];
    run('vips', 'tiffsave', png, colour, ...tiled, ...options);
    run('vips', 'tiffsave', `${grey}.v`, grey, ...tiled);
    for (const path of [colour, grey]) {
      const source = await openImage(path, exact);
      const raster = await source.readRegion({ level: 0, x: 0, y: 0, width: 600, height: 500 });
      expect(difference(raster.data, vipsPixels(path, '')).max, path).toBe(0);
      source.close();
    }
  });

  test('says that a tile is damaged, and goes on with the next', () => {
    const good = exact.encodeJpeg(
      { width: 32, height: 32, bands: 3, dtype: 'uint8', data: new Uint8Array(3072).fill(99) },
      90,
    );
    expect(() => exact.decodeJpeg(good.slice(0, good.length - 20))).toThrow();
    expect(exact.decodeJpeg(good)).toMatchObject({ width: 32, height: 32, bands: 3 });
  });
});
