/** DICOM files that are damaged, hostile or not read: one clear error that names the file and the attribute. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as fc from 'fast-check';
import { afterAll, describe, expect, test } from 'vitest';
import { GigatileError } from '../../../src-main/contract/errors.ts';
import type { ErrorCode } from '../../../src-main/contract/errors.ts';
import { openImage } from '../../../src-main/images/open-image.ts';
import { createCodecs } from '../../../src-main/workers/codecs/codecs.ts';
import { dicomHead, encodeItem, encodeRle, syntaxes } from '../../support/forge/dicom.ts';
import type { DicomElement, DicomItem } from '../../support/forge/dicom.ts';
import { forgeDicom } from '../../support/forge/dicom-slide.ts';
import type { ForgedImage } from '../../support/forge/dicom-slide.ts';

const codecs = await createCodecs();
const root = mkdtempSync(join(tmpdir(), 'gigatile-dicom-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));

/** In a folder of its own: neighbours would be looked at. */
function put(bytes: Uint8Array): string {
  const path = join(mkdtempSync(join(root, 'x')), 'slide.dcm');
  writeFileSync(path, bytes);
  return path;
}

const small: ForgedImage = {
  width: 100,
  height: 70,
  tile: { width: 32, height: 32 },
  pixel: (x, y, band) => (x * 3 + y * 5 + band * 40) % 256,
  spacing: { x: 0.0005, y: 0.0005 },
};
const jpeg: ForgedImage = {
  ...small,
  transferSyntax: syntaxes.jpeg,
  photometric: 'YBR_FULL_422',
  encode: (frame, width, height) =>
    codecs.encodeJpeg({ width, height, bands: 3, dtype: 'uint8', data: new Uint8Array(frame) }, 80),
};
const rle: ForgedImage = {
  ...small,
  transferSyntax: syntaxes.rle,
  encode: (frame) => encodeRle(frame, 3, 1),
};
const sparse: ForgedImage = {
  ...small,
  organization: 'TILED_SPARSE',
  frames: [
    { x: 0, y: 0 },
    { x: 32, y: 32 },
  ],
};

/** Opens, and reads all of every level. */
async function readAll(path: string): Promise<void> {
  const source = await openImage(path, codecs);
  try {
    for (const [level, { width, height }] of source.info.levels.entries()) {
      if (width * height > 2 ** 22) continue;
      await source.readRegion({ level, x: 0, y: 0, width, height });
      await source.displayTile(level, 0, 0);
    }
    for (const name of source.info.associated) await source.associatedImage(name);
  } finally {
    source.close();
  }
}

async function failure(path: string): Promise<GigatileError> {
  try {
    await readAll(path);
  } catch (error) {
    if (error instanceof GigatileError) return error;
    throw error;
  }
  throw new Error('it was read without an error');
}

const withElements = (image: ForgedImage, ...elements: NonNullable<ForgedImage['elements']>[number][]) => ({
  ...image,
  elements,
});

