/** Trestle slides, whose tiles overlap: forged ones that OpenSlide reads. */
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { assert, asyncProperty, integer } from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Codecs } from '../../../src-main/images/image-source.ts';
import { openImage } from '../../../src-main/images/open-image.ts';
import { createCodecs } from '../../../src-main/workers/codecs/codecs.ts';
import { pictureAt } from '../../support/forge/picture.ts';
import { forgeTrestle } from '../../support/forge/trestle.ts';
import type { TrestleLevel, TrestleOptions } from '../../support/forge/trestle.ts';
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
const exact = await createCodecs(undefined, 'exact');

function forged(name: string, options: TrestleOptions): string {
  const path = join(folder, `${name}.tif`);
  writeFileSync(path, forgeTrestle(codecs, options));
  return path;
}

/** A directory's size for a level that shows so much. */
function stored(shown: number, tile: number, overlap: number): number {
  const count = Math.max(1, Math.ceil((shown - overlap) / (tile - overlap)));
  return shown + (count - 1) * overlap;
}

function level(
  width: number,
  height: number,
  scale: number,
  overlap: readonly [number, number],
): TrestleLevel {
  return { width: stored(width, 256, overlap[0]), height: stored(height, 256, overlap[1]), scale, overlap };
}

const slides: Record<string, { levels: TrestleLevel[]; sizes: { width: number; height: number }[] }> = {
  overlapping: {
    levels: [level(1600, 1200, 1, [64, 48]), level(400, 300, 4, [16, 12]), level(200, 150, 8, [0, 0])],
    sizes: [1, 4, 8].map((scale) => ({ width: 1600 / scale, height: 1200 / scale })),
  },
  'by a half, and in one direction only': {
    levels: [level(1200, 800, 1, [128, 0]), level(300, 200, 4, [0, 128])],
    sizes: [1, 4].map((scale) => ({ width: 1200 / scale, height: 800 / scale })),
  },
  'side by side': {
    levels: [level(1280, 1024, 1, [0, 0]), level(320, 256, 4, [0, 0])],
    sizes: [1, 4].map((scale) => ({ width: 1280 / scale, height: 1024 / scale })),
  },
};

describe.each(Object.entries(slides))('%s', (name, { levels, sizes }) => {
  // What two tiles show of the same place is not the same, so that it shows which one is taken.
  const path = forged(name.replaceAll(/\W+/g, '-'), { levels, tileSize: 256, jump: 7 });

  test('pixels of every level are OpenSlide’s', async () => {
    await expectOpenslidePixels(path, randomRegions(sizes, 15, 37), { max: 5, mean: 1 });
  });

  test('what it is', async () => {
    await withSlide(path, async ({ info }) => {
      expectOpenslideInfo(path, info, 'trestle.');
      expect(info).toMatchObject({ format: 'trestle', mpp: { x: 0.325, y: 0.33 }, objectivePower: 20 });
      expect(info.levels.map(({ width, height }) => ({ width, height }))).toEqual(sizes);
      const properties = openslideProperties(path);
      expect(info.properties?.['tiff.Software']).toBe(properties.get('tiff.Software'));
      expect(info.properties?.['tiff.ImageDescription']).toBe(properties.get('tiff.ImageDescription'));
    });
  });

  test('the screen shows what models see; as it is stored where tiles do not overlap', async () => {
    await withSlide(path, async (source) => {
      expect(source.info.display.passthrough).toBe(name === 'side by side');
      await expectDisplayAgrees(source);
    });
  });
});

test('any sizes and overlaps: OpenSlide’s size, and its pixels where tiles meet', async () => {
  const side = integer({ min: 1, max: 700 });
  const overlap = integer({ min: 0, max: 32 });
  await assert(
    asyncProperty(side, side, overlap, overlap, async (width, height, x, y) => {
      const one: TrestleLevel = { width, height, scale: 1, overlap: [x, y] };
      const path = forged('any', { levels: [one], tileSize: 64, jump: 5 });
      await withSlide(path, async ({ info }) => {
        expectOpenslideInfo(path, info, 'trestle.');
        const whole = { level: 0, x: 0, y: 0, width: info.width, height: info.height };
        await expectOpenslidePixels(path, [whole], { max: 0, mean: 0 }, exact);
      });
    }),
    { numRuns: 25, seed: 5 },
  );
});

describe('the macro image beside the file', () => {
  const path = forged('beside', { levels: [level(300, 300, 1, [16, 16])], tileSize: 256 });
  const full = join(folder, 'beside.Full');

  test('is found, and read when asked for', async () => {
    writeFileSync(full, codecs.encodeJpeg(pictureAt(900, 900, 120, 60), 85));
    await withSlide(path, async (source) => {
      expect(source.info.associated).toEqual(['macro']);
      expect(openslideAssociated(path)).toEqual({ macro: [120, 60] });
      const image = await source.associatedImage('macro');
      expect(codecs.decodeJpeg(image.bytes)).toMatchObject({ width: 120, height: 60 });
      rmSync(full);
      await expect(source.associatedImage('macro')).rejects.toMatchObject({ code: 'image-corrupt' });
    });
  });

  test('is not offered where it is absent or no JPEG', async () => {
    await withSlide(path, async ({ info }) => expect(info.associated).toEqual([]));
    writeFileSync(full, 'not a picture');
    await withSlide(path, async ({ info }) => expect(info.associated).toEqual([]));
    expect(openslideAssociated(path)).toEqual({});
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
  const one = level(1600, 1200, 1, [64, 48]);
  const source = await openImage(forged('pass', { levels: [one], tileSize: 256 }), counting);
  for (let y = 0; y < 1200; y += 200) {
    for (let x = 0; x < 1600; x += 200) await source.readRegion({ level: 0, x, y, width: 256, height: 256 });
  }
  source.close();
  expect(decoded).toBe(Math.ceil(one.width / 256) * Math.ceil(one.height / 256));
});

describe('damaged and hostile descriptions', () => {
  const levels = [level(600, 600, 1, [32, 32]), level(300, 300, 2, [16, 16])];
  test.each([
    ['an overlap larger than a tile', '300 0 0 0', /would overlap by 300 x 0/],
    ['an overlap of a whole tile', '0 256', /would overlap by 0 x 256/],
    ['an overlap of all but a pixel', '255 255', /would overlap by 255 x 255/],
    ['a negative overlap', '-16 -16', /gives its tiles the overlaps "-16 -16"/],
    ['text', 'NaN many', /gives its tiles the overlaps/],
    ['a number without end', '9'.repeat(400), /gives its tiles the overlaps/],
  ])('%s', async (name, overlaps, message) => {
    const path = forged(name.replaceAll(' ', '-'), { levels, tileSize: 256, overlaps });
    await expect(openImage(path, codecs)).rejects.toMatchObject({
      code: 'image-corrupt',
      message: expect.stringMatching(message),
      where: expect.stringMatching(/\.tif, IFD 0$/),
    });
  });

  test('levels that do not shrink', async () => {
    const [first] = levels;
    if (first === undefined) throw new Error('no level');
    const path = forged('same', { levels: [first, first], tileSize: 256 });
    await expect(openImage(path, codecs)).rejects.toMatchObject({
      code: 'image-corrupt',
      where: expect.stringMatching(/IFD 1$/),
    });
  });
});
