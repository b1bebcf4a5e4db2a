/** OME-TIFFs with a directory a channel: pixels by libvips, page by page; names, colours and what is not shown by what was written. */
import { join } from 'node:path';
import { writeFileSync } from 'node:fs';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Channel } from '../../../src-main/contract/look.ts';
import { openImage } from '../../../src-main/images/open-image.ts';
import type { ImageSource } from '../../../src-main/images/image-source.ts';
import { createCodecs } from '../../../src-main/workers/codecs/codecs.ts';
import { forgeOmeTiff, planesOf } from '../../support/forge/ome-tiff.ts';
import type { ForgedOme } from '../../support/forge/ome-tiff.ts';
import { testData } from '../../support/test-data.ts';
import { bytesOf, difference, randomRegions, scratchFolder, vipsPixels } from './oracles.ts';

const codecs = await createCodecs();
const folder = scratchFolder();
let files = 0;

function write(ome: ForgedOme): string {
  const path = join(folder, `${files++}.ome.tif`);
  writeFileSync(path, forgeOmeTiff(ome));
  return path;
}

/** Told apart everywhere: by place, channel, z and t. */
const value: ForgedOme['value'] = (x, y, { z, c, t }) =>
  ((x * 3 + y * 7 + c * 1000 + z * 133 + t * 17) * 5) % 60_000;
const panel: ForgedOme = {
  width: 300,
  height: 170,
  type: 'uint16',
  channels: [
    { name: 'DAPI', color: 0x0000ffff },
    { name: 'CD3 & CD8', color: 0x00ff00ff },
    { name: 'PanCK', color: 0xff8000ff | 0 },
    { name: 'Ki-67' },
  ],
  levels: 3,
  value,
};

async function withImage<T>(path: string, use: (source: ImageSource) => Promise<T>): Promise<T> {
  const source = await openImage(path, codecs);
  try {
    return await use(source);
  } finally {
    source.close();
  }
}

/** The bands of regions of all levels against libvips' own reading of the pages. */
async function comparePages(
  path: string,
  source: ImageSource,
  pages: readonly number[],
  sampleBytes: number,
): Promise<void> {
  for (const [level, { width, height }] of source.info.levels.entries()) {
    const options = (page: number): string => `[page=${page}${level === 0 ? '' : `,subifd=${level - 1}`}]`;
    const planes = pages.map((page) => vipsPixels(path, options(page)));
    for (const region of randomRegions([{ width, height }], 3, level + 7)) {
      const raster = await source.readRegion({ ...region, level });
      expect(raster.bands).toBe(pages.length);
      const own = bytesOf(raster.data);
      const expected = Buffer.alloc(own.length);
      for (let y = 0, to = 0; y < region.height; y++) {
        for (let x = 0; x < region.width; x++) {
          for (const plane of planes) {
            const from = ((region.y + y) * width + region.x + x) * sampleBytes;
            plane.copy(expected, to, from, from + sampleBytes);
            to += sampleBytes;
          }
        }
      }
      expect(difference(own, expected).max).toBe(0);
    }
  }
}

