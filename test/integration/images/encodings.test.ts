/**
 * Every way in which TIFF stores pixels that is claimed to be readable: made by GDAL, libtiff and libvips from known pixels,
 * read back by us.
 */
import { readdirSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { openImage } from '../../../src-main/images/open-image.ts';
import { createCodecs } from '../../../src-main/workers/codecs/codecs.ts';
import { bytesOf, difference, gdalLevel, run, scratchFolder, seeded, vipsPixels } from './oracles.ts';

const codecs = await createCodecs();
const folder = scratchFolder();
const [width, height] = [300, 217];

const types = {
  Byte: { envi: 1, make: (n: number) => new Uint8Array(n), scale: 255 },
  UInt16: { envi: 12, make: (n: number) => new Uint16Array(n), scale: 65_535 },
  Int16: { envi: 2, make: (n: number) => new Int16Array(n), scale: 30_000 },
  UInt32: { envi: 13, make: (n: number) => new Uint32Array(n), scale: 4e9 },
  Float32: { envi: 4, make: (n: number) => new Float32Array(n), scale: 1 },
  Float64: { envi: 5, make: (n: number) => new Float64Array(n), scale: 1e9 },
} as const;

/** Smooth, with noise and a flat part, so that every compression has something to do; as an ENVI file for GDAL. */
function makePixels(type: keyof typeof types, bands: number): { path: string; bytes: Buffer } {
  const { envi, make, scale } = types[type];
  const random = seeded(bands * 31 + envi);
  const data = make(width * height * bands);
  for (let y = 0, i = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      for (let band = 0; band < bands; band++, i++) {
        const wave = 0.5 + 0.4 * Math.sin((x + band * 40) / 37) * Math.cos(y / 23);
        data[i] = x > 200 && y > 100 ? scale * 0.25 : scale * (wave + 0.05 * (random() - 0.5));
      }
    }
  }
  const path = join(folder, `${type}-${bands}.raw`);
  writeFileSync(path, bytesOf(data));
  const header = [
    'ENVI',
    `samples = ${width}`,
    `lines = ${height}`,
    `bands = ${bands}`,
    `data type = ${envi}`,
  ];
  writeFileSync(
    path.replace('.raw', '.hdr'),
    [...header, 'interleave = bip', 'byte order = 0', ''].join('\n'),
  );
  return { path, bytes: bytesOf(data) };
}

async function readAll(path: string): Promise<Buffer> {
  const source = await openImage(path, codecs);
  const raster = await source.readRegion({ level: 0, x: 0, y: 0, width, height });
  source.close();
  return bytesOf(raster.data);
}

function gdal(from: string, name: string, ...options: string[]): string {
  const to = join(folder, `${name}.tif`);
  const creation = options.flatMap((option) => ['-co', option]);
  run('gdal_translate', '-q', '-of', 'GTiff', ...creation, from, to);
  return to;
}

const tiled = ['TILED=YES', 'BLOCKXSIZE=64', 'BLOCKYSIZE=48'];
const lossless: [name: string, type: keyof typeof types, bands: number, options: string[]][] = [
  ['none, strips', 'Byte', 3, []],
  ['none, one strip', 'UInt16', 3, ['BLOCKYSIZE=217']],
  ['none, tiles, BigTIFF', 'Byte', 4, [...tiled, 'BIGTIFF=YES']],
  ['none, big endian', 'UInt16', 2, ['ENDIANNESS=BIG']],
  ['none, big endian BigTIFF', 'Float64', 1, ['ENDIANNESS=BIG', 'BIGTIFF=YES', ...tiled]],
  ['lzw', 'Byte', 3, ['COMPRESS=LZW', ...tiled]],
  ['lzw, predictor 2', 'Byte', 3, ['COMPRESS=LZW', 'PREDICTOR=2']],
  [
    'lzw, predictor 2, 16 bit, big endian',
    'UInt16',
    4,
    ['COMPRESS=LZW', 'PREDICTOR=2', 'ENDIANNESS=BIG', ...tiled],
  ],
  ['lzw, predictor 3', 'Float32', 2, ['COMPRESS=LZW', 'PREDICTOR=3', ...tiled]],
  ['deflate', 'UInt16', 5, ['COMPRESS=DEFLATE', ...tiled]],
  [
    'deflate, predictor 2, planar',
    'UInt16',
    4,
    ['COMPRESS=DEFLATE', 'PREDICTOR=2', 'INTERLEAVE=BAND', ...tiled],
  ],
  ['deflate, predictor 2, 32 bit', 'UInt32', 1, ['COMPRESS=DEFLATE', 'PREDICTOR=2', ...tiled]],
  ['deflate, predictor 3, double', 'Float64', 1, ['COMPRESS=DEFLATE', 'PREDICTOR=3']],
  ['deflate, planar strips', 'Byte', 3, ['COMPRESS=DEFLATE', 'INTERLEAVE=BAND']],
  ['none, planar, big strips', 'UInt32', 3, ['INTERLEAVE=BAND', 'BLOCKYSIZE=217']],
  ['packbits', 'Byte', 1, ['COMPRESS=PACKBITS', ...tiled]],
  ['zstd, predictor 2', 'Int16', 3, ['COMPRESS=ZSTD', 'PREDICTOR=2', ...tiled]],
  ['webp, lossless', 'Byte', 3, ['COMPRESS=WEBP', 'WEBP_LOSSLESS=TRUE', ...tiled]],
  ['webp, lossless, 4 bands', 'Byte', 4, ['COMPRESS=WEBP', 'WEBP_LOSSLESS=TRUE', ...tiled]],
];

