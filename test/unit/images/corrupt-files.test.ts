/** Damaged and impossible files: one clear error each, at opening wherever that can be. */
import { describe, expect, test } from 'vitest';
import { GigatileError } from '../../../src-main/contract/errors.ts';
import type { ErrorCode } from '../../../src-main/contract/errors.ts';
import type { Raster } from '../../../src-main/images/image-source.ts';
import { openImage } from '../../../src-main/images/open-image.ts';
import type { ForgedFile } from './forge-tiff.ts';
import { forgeTiff, imageTags, noCodecs, tileTags, writeForged } from './forge-tiff.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';

async function failure(path: string): Promise<GigatileError> {
  try {
    (await openImage(path, noCodecs)).close();
  } catch (error) {
    if (error instanceof GigatileError) return error;
    throw error;
  }
  throw new Error('it opened');
}

const image = imageTags(100, 100);
const oneTile = tileTags(128, 128, [8], [100]);
const data = new Uint8Array(128 * 128);

const forged: [name: string, file: ForgedFile, code: ErrorCode, message: RegExp, where: RegExp][] = [
  [
    'a chain of directories that is a loop',
    {
      data,
      directories: [{ tags: [...image, ...oneTile] }, { tags: image, next: (offsets) => offsets[0] ?? 0 }],
    },
    'image-corrupt',
    /loop: IFD 2 is IFD 0 again/,
    /\.tif$/,
  ],
  [
    'a directory beyond the end',
    { data, directories: [{ tags: [...image, ...oneTile], next: () => 9_999_999 }] },
    'image-corrupt',
    /IFD 1 would lie at bytes 9999999 to 10000001, beyond the end of the file/,
    /\.tif$/,
  ],
  [
    'an absurd width',
    { data, directories: [{ tags: [...imageTags(4_000_000_000, 100), ...oneTile] }] },
    'image-corrupt',
    /width is 4000000000/,
    /IFD 0$/,
  ],
  [
    'a height of 0',
    { data, directories: [{ tags: [...imageTags(100, 0), ...oneTile] }] },
    'image-corrupt',
    /height is 0/,
    /IFD 0$/,
  ],
  [
    'fewer tiles than the size needs',
    { data, directories: [{ tags: [...imageTags(1_000_000, 1_000_000), ...oneTile] }] },
    'image-corrupt',
    /needs 61042969 tiles, but its table has 1 offsets/,
    /IFD 0$/,
  ],
  [
    'a tile table that claims more entries than the file has bytes',
    {
      data,
      directories: [
        {
          tags: [
            ...imageTags(2_000_000, 2_000_000),
            { tag: 322, type: 4, value: [128] },
            { tag: 323, type: 4, value: [128] },
            { tag: 324, type: 4, value: [8], count: 300_000_000, offset: 8 },
            { tag: 325, type: 4, value: [8], count: 300_000_000, offset: 8 },
          ],
        },
      ],
    },
    'image-corrupt',
    /beyond the end of the file/,
    /\.tif$/,
  ],
  [
    'a tile larger than the limit',
    {
      data,
      directories: [{ tags: [...imageTags(60_000, 60_000), ...tileTags(60_000, 60_000, [8], [100])] }],
    },
    'image-too-large',
    /single tile has 60000 x 60000 pixels/,
    /IFD 0$/,
  ],
  [
    'tiles beyond the end of the file',
    { data, directories: [{ tags: [...image, ...tileTags(128, 128, [5_000_000], [100])] }] },
    'image-corrupt',
    /shorter than its tile table says: \d+ of 5000100 bytes/,
    /IFD 0$/,
  ],
  [
    'a compression that nobody reads',
    {
      data,
      directories: [{ tags: [...imageTags(100, 100, { compression: 34_925, bands: 3 }), ...oneTile] }],
    },
    'image-unsupported',
    /lzma \(TIFF compression 34925\)/,
    /IFD 0$/,
  ],
  [
    'a million samples per pixel',
    {
      data,
      directories: [
        {
          tags: [
            ...image.filter((tag) => tag.tag !== 277),
            { tag: 277, type: 4, value: [1_000_000] },
            ...oneTile,
          ],
        },
      ],
    },
    'image-corrupt',
    /1000000 samples per pixel/,
    /IFD 0$/,
  ],
  [
    'a vendor’s file without what makes it one',
    { data, directories: [{ tags: [...image, ...oneTile, { tag: 65_420, type: 4, value: [1] }] }] },
    'image-corrupt',
    /NDPI image does not say its source lens/,
    /\.tif, IFD 0$/,
  ],
];

describe('forged TIFFs', () => {
  test.each(forged)('%s', async (_name, file, code, message, where) => {
    const error = await failure(writeForged(forgeTiff(file)));
    expect(error.message).toMatch(message);
    expect(error.code).toBe(code);
    expect(error.where).toMatch(where);
  });

  test('a loop among the levels below an image', async () => {
    const tags = [...image, ...oneTile, { tag: 330, type: 4, value: [0] }];
    const sub = { tags: [{ tag: 254, type: 4, value: [1] }, ...image, ...oneTile] };
    const build = (at: number): Buffer =>
      forgeTiff({
        data,
        directories: [
          { tags: tags.map((tag) => (tag.tag === 330 ? { ...tag, value: [at] } : tag)), next: () => 0 },
          { ...sub, next: (offsets) => offsets[1] ?? 0 },
        ],
      });
    const secondDirectory = 8 + data.length + 2 + tags.length * 12 + 4;
    const error = await failure(writeForged(build(secondDirectory)));
    expect(error.message).toMatch(/loop: IFD 0 SubIFD 1 is IFD 0 SubIFD 0 again/);
  });
});

