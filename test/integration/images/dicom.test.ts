/** DICOM slides: pixels as pydicom, NumPy, Pillow and dcmtk give them, on random regions of every level. */
import { copyFileSync, cpSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { imageInfoSchema } from '../../../src-main/contract/image.ts';
import type { EncodedImage, ImageSource, Raster } from '../../../src-main/images/image-source.ts';
import { openImage } from '../../../src-main/images/open-image.ts';
import { bytesPerSample } from '../../../src-main/images/raster.ts';
import { createCodecs } from '../../../src-main/workers/codecs/codecs.ts';
import { encodeRle, syntaxes } from '../../support/forge/dicom.ts';
import { forgeDicom, sampleAt, secrets } from '../../support/forge/dicom-slide.ts';
import type { ForgedImage } from '../../support/forge/dicom-slide.ts';
import { pictureAt } from '../../support/forge/picture.ts';
import { bytesOf, difference, randomRegions, run, scratchFolder } from './oracles.ts';

const codecs = await createCodecs();
/** Decodes JPEG bit for bit as libjpeg does; the default is faster, and off by a few. */
const exactCodecs = await createCodecs(undefined, 'exact');
const script = join(import.meta.dirname, 'dicom-oracle.py');

interface OracleLevel {
  header: {
    width: number;
    height: number;
    tile: [number, number];
    spacing: [number, number] | null;
    power: number | null;
    patient: string;
  };
  pixels: Buffer;
}

function oracle(...paths: string[]): OracleLevel {
  const out = join(scratchFolder(), 'level.raw');
  const header = JSON.parse(
    run('/usr/bin/python3', script, out, ...paths).toString(),
  ) as OracleLevel['header'];
  return { header, pixels: readFileSync(out) };
}

async function withImage<T>(path: string, use: (source: ImageSource) => Promise<T>, by = codecs): Promise<T> {
  const source = await openImage(path, by);
  try {
    imageInfoSchema.parse(source.info);
    return await use(source);
  } finally {
    source.close();
  }
}

/** A picture of a level's size as a pixel function. */
function picture(width: number, height: number, scale = 1): ForgedImage['pixel'] {
  const { data } = pictureAt(0, 0, width, height, scale);
  return (x, y, band) => data[(y * width + x) * 3 + band] ?? 0;
}

const small: ForgedImage = {
  width: 700,
  height: 520,
  tile: { width: 128, height: 96 },
  pixel: picture(700, 520),
  spacing: { x: 0.00025, y: 0.00026 },
  opticalPaths: [{ id: '1', power: 40, icc: new Uint8Array(3144) }],
};

const encodeJpeg: NonNullable<ForgedImage['encode']> = (frame, width, height) =>
  codecs.encodeJpeg(
    { width, height, bands: frame.length / width / height, dtype: 'uint8', data: new Uint8Array(frame) },
    75,
  );

async function write(folder: string, name: string, image: ForgedImage): Promise<string> {
  const path = join(folder, name);
  writeFileSync(path, await forgeDicom(image));
  return path;
}

/** The whole level and regions of it against what the oracle gives. `limits`: largest difference, and mean of all. */
async function expectPixels(
  source: ImageSource,
  level: number,
  expected: Buffer,
  limits = { max: 0, mean: 0 },
): Promise<void> {
  const { bands, dtype, levels } = source.info;
  const size = levels[level];
  if (size === undefined) throw new Error(`no level ${level}`);
  expect(expected.length).toBe(size.width * size.height * bands * bytesPerSample(dtype));
  const pixel = bands * bytesPerSample(dtype);
  const regions = [
    { level: 0, x: 0, y: 0, width: size.width, height: size.height },
    ...randomRegions([size], 25, level + 3),
  ];
  let total = { gap: 0, samples: 0 };
  for (const region of regions) {
    const raster = await source.readRegion({ ...region, level });
    const rows = Array.from({ length: region.height }, (_, row) => {
      const start = ((region.y + row) * size.width + region.x) * pixel;
      return expected.subarray(start, start + region.width * pixel);
    });
    const gap = difference(bytesOf(raster.data), Buffer.concat(rows));
    expect(gap.max, JSON.stringify(region)).toBeLessThanOrEqual(limits.max);
    const samples = region.width * region.height * bands;
    total = { gap: total.gap + gap.mean * samples, samples: total.samples + samples };
  }
  expect(total.gap / total.samples).toBeLessThanOrEqual(limits.mean);
}

const lossy = { max: 5, mean: 1 };

/** One level of JPEG frames: equal by the exact decoder, nearly so by the fast one. */
async function expectJpegPixels(path: string): Promise<void> {
  const { pixels } = oracle(path);
  await withImage(path, async (source) => expectPixels(source, 0, pixels), exactCodecs);
  await withImage(path, async (source) => {
    expect(source.info.display.passthrough).toBe(true);
    await expectPixels(source, 0, pixels, lossy);
  });
}

describe('encodings, to the bit where they are lossless', () => {
  const raw = async (image: ForgedImage = small): Promise<string> => write(scratchFolder(), 'raw.dcm', image);
  /** Only to be read. */
  let plain: Promise<string> | undefined;
  const transcoded = async (program: string, ...options: string[]): Promise<string> => {
    const from = await (plain ??= raw());
    const to = join(scratchFolder(), 'coded.dcm');
    run(program, ...options, from, to);
    return to;
  };

  test.each([
    ['explicit little endian', () => raw()],
    ['implicit little endian', () => raw({ ...small, transferSyntax: syntaxes.implicit })],
    ['sequences of undefined length', () => raw({ ...small, undefinedLength: true })],
    ['one plane a colour', () => raw({ ...small, planar: true })],
    ['YBR_FULL, uncompressed', () => raw({ ...small, photometric: 'YBR_FULL' })],
    ['RLE by dcmtk', () => transcoded('dcmcrle')],
    ['JPEG-LS by dcmtk', () => transcoded('dcmcjpls')],
    [
      'JPEG-LS by dcmtk without an offset table, in fragments',
      () => transcoded('dcmcjpls', '+fs', '8', '-ot'),
    ],
    [
      'RLE of our own',
      () => raw({ ...small, transferSyntax: syntaxes.rle, encode: (frame) => encodeRle(frame, 3, 1) }),
    ],
    [
      'uncompressed in fragments',
      () =>
        raw({
          ...small,
          transferSyntax: syntaxes.encapsulatedRaw,
          encode: (frame) => frame,
        }),
    ],
  ])('%s', async (name, make) => {
    const path = await make();
    // pydicom 2.3 does not know the transfer syntax: the same pixels, uncompressed.
    const expected = oracle(name === 'uncompressed in fragments' ? await (plain ??= raw()) : path);
    await withImage(path, async (source) => {
      expect(source.info).toMatchObject({
        width: 700,
        height: 520,
        bands: 3,
        dtype: 'uint8',
        format: 'dicom',
      });
      // NumPy and we round YBR_FULL's halves in different ways.
      await expectPixels(
        source,
        0,
        expected.pixels,
        name.startsWith('YBR') ? { max: 1, mean: 0.1 } : undefined,
      );
    });
  });

  test.each([
    ['lossless', [], { max: 0, mean: 0 }],
    ['lossy', ['20'], { max: 1, mean: 0.1 }],
  ] as const)('JPEG 2000, %s, by Pillow’s OpenJPEG', async (_name, rates, limits) => {
    const path = await raw({
      ...small,
      // Each frame is a process.
      tile: { width: 384, height: 288 },
      transferSyntax: rates.length === 0 ? syntaxes.jpeg2000Lossless : syntaxes.jpeg2000,
      photometric: rates.length === 0 ? 'YBR_RCT' : 'YBR_ICT',
      encode: (frame, width, height) => pillowJpeg2000(frame, width, height, 3, rates),
    });
    await withImage(path, async (source) => {
      expect(source.info.compression).toBe('jpeg2000');
      await expectPixels(source, 0, oracle(path).pixels, limits);
    });
  });

  test.each([
    ['basic offset table', {}],
    ['no offset table', { offsetTable: 'none' }],
    ['no offset table, three fragments a frame', { offsetTable: 'none', fragments: 3 }],
    ['basic offset table, three fragments a frame', { fragments: 3 }],
  ] as const)('JPEG, YBR_FULL_422, %s', async (_name, encapsulation) => {
    const path = await raw({
      ...small,
      transferSyntax: syntaxes.jpeg,
      photometric: 'YBR_FULL_422',
      encode: encodeJpeg,
      encapsulation,
    });
    await expectJpegPixels(path);
  });

  test('an extended offset table leads to the same frames as a basic one', async () => {
    const image: ForgedImage = {
      ...small,
      transferSyntax: syntaxes.jpeg,
      photometric: 'YBR_FULL_422',
      encode: encodeJpeg,
    };
    const extended = await raw({ ...image, encapsulation: { offsetTable: 'extended' } });
    const basic = await raw(image);
    await withImage(extended, async (a) =>
      withImage(basic, async (b) => {
        for (let row = 0; row < 6; row++) {
          expect(
            // Its lengths are without the padding of fragments.
            bytesEqual((await a.displayTile(0, 2, row))?.bytes, unpadded(await b.displayTile(0, 2, row))),
          ).toBe(true);
        }
      }),
    );
  });

  test('JPEG of RGB components by dcmtk: decoded and shown as RGB', async () => {
    const path = await transcoded('dcmcjpeg', '+eb', '+cr', '+q', '80');
    expect(run('dcmdump', '+P', 'PhotometricInterpretation', path).toString()).toContain('RGB');
    await expectJpegPixels(path);
    await withImage(path, async (source) => {
      const tile = await source.displayTile(0, 1, 1);
      // By libjpeg in sharp, as browsers have it: what it shows is what dcmtk decodes.
      const shown = await codecs.decodeAny(tile?.bytes ?? new Uint8Array());
      const region = await source.readRegion({ level: 0, x: 128, y: 96, width: 128, height: 96 });
      expect(difference(shown.data, region.data).max).toBeLessThanOrEqual(5);
    });
  });

  test.each([
    ['say nothing of their colours', 'ffec000e41646f626500640000000000'],
    ['say that they are YCbCr', 'ffee000e41646f626500640000000001'],
  ])('RGB components whose streams %s: the photometric interpretation counts', async (_name, marker) => {
    const path = await transcoded('dcmcjpeg', '+eb', '+cr', '+q', '80');
    const { pixels } = oracle(path);
    // Components are called 1, 2, 3 instead of R, G, B, which decoders know as well.
    const hex = readFileSync(path)
      .toString('hex')
      .replaceAll('ffee000e41646f626500640000000000', marker)
      .replaceAll('03521100471100421100', '03011100021100031100')
      .replaceAll('ffda000c03520047004200', 'ffda000c03010002000300');
    writeFileSync(path, Buffer.from(hex, 'hex'));
    await withImage(path, async (source) => expectPixels(source, 0, pixels), exactCodecs);
    await withImage(path, async (source) => {
      const shown = await codecs.decodeAny((await source.displayTile(0, 1, 1))?.bytes ?? new Uint8Array());
      const rows = Array.from({ length: 96 }, (_, row) => {
        const start = ((96 + row) * 700 + 128) * 3;
        return pixels.subarray(start, start + 128 * 3);
      });
      expect(difference(shown.data, Buffer.concat(rows)).max).toBe(0);
    });
  });

  test('a JPEG that dcmtk made of YCbCr', async () => {
    const path = await transcoded('dcmcjpeg', '+eb', '+q', '80');
    await expectJpegPixels(path);
  });

  test('a passed-through tile is the stored frame, byte for byte', async () => {
    const frames: Uint8Array[] = [];
    const path = await raw({
      ...small,
      transferSyntax: syntaxes.jpeg,
      photometric: 'YBR_FULL_422',
      encode: (frame, width, height) => {
        const bytes = codecs.encodeJpeg(
          { width, height, bands: 3, dtype: 'uint8', data: new Uint8Array(frame) },
          85,
        );
        frames.push(bytes);
        return bytes;
      },
    });
    await withImage(path, async (source) => {
      const columns = Math.ceil(700 / 128);
      for (const [column, row] of [
        [0, 0],
        [3, 2],
        [5, 5],
      ] as const) {
        const tile = await source.displayTile(0, column, row);
        const frame = frames[row * columns + column] ?? new Uint8Array();
        expect(tile?.type).toBe('image/jpeg');
        // Fragments have an even length: a stream of an odd one is followed by a zero.
        expect(Buffer.from(tile?.bytes ?? []).subarray(0, frame.length)).toEqual(Buffer.from(frame));
        expect((tile?.bytes.length ?? 0) - frame.length).toBe(frame.length % 2);
      }
      expect(await source.displayTile(0, 6, 0)).toBeNull();
    });
  });
});

/** A JPEG stream up to its end marker. */
function unpadded(image: EncodedImage | null): Uint8Array {
  const bytes = Buffer.from(image?.bytes ?? []);
  return bytes.subarray(0, bytes.lastIndexOf('\xff\xd9', undefined, 'latin1') + 2);
}

function bytesEqual(a: Uint8Array | undefined, b: Uint8Array | undefined): boolean {
  return a !== undefined && b !== undefined && Buffer.from(a).equals(Buffer.from(b));
}

const pillowScript = `
import sys, PIL.Image
source, out, width, height, bands = sys.argv[1], sys.argv[2], *map(int, sys.argv[3:6])
rates = [float(rate) for rate in sys.argv[6:]]
mode = {1: 'L', 2: 'I;16', 3: 'RGB'}[bands]
image = PIL.Image.frombytes(mode, (width, height), open(source, 'rb').read())
lossy = {'quality_mode': 'rates', 'quality_layers': rates} if rates else {}
image.save(out, 'JPEG2000', no_jp2=True, irreversible=bool(rates), mct=1 if bands == 3 else 0, **lossy)
`;

/** `bands` 2 is grey of 16 bits. */
function pillowJpeg2000(
  frame: Buffer,
  width: number,
  height: number,
  bands: 1 | 2 | 3,
  rates: readonly string[],
): Buffer {
  const folder = scratchFolder();
  const [source, out] = [join(folder, 'in.raw'), join(folder, 'out.j2k')];
  writeFileSync(source, frame);
  run('/usr/bin/python3', '-c', pillowScript, source, out, `${width}`, `${height}`, `${bands}`, ...rates);
  return readFileSync(out);
}

describe('grey', () => {
  const grey: ForgedImage = {
    ...small,
    samples: 1,
    bits: 16,
    bitsStored: 12,
    pixel: (x, y) => (x * 7 + y * 13) % 4096,
  };

  test.each([
    ['16 bits, uncompressed', grey],
    ['MONOCHROME1: zero is white', { ...grey, photometric: 'MONOCHROME1' }],
    ['RLE', { ...grey, transferSyntax: syntaxes.rle, encode: (frame: Buffer) => encodeRle(frame, 1, 2) }],
    [
      'JPEG 2000',
      {
        ...grey,
        tile: { width: 256, height: 192 },
        bitsStored: 16,
        pixel: (x: number, y: number) => (x * 93 + y * 71) % 65_536,
        transferSyntax: syntaxes.jpeg2000Lossless,
        encode: (frame: Buffer, width: number, height: number) => pillowJpeg2000(frame, width, height, 2, []),
      },
    ],
    ['8 bits', { ...grey, bits: 8, bitsStored: 8, pixel: (x: number, y: number) => (x + y) % 256 }],
  ] satisfies [string, ForgedImage][])('%s', async (_name, image) => {
    const path = await write(scratchFolder(), 'grey.dcm', image);
    await withImage(path, async (source) => {
      expect(source.info).toMatchObject({ bands: 1, dtype: image.bits === 8 ? 'uint8' : 'uint16' });
      expect(source.info.display.passthrough).toBe(false);
      await expectPixels(source, 0, oracle(path).pixels);
    });
  });

  test('JPEG-LS of 16 bits by dcmtk', async () => {
    const from = await write(scratchFolder(), 'grey.dcm', grey);
    const to = join(scratchFolder(), 'grey.dcm');
    run('dcmcjpls', from, to);
    await withImage(to, async (source) => {
      expect(source.info).toMatchObject({ dtype: 'uint16', compression: 'jpeg-ls' });
      await expectPixels(source, 0, oracle(to).pixels);
    });
  });

  test('several optical paths are bands, of the first focal plane', async () => {
    const image: ForgedImage = {
      ...grey,
      focalPlanes: 2,
      opticalPaths: [{ id: 'a', description: 'DAPI' }, { id: 'b', description: 'FITC' }, { id: 'c' }],
    };
    const path = await write(scratchFolder(), 'paths.dcm', image);
    await withImage(path, async (source) => {
      expect(source.info).toMatchObject({ bands: 3, bandNames: ['DAPI', 'FITC', 'c'] });
      expect(source.info.properties).toMatchObject({ 'gigatile.FocalPlane': '1 of 2 is shown' });
      const tile = await source.displayTile(0, 1, 1);
      expect(codecs.decodeJpeg(tile?.bytes ?? new Uint8Array()).bands).toBe(3);
      const raster = await source.readRegion({ level: 0, x: 100, y: 90, width: 300, height: 200 });
      expect(samplesOf(raster)).toEqual(expectedSamples(image, 100, 90, 300, 200, ['a', 'b', 'c']));
    });
  });

  test('optical paths in files of their own are bands too', async () => {
    const folder = scratchFolder();
    const paths = ['one', 'two'];
    const images = paths.map((id, i): ForgedImage => ({
      ...grey,
      opticalPaths: [{ id }],
      pixel: (x, y) => (x + 2 * y + i * 77) % 4096,
      elements: [[0x0020_0013, 'IS', String(i + 1)]],
    }));
    const files: string[] = [];
    for (const [i, image] of images.entries()) files.push(await write(folder, `path-${i}.dcm`, image));
    await withImage(files[1] ?? '', async (source) => {
      expect(source.info).toMatchObject({ bands: 2, bandNames: paths });
      const raster = await source.readRegion({ level: 0, x: 5, y: 6, width: 2, height: 1 });
      expect([...raster.data]).toEqual([17, 94, 18, 95]);
    });
  });

  test('of a colour slide only the first path is shown, and it says so', async () => {
    const image: ForgedImage = { ...small, opticalPaths: [{ id: 'bright' }, { id: 'dark' }] };
    const path = await write(scratchFolder(), 'paths.dcm', image);
    await withImage(path, async (source) => {
      expect(source.info).toMatchObject({ bands: 3, bandNames: null });
      expect(source.info.properties).toMatchObject({ 'gigatile.OpticalPathsNotShown': '1' });
      await expectPixels(source, 0, oracle(path).pixels);
    });
  });
});

function samplesOf({ data }: Raster): number[] {
  return [...data];
}

function expectedSamples(
  image: ForgedImage,
  left: number,
  top: number,
  width: number,
  height: number,
  paths: readonly string[],
): number[] {
  const samples: number[] = [];
  for (let y = top; y < top + height; y++) {
    for (let x = left; x < left + width; x++) {
      for (const path of paths) samples.push(sampleAt(image, { path, z: 0 }, x, y, 0));
    }
  }
  return samples;
}

describe('organization', () => {
  const tile = { width: 64, height: 64 };
  const sparse: ForgedImage = {
    ...small,
    width: 400,
    height: 300,
    tile,
    pixel: picture(400, 300),
    organization: 'TILED_SPARSE',
    frames: [
      { x: 128, y: 64 },
      { x: 0, y: 0 },
      { x: 384, y: 256 },
      { x: 64, y: 0 },
      { x: 320, y: 128 },
    ],
  };

  test.each([
    ['TILED_SPARSE with gaps', sparse],
    ['no DimensionOrganizationType is TILED_SPARSE', { ...sparse, organization: null }],
    ['sequences of undefined length', { ...sparse, undefinedLength: true }],
    ['implicit', { ...sparse, transferSyntax: syntaxes.implicit }],
    [
      'frames off the grid, over each other and over the edges',
      {
        ...sparse,
        frames: [
          { x: -20, y: -30 },
          { x: 100, y: 33 },
          { x: 140, y: 60 },
          { x: 370, y: 280 },
          { x: 200, y: 200 },
        ],
      },
    ],
  ] satisfies [string, ForgedImage][])('%s', async (_name, image) => {
    const path = await write(scratchFolder(), 'sparse.dcm', image);
    await withImage(path, async (source) => {
      await expectPixels(source, 0, oracle(path).pixels);
      const gap = await source.readRegion({ level: 0, x: 300, y: 20, width: 40, height: 30 });
      expect(gap.data.every((value) => value === 255)).toBe(true);
      expect(source.info.levels[0]?.missingTiles).toBe(_name.startsWith('frames off') ? undefined : 30);
    });
  });

  test('a JPEG slide with gaps passes its tiles through and renders the gaps', async () => {
    const path = await write(scratchFolder(), 'sparse.dcm', {
      ...sparse,
      transferSyntax: syntaxes.jpeg,
      photometric: 'YBR_FULL_422',
      encode: encodeJpeg,
    });
    await withImage(path, async (source) => {
      const [stored, gap] = [await source.displayTile(0, 2, 1), await source.displayTile(0, 3, 1)];
      expect(codecs.decodeJpeg(stored?.bytes ?? new Uint8Array()).data.some((value) => value < 250)).toBe(
        true,
      );
      expect([...new Set(exactCodecs.decodeJpeg(gap?.bytes ?? new Uint8Array()).data)]).toEqual([255]);
    });
  });

  test('where frames of several focal planes are at one place, the lowest is shown', async () => {
    const image: ForgedImage = {
      ...sparse,
      frames: [
        { x: 0, y: 0, z: 2 },
        { x: 0, y: 0, z: 1 },
        { x: 64, y: 0, z: 3 },
      ],
    };
    const path = await write(scratchFolder(), 'planes.dcm', image);
    await withImage(path, async (source) => {
      const raster = await source.readRegion({ level: 0, x: 62, y: 5, width: 4, height: 1 });
      const expected = [62, 63, 64, 65].flatMap((x) =>
        [0, 1, 2].map((band) => sampleAt(image, { z: x < 64 ? 1 : 3 }, x, 5, band)),
      );
      expect(samplesOf(raster)).toEqual(expected);
    });
  });

  test.each(['TILED_FULL', 'TILED_SPARSE'] as const)(
    'a concatenation of three files, %s',
    async (organization) => {
      const folder = scratchFolder();
      const frames = Math.ceil(700 / 128) * Math.ceil(520 / 96);
      const cuts = [0, 13, 20, frames];
      const paths: string[] = [];
      for (const number of [3, 1, 2]) {
        const first = cuts[number - 1] ?? 0;
        const part = { first, count: (cuts[number] ?? 0) - first, number, total: 3, uid: '2.25.99' };
        // Names in another order than the parts.
        paths.push(await write(folder, `part-${(number * 2) % 3}.dcm`, { ...small, organization, part }));
      }
      await withImage(paths[1] ?? '', async (source) => {
        expect(source.info.levels).toHaveLength(1);
        await expectPixels(source, 0, oracle(...paths).pixels);
      });
      // Without the second part there is no whole image.
      renameSync(paths[2] ?? '', join(scratchFolder(), 'away.dcm'));
      await expect(openImage(paths[0] ?? '', codecs)).rejects.toMatchObject({
        code: 'image-corrupt',
        message: expect.stringMatching(/2 of 3 parts/),
      });
    },
  );
});

describe('a series in a folder', () => {
  const levels = [1, 4, 16].map((step): ForgedImage => {
    const [width, height] = [Math.floor(1500 / step), Math.floor(1100 / step)];
    return {
      ...small,
      width,
      height,
      tile: { width: 128, height: 128 },
      pixel: picture(width, height, step),
      transferSyntax: syntaxes.jpeg,
      photometric: 'YBR_FULL_422',
      encode: encodeJpeg,
      kind: ['VOLUME', step === 1 ? 'NONE' : 'RESAMPLED'],
      spacing: { x: 0.00025 * step, y: 0.00025 * step },
    };
  });
  const flat = (width: number, height: number, flavor: string): ForgedImage => ({
    ...small,
    width,
    height,
    tile: { width, height },
    pixel: picture(width, height, 5),
    kind: [flavor, 'NONE'],
  });

  const names = ['b.dcm', 'c.dcm', 'a.dcm'];
  let made: Promise<string> | null = null;

  /** A copy that a test may change. */
  async function series(): Promise<{ folder: string; paths: string[] }> {
    const folder = scratchFolder();
    cpSync(await (made ??= makeSeries()), folder, { recursive: true });
    return { folder, paths: names.map((name) => join(folder, name)) };
  }

  async function makeSeries(): Promise<string> {
    const folder = scratchFolder();
    for (const [i, name] of names.entries()) {
      const level = levels[i];
      if (level !== undefined) await write(folder, name, level);
    }
    await write(folder, 'label.dcm', flat(200, 180, 'LABEL'));
    await write(folder, 'overview.dcm', {
      ...flat(320, 120, 'OVERVIEW'),
      transferSyntax: syntaxes.jpeg,
      photometric: 'YBR_FULL_422',
      encode: encodeJpeg,
    });
    await write(folder, 'thumbnail.dcm', { ...flat(150, 110, 'THUMBNAIL'), tile: { width: 64, height: 64 } });
    return folder;
  }

  test('levels by size, whatever file is opened, and the folder itself', async () => {
    const { folder, paths } = await series();
    const expected = paths.map((path) => oracle(path));
    for (const path of [...paths, join(folder, 'label.dcm'), folder]) {
      await withImage(path, async (source) => {
        expect(source.info.name).toBe(basename(path));
        expect(source.info.levels.map(({ width, height }) => [width, height])).toEqual(
          expected.map(({ header }) => [header.width, header.height]),
        );
        expect(source.info.levels.map(({ tileWidth, tileHeight }) => [tileWidth, tileHeight])).toEqual(
          expected.map(({ header }) => header.tile),
        );
      });
    }
    await withImage(folder, async (source) => {
      for (const [level, { pixels }] of expected.entries()) await expectPixels(source, level, pixels, lossy);
    });
    const exact = async (source: ImageSource): Promise<void> => {
      for (const [level, { pixels }] of expected.entries()) await expectPixels(source, level, pixels);
    };
    await withImage(folder, exact, exactCodecs);
  });

  test('pixel size, objective and the scanner, as pydicom reads them', async () => {
    const { folder, paths } = await series();
    const { header } = oracle(paths[0] ?? '');
    await withImage(folder, async ({ info }) => {
      expect(info.mpp).toEqual({
        x: (header.spacing?.[1] ?? 0) * 1000,
        y: (header.spacing?.[0] ?? 0) * 1000,
      });
      expect(info.objectivePower).toBe(header.power);
      expect(info).toMatchObject({ vendor: 'dicom', compression: 'jpeg', geo: null });
      expect(info.properties).toMatchObject({
        'dicom.Manufacturer': 'Forgery Müller',
        'dicom.ManufacturerModelName': 'Scanner 7',
        'dicom.ImageType': 'ORIGINAL\\PRIMARY\\VOLUME\\NONE',
        'dicom.TransferSyntaxUID': syntaxes.jpeg,
        'dicom.OpticalPathSequence[0].ObjectiveLensPower': '40',
        'dicom.OpticalPathSequence[0].ICCProfile': 'present (3144 bytes)',
      });
      expect(info.properties).not.toHaveProperty('gigatile.IgnoredFiles');
      expect(info.properties).not.toHaveProperty('gigatile.ImagesLeftOut');
    });
  });

  test('spacing is [between rows, between columns]', async () => {
    const path = await write(scratchFolder(), 'a.dcm', small);
    const { header } = oracle(path);
    expect(header.spacing).toEqual([0.00026, 0.00025]);
    await withImage(path, async ({ info }) => expect(info.mpp).toEqual({ x: 0.25, y: 0.26 }));
  });

  test('a spacing that the imaged volume contradicts is told', async () => {
    const volume = (width: number): ForgedImage => ({
      ...small,
      elements: [
        [0x0048_0001, 'FL', width],
        [0x0048_0002, 'FL', 520 * 0.00026],
      ],
    });
    const right = await write(scratchFolder(), 'a.dcm', volume(700 * 0.00025));
    await withImage(right, async ({ info }) =>
      expect(info.properties).not.toHaveProperty('gigatile.PixelSpacingDoubt'),
    );
    const wrong = await write(scratchFolder(), 'a.dcm', volume(700 * 0.0005));
    await withImage(wrong, async ({ info }) => {
      expect(info.mpp).toEqual({ x: 0.25, y: 0.26 });
      expect(info.properties?.['gigatile.PixelSpacingDoubt']).toMatch(/width says 2\.00 times/);
    });
  });

  test('label, overview and thumbnail', async () => {
    const { folder } = await series();
    await withImage(folder, async (source) => {
      expect(source.info.associated.toSorted()).toEqual(['label', 'macro', 'thumbnail']);
      const sizes = { label: [200, 180], macro: [320, 120], thumbnail: [150, 110] };
      for (const [name, [width = 0, height = 0]] of Object.entries(sizes)) {
        const image = codecs.decodeJpeg((await source.associatedImage(name)).bytes);
        expect(image).toMatchObject({ width, height, bands: 3 });
        const truth = pictureAt(0, 0, width, height, 5);
        expect(difference(image.data, truth.data).mean).toBeLessThan(4);
      }
      await expect(source.associatedImage('patient')).rejects.toMatchObject({ code: 'usage' });
    });
  });

  test('a damaged label hurts nobody who does not ask for it', async () => {
    const { folder } = await series();
    await write(folder, 'label.dcm', { ...flat(200, 180, 'LABEL'), photometric: 'PALETTE COLOR' });
    await withImage(folder, async (source) => {
      await source.readRegion({ level: 0, x: 0, y: 0, width: 10, height: 10 });
      await expect(source.associatedImage('label')).rejects.toMatchObject({ code: 'image-unsupported' });
    });
  });

  test('other series and modalities in the folder are ignored, and counted', async () => {
    const { folder, paths } = await series();
    await write(folder, 'other-series.dcm', { ...small, seriesUid: '2.25.5.5' });
    await write(folder, 'ct.dcm', { ...small, sopClass: '1.2.840.10008.5.1.4.1.1.2' });
    writeFileSync(join(folder, 'DICOMDIR'), await forgeDicom({ ...small, sopClass: '1.2.840.10008.1.3.10' }));
    writeFileSync(
      join(folder, 'broken.dcm'),
      Buffer.concat([Buffer.alloc(128), Buffer.from('DICM'), Buffer.alloc(40)]),
    );
    writeFileSync(join(folder, 'notes.txt'), 'Not an image. '.repeat(40));
    mkdirSync(join(folder, 'more'));
    copyFileSync(paths[0] ?? '', join(folder, 'copy.dcm'));
    await withImage(paths[0] ?? '', async ({ info }) => {
      expect(info.levels).toHaveLength(3);
      expect(info.properties).toMatchObject({
        'gigatile.IgnoredFiles': '3',
        'gigatile.ImagesLeftOut': 'copy.dcm is a copy',
      });
    });
    // Two slides: a person must say which.
    await expect(openImage(folder, codecs)).rejects.toMatchObject({
      code: 'image-unsupported',
      message: expect.stringMatching(/2 DICOM slides/),
    });
    await expect(openImage(join(folder, 'ct.dcm'), codecs)).rejects.toMatchObject({
      code: 'image-unsupported',
    });
  });

  test('a lossy copy beside the original is not shown', async () => {
    const folder = scratchFolder();
    const original = await write(folder, 'original.dcm', small);
    run('dcmcjpeg', '+eb', original, join(folder, 'lossy.dcm'));
    for (const path of [original, join(folder, 'lossy.dcm')]) {
      await withImage(path, async ({ info }) => {
        expect(info.compression).toBe('none');
        expect(info.properties?.['gigatile.ImagesLeftOut']).toBe(
          'lossy.dcm is another image of the same size',
        );
      });
    }
  });

  test('a smaller image that is not the same part of the slide is no level', async () => {
    const { folder } = await series();
    await write(folder, 'region.dcm', { ...small, width: 300, height: 200, pixel: picture(300, 200) });
    await withImage(folder, async ({ info }) => {
      expect(info.levels).toHaveLength(3);
      expect(info.properties?.['gigatile.ImagesLeftOut']).toBe('region.dcm shows another part');
    });
  });

  test('nothing of the patient, the order or the label appears in what is told', async () => {
    const { folder, paths } = await series();
    // They are really there.
    expect(oracle(paths[0] ?? '').header.patient).toBe(secrets.PatientName);
    await withImage(folder, async ({ info }) => {
      const told = JSON.stringify(info);
      for (const [what, secret] of Object.entries(secrets)) {
        expect(told, what).not.toContain(secret);
        for (const word of secret.split('^')) expect(told, what).not.toContain(word);
      }
    });
  });

  test('the fingerprint is the same by any file, under other names, and another one for other pixels', async () => {
    const { folder, paths } = await series();
    const print = async (path: string): Promise<string> =>
      withImage(path, async (source) => source.fingerprint());
    const known = await print(folder);
    expect(known).toMatch(/^[0-9a-f]{64}$/);
    expect(await print(paths[2] ?? '')).toBe(known);
    const moved = scratchFolder();
    for (const [i, name] of [
      'a.dcm',
      'b.dcm',
      'c.dcm',
      'label.dcm',
      'overview.dcm',
      'thumbnail.dcm',
    ].entries()) {
      copyFileSync(join(folder, name), join(moved, `IMG000${9 - i}`));
    }
    expect(await print(moved)).toBe(known);
    const bytes = readFileSync(join(moved, 'IMG0009'));
    bytes[bytes.length - 100] = (bytes[bytes.length - 100] ?? 0) ^ 1;
    writeFileSync(join(moved, 'IMG0009'), bytes);
    expect(await print(moved)).not.toBe(known);
  });

  test('a file whose first bytes are a TIFF’s opens as what it is', async () => {
    const { folder, paths } = await series();
    const bytes = readFileSync(paths[0] ?? '');
    bytes.write('II*\0\x08\0\0\0', 0, 'latin1');
    const path = join(folder, 'both.tif');
    writeFileSync(path, bytes);
    renameSync(paths[0] ?? '', join(scratchFolder(), 'away.dcm'));
    await withImage(path, async ({ info }) => expect(info).toMatchObject({ format: 'dicom', width: 1500 }));
  });
});
