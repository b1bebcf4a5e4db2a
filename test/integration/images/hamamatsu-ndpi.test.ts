/** Hamamatsu NDPI: forged slides that OpenSlide reads, with restart tables of every kind. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import turbo from '@julusian/jpeg-turbo';
import { describe, expect, test } from 'vitest';
import type { Codecs, Raster } from '../../../src-main/images/image-source.ts';
import { openImage } from '../../../src-main/images/open-image.ts';
import { createCodecs } from '../../../src-main/workers/codecs/codecs.ts';
import { forgeNdpi, ndpiJpeg, writeNdpi } from '../../support/forge/ndpi.ts';
import type { NdpiLevelOptions, NdpiOptions } from '../../support/forge/ndpi.ts';
import { RangeServerThread } from '../../support/range-server-thread.ts';
import { difference, openslideProperties, randomRegions, scratchFolder, vipsPixels } from './oracles.ts';
import type { Region } from './oracles.ts';
import {
  codecs,
  expectDisplayAgrees,
  openslideAssociated,
  openslideOverWhite,
  withSlide,
} from './slide-oracle.ts';

type Table = NonNullable<NdpiLevelOptions['table']>;

const folder = scratchFolder();
const exact = await createCodecs(undefined, 'exact');

const samplings = {
  '4:4:4': { subsampling: turbo.SAMP_444, mcuWidth: 8, mcuHeight: 8 },
  '4:2:2': { subsampling: turbo.SAMP_422, mcuWidth: 16, mcuHeight: 8 },
  '4:2:0': { subsampling: turbo.SAMP_420, mcuWidth: 16, mcuHeight: 16 },
} as const;

function kind(sampling: keyof typeof samplings): Pick<NdpiOptions, 'encode' | 'mcuWidth' | 'mcuHeight'> {
  const { subsampling, mcuWidth, mcuHeight } = samplings[sampling];
  const encode = ({ width, height, data }: Raster): Uint8Array =>
    turbo.compressSync(Buffer.from(data.buffer), {
      width,
      height,
      quality: 80,
      format: turbo.FORMAT_RGB,
      subsampling,
    });
  return { encode, mcuWidth, mcuHeight };
}

function forged(name: string, options: NdpiOptions): string {
  const path = join(folder, `${name}.ndpi`);
  writeNdpi(path, options);
  return path;
}

/** Wide intervals, intervals that are joined, and a small level that is one picture. */
function threeLevels(table: Table, sampling: keyof typeof samplings): NdpiLevelOptions[] {
  const mcus = 2048 / samplings[sampling].mcuWidth;
  return [
    { width: 4096, height: 640, scale: 1, interval: mcus, table },
    { width: 1024, height: 160, scale: 4, interval: mcus / 8, table },
    { width: 256, height: 40, scale: 16, interval: 0 },
  ];
}

/** OpenSlide adds levels that are not in the file, by decoding at a half, a quarter and an eighth: ours by its numbers. */
function theirLevels(path: string, widths: readonly number[]): number[] {
  const properties = openslideProperties(path);
  return widths.map((width) => {
    const count = Number(properties.get('openslide.level-count'));
    const level = Array.from({ length: count }).findIndex(
      (_, i) => Number(properties.get(`openslide.level[${i}].width`)) === width,
    );
    if (level < 0) throw new Error(`OpenSlide has no level of width ${width}`);
    return level;
  });
}

/**
 * No value differs by more than 5, and all regions together by 1 on average: what libjpeg-turbo's fast transform makes, which
 * is about 1 whatever the picture. OpenSlide decodes each restart interval alone and so does not smooth colours across its left
 * and right border; where we join intervals they are, as in the JPEG as a whole: `joined` says where those borders are.
 */
async function expectPixels(
  path: string,
  regions: readonly Region[],
  joined: { level: number; every: number } | null = null,
): Promise<void> {
  await withSlide(path, async (source) => {
    const widths = source.info.levels.map((level) => level.width);
    const theirs = theirLevels(path, widths);
    const expected = openslideOverWhite(
      path,
      regions.map((region) => ({ ...region, level: theirs[region.level] ?? -1 })),
    );
    let [sum, values] = [0, 0];
    for (const [i, region] of regions.entries()) {
      const { data } = await source.readRegion(region);
      const wanted = expected[i] ?? Buffer.alloc(0);
      if (joined !== null && region.level === joined.level) {
        for (let at = 0; at < data.length; at++) {
          const x = region.x + (Math.floor(at / 3) % region.width);
          const isBorder = x % joined.every === 0 || (x + 1) % joined.every === 0;
          if (isBorder) data[at] = wanted[at] ?? 0;
        }
      }
      const gap = difference(data, wanted);
      expect(gap.max, JSON.stringify(region)).toBeLessThanOrEqual(5);
      sum += gap.mean * data.length;
      values += data.length;
    }
    expect(sum / values).toBeLessThanOrEqual(1);
  });
}