type Case = [name: string, image: ForgedImage, code: ErrorCode, told: RegExp];
const damaged: Case[] = [
  ['deflated', { ...small, transferSyntax: syntaxes.deflated }, 'image-unsupported', /deflated/],
  ['big endian', { ...small, transferSyntax: syntaxes.bigEndian }, 'image-unsupported', /big endian/],
  [
    'lossless JPEG',
    { ...jpeg, transferSyntax: syntaxes.jpegLossless },
    'image-unsupported',
    /lossless JPEG.*4\.70/,
  ],
  ['an unknown encoding', { ...jpeg, transferSyntax: '1.2.3.4' }, 'image-unsupported', /1\.2\.3\.4/],
  [
    'no pixel matrix',
    withElements(small, [0x0048_0006, null]),
    'image-corrupt',
    /\(0048,0006\) TotalPixelMatrixColumns/,
  ],
  [
    'a pixel matrix of nothing',
    withElements(small, [0x0048_0007, 'UL', 0]),
    'image-corrupt',
    /TotalPixelMatrixRows says 0/,
  ],
  [
    'an absurd pixel matrix',
    withElements(small, [0x0048_0006, 'UL', 0xffff_ffff]),
    'image-too-large',
    /TotalPixelMatrixColumns/,
  ],
  [
    'more tiles than frames',
    withElements(small, [0x0048_0006, 'UL', 20_000]),
    'image-corrupt',
    /\(0028,0008\) NumberOfFrames says 12 frames, where 625 x 3/,
  ],
  [
    'too many frames',
    withElements(small, [0x0028_0008, 'IS', '2000000000']),
    'image-corrupt',
    /NumberOfFrames says 2000000000/,
  ],
  [
    'frames below zero',
    withElements(small, [0x0028_0008, 'IS', '-1']),
    'image-corrupt',
    /NumberOfFrames says -1/,
  ],
  [
    'frames in words',
    withElements(small, [0x0028_0008, 'IS', 'many']),
    'image-corrupt',
    /NumberOfFrames holds "many"/,
  ],
  [
    'more frames than pixels',
    withElements(small, [0x0028_0008, 'IS', '500']),
    'image-corrupt',
    /500 frames of 3072 bytes/,
  ],
  [
    'frames without rows',
    withElements(small, [0x0028_0010, 'US', 0]),
    'image-corrupt',
    /\(0028,0010\) Rows says 0/,
  ],
  [
    'no columns',
    withElements(small, [0x0028_0011, null]),
    'image-corrupt',
    /\(0028,0011\) Columns is missing/,
  ],
  [
    'an enormous frame',
    withElements(small, [0x0028_0010, 'US', 65_535], [0x0028_0011, 'US', 65_535]),
    'image-too-large',
    /65535 x 65535/,
  ],
  [
    'a palette',
    withElements(small, [0x0028_0004, 'CS', 'PALETTE COLOR']),
    'image-unsupported',
    /PALETTE COLOR/,
  ],
  [
    'colours of one sample',
    withElements(small, [0x0028_0002, 'US', 1]),
    'image-corrupt',
    /SamplesPerPixel says 1/,
  ],
  ['32 bits', withElements(small, [0x0028_0100, 'US', 32]), 'image-unsupported', /BitsAllocated/],
  ['signed pixels', withElements(small, [0x0028_0103, 'US', 1]), 'image-unsupported', /PixelRepresentation/],
  [
    'a number of three bytes',
    withElements(small, [0x0028_0010, 'OB', new Uint8Array(6)]),
    'image-corrupt',
    /Rows has 6 bytes/,
  ],
  ['3D', withElements(small, [0x0020_9311, 'CS', '3D']), 'image-unsupported', /organized as 3D/],
  [
    'sparse without positions',
    withElements(sparse, [0x5200_9230, null]),
    'image-corrupt',
    /PerFrameFunctionalGroupsSequence has 0 items/,
  ],
  [
    'a frame outside of the image',
    {
      ...sparse,
      frames: [
        { x: 0, y: 0 },
        { x: 5000, y: 0 },
      ],
    },
    'image-corrupt',
    /ColumnPositionInTotalImagePixelMatrix puts frame 2 at 5001/,
  ],
  ['no slide at all', { ...small, kind: ['LABEL', 'NONE'] }, 'image-corrupt', /no image of the slide itself/],
  [
    'another kind of image',
    { ...small, sopClass: '1.2.840.10008.5.1.4.1.1.2' },
    'image-unsupported',
    /no DICOM whole-slide/,
  ],
  [
    'no series',
    withElements(small, [0x0020_000e, null]),
    'image-corrupt',
    /\(0020,000E\) SeriesInstanceUID is missing/,
  ],
  [
    'an offset table of another length',
    { ...jpeg, encapsulation: { basicOffsets: [0, 5] } },
    'image-corrupt',
    /Basic Offset Table has 8 bytes for 12 frames/,
  ],
  [
    'offsets outside of the file',
    { ...jpeg, encapsulation: { basicOffsets: Array.from({ length: 12 }, (_, i) => i * 1_000_000) } },
    'image-corrupt',
    /Basic Offset Table puts frame 2 beyond the end of the file/,
  ],
  [
    'offsets that go back',
    { ...jpeg, encapsulation: { basicOffsets: Array.from({ length: 12 }, (_, i) => 120 - i) } },
    'image-corrupt',
    /frame 2 before the one before it/,
  ],
  [
    'offsets into the middle of frames',
    { ...jpeg, encapsulation: { basicOffsets: Array.from({ length: 12 }, (_, i) => i * 21) } },
    'image-corrupt',
    /no fragment begins at byte/,
  ],
  [
    'fragments that nobody can tell apart',
    { ...rle, encapsulation: { offsetTable: 'none', fragments: 2 } },
    'image-corrupt',
    /24 fragments cannot be told apart as 12 frames/,
  ],
  [
    'a frame that is no JPEG',
    { ...jpeg, encode: () => Buffer.from('no JPEG at all, really') },
    'image-corrupt',
    /frame 1/,
  ],
  [
    'a JPEG of another size',
    {
      ...jpeg,
      encode: () =>
        codecs.encodeJpeg({ width: 16, height: 16, bands: 3, dtype: 'uint8', data: new Uint8Array(768) }, 80),
    },
    'image-corrupt',
    /JPEG of 16 x 16/,
  ],
  ['RLE without its header', { ...rle, encode: () => Buffer.alloc(10) }, 'image-corrupt', /no RLE header/],
  [
    'RLE with another number of segments',
    { ...rle, encode: (frame) => encodeRle(frame, 1, 1) },
    'image-corrupt',
    /1 RLE segments instead of 3/,
  ],
  [
    'a JPEG 2000 stream that claims to be enormous',
    { ...rle, transferSyntax: syntaxes.jpeg2000, encode: () => hugeJpeg2000() },
    'image-corrupt',
    /compressed as 1000000 x 1000000/,
  ],
  [
    'a JPEG-LS stream that claims to be enormous',
    { ...rle, transferSyntax: syntaxes.jpegLs, encode: () => hugeJpegLs() },
    'image-corrupt',
    /compressed as 65535 x 65535/,
  ],
];

