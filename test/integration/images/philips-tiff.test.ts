/** Philips' TIFF: forged slides that OpenSlide reads. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { Codecs } from '../../../src-main/images/image-source.ts';
import { openImage } from '../../../src-main/images/open-image.ts';
import { forgePhilips } from '../../support/forge/philips.ts';
import type { PhilipsOptions } from '../../support/forge/philips.ts';
import { openslideProperties, randomRegions, scratchFolder } from './oracles.ts';
import {
  codecs,
  expectDisplayAgrees,
  expectOpenslideInfo,
  expectOpenslidePixels,
  openslideAssociated,
  withSlide,
} from './slide-oracle.ts';

const folder = scratchFolder();
const common: PhilipsOptions = {
  width: 1792,
  height: 1280,
  tileSize: 256,
  downsamples: [2, 4, 8],
  associated: 'xml',
  isMissing: (level, column, row) =>
    (level === 0 && column < 2 && row === 3) || (level === 1 && column === 2),
};
/** What the padded levels really have. */
const sizes = [1, 2, 4, 8].map((scale) => ({ width: 1792 / scale, height: 1280 / scale }));

function forged(name: string, options: Partial<PhilipsOptions> = {}): string {
  const path = join(folder, `${name}.tiff`);
  writeFileSync(path, forgePhilips(codecs, { ...common, ...options }));
  return path;
}

describe.each(['xml', 'directories', 'none'] as const)('label and macro: %s', (associated) => {
  const path = forged(associated, { associated });

  test('pixels of every level are OpenSlide’s, and white where nothing is stored', async () => {
    const gap = { level: 0, x: 100, y: 800, width: 200, height: 150 };
    await expectOpenslidePixels(path, [...randomRegions(sizes, 10, 3), gap], { max: 5, mean: 1 });
    await withSlide(path, async (source) => {
      expect(new Set((await source.readRegion(gap)).data)).toEqual(new Set([255]));
    });
  });

  test('what it is', async () => {
    await withSlide(path, async (source) => {
      const { info } = source;
      expectOpenslideInfo(path, info, 'philips.');
      expect(info).toMatchObject({ format: 'philips-tiff', vendor: 'philips' });
      const isTiff = ([key]: readonly [string, string]): boolean => key.startsWith('tiff.');
      expect(Object.entries(info.properties ?? {}).filter(isTiff)).toEqual(
        expect.arrayContaining([...openslideProperties(path)].filter(isTiff)),
      );
      expect(info.levels.map((level) => level.downsample)).toEqual([1, 2, 4, 8]);
      expect(info.levels.map((level) => level.missingTiles)).toEqual([2, 3, undefined, undefined]);
      const expected = openslideAssociated(path);
      expect(info.associated.toSorted()).toEqual(Object.keys(expected).toSorted());
      for (const [name, [width, height]] of Object.entries(expected)) {
        const image = await source.associatedImage(name);
        expect(codecs.decodeJpeg(image.bytes)).toMatchObject({ width, height, bands: 3 });
      }
      await expect(source.associatedImage('patient')).rejects.toMatchObject({ code: 'usage' });
    });
  });

  test('the screen shows what models see, from tiles as they are stored', async () => {
    await withSlide(path, async (source) => {
      expect(source.info.display.passthrough).toBe(true);
      await expectDisplayAgrees(source);
    });
  });
});

test('sizes that no level divides', async () => {
  const path = forged('uneven', { width: 1536, height: 1280, downsamples: [3, 7], isMissing: () => false });
  await withSlide(path, async ({ info }) => {
    expectOpenslideInfo(path, info, 'philips.');
    expect(info.levels.map(({ width, height, downsample }) => [width, height, downsample])).toEqual([
      [1536, 1280, 1],
      [512, 426, 3],
      [219, 182, 7],
    ]);
  });
});

test('one pass with overlaps decodes every stored tile once', async () => {
  let decoded = 0;
  const counting: Codecs = {
    ...codecs,
    decodeJpeg: (bytes, options) => {
      decoded++;
      return codecs.decodeJpeg(bytes, options);
    },
  };
  const source = await openImage(forged('pass'), counting);
  for (let y = 0; y < 1280; y += 200) {
    for (let x = 0; x < 1792; x += 200) await source.readRegion({ level: 0, x, y, width: 256, height: 256 });
  }
  source.close();
  expect(decoded).toBe(7 * 5 - 2);
});

describe('damaged and hostile XML', () => {
  const cases: [name: string, change: (xml: string) => string, message: RegExp][] = [
    ['no slide image', (xml) => xml.replace('>WSI<', '>OTHER<'), /describes no slide images/],
    ['two slide images', (xml) => xml.replace('>LABELIMAGE<', '>WSI<'), /describes 2 slide images/],
    [
      'no pixel spacings',
      (xml) => xml.replaceAll('DICOM_PIXEL_SPACING', 'X'),
      /4 levels, but its XML 0 pixel spacings/,
    ],
    [
      'a pixel spacing of 0',
      (xml) => xml.replaceAll('0.000454000', '0.0'),
      /gives level 1 the pixel spacing/,
    ],
    [
      'a pixel spacing that is text',
      (xml) => xml.replaceAll('0.000454000', 'wide'),
      /gives level 1 the pixel spacing/,
    ],
    [
      'one number',
      (xml) => xml.replaceAll(/&quot;0\.000454000&quot;/g, ''),
      /gives level 1 the pixel spacing/,
    ],
    [
      'levels that grow',
      (xml) => xml.replaceAll('0.000454000', '0.0001').replaceAll('0.000458540', '0.0001'),
      /makes level 1 0 times smaller/,
    ],
    [
      'a level larger than what is stored',
      (xml) => xml.replaceAll('0.000908000', '0.0006').replaceAll('0.000917080', '0.0006'),
      /are stored/,
    ],
    [
      'a level of no pixels',
      (xml) => xml.replaceAll('0.001816000', '9e9').replaceAll('0.001834160', '9e9'),
      /makes this level 0 x 0/,
    ],
    ['a document type', (xml) => xml.replace('?>', '?><!DOCTYPE x [<!ENTITY a "b">]>'), /document type/],
    ['an end in the middle', (xml) => xml.slice(0, xml.length / 2), /ends/],
    [
      'elements nested 10,000 deep',
      (xml) => xml.replace('</DataObject>', `${'<a>'.repeat(10_000)}</DataObject>`),
      /nested more than/,
    ],
  ];
  test.each(cases)('%s', async (name, changeXml, message) => {
    const path = forged(name.replaceAll(/\W+/g, '-'), { changeXml });
    await expect(openImage(path, codecs)).rejects.toMatchObject({
      code: 'image-corrupt',
      message: expect.stringMatching(message),
      where: expect.stringMatching(/\.tiff, IFD \d$/),
    });
  });

  test('an image that is no JPEG is not offered', async () => {
    const path = forged('no-jpeg', { changeXml: (xml) => xml.replace(/IString">\/9j\//, 'IString">AAAA') });
    await withSlide(path, async ({ info }) => {
      expect(info.associated).toEqual(['macro']);
      expect(Object.keys(openslideAssociated(path))).toEqual(['macro']);
    });
  });

  test('without that XML it is a TIFF like others, as it is to OpenSlide', async () => {
    const path = forged('other', { changeXml: () => 'exported' });
    expect(openslideProperties(path).get('openslide.vendor')).toBe('generic-tiff');
    await withSlide(path, async ({ info }) => expect(info.vendor).toBe('generic-tiff'));
  });
});
