import { readdirSync } from 'node:fs';
import { basename, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { imageInfoSchema } from '../../../src-main/contract/image.ts';
import { openImage } from '../../../src-main/images/open-image.ts';
import { createCodecs } from '../../../src-main/workers/codecs/codecs.ts';
import { testData } from '../../support/test-data.ts';
import { gdalInfo, openslideProperties } from './oracles.ts';

const codecs = await createCodecs();

async function infoOf(path: string) {
  const source = await openImage(path, codecs);
  source.close();
  return imageInfoSchema.parse(source.info);
}

function filesOf(...segments: string[]): string[] {
  const folder = testData(...segments);
  if (folder === null) return [];
  return readdirSync(folder)
    .filter((name) => /\.(svs|tif|png|jpg)$/.test(name))
    .map((name) => join(folder, name));
}

const gdalTypes: Record<string, string> = {
  Byte: 'uint8',
  UInt16: 'uint16',
  Int16: 'int16',
  Float32: 'float32',
};
const slides = filesOf('pathology').filter((path) => /\.(svs|tif)$/.test(path));
const scenes = filesOf('satellite');
const pictures = filesOf('pathology').filter((path) => /\.(png|jpg)$/.test(path));

describe.skipIf(slides.length === 0)('slides, as OpenSlide describes them', () => {
  test.each(slides.map((path) => [basename(path), path]))('%s', async (_name, path) => {
    const info = await infoOf(path);
    const expected = openslideProperties(path);
    const number = (key: string): number | null => (expected.has(key) ? Number(expected.get(key)) : null);
    expect(info.vendor).toBe(expected.get('openslide.vendor'));
    expect(info.mpp?.x ?? null).toBe(info.format === 'ome-tiff' ? 0.499 : number('openslide.mpp-x'));
    expect(info.objectivePower).toBe(number('openslide.objective-power'));
    // OpenSlide does not read SubIFDs, so it may know fewer levels; those that it knows are ours.
    for (let level = 0; level < Number(expected.get('openslide.level-count')); level++) {
      const key = `openslide.level[${level}]`;
      expect(info.levels[level]).toEqual({
        width: number(`${key}.width`),
        height: number(`${key}.height`),
        downsample: number(`${key}.downsample`),
        tileWidth: number(`${key}.tile-width`),
        tileHeight: number(`${key}.tile-height`),
      });
    }
  });

  test('levels in SubIFDs are found', async () => {
    const pyramid = slides.find((path) => path.endsWith('CMU-region-pyramid-jpeg.tif'));
    const ome = slides.find((path) => path.endsWith('CMU-region.ome.tif'));
    expect((await infoOf(pyramid ?? '')).levels.map((level) => [level.width, level.height])).toEqual([
      [2220, 2967],
      [1110, 1483],
      [555, 741],
      [277, 370],
      [138, 185],
    ]);
    expect((await infoOf(ome ?? '')).levels.map((level) => level.width)).toEqual([1024, 512, 256]);
  });

  test('associated images of the SVS', async () => {
    const path = slides.find((slide) => slide.endsWith('.svs')) ?? '';
    const source = await openImage(path, codecs);
    expect(source.info.associated.toSorted()).toEqual(['label', 'macro', 'thumbnail']);
    const sizes = { label: [387, 463], macro: [1280, 431], thumbnail: [574, 768] };
    for (const [name, [width, height]] of Object.entries(sizes)) {
      const image = await source.associatedImage(name);
      expect(codecs.decodeJpeg(image.bytes)).toMatchObject({ width, height, bands: 3 });
    }
    await expect(source.associatedImage('patient')).rejects.toMatchObject({ code: 'usage' });
    source.close();
  });
});

describe.skipIf(scenes.length === 0)('scenes, as GDAL describes them', () => {
  test.each(scenes.map((path) => [basename(path), path]))('%s', async (_name, path) => {
    const info = await infoOf(path);
    const expected = gdalInfo(path);
    const [first] = expected.bands;
    expect([info.width, info.height]).toEqual(expected.size);
    expect(info.bands).toBe(expected.bands.length);
    expect(info.dtype).toBe(gdalTypes[first?.type ?? '']);
    expect([info.levels[0]?.tileWidth, info.levels[0]?.tileHeight]).toEqual(first?.block);
    expect(info.levels.slice(1).map((level) => [level.width, level.height])).toEqual(
      (first?.overviews ?? []).map((overview) => overview.size),
    );
    expect(info.noData).toBe(first?.noDataValue ?? null);
    const names = expected.bands.map((band) => band.description);
    expect(info.bandNames).toEqual(names.every((name) => name === undefined) ? null : names);
    expect(info.geo?.epsg).toBe(expected.stac?.['proj:epsg']);
    for (const [i, value] of (expected.geoTransform ?? []).entries()) {
      expect(info.geo?.transform[i]).toBeCloseTo(value, 8);
    }
    expect(info.geo?.metersPerPixel?.x).toBeCloseTo(expected.geoTransform?.[1] ?? Number.NaN, 8);
    expect(info.mpp).toBeNull();
    const compression = expected.metadata?.['IMAGE_STRUCTURE']?.['COMPRESSION']?.toLowerCase() ?? 'none';
    expect(info.compression).toBe(compression);
  });
});

describe.skipIf(pictures.length === 0)('flat pictures', () => {
  test.each(pictures.map((path) => [basename(path), path]))('%s', async (_name, path) => {
    const info = await infoOf(path);
    const expected = gdalInfo(path);
    expect([info.width, info.height]).toEqual(expected.size);
    expect(info.bands).toBe(expected.bands.length);
    expect(info.mpp).toBeNull();
    expect(info.format).toBe(path.endsWith('.png') ? 'png' : 'jpeg');
  });
});
