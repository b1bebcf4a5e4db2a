/** Aperio SVS beyond plain JPEG: JPEG 2000 of all kinds, tiles that were left out, and how the other images are named. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { openImage } from '../../../src-main/images/open-image.ts';
import { crop } from '../../../src-main/images/raster.ts';
import { forgeAperio } from '../../support/forge/aperio.ts';
import type { AperioOptions } from '../../support/forge/aperio.ts';
import { testData } from '../../support/test-data.ts';
import { difference, randomRegions, scratchFolder } from './oracles.ts';
import {
  codecs,
  expectDisplayAgrees,
  expectOpenslideInfo,
  expectOpenslidePixels,
  openslideAssociated,
  withSlide,
} from './slide-oracle.ts';

const folder = scratchFolder();

function forged(name: string, options: AperioOptions): string {
  const path = join(folder, `${name}.svs`);
  writeFileSync(path, forgeAperio(codecs, options));
  return path;
}

const levels = [
  { width: 460, height: 480 },
  { width: 115, height: 120 },
];
const small = { width: 460, height: 480, tileSize: 240, downsamples: [4] } as const;

describe.each([
  ['rgb', 1, { max: 0, mean: 0 }],
  ['rgb', 8, { max: 1, mean: 0.2 }],
  ['ycbcr-444', 1, { max: 1, mean: 0.6 }],
  ['ycbcr-422', 1, { max: 2, mean: 1 }],
  ['ycbcr-422', 8, { max: 2, mean: 1 }],
  ['ycbcr-420', 1, { max: 2, mean: 1 }],
] as const)('JPEG 2000, %s, %d times smaller', (compression, ratio, limit) => {
  const path = forged(`${compression}-${ratio}`, { ...small, compression, ratio });

  test('pixels of every level are OpenSlide’s', async () => {
    await expectOpenslidePixels(path, randomRegions(levels, 12, 3), limit);
  });

  test('what it is, and the screen shows what models see', async () => {
    await withSlide(path, async (source) => {
      expectOpenslideInfo(path, source.info, 'aperio.');
      expect(source.info.compression).toBe('jpeg2000');
      expect(source.info.display.passthrough).toBe(false);
      await expectDisplayAgrees(source);
    });
  });
});

describe('tiles that were left out', () => {
  const size = {
    width: 1920,
    height: 1440,
    tileSize: 240,
    downsamples: [4, 16],
    compression: 'jpeg',
  } as const;
  const sizes = [1, 4, 16].map((scale) => ({ width: size.width / scale, height: size.height / scale }));
  // One of level 0, and one of level 1 whose own four by four finer tiles are there.
  const path = forged('missing', {
    ...size,
    isMissing: (level, column, row) =>
      (level === 0 && column === 5 && row === 0) || (level === 1 && column === 0 && row === 1),
  });

  test('they are counted, with those above them, which OpenSlide does not trust either', async () => {
    await withSlide(path, async (source) => {
      expectOpenslideInfo(path, source.info, 'aperio.');
      expect(source.info.levels.map((level) => level.missingTiles)).toEqual([1, 2, 1]);
    });
  });

  test('level 0: white there, and OpenSlide’s pixels everywhere', async () => {
    await expectOpenslidePixels(path, [...randomRegions(sizes.slice(0, 1), 10, 5), gap], { max: 5, mean: 1 });
    await withSlide(path, async (source) => {
      const raster = await source.readRegion(gap);
      expect(new Set(raster.data)).toEqual(new Set([255]));
    });
  });

  const gap = { level: 0, x: 1200, y: 0, width: 240, height: 240 };

  test('coarser levels: OpenSlide’s pixels where tiles are stored', async () => {
    const stored = { level: 1, x: 240, y: 240, width: 240, height: 120 };
    await expectOpenslidePixels(path, [stored], { max: 5, mean: 1 });
  });

  test('coarser levels: the mean of the finer level where they are not, and what OpenSlide makes of it', async () => {
    const made = { level: 1, x: 10, y: 250, width: 200, height: 100 };
    await withSlide(path, async (source) => {
      const raster = await source.readRegion(made);
      const finer = await source.readRegion({ level: 0, x: 40, y: 1000, width: 800, height: 400 });
      expect(difference(raster.data, meanOf16(finer.data, 800)).max).toBeLessThanOrEqual(1);
    });
    // Its filter is another one (cairo's), but on a whole scale of 4 nearly the same.
    await expectOpenslidePixels(path, [made], { max: 5, mean: 1.5 });
  });

  test('the screen shows what models see', async () => {
    await withSlide(path, async (source) => {
      expect(source.info.display.passthrough).toBe(true);
      await expectDisplayAgrees(source);
    });
  });
});

/** Each 4 x 4 pixels' mean. */
function meanOf16(data: ArrayLike<number>, width: number): number[] {
  const [columns, rows] = [width / 4, data.length / 3 / width / 4];
  return Array.from({ length: columns * rows * 3 }, (_, i) => {
    const [x, y] = [Math.floor(i / 3) % columns, Math.floor(i / 3 / columns)];
    let sum = 0;
    for (let dy = 0; dy < 4; dy++) {
      for (let dx = 0; dx < 4; dx++) sum += data[((y * 4 + dy) * width + x * 4 + dx) * 3 + (i % 3)] ?? 0;
    }
    return Math.round(sum / 16);
  });
}