describe('channels in directories of their own', () => {
  test('are the bands of one image, with names, colours and all levels', async () => {
    const path = write(panel);
    await withImage(path, async (source) => {
      const { info } = source;
      expect(info).toMatchObject({
        format: 'ome-tiff',
        bands: 4,
        dtype: 'uint16',
        mpp: { x: 0.5, y: 0.5 },
        objectivePower: 20,
        bandNames: ['DAPI', 'CD3 & CD8', 'PanCK', 'Ki-67'],
      });
      expect(info.bandInfo?.map(({ color }) => color)).toEqual(['#0000ff', '#00ff00', '#ff8000', null]);
      expect(info.levels.map(({ width }) => width)).toEqual([300, 150, 75]);
      expect(info.display.passthrough).toBe(false);
      expect(info.properties?.['gigatile.plane']).toBeUndefined();
      await comparePages(path, source, [0, 1, 2, 3], 2);
    });
  });

  test.each([
    ['uint8', 1],
    ['float', 4],
  ] as const)('of %s', async (type, sampleBytes) => {
    const path = write({ ...panel, type, value: (x, y, plane) => value(x, y, plane) % 251 });
    await withImage(path, async (source) => {
      expect(source.info.dtype).toBe(type === 'float' ? 'float32' : type);
      await comparePages(path, source, [0, 1, 2, 3], sampleBytes);
    });
  });

  test.each(['XYCZT', 'XYCTZ', 'XYZCT', 'XYZTC', 'XYTCZ', 'XYTZC'])(
    'of a stack and a series in time, in the order %s: the first plane is shown, and that is said',
    async (order) => {
      const ome: ForgedOme = { ...panel, width: 70, height: 40, levels: 1, sizeZ: 3, sizeT: 2, order };
      const path = write(ome);
      const wanted = [0, 1, 2, 3].map((channel) =>
        planesOf(ome).findIndex(({ z, c, t }) => z === 0 && t === 0 && c === channel),
      );
      await withImage(path, async (source) => {
        expect(source.info.bands).toBe(4);
        expect(source.info.properties?.['gigatile.plane']).toMatch(/^z 1 of 3, t 1 of 2;/);
        await comparePages(path, source, wanted, 2);
      });
    },
  );

  test('wherever the table of planes says that they lie', async () => {
    const places = (plane: { c: number }): number => [2, 0, 3, 1][plane.c] ?? 0;
    const path = write({ ...panel, places });
    await withImage(path, (source) => comparePages(path, source, [2, 0, 3, 1], 2));
  });

  test('a table of several planes at once, and one of them all', async () => {
    for (const tables of [
      '<TiffData/>',
      '<TiffData IFD="0" PlaneCount="4"/>',
      '<TiffData IFD="1" FirstC="1" PlaneCount="3"/><TiffData IFD="0"/>',
    ]) {
      const path = write({ ...panel, tables });
      await withImage(path, (source) => comparePages(path, source, [0, 1, 2, 3], 2));
    }
  });

  test('a renamed file still knows its planes; channels in another file are refused by its name', async () => {
    const uuid = (name: string): string => `<UUID FileName="${name}">urn:uuid:1</UUID>`;
    const all = [0, 1, 2, 3].map(
      (c) => `<TiffData IFD="${c}" FirstC="${c}">${uuid('old.ome.tif')}</TiffData>`,
    );
    await withImage(write({ ...panel, tables: all.join('') }), async (source) => {
      expect(source.info.bands).toBe(4);
    });
    const [, ...others] = all;
    const elsewhere = `<TiffData IFD="0">${uuid('part-2.ome.tif')}</TiffData>${others.join('')}`;
    await expect(openImage(write({ ...panel, tables: elsewhere }), codecs)).rejects.toMatchObject({
      code: 'image-unsupported',
      message: expect.stringContaining('another file'),
    });
  });

  test.each([
    [
      'a directory that is not there',
      '<TiffData IFD="0"/><TiffData IFD="77" FirstC="1" PlaneCount="3"/>',
      /directory 77/,
    ],
    ['no place at all', '<TiffData IFD="0"/>', /Channel 2 of 4 has no place/],
    ['XML that ends too soon', '<TiffData', /XML/],
  ])('%s is one clear error', async (_what, tables, message) => {
    await expect(openImage(write({ ...panel, tables }), codecs)).rejects.toMatchObject({
      code: 'image-corrupt',
      message: expect.stringMatching(message),
    });
  });
});

describe('label and macro', () => {
  test('of the series are associated images; another image is named as not shown', async () => {
    for (const places of [undefined, (plane: { c: number }): number => plane.c]) {
      const series = ['label image', 'Macro', 'second region'];
      const path = write({ ...panel, series, ...(places && { places }) });
      await withImage(path, async (source) => {
        expect(source.info.associated.toSorted()).toEqual(['label', 'macro']);
        const picture = codecs.decodeJpeg((await source.associatedImage('macro')).bytes);
        expect(picture).toMatchObject({ width: 64, height: 48, bands: 3 });
        expect(source.info.properties?.['gigatile.images']).toContain('second region');
      });
    }
  });
});