const sizes = threeLevels('right', '4:2:2');

describe.each([
  ['right', '4:4:4'],
  ['right', '4:2:2'],
  ['split', '4:2:2'],
  ['none', '4:2:2'],
  ['short', '4:2:2'],
] as const)('restart table: %s, colours %s', (table, sampling) => {
  const path = forged(`${table}-${sampling.replaceAll(':', '')}`, {
    ...kind(sampling),
    levels: threeLevels(table, sampling),
    macro: true,
  });

  test('pixels of every level are OpenSlide’s', async () => {
    const joined = sampling === '4:2:2' ? { level: 1, every: 256 } : null;
    await expectPixels(path, randomRegions(sizes, 12, 11), joined);
  });

  test('what it is', async () => {
    await withSlide(path, async ({ info }) => {
      const expected = openslideProperties(path);
      const number = (key: string): number => Number(expected.get(key));
      expect(info).toMatchObject({ format: 'ndpi', vendor: 'hamamatsu', compression: 'jpeg' });
      expect(info.vendor).toBe(expected.get('openslide.vendor'));
      const theirs = theirLevels(
        path,
        info.levels.map((level) => level.width),
      );
      for (const [i, level] of info.levels.entries()) {
        const key = `openslide.level[${theirs[i]}]`;
        expect(level).toMatchObject({
          width: number(`${key}.width`),
          height: number(`${key}.height`),
          downsample: number(`${key}.downsample`),
          tileWidth: number(`${key}.tile-width`),
          tileHeight: number(`${key}.tile-height`),
        });
      }
      expect(info.mpp).toEqual({ x: number('openslide.mpp-x'), y: number('openslide.mpp-y') });
      expect(info.objectivePower).toBe(number('openslide.objective-power'));
      const isOwn = (key: string): boolean => /^(?:hamamatsu|tiff)\./.test(key);
      expect(info.properties).toEqual(Object.fromEntries([...expected].filter(([key]) => isOwn(key))));
      expect(info.associated).toEqual(Object.keys(openslideAssociated(path)));
    });
  });

  test('the screen shows what models see; tiles of a handy size as they are stored', async () => {
    await withSlide(path, async (source) => {
      await expectDisplayAgrees(source);
      const [wide, joined] = source.info.display.levels;
      expect([wide?.tileWidth, wide?.tileHeight, joined?.tileWidth]).toEqual([512, 512, 512]);
    });
  });
});

test.each(['4:2:0', '4:2:2', '4:4:4'] as const)(
  'joined intervals of %s are libjpeg’s whole JPEG',
  async (name) => {
    // OpenSlide fails at 4:2:0.
    const level = { width: 512, height: 512, scale: 1, interval: 128 / samplings[name].mcuWidth };
    const options = { ...kind(name), levels: [level] };
    const label = name.replaceAll(':', '');
    const jpeg = join(folder, `whole-${label}.jpg`);
    writeFileSync(jpeg, ndpiJpeg(level, options));
    const source = await openImage(forged(`whole-${label}`, options), exact);
    const { data } = await source.readRegion({ level: 0, x: 0, y: 0, width: 512, height: 512 });
    source.close();
    expect(difference(data, vipsPixels(jpeg, '')).max).toBe(0);
  },
);

test('with the exact decoder, OpenSlide’s pixels to the bit', async () => {
  const path = forged('exact', { ...kind('4:4:4'), levels: threeLevels('right', '4:4:4') });
  const regions = randomRegions(sizes.slice(0, 1), 10, 31);
  const expected = openslideOverWhite(path, regions);
  const source = await openImage(path, exact);
  for (const [i, region] of regions.entries()) {
    const { data } = await source.readRegion(region);
    expect(difference(data, expected[i] ?? []).max, JSON.stringify(region)).toBe(0);
  }
  source.close();
});

test('a file beyond 4 GiB', async () => {
  const levels = threeLevels('right', '4:2:2');
  const path = forged('large', { ...kind('4:2:2'), levels, base: 5 * 2 ** 30, macro: true });
  await expectPixels(path, randomRegions(sizes, 4, 17), { level: 1, every: 256 });
  await withSlide(path, async (source) => {
    expect(source.info.properties?.['hamamatsu.Reference']).toBe('4A0000000ABCDE');
    expect(await source.fingerprint()).toMatch(/^[\da-f]{64}$/);
  });
});