/** SOC and SIZ. */
function hugeJpeg2000(): Buffer {
  const head = Buffer.alloc(60);
  head.writeUInt32BE(0xff4f_ff51, 0);
  head.writeUInt16BE(41 + 6, 4);
  head.writeUInt32BE(1_000_000, 8);
  head.writeUInt32BE(1_000_000, 12);
  return head;
}

/** SOI and SOF55. */
function hugeJpegLs(): Buffer {
  return Buffer.from([
    0xff, 0xd8, 0xff, 0xf7, 0, 17, 8, 0xff, 0xff, 0xff, 0xff, 3, 1, 17, 0, 2, 17, 0, 3, 17, 0, 0,
  ]);
}

test.each(damaged)('%s', async (_name, image, code, told) => {
  const error = await failure(put(await forgeDicom(image)));
  expect(`${error.message} | ${error.where}`).toMatch(told);
  expect(error.code).toBe(code);
  expect(error.where).toMatch(/^slide\.dcm/);
});

test('JPEG of 12 bits is refused by name', async () => {
  const twelve = Buffer.from([
    0xff, 0xd8, 0xff, 0xc1, 0, 17, 12, 0, 32, 0, 32, 3, 1, 17, 0, 2, 17, 0, 3, 17, 0, 0xff, 0xd9,
  ]);
  const image = { ...jpeg, transferSyntax: syntaxes.jpegExtended, encode: () => twelve };
  const error = await failure(put(await forgeDicom(image)));
  expect(error).toMatchObject({ code: 'image-unsupported', message: 'JPEG of 12 bits cannot be read' });
});