describe('fluorescence on the screen', () => {
  test('is light that adds up, each channel in its colour', async () => {
    const path = write({ ...panel, width: 64, height: 64, levels: 1 });
    const channels: Channel[] = [
      { band: 0, low: 0, high: 30_000, gamma: 1, color: '#0000ff' },
      { band: 2, low: 5000, high: 50_000, gamma: 2, color: '#ff8000' },
      { band: 3, low: 10_000, high: 20_000, gamma: 1, color: '#ffffff' },
    ];
    await withImage(path, async (source) => {
      const encoded = await source.displayTile(0, 0, 0, { mode: 'additive', channels });
      const raster = codecs.decodeJpeg(encoded?.bytes ?? new Uint8Array());
      const shown: number[] = [];
      for (let i = 0; i < 64 * 64; i++) {
        const light = [0, 0, 0];
        for (const { band, low, high, gamma, color } of channels) {
          const at = (value(i % 64, Math.floor(i / 64), { z: 0, c: band, t: 0 }) - low) / (high - low);
          const level = Math.min(1, Math.max(0, at)) ** (1 / gamma);
          for (const k of [0, 1, 2]) {
            light[k] = (light[k] ?? 0) + level * parseInt(color.slice(1 + 2 * k, 3 + 2 * k), 16);
          }
        }
        shown.push(...light.map((sum) => Math.min(255, Math.round(sum))));
      }
      // The tile is a JPEG of steep gradients: its mean says that the rule is the same.
      expect(difference(raster.data, shown).mean).toBeLessThan(6);
    });
  });

  test('one channel in a look is as it is among others, whatever was asked before', async () => {
    const path = write({ ...panel, width: 100, height: 80 });
    await withImage(path, async (source) => {
      const { look } = await source.look();
      expect(look).toMatchObject({ mode: 'additive' });
      if (look?.mode !== 'additive') throw new Error('not additive');
      expect(look.channels.map(({ color }) => color)).toEqual(['#0000ff', '#00ff00', '#ff8000', '#ff0000']);
      const bytes = async (channels: Channel[]): Promise<Uint8Array> =>
        (await source.displayTile(0, 0, 0, { mode: 'additive', channels }))?.bytes ?? new Uint8Array();
      for (const channel of look.channels) {
        const dark = look.channels
          .filter((other) => other !== channel)
          .map((other) => ({ ...other, color: '#000000' }));
        expect(Buffer.compare(await bytes([channel]), await bytes([channel, ...dark]))).toBe(0);
      }
      const none = codecs.decodeJpeg(await bytes([]));
      expect(difference(none.data, new Uint8Array(none.data.length)).max).toBe(0);
    });
  });

  test('a band that is not there is a usage error', async () => {
    await withImage(write({ ...panel, levels: 1 }), async (source) => {
      const band = { band: 4, low: 0, high: 1, gamma: 1 };
      await expect(
        source.displayTile(0, 0, 0, { mode: 'single', band, palette: 'gray' }),
      ).rejects.toMatchObject({
        code: 'usage',
      });
    });
  });
});

test('any sizes, orders and places', async () => {
  const orders = fc.constantFrom('XYCZT', 'XYCTZ', 'XYZCT', 'XYZTC', 'XYTCZ', 'XYTZC');
  const size = fc.integer({ min: 1, max: 3 });
  await fc.assert(
    fc.asyncProperty(size, size, size, orders, fc.boolean(), async (sizeC, sizeZ, sizeT, order, hasTable) => {
      const planes = sizeC * sizeZ * sizeT;
      const path = write({
        ...panel,
        width: 20,
        height: 10,
        levels: 1,
        tileSize: 16,
        sizeZ,
        sizeT,
        order,
        channels: Array.from({ length: sizeC }, () => ({})),
        ...(hasTable && { places: (_plane: object, index: number) => planes - 1 - index }),
      });
      await withImage(path, async (source) => {
        const raster = await source.readRegion({ level: 0, x: 3, y: 4, width: 1, height: 1 });
        const expected = Array.from({ length: sizeC }, (_, c) => value(3, 4, { z: 0, c, t: 0 }));
        expect([...raster.data]).toEqual(expected);
      });
    }),
    { numRuns: 40 },
  );
});

const slide = testData('pathology', 'CMU-region.ome.tif');
test.skipIf(slide === null)('an RGB OME-TIFF is shown in its own colours', async () => {
  await withImage(slide ?? '', async (source) => {
    expect((await source.look()).look).toEqual({
      mode: 'rgb',
      bands: [0, 1, 2].map((band) => ({ band, low: 0, high: 255, gamma: 1 })),
    });
    expect((await source.displayTile(0, 0, 0))?.type).toBe('image/jpeg');
  });
});