describe('lossless encodings come back to the bit', () => {
  test.each(lossless)('%s (%s x %d)', async (name, type, bands, options) => {
    const { path, bytes } = makePixels(type, bands);
    const file = gdal(path, name.replaceAll(/\W+/g, '-'), ...options);
    expect((await readAll(file)).equals(bytes)).toBe(true);
  });
});

test('predictor 3 in a big-endian file, as libtiff reads it', async () => {
  // libtiff's writer swaps the floats before it takes them apart, so that the original does not come back, not even to it.
  const { path } = makePixels('Float32', 3);
  const file = gdal(path, 'float-big-endian', 'COMPRESS=DEFLATE', 'PREDICTOR=3', 'ENDIANNESS=BIG', ...tiled);
  expect((await readAll(file)).equals(gdalLevel(file, 0))).toBe(true);
});

describe('JPEG in TIFF', () => {
  const cases: [name: string, bands: number, options: string[]][] = [
    ['YCbCr tiles', 3, ['PHOTOMETRIC=YCBCR', 'BLOCKXSIZE=64', 'BLOCKYSIZE=64', 'TILED=YES']],
    ['YCbCr strips', 3, ['PHOTOMETRIC=YCBCR']],
    ['RGB as it is', 3, ['PHOTOMETRIC=RGB', 'BLOCKXSIZE=64', 'BLOCKYSIZE=64', 'TILED=YES']],
    ['grey', 1, ['BLOCKXSIZE=64', 'BLOCKYSIZE=64', 'TILED=YES']],
    ['planar', 3, ['INTERLEAVE=BAND', 'BLOCKXSIZE=64', 'BLOCKYSIZE=64', 'TILED=YES']],
  ];
  test.each(cases)('%s', async (name, bands, options) => {
    const { path } = makePixels('Byte', bands);
    const file = gdal(
      path,
      `jpeg-${name.replaceAll(/\W+/g, '-')}`,
      'COMPRESS=JPEG',
      'JPEG_QUALITY=90',
      ...options,
    );
    const gap = difference(await readAll(file), gdalLevel(file, 0));
    expect(gap.max).toBeLessThanOrEqual(5);
    expect(gap.mean).toBeLessThanOrEqual(1);
  });
});

test('libtiff’s big-endian BigTIFF with JPEG', async () => {
  const { path } = makePixels('Byte', 3);
  const plain = gdal(path, 'plain');
  const file = join(folder, 'big-endian-jpeg.tif');
  run('tiffcp', '-B', '-8', '-t', '-w', '128', '-l', '128', '-c', 'jpeg:90', plain, file);
  expect(difference(await readAll(file), gdalLevel(file, 0)).max).toBeLessThanOrEqual(5);
});

describe('what cannot be read says so by name', () => {
  test.each([['LZMA', 'lzma']])('%s', async (option, name) => {
    const { path } = makePixels('UInt16', 5);
    let file: string;
    try {
      file = gdal(path, `unread-${name}`, `COMPRESS=${option}`, ...tiled);
    } catch {
      console.log(`skipped: this GDAL has no ${option}`);
      return;
    }
    await expect(openImage(file, codecs)).rejects.toMatchObject({
      code: 'image-unsupported',
      message: expect.stringContaining(name),
    });
  });
});

test('a flat image that is too large for memory goes through a file, which is removed again', async () => {
  const ramp = join(folder, 'ramp.v');
  run('vips', 'grey', ramp, '6000', '6000', '--uchar');
  const wide = join(folder, 'ramp3.v');
  run('vips', 'bandjoin', `${ramp} ${ramp} ${ramp}`, wide);
  const png = join(folder, 'ramp.png');
  run('vips', 'copy', wide, `${png}[compression=1]`);
  const temporary = (): string[] =>
    readdirSync(tmpdir()).filter((name) => name.startsWith(`gigatile-${process.pid}-`));
  const before = temporary();
  const source = await openImage(png, codecs);
  expect(source.info).toMatchObject({ width: 6000, height: 6000, bands: 3, format: 'png' });
  const region = { level: 0, x: 5100, y: 2040, width: 700, height: 3 };
  const raster = await source.readRegion(region);
  expect(temporary()).toHaveLength(before.length + 1);
  expect(bytesOf(raster.data).equals(vipsPixels(wide, '', region))).toBe(true);
  source.close();
  expect(temporary()).toEqual(before);
});

test('16-bit PNG and grey JPEG keep their type and bands', async () => {
  const { path, bytes } = makePixels('UInt16', 3);
  const png = join(folder, 'deep.png');
  run('gdal_translate', '-q', '-of', 'PNG', path, png);
  const source = await openImage(png, codecs);
  expect(source.info).toMatchObject({ bands: 3, dtype: 'uint16' });
  source.close();
  expect((await readAll(png)).equals(bytes)).toBe(true);
  const grey = join(folder, 'grey.jpg');
  run('gdal_translate', '-q', '-of', 'JPEG', makePixels('Byte', 1).path, grey);
  expect(difference(await readAll(grey), vipsPixels(grey, '')).max).toBeLessThanOrEqual(5);
});

test('1-bit TIFFs of fax machines come through libvips', async () => {
  const { path } = makePixels('Byte', 1);
  const bits = gdal(path, 'bits', 'NBITS=1', 'COMPRESS=CCITTFAX4');
  const source = await openImage(bits, codecs);
  expect(source.info).toMatchObject({ width, height, bands: 1, dtype: 'uint8' });
  expect((await source.displayTile(0, 0, 0))?.type).toBe('image/jpeg');
  source.close();
});