test('the macro image is the stored one', async () => {
  const options = { ...kind('4:4:4'), levels: threeLevels('right', '4:4:4'), macro: true };
  await withSlide(forged('macro', options), async (source) => {
    const image = await source.associatedImage('macro');
    expect(codecs.decodeJpeg(image.bytes)).toMatchObject({ width: 160, height: 64 });
    await expect(source.associatedImage('label')).rejects.toMatchObject({ code: 'usage' });
  });
});

test('a level that is wider than JPEG can say', async () => {
  const level = { width: 66_560, height: 64, scale: 1, interval: 208, hideSize: true };
  await expectPixels(forged('wide', { ...kind('4:4:4'), levels: [level] }), randomRegions([level], 12, 29));
});

test('other planes of focus are left out', async () => {
  const [first, ...others] = threeLevels('right', '4:4:4');
  if (first === undefined) throw new Error('no level');
  const above = { ...first, focalPlane: 4000 };
  const path = forged('planes', { ...kind('4:4:4'), levels: [first, above, ...others] });
  await withSlide(path, async ({ info }) => expect(info.levels).toHaveLength(3));
  await expectPixels(path, randomRegions(sizes.slice(0, 1), 3, 19));
});

test('rows and columns that do not fill their last MCU are there', async () => {
  const level = { width: 1000, height: 333, scale: 1, interval: 63 };
  const path = forged('odd', { ...kind('4:2:2'), levels: [level] });
  await withSlide(path, async (source) => {
    expect(source.info).toMatchObject({ width: 1000, height: 333 });
    const full = forged('full', { ...kind('4:2:2'), levels: [{ ...level, width: 1008, height: 336 }] });
    const region = { level: 0, x: 700, y: 200, width: 300, height: 133 };
    const expected = await withSlide(full, (padded) => padded.readRegion(region));
    // The smoothing of colours at the very edge sees the pixels beyond it in the other file.
    expect(difference((await source.readRegion(region)).data, expected.data).max).toBeLessThanOrEqual(5);
    await expectDisplayAgrees(source);
  });
});

/** All tiles of level 0 in rows, as a run reads them; how many JPEGs were decoded for that. */
async function decodedInOnePass(path: string): Promise<number> {
  let decoded = 0;
  const counting: Codecs = {
    ...codecs,
    decodeJpeg: (bytes, options) => {
      decoded++;
      return codecs.decodeJpeg(bytes, options);
    },
  };
  const source = await openImage(path, counting);
  for (let y = 0; y < source.info.height; y += 200) {
    for (let x = 0; x < source.info.width; x += 200) {
      await source.readRegion({ level: 0, x, y, width: 256, height: 256 });
    }
  }
  source.close();
  return decoded;
}

test('one pass with overlaps decodes every restart interval once', async () => {
  for (const table of ['right', 'none'] as const) {
    const path = forged(`pass-${table}`, { ...kind('4:2:2'), levels: threeLevels(table, '4:2:2') });
    // Tiles of 2048 x 128 pixels: 16 intervals each.
    expect(await decodedInOnePass(path)).toBe(2 * (640 / 128));
  }
});

test('from a server: the same pixels, a tile’s intervals fetched together', async () => {
  const path = forged('served', { ...kind('4:2:2'), levels: threeLevels('right', '4:2:2'), macro: true });
  const server = await RangeServerThread.start({ '/served.ndpi': path });
  try {
    const source = await openImage(`${server.origin}/served.ndpi`, codecs);
    const regions = randomRegions(sizes, 3, 41);
    await server.follow();
    for (const region of regions) {
      const { data } = await source.readRegion(region);
      const expected = await withSlide(path, (local) => local.readRegion(region));
      expect(difference(data, expected.data).max).toBe(0);
    }
    // 80 rows of intervals hang together in five rows of tiles.
    expect((await server.asked()).length).toBeLessThan(60);
    expect((await source.associatedImage('macro')).type).toBe('image/jpeg');
    source.close();
  } finally {
    await server.close();
  }
});