describe('files that are no image', () => {
  const others: [name: string, content: Uint8Array, code: ErrorCode, message: RegExp][] = [
    ['notes.svs', Buffer.from('Hello, this is a text.\n'), 'format-unknown', /starts with "Hello, this is a/],
    [
      'random.tif',
      Buffer.from([1, 2, 3, 4, 250, 6, 7, 8, 9]),
      'format-unknown',
      /the bytes 01020304fa060708/,
    ],
    ['empty.svs', new Uint8Array(0), 'image-corrupt', /The file is empty/],
    ['header.tif', Buffer.from('II*\0', 'latin1'), 'image-corrupt', /TIFF header is damaged/],
    ['none.tif', Buffer.from('II*\0\0\0\0\0', 'latin1'), 'image-corrupt', /no directory/],
    [
      'slide.dcm',
      Buffer.concat([Buffer.alloc(128), Buffer.from('DICM....')]),
      'image-corrupt',
      /DICOM.*0002,0010/,
    ],
    ['x.jp2', Buffer.from('\0\0\0\x0cjP  \r\n\x87\n', 'latin1'), 'image-corrupt', /JP(EG )?2/],
  ];
  test.each(others)('%s', async (name, content, code, message) => {
    const error = await failure(writeForged(content, name));
    expect(error.code).toBe(code);
    expect(error.message).toMatch(message);
    expect(error.where).toBe(name);
  });

  test('a file that is not there, and a folder', async () => {
    expect(await failure('/nowhere/slide.svs')).toMatchObject({
      code: 'file-not-found',
      where: '/nowhere/slide.svs',
    });
    expect(await failure(temporaryFolder('empty'))).toMatchObject({
      code: 'format-unknown',
    });
  });
});

describe('damage within one tile costs that tile only', () => {
  test('the error names the tile, and the others are read', async () => {
    const tags = [...imageTags(128, 64, { compression: 8 }), ...tileTags(64, 64, [8, 108], [100, 100])];
    const { deflateSync } = await import('node:zlib');
    const stored = new Uint8Array(300);
    stored.set(deflateSync(new Uint8Array(64 * 64).fill(77)));
    stored.fill(0xee, 100, 200);
    const source = await openImage(
      writeForged(forgeTiff({ data: stored, directories: [{ tags }] })),
      noCodecs,
    );
    const good = await source.readRegion({ level: 0, x: 0, y: 0, width: 64, height: 64 });
    expect(good.data.every((value) => value === 77)).toBe(true);
    const bad = source.readRegion({ level: 0, x: 60, y: 0, width: 10, height: 10 });
    await expect(bad).rejects.toMatchObject({
      code: 'image-corrupt',
      where: expect.stringMatching(/IFD 0: tile 1 \(column 1, row 0\)/),
    });
    source.close();
  });

  test('on the screen it is hatched, and a model never sees the hatching', async () => {
    const tags = [...imageTags(128, 64, { compression: 8 }), ...tileTags(64, 64, [8, 108], [100, 100])];
    const { deflateSync } = await import('node:zlib');
    const stored = new Uint8Array(300);
    stored.set(deflateSync(new Uint8Array(64 * 64).fill(77)));
    stored.fill(0xee, 100, 200);
    const shown: Raster[] = [];
    const source = await openImage(writeForged(forgeTiff({ data: stored, directories: [{ tags }] })), {
      ...noCodecs,
      encodeJpeg: (raster) => {
        shown.push(raster);
        return new Uint8Array(1);
      },
    });
    await source.displayTile(0, 0, 0);
    const [tile] = shown;
    const row = tile?.data.subarray(0, 128) ?? [];
    expect(new Set(row.slice(0, 64))).toEqual(new Set([77]));
    expect([...new Set(row.slice(64))].toSorted((a, b) => a - b)).toEqual([140, 204]);
    await source.renderScaled({ x: 0, y: 0, width: 128, height: 64 }, 32, 16);
    expect(shown).toHaveLength(2);
    const whole = { x: 0, y: 0, width: 128, height: 64 };
    await expect(source.readScaled(whole, 64, 32)).rejects.toMatchObject({ code: 'image-corrupt' });
    source.close();
  });

  test('a decompression bomb is stopped at the tile’s size', async () => {
    const { deflateSync } = await import('node:zlib');
    const bomb = deflateSync(new Uint8Array(40_000_000));
    const tags = [...imageTags(64, 64, { compression: 8 }), ...tileTags(64, 64, [8], [bomb.length])];
    const path = writeForged(forgeTiff({ data: bomb, directories: [{ tags }] }));
    await expect(
      openImage(path, noCodecs).then((source) =>
        source.readRegion({ level: 0, x: 0, y: 0, width: 9, height: 9 }),
      ),
    ).rejects.toMatchObject({ code: 'image-corrupt' });
  });
});

test('what a file makes a message say is cut, and gives a terminal no orders', () => {
  const error = new GigatileError('image-corrupt', `Tag "\u001b[2J${'x'.repeat(30_000)}"`, {
    where: `a\u0007b.svs, ${'y'.repeat(5000)}`,
  });
  expect(error.message.length).toBeLessThan(1100);
  expect(error.where?.length).toBeLessThan(1100);
  expect(error.message + (error.where ?? '')).not.toMatch(/\p{Cc}/u);
});
