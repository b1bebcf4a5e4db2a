/** Leica SCN: regions on a canvas, as OpenSlide puts them together. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { openImage } from '../../../src-main/images/open-image.ts';
import { forgeLeica } from '../../support/forge/leica.ts';
import type { LeicaOptions } from '../../support/forge/leica.ts';
import { randomRegions, scratchFolder } from './oracles.ts';
import {
  codecs,
  expectDisplayAgrees,
  expectOpenslideInfo,
  expectOpenslidePixels,
  openslideAssociated,
  withSlide,
} from './slide-oracle.ts';

const folder = scratchFolder();

function forged(name: string, options: LeicaOptions): string {
  const path = join(folder, `${name}.scn`);
  writeFileSync(path, forgeLeica(codecs, options));
  return path;
}

/** 1,500 x 1,000 pixels: two regions that overlap, and one that reaches over the slide's edge. */
const slide: LeicaOptions = {
  slideWidth: 750_000,
  slideHeight: 500_000,
  nmPerPixel: 500,
  // Smaller than any level: libtiff, through which OpenSlide reads Deflate, muddles tiles that are larger than their image.
  tileSize: 64,
  downsamples: [1, 2, 4],
  compression: 'deflate',
  regions: [
    { offsetX: 50_250, offsetY: 30_000, width: 600, height: 500 },
    { offsetX: 300_100, offsetY: 101_333, width: 400, height: 600 },
    { offsetX: 600_000, offsetY: 400_000, width: 400, height: 300 },
  ],
};
const levels = [1, 2, 4].map((scale) => ({ width: 1500 / scale, height: 1000 / scale }));

describe('several regions', () => {
  const path = forged('regions', slide);

  test('pixels of every level are OpenSlide’s, to the bit', async () => {
    const wholes = levels.map(({ width, height }, level) => ({ level, x: 0, y: 0, width, height }));
    await expectOpenslidePixels(path, [...wholes, ...randomRegions(levels, 10, 17)], { max: 0, mean: 0 });
  });

  test('what it is, as openslide-show-properties says', async () => {
    await withSlide(path, async (source) => {
      expectOpenslideInfo(path, source.info, 'leica.');
      expect(source.info).toMatchObject({ format: 'scn', mpp: { x: 0.5, y: 0.5 }, objectivePower: 20 });
      expect(source.info.display.passthrough).toBe(false);
      expect(source.info.associated).toEqual(Object.keys(openslideAssociated(path)));
      const macro = codecs.decodeJpeg((await source.associatedImage('macro')).bytes);
      expect([macro.width, macro.height]).toEqual(openslideAssociated(path)['macro']);
    });
  });

  test('the screen shows what models see', async () => {
    await withSlide(path, expectDisplayAgrees);
  });

  test('JPEG tiles are within the fast decoder’s difference', async () => {
    const lossy = forged('lossy', { ...slide, compression: 'jpeg' });
    await expectOpenslidePixels(lossy, randomRegions(levels, 10, 19), { max: 5, mean: 1 });
  });

  test('tiles that were left out are white and counted', async () => {
    const isMissing = (region: number, level: number, column: number, row: number): boolean =>
      region === 1 && level === 0 && column === 3 && row === 1;
    const gaps = forged('gaps', { ...slide, isMissing });
    await withSlide(gaps, async (source) => {
      expect(source.info.levels.map((level) => level.missingTiles)).toEqual([1, undefined, undefined]);
      const inGap = await source.readRegion({
        level: 0,
        x: 600 + 200,
        y: 202 + 64,
        width: 20,
        height: 64,
      });
      expect(new Set(inGap.data)).toEqual(new Set([255]));
    });
  });
});

test('nm that do not divide: resolution and places are rounded as by OpenSlide', async () => {
  const path = forged('odd', {
    ...slide,
    nmPerPixel: 503,
    resolution: 19_881,
    regions: [
      { offsetX: 51_171, offsetY: 30_011, width: 611, height: 507 },
      { offsetX: 401_171, offsetY: 130_019, width: 323, height: 411 },
    ],
  });
  await withSlide(path, async (source) => {
    expectOpenslideInfo(path, source.info, 'leica.');
    // At other places OpenSlide rounds a region's place down to the left of it, and up to its right, where scales are no whole ones.
    const wholes = source.info.levels.map(({ width, height }, level) => ({
      level,
      x: 0,
      y: 0,
      width,
      height,
    }));
    const inLevel0 = randomRegions(source.info.levels.slice(0, 1), 10, 23);
    await expectOpenslidePixels(path, [...wholes, ...inLevel0], { max: 0, mean: 0 });
  });
});

test('without resolution tags, pixels are as large as the XML says', async () => {
  const path = forged('untagged', { ...slide, resolution: null });
  await withSlide(path, async (source) => {
    expect(source.info.mpp).toEqual({ x: 0.5, y: 0.5 });
  });
});

describe('a region whose tiles lie on the canvas’s grid', () => {
  const path = forged('aligned', {
    ...slide,
    compression: 'jpeg',
    tileSize: 256,
    downsamples: [1],
    regions: [{ offsetX: 256 * 500, offsetY: 512 * 500, width: 600, height: 400 }],
  });

  test('its whole tiles reach the screen undecoded; its edge is cut', async () => {
    await withSlide(path, async (source) => {
      expect(source.info.display).toMatchObject({ passthrough: true });
      expect(source.info.display.levels[0]).toMatchObject({ tileWidth: 256, tileHeight: 256 });
      const stored = await source.displayTile(0, 1, 2);
      const file = readFileSync(path);
      // The body of the stored tile is in the file, byte for byte.
      expect(file.includes(Buffer.from(stored?.bytes ?? []).subarray(2))).toBe(true);
      const edge = await source.displayTile(0, 3, 3);
      expect(file.includes(Buffer.from(edge?.bytes ?? []).subarray(2))).toBe(false);
      await expectDisplayAgrees(source);
    });
    await expectOpenslidePixels(path, randomRegions(levels.slice(0, 1), 10, 29), { max: 5, mean: 1 });
  });
});

