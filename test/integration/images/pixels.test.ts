/** Pixels of real files: lossless ones are equal, JPEG by the fast DCT differs by 5 at most and 1 on average. */
import { basename } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { ImageSource } from '../../../src-main/images/image-source.ts';
import { bytesPerSample } from '../../../src-main/images/raster.ts';
import { openImage } from '../../../src-main/images/open-image.ts';
import { createCodecs } from '../../../src-main/workers/codecs/codecs.ts';
import { testData } from '../../support/test-data.ts';
import {
  bytesOf,
  difference,
  gdalLevel,
  openslideRegions,
  randomRegions,
  regionOf,
  vipsPixels,
} from './oracles.ts';

const codecs = await createCodecs();
const svs = testData('pathology', 'CMU-1-Small-Region.svs');
const pyramid = testData('pathology', 'CMU-region-pyramid-jpeg.tif');
const ome = testData('pathology', 'CMU-region.ome.tif');
const scenes = [
  'landsat8-newyork-rgbn-uint16.tif',
  'rasterio-RGB.byte.tif',
  'riot-colorado.tif',
  'riot-mosaic_cog1.tif',
  'stars-L7_ETMs.tif',
].map((name) => testData('satellite', name));

async function withImage<T>(path: string, use: (source: ImageSource) => Promise<T>): Promise<T> {
  const source = await openImage(path, codecs);
  try {
    return await use(source);
  } finally {
    source.close();
  }
}

test.skipIf(svs === null)('SVS regions are OpenSlide’s', async () => {
  await withImage(svs ?? '', async (source) => {
    const regions = randomRegions(source.info.levels, 25, 1);
    const expected = openslideRegions(svs ?? '', regions);
    for (const [i, region] of regions.entries()) {
      const raster = await source.readRegion(region);
      const gap = difference(raster.data, expected[i] ?? []);
      expect(gap.max, JSON.stringify(region)).toBeLessThanOrEqual(5);
      expect(gap.mean, JSON.stringify(region)).toBeLessThanOrEqual(1);
    }
  });
});

test.skipIf(svs === null)('SVS tiles reach the screen undecoded, with the colours of OpenSlide', async () => {
  await withImage(svs ?? '', async (source) => {
    const level = source.info.display.levels[0];
    if (level === undefined) throw new Error('no level');
    const regions = [0, 4, 9].flatMap((column) =>
      [0, 6, 12].map((row) => ({
        level: 0,
        x: column * level.tileWidth,
        y: row * level.tileHeight,
        width: Math.min(level.tileWidth, level.width - column * level.tileWidth),
        height: Math.min(level.tileHeight, level.height - row * level.tileHeight),
      })),
    );
    const expected = openslideRegions(svs ?? '', regions);
    for (const [i, region] of regions.entries()) {
      const tile = await source.displayTile(0, region.x / level.tileWidth, region.y / level.tileHeight);
      expect(tile?.type).toBe('image/jpeg');
      // By libjpeg with the accurate DCT, as browsers have it: through sharp, which nothing here decodes JPEG with.
      const decoded = await codecs.decodeAny(tile?.bytes ?? new Uint8Array());
      expect([decoded.width, decoded.height]).toEqual([level.tileWidth, level.tileHeight]);
      const wanted = expected[i] ?? Buffer.alloc(0);
      const { width, height } = region;
      const ours = regionOf(bytesOf(decoded.data), decoded.width, 3, { x: 0, y: 0, width, height });
      expect(difference(ours, wanted).max, JSON.stringify(region)).toBe(0);
    }
  });
});

test.skipIf(pyramid === null)('levels in SubIFDs are libvips’s', async () => {
  await withImage(pyramid ?? '', async (source) => {
    expect(source.info.levels).toHaveLength(5);
    for (const [level, { width, height }] of source.info.levels.entries()) {
      const expected = vipsPixels(pyramid ?? '', level === 0 ? '' : `[subifd=${level - 1}]`);
      const raster = await source.readRegion({ level, x: 0, y: 0, width, height });
      const gap = difference(raster.data, expected);
      // The fast DCT's error grows with the quality, and this file's is higher than a scanner's.
      expect(gap.max).toBeLessThanOrEqual(8);
      expect(gap.mean).toBeLessThanOrEqual(1);
    }
  });
});

test.skipIf(ome === null)('OME-TIFF levels are libvips’s, to the bit', async () => {
  await withImage(ome ?? '', async (source) => {
    for (const [level, { width, height }] of source.info.levels.entries()) {
      const expected = vipsPixels(ome ?? '', level === 0 ? '' : `[subifd=${level - 1}]`);
      const raster = await source.readRegion({ level, x: 0, y: 0, width, height });
      expect(bytesOf(raster.data).equals(expected)).toBe(true);
    }
  });
});

describe('scenes are GDAL’s, to the bit', () => {
  test.each(scenes.filter((path) => path !== null).map((path) => [basename(path), path]))(
    '%s',
    async (_name, path) => {
      await withImage(path, async (source) => {
        const { levels, bands, dtype } = source.info;
        const wholes = levels.map((_, level) => gdalLevel(path, level));
        for (const region of randomRegions(levels, 12, 7)) {
          const bytes = bytesOf((await source.readRegion(region)).data);
          const pixel = bands * bytesPerSample(dtype);
          const whole = wholes[region.level] ?? Buffer.alloc(0);
          const theirs = regionOf(whole, levels[region.level]?.width ?? 0, pixel, region);
          expect(bytes.equals(theirs), JSON.stringify(region)).toBe(true);
        }
      });
    },
  );
});

describe('flat pictures are libvips’s', () => {
  const png = testData('pathology', 'skimage-ihc.png');
  const jpeg = testData('pathology', 'stardist-histo.jpg');
  test.skipIf(png === null)('PNG, to the bit', async () => {
    await withImage(png ?? '', async (source) => {
      const region = { level: 0, x: 33, y: 61, width: 311, height: 207 };
      const raster = await source.readRegion(region);
      expect(bytesOf(raster.data).equals(vipsPixels(png ?? '', '', region))).toBe(true);
    });
  });
  test.skipIf(jpeg === null)('JPEG', async () => {
    await withImage(jpeg ?? '', async (source) => {
      const region = { level: 0, x: 100, y: 20, width: 400, height: 280 };
      const raster = await source.readRegion(region);
      expect(difference(raster.data, vipsPixels(jpeg ?? '', '', region)).max).toBeLessThanOrEqual(5);
    });
  });
});

test.skipIf(svs === null)('outside the image is white on slides', async () => {
  await withImage(svs ?? '', async (source) => {
    const inside = await source.readRegion({ level: 0, x: 0, y: 0, width: 10, height: 5 });
    const raster = await source.readRegion({ level: 0, x: -20, y: -7, width: 30, height: 12 });
    for (let y = 0; y < 12; y++) {
      for (let x = 0; x < 30; x++) {
        const at = (y * 30 + x) * 3;
        const pixel = [...raster.data.subarray(at, at + 3)];
        const from = ((y - 7) * 10 + x - 20) * 3;
        const isInside = x >= 20 && y >= 7;
        expect(pixel).toEqual(isInside ? [...inside.data.subarray(from, from + 3)] : [255, 255, 255]);
      }
    }
    const far = await source.readRegion({ level: 0, x: 5000, y: 5000, width: 2, height: 2 });
    expect([...far.data]).toEqual(Array.from({ length: 12 }, () => 255));
  });
});