describe('damaged and hostile files', () => {
  test.each(['shifted', 'wild'] as const)('a table that is %s gives way to the markers', async (table) => {
    const path = forged(table, { ...kind('4:2:2'), levels: threeLevels(table, '4:2:2') });
    const good = forged(`${table}-good`, { ...kind('4:2:2'), levels: threeLevels('right', '4:2:2') });
    for (const region of randomRegions(sizes, 5, 23)) {
      const ours = await withSlide(path, (source) => source.readRegion(region));
      const expected = await withSlide(good, (source) => source.readRegion(region));
      expect(difference(ours.data, expected.data).max).toBe(0);
    }
  });

  const only = { width: 2048, height: 256, scale: 1, interval: 128 };
  const damaged = (name: string, damage: (jpeg: Buffer) => void, level: NdpiLevelOptions = only): string =>
    forged(name, { ...kind('4:2:2'), levels: [level], damage });
  const lastRegion = { level: 0, x: 2000, y: 250, width: 8, height: 4 };

  test('markers that are not there', async () => {
    const path = damaged(
      'unmarked',
      (jpeg) => {
        for (let at = jpeg.length >> 1; at + 1 < jpeg.length; at++) {
          const code = jpeg[at + 1] ?? 0;
          if (jpeg[at] === 0xff && code >= 0xd0 && code <= 0xd7) jpeg[at] = 0;
        }
      },
      { ...only, table: 'none' },
    );
    await withSlide(path, async (source) => {
      await expect(source.readRegion(lastRegion)).rejects.toMatchObject({
        code: 'image-corrupt',
        message: expect.stringMatching(/has only \d+ of 32 restart intervals/),
        where: expect.stringContaining('unmarked.ndpi, IFD 0'),
      });
    });
  });

  const opening: [name: string, damage: (jpeg: Buffer) => void, message: RegExp][] = [
    ['no JPEG', (jpeg) => jpeg.fill(0, 0, 2), /does not start like a JPEG/],
    [
      'no end of its header',
      (jpeg) => jpeg.writeUInt16BE(0xfffe, 2) && jpeg.writeUInt16BE(0xffff, 4),
      /no end of its header|no marker/,
    ],
    [
      'another size',
      (jpeg) => jpeg.writeUInt16BE(77, jpeg.indexOf(Buffer.from([0xff, 0xc0])) + 5),
      /but its JPEG 2048 x 77/,
    ],
    [
      'five components',
      (jpeg) => jpeg.writeUInt8(5, jpeg.indexOf(Buffer.from([0xff, 0xc0])) + 9),
      /damaged frame header|5 components/,
    ],
    [
      'sampling factors of 0',
      (jpeg) => jpeg.writeUInt8(0, jpeg.indexOf(Buffer.from([0xff, 0xc0])) + 11),
      /sampling factors 0 x 0/,
    ],
  ];
  test.each(opening)('%s', async (name, damage, message) => {
    await expect(openImage(damaged(name.replaceAll(' ', '-'), damage), codecs)).rejects.toMatchObject({
      code: 'image-corrupt',
      message: expect.stringMatching(message),
      where: expect.stringContaining('.ndpi, IFD 0'),
    });
  });

  test('more intervals than bytes', async () => {
    const bytes = forgeNdpi({ ...kind('4:2:2'), levels: [{ ...only, hideSize: true }] });
    // The directory's own size, in the entries that come first.
    const at = Number(bytes.readBigUInt64LE(4)) + 2 + 8;
    bytes.writeUInt32LE(2048 * 900_000, at);
    bytes.writeUInt32LE(2048 * 900_000, at + 12);
    const path = join(folder, 'vast.ndpi');
    writeFileSync(path, bytes);
    await expect(openImage(path, codecs)).rejects.toMatchObject({
      code: 'image-corrupt',
      message: expect.stringMatching(/would have \d+ restart intervals in \d+ bytes/),
    });
  });

  test('coded bytes that are none end in an error that names the tile', async () => {
    const path = damaged('noise', (jpeg) => jpeg.fill(0x5a, 700, 2000));
    await withSlide(path, async (source) => {
      const read = source.readRegion({ level: 0, x: 0, y: 0, width: 2048, height: 256 });
      await expect(read).rejects.toMatchObject({
        code: 'image-corrupt',
        where: expect.stringMatching(/noise\.ndpi, IFD 0(?:: tile at column 0, row 0)?$/),
      });
    });
  });

  test('a file that was cut off anywhere gives an error or opens', async () => {
    const bytes = readFileSync(damaged('whole', () => undefined));
    for (let length = 1; length < bytes.length; length += Math.ceil(bytes.length / 60)) {
      const path = join(folder, 'cut.ndpi');
      writeFileSync(path, bytes.subarray(0, length));
      await expect(openImage(path, codecs)).rejects.toMatchObject({
        code: expect.stringMatching(/^(?:image|format)-/),
      });
    }
  });
});