test('each stored tile is decoded once in a pass over the level, of models’ regions and of the screen', async () => {
  const path = forged('once', { ...slide, compression: 'jpeg', tileSize: 256, downsamples: [1] });
  for (const pass of ['regions', 'screen'] as const) {
    const seen = new Map<string, number>();
    const counting = {
      ...codecs,
      decodeJpeg: (bytes: Uint8Array, options?: { into?: Uint8Array }) => {
        const key = Buffer.from(bytes).toString('latin1');
        seen.set(key, (seen.get(key) ?? 0) + 1);
        return codecs.decodeJpeg(bytes, options);
      },
    };
    const source = await openImage(path, counting);
    if (pass === 'regions') {
      for (let y = 0; y < 1000; y += 200) {
        for (let x = 0; x < 1500; x += 200)
          await source.readRegion({ level: 0, x, y, width: 224, height: 224 });
      }
    } else {
      for (let row = 0; row < 2; row++)
        for (let column = 0; column < 3; column++) await source.displayTile(0, column, row);
    }
    source.close();
    // 3 x 2, 2 x 3 and, of the third region, the 2 x 1 tiles that are on the slide.
    expect(seen.size).toBe(14);
    expect(new Set(seen.values())).toEqual(new Set([1]));
  }
});

describe('XML that is wrong', () => {
  const replaced =
    (from: string | RegExp, to: string) =>
    (xml: string): string => {
      const changed = xml.replaceAll(from instanceof RegExp ? new RegExp(from.source, 'g') : from, to);
      if (changed === xml) throw new Error(`nothing to change: ${String(from)}`);
      return changed;
    };
  const cases: [name: string, edit: (xml: string) => string, code: string, message: RegExp][] = [
    ['no collection', replaced('collection', 'selection'), 'image-corrupt', /no collection of images/],
    ['no sizes', replaced(/ sizeX="750000"/, ''), 'image-corrupt', /has a collection without sizeX/],
    [
      'a size in words',
      replaced('sizeX="750000"', 'sizeX="wide"'),
      'image-corrupt',
      /"wide", which is no number/,
    ],
    [
      'a size of 20 digits',
      replaced('sizeX="750000"', `sizeX="${'9'.repeat(20)}"`),
      'image-corrupt',
      /no number/,
    ],
    [
      'a slide as wide as a city',
      replaced('sizeX="750000"', 'sizeX="9000000000000000"'),
      'image-corrupt',
      /18000000000000 x 1000 pixels/,
    ],
    ['no view', replaced('<view', '<sight'), 'image-corrupt', /an image without a view/],
    ['no dimensions', replaced('<dimension ', '<dim '), 'image-corrupt', /an image without dimensions/],
    ['images of no width', replaced(/sizeX="600"/, 'sizeX="0"'), 'image-corrupt', /0 pixels across/],
    [
      'a directory that is not there',
      replaced('ifd="3"', 'ifd="77"'),
      'image-corrupt',
      /names directory 77, but the file has 10/,
    ],
    ['a negative directory', replaced('ifd="3"', 'ifd="-1"'), 'image-corrupt', /names directory -1/],
    [
      'fluorescence',
      replaced('brightfield', 'fluorescence'),
      'image-unsupported',
      /no bright-field image.*fluorescence/,
    ],
    [
      'another objective in a region',
      (xml) => xml.replace(/<objective>20(?![\s\S]*<objective>20)/, '<objective>40'),
      'image-unsupported',
      /objective 20 with 3 levels, objective 40/,
    ],
    [
      'a region of another resolution',
      (xml) => xml.replace('<dimension sizeX="400" sizeY="600"', '<dimension sizeX="500" sizeY="600"'),
      'image-unsupported',
      /regions of different resolutions \(500\.0 and 400\.0/,
    ],
    [
      'a document type with entities',
      replaced('<scn ', '<!DOCTYPE x [<!ENTITY a "b">]><scn '),
      'image-corrupt',
      /has a document type/,
    ],
    ['an end in its middle', (xml) => xml.slice(0, xml.length / 2), 'image-corrupt', /XML ends/],
    [
      'elements closed out of place',
      replaced('</pixels>', '</pixel>'),
      'image-corrupt',
      /closes "pixel" out of place/,
    ],
    [
      '10,000 levels of nesting',
      replaced('<barcode>', '<a>'.repeat(10_000)),
      'image-corrupt',
      /nested more than 64 deep/,
    ],
    [
      '2,000 regions',
      (xml) => xml.replace(/<image name="image_0".*?<\/image>/, (image) => image.repeat(2000)),
      'image-corrupt',
      /2003 images, more than 1000/,
    ],
  ];
  test.each(cases)('%s', async (_name, edit, code, message) => {
    const path = forged('wrong', { ...slide, tileSize: 256, edit });
    await expect(openImage(path, codecs)).rejects.toMatchObject({
      code,
      message: expect.stringMatching(message),
      where: expect.stringMatching(/^wrong\.scn, IFD 0/),
    });
  });
});