describe('thumbnail, label and macro', () => {
  test('are found where lines end with \\n, as by OpenSlide', async () => {
    const path = forged('lf', { ...small, compression: 'jpeg' });
    await withSlide(path, async (source) => {
      expect(source.info.associated.toSorted()).toEqual(Object.keys(openslideAssociated(path)));
      for (const [name, [width, height]] of Object.entries(openslideAssociated(path))) {
        const image = await source.associatedImage(name);
        expect(codecs.decodeJpeg(image.bytes)).toMatchObject({ width, height });
      }
    });
  });

  test('and where they end with \\r\\n, which OpenSlide 3.4.1 does not look behind', async () => {
    const path = forged('crlf', { ...small, compression: 'jpeg', newline: '\r\n' });
    await withSlide(path, async (source) => {
      expect(source.info.associated.toSorted()).toEqual(['label', 'macro', 'thumbnail']);
    });
  });
});

test('each JPEG 2000 tile is decoded once in a pass over the level', async () => {
  const path = forged('once', { ...small, compression: 'rgb', ratio: 8 });
  let decoded = 0;
  const counting = {
    ...codecs,
    decodeJpeg2000: (bytes: Uint8Array) => {
      decoded++;
      return codecs.decodeJpeg2000(bytes);
    },
  };
  const source = await openImage(path, counting);
  for (let y = -20; y < 480; y += 130) {
    for (let x = -20; x < 460; x += 130) await source.readRegion({ level: 0, x, y, width: 170, height: 170 });
  }
  source.close();
  expect(decoded).toBe(4);
});

describe('JPEG 2000 that is not what the directory says', () => {
  const damages: [name: string, damage: (bytes: Buffer, at: number) => void, message: RegExp][] = [
    ['no codestream', (bytes, at) => bytes.fill(0, at, at + 4), /is no JPEG 2000 codestream/],
    [
      'another width',
      (bytes, at) => bytes.writeUInt32BE(4_000_000_000, at + 8),
      /4000000000 x 240 with 3 bands/,
    ],
    ['another number of bands', (bytes, at) => bytes.writeUInt16BE(1, at + 40), /with 1 bands of 8 bits/],
    ['bands of odd sizes', (bytes, at) => bytes.set([7, 1, 1], at + 43), /JPEG 2000/],
    ['a body of zeros', (bytes, at) => bytes.fill(0, at + 120, at + 9_000), /damaged JPEG 2000|JPEG 2000/],
  ];
  const whole = forgeAperio(codecs, { ...small, compression: 'rgb' });
  test.each(damages)('%s', async (_name, damage, message) => {
    const path = join(folder, 'damaged.svs');
    const bytes = Buffer.from(whole);
    const at = bytes.indexOf(Buffer.from([0xff, 0x4f, 0xff, 0x51]));
    damage(bytes, at);
    writeFileSync(path, bytes);
    await withSlide(path, async (source) => {
      const region = source.readRegion({ level: 0, x: 0, y: 0, width: 50, height: 50 });
      await expect(region).rejects.toMatchObject({
        message: expect.stringMatching(message),
        where: expect.stringMatching(/damaged\.svs, IFD 0: tile 0 \(column 0, row 0\)/),
      });
      // The others are fine.
      await source.readRegion({ level: 0, x: 300, y: 300, width: 50, height: 50 });
    });
  });
});

test('tissue of a real slide, as JPEG 2000', async () => {
  const real = testData('pathology', 'CMU-1-Small-Region.svs');
  if (real === null) return;
  const whole = await withSlide(real, (source) =>
    source.readRegion({ level: 0, x: 600, y: 900, width: 480, height: 480 }),
  );
  const path = forged('tissue', {
    ...small,
    downsamples: [],
    compression: 'ycbcr-422',
    ratio: 10,
    picture: (x, y, width, height) => crop(whole, x, y, width, height),
  });
  await expectOpenslidePixels(path, randomRegions(levels.slice(0, 1), 12, 9), { max: 2, mean: 1 });
});