describe('sequences', () => {
  const nested = (depth: number): DicomItem =>
    depth === 0
      ? [[0x0008_0060, 'CS', 'SM']]
      : [[0x0040_0560, 'SQ', { items: [nested(depth - 1)], undefinedLength: true }]];

  test.each([10, 17, 500])('nested %i deep', async (depth) => {
    const element = nested(depth)[0];
    const path = put(await forgeDicom(withElements(small, ...(element === undefined ? [] : [element]))));
    if (depth <= 16) await readAll(path);
    else {
      expect(await failure(path)).toMatchObject({
        code: 'image-corrupt',
        message: expect.stringMatching(/\(0040,0560\): sequences are nested deeper than 16/),
      });
    }
  });

  test.each([
    ['an item that begins like none', Buffer.from('00000000ffffffff', 'hex')],
    ['an item that is too long', Buffer.from('feff00e0ffffff7f', 'hex')],
    ['an item without an end', Buffer.from('feff00e0ffffffff', 'hex')],
  ])('%s', async (_name, body) => {
    // An undefined length written by hand: tag, SQ, reserved, length.
    const sequence = Buffer.concat([Buffer.from('4800050153510000ffffffff', 'hex'), body]);
    const elements: DicomElement[] = [
      [0x0008_0016, 'UI', '1.2.840.10008.5.1.4.1.1.77.1.6'],
      [0x0020_000e, 'UI', '1.2.3'],
    ];
    const head = encodeItem(elements, true);
    const path = put(Buffer.concat([dicomHead(syntaxes.explicit), head, sequence]));
    const error = await failure(path);
    expect(error.code).toBe('image-corrupt');
    expect(`${error.message}${error.where}`).toMatch(/slide\.dcm/);
  });
});

describe('whatever the bytes', () => {
  const kinds: [string, ForgedImage][] = [
    ['uncompressed', small],
    ['implicit', { ...small, transferSyntax: syntaxes.implicit }],
    ['jpeg', jpeg],
    ['jpeg without a table', { ...jpeg, encapsulation: { offsetTable: 'none', fragments: 2 } }],
    ['jpeg with an extended table', { ...jpeg, encapsulation: { offsetTable: 'extended' } }],
    ['rle', rle],
    ['sparse', { ...sparse, undefinedLength: true }],
  ];
  /** The preamble says nothing. */
  const from = 132;

  test.each(kinds)('%s, cut anywhere', { timeout: 60_000 }, async (_name, image) => {
    const bytes = await forgeDicom(image);
    const path = put(bytes);
    await readAll(path);
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: from, max: bytes.length - 9 }), async (length) => {
        writeFileSync(path, bytes.subarray(0, length));
        expect((await failure(path)).where).toMatch(/slide\.dcm/);
      }),
      { numRuns: 60 },
    );
  });

  test.each(kinds)('%s, changed anywhere', { timeout: 60_000 }, async (_name, image) => {
    const bytes = await forgeDicom(image);
    const path = put(bytes);
    const end = Math.min(bytes.length - 1, 4000);
    const change = fc.record({
      at: fc.integer({ min: from, max: end }),
      value: fc.integer({ min: 0, max: 255 }),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(change, { minLength: 1, maxLength: 4 }), async (changes) => {
        const copy = Buffer.from(bytes);
        for (const { at, value } of changes) copy[at] = value;
        writeFileSync(path, copy);
        try {
          await readAll(path);
        } catch (error) {
          // Nothing but our own errors comes out, and they say where.
          if (!(error instanceof GigatileError)) throw error;
          expect(error.code).not.toBe('internal');
          expect(error.where ?? error.message).toMatch(/slide\.dcm/);
        }
      }),
      { numRuns: 120 },
    );
  });
});
