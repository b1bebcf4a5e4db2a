/**
 * Compressions, sample types and layouts of TIFF beside those in encodings.test.ts: with overviews, equal to GDAL on random regions
 * of every level.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { openImage } from '../../../src-main/images/open-image.ts';
import { bytesPerSample, pixelArray } from '../../../src-main/images/raster.ts';
import { createCodecs } from '../../../src-main/workers/codecs/codecs.ts';
import { dataOffset, forgeTiff } from '../../unit/images/forge-tiff.ts';
import {
  bytesOf,
  difference,
  gdalInfo,
  gdalLevel,
  randomRegions,
  run,
  scratchFolder,
  seeded,
} from './oracles.ts';

const codecs = await createCodecs();
const folder = scratchFolder();
const [width, height] = [300, 217];

const types = {
  Byte: { envi: 1, make: (n: number) => new Uint8Array(n), low: 0, high: 255 },
  UInt16: { envi: 12, make: (n: number) => new Uint16Array(n), low: 0, high: 65_535 },
  Int16: { envi: 2, make: (n: number) => new Int16Array(n), low: -30_000, high: 30_000 },
  UInt32: { envi: 13, make: (n: number) => new Uint32Array(n), low: 0, high: 4e9 },
  Int32: { envi: 3, make: (n: number) => new Int32Array(n), low: -2e9, high: 2e9 },
  Float32: { envi: 4, make: (n: number) => new Float32Array(n), low: -5, high: 5 },
  Float64: { envi: 5, make: (n: number) => new Float64Array(n), low: -1e9, high: 1e9 },
} as const;
type Kind = keyof typeof types;

/** `binaryAlpha`: the last band is 0 or 255; `holes`: NaN in a corner. */
function source(kind: Kind, bands: number, options: { binaryAlpha?: boolean; holes?: boolean } = {}): string {
  const { envi, make, low, high } = types[kind];
  const random = seeded(bands * 17 + envi);
  const data = make(width * height * bands);
  for (let y = 0, i = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      for (let band = 0; band < bands; band++, i++) {
        const wave = 0.5 + 0.4 * Math.sin((x + band * 40) / 37) * Math.cos(y / 23) + 0.05 * (random() - 0.5);
        data[i] = low + (x > 200 && y > 100 ? 0.25 : wave) * (high - low);
        if (options.binaryAlpha === true && band === bands - 1)
          data[i] = (x - 90) ** 2 + y ** 2 < 9000 ? 255 : 0;
        if (options.holes === true && x < 70 && y < 90) data[i] = Number.NaN;
      }
    }
  }
  const path = join(folder, `${kind}-${bands}-${options.binaryAlpha ?? ''}-${options.holes ?? ''}.raw`);
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
  return path;
}

let made = 0;
function gdal(from: string, options: readonly string[], overviews = true, type?: Kind): string {
  const to = join(folder, `${made++}.tif`);
  const as = type === undefined ? [] : ['-ot', type];
  run(
    'gdal_translate',
    '-q',
    '-of',
    'GTiff',
    ...as,
    ...options.flatMap((option) => ['-co', option]),
    from,
    to,
  );
  if (overviews) run('gdaladdo', '-q', '-r', 'nearest', to, '2', '4');
  return to;
}

/** Greatest difference to GDAL over random regions of every level; NaN equals NaN. */
async function gapToGdal(path: string): Promise<number> {
  const image = await openImage(path, codecs);
  try {
    const { levels, bands, dtype } = image.info;
    const wholes = levels.map((_, level) => gdalLevel(path, level));
    let most = 0;
    for (const region of randomRegions(levels, 5, 11)) {
      const { data } = await image.readRegion(region);
      const pixel = bands * bytesPerSample(dtype);
      const theirs = Buffer.alloc(data.byteLength);
      for (let y = 0; y < region.height; y++) {
        const start = ((region.y + y) * (levels[region.level]?.width ?? 0) + region.x) * pixel;
        wholes[region.level]?.copy(theirs, y * region.width * pixel, start, start + region.width * pixel);
      }
      if (bytesOf(data).equals(theirs)) continue;
      const expected = pixelArray(dtype, data.length, Uint8Array.from(theirs));
      for (const [i, value] of data.entries()) {
        const wanted = expected[i] ?? 0;
        if (Number.isNaN(value) && Number.isNaN(wanted)) continue;
        const gap = Math.abs(value - wanted);
        if (Number.isNaN(gap)) return gap;
        most = Math.max(most, gap);
      }
    }
    return most;
  } finally {
    image.close();
  }
}

const tiled = ['TILED=YES', 'BLOCKXSIZE=64', 'BLOCKYSIZE=48'];
const rows: [compression: string, kind: Kind, bands: number, options: string[]][] = [
  ['none, sparse', 'Byte', 3, ['SPARSE_OK=TRUE', ...tiled]],
  ['none, signed bytes', 'Byte', 1, ['PIXELTYPE=SIGNEDBYTE', ...tiled]],
  ['none, planar, big endian', 'Int32', 3, ['INTERLEAVE=BAND', 'ENDIANNESS=BIG', ...tiled]],
  ['packbits, strips', 'UInt16', 3, ['COMPRESS=PACKBITS', 'BLOCKYSIZE=10']],
  ['packbits, planar, big endian', 'Float32', 2, ['COMPRESS=PACKBITS', 'INTERLEAVE=BAND', 'ENDIANNESS=BIG']],
  [
    'lzw, signed bytes, predictor 2',
    'Byte',
    3,
    ['COMPRESS=LZW', 'PREDICTOR=2', 'PIXELTYPE=SIGNEDBYTE', ...tiled],
  ],
  ['lzw, predictor 2, 32 bit', 'Int32', 2, ['COMPRESS=LZW', 'PREDICTOR=2', ...tiled]],
  ['lzw, predictor 3, planar', 'Float64', 2, ['COMPRESS=LZW', 'PREDICTOR=3', 'INTERLEAVE=BAND', ...tiled]],
  [
    'deflate, predictor 2, big endian',
    'Int16',
    3,
    ['COMPRESS=DEFLATE', 'PREDICTOR=2', 'ENDIANNESS=BIG', ...tiled],
  ],
  ['deflate, BigTIFF, big endian', 'UInt32', 1, ['COMPRESS=DEFLATE', 'BIGTIFF=YES', 'ENDIANNESS=BIG']],
  ['zstd', 'Byte', 4, ['COMPRESS=ZSTD', ...tiled]],
  [
    'zstd, predictor 2, big endian',
    'UInt32',
    3,
    ['COMPRESS=ZSTD', 'PREDICTOR=2', 'ENDIANNESS=BIG', ...tiled],
  ],
  ['zstd, predictor 3', 'Float32', 3, ['COMPRESS=ZSTD', 'PREDICTOR=3', ...tiled]],
  ['zstd, predictor 3, BigTIFF', 'Float64', 1, ['COMPRESS=ZSTD', 'PREDICTOR=3', 'BIGTIFF=YES']],
  ['webp, lossless, strips', 'Byte', 3, ['COMPRESS=WEBP', 'WEBP_LOSSLESS=TRUE']],
  ['lerc', 'Byte', 1, ['COMPRESS=LERC', ...tiled]],
  ['lerc, three bands', 'Byte', 3, ['COMPRESS=LERC', ...tiled]],
  ['lerc, strips', 'UInt16', 5, ['COMPRESS=LERC']],
  ['lerc, planar', 'UInt16', 3, ['COMPRESS=LERC', 'INTERLEAVE=BAND', ...tiled]],
  ['lerc', 'Int16', 1, ['COMPRESS=LERC', ...tiled]],
  ['lerc', 'UInt32', 2, ['COMPRESS=LERC', ...tiled]],
  ['lerc', 'Int32', 1, ['COMPRESS=LERC', ...tiled]],
  ['lerc, BigTIFF', 'Float32', 2, ['COMPRESS=LERC', 'BIGTIFF=YES', ...tiled]],
  ['lerc', 'Float64', 1, ['COMPRESS=LERC', ...tiled]],
  ['lerc with deflate', 'UInt16', 3, ['COMPRESS=LERC_DEFLATE', ...tiled]],
  ['lerc with zstd', 'Float32', 1, ['COMPRESS=LERC_ZSTD', ...tiled]],
  ['lerc, lossy: as GDAL decodes it', 'Float32', 1, ['COMPRESS=LERC', 'MAX_Z_ERROR=0.01', ...tiled]],
];

describe('equal to GDAL', () => {
  test.each(rows)('%s, %s x %d', async (_name, kind, bands, options) => {
    expect(await gapToGdal(gdal(source(kind, bands), options))).toBe(0);
  });

  test('lerc with alpha as its mask', async () => {
    const from = source('Byte', 4, { binaryAlpha: true });
    expect(await gapToGdal(gdal(from, ['COMPRESS=LERC', 'ALPHA=YES', ...tiled]))).toBe(0);
  });

  test.each(['LERC', 'LERC_ZSTD'])('%s with NaN as its mask', async (compression) => {
    const file = gdal(source('Float32', 1, { holes: true }), [`COMPRESS=${compression}`, ...tiled]);
    expect(await gapToGdal(file)).toBe(0);
    const image = await openImage(file, codecs);
    const corner = await image.readRegion({ level: 0, x: 5, y: 5, width: 2, height: 2 });
    image.close();
    expect([...corner.data]).toEqual([Number.NaN, Number.NaN, Number.NaN, Number.NaN]);
  });
});

describe('lossy', () => {
  test.each([3, 4])('WebP of %d bands is decoded by the same library', async (bands) => {
    const file = gdal(source('Byte', bands), ['COMPRESS=WEBP', 'WEBP_LEVEL=80', ...tiled], false);
    expect(await gapToGdal(file)).toBeLessThanOrEqual(1);
  });

  test('JPEG of four bands, as they are', async () => {
    const options = ['COMPRESS=JPEG', 'JPEG_QUALITY=90', 'PHOTOMETRIC=MINISBLACK', 'TILED=YES'];
    const file = gdal(source('Byte', 4), [...options, 'BLOCKXSIZE=64', 'BLOCKYSIZE=64']);
    expect(await gapToGdal(file)).toBeLessThanOrEqual(1);
  });

  test.each(['4:4:4', '4:2:2', '4:2:0'])('JPEG YCbCr %s', async (subsampling) => {
    const png = join(folder, 'subsampled.png');
    run('gdal_translate', '-q', '-of', 'PNG', source('Byte', 3), png);
    const file = join(folder, `subsampled-${made++}.tif`);
    const script = [
      'import sys',
      'from PIL import Image',
      'Image.open(sys.argv[1]).save(sys.argv[2], "JPEG", quality=92, subsampling=sys.argv[3])',
    ].join('\n');
    const jpg = `${file}.jpg`;
    run('/usr/bin/python3', '-c', script, png, jpg, subsampling);
    const jpeg = readFileSync(jpg);
    const steps = { '4:4:4': [1, 1], '4:2:2': [2, 1], '4:2:0': [2, 2] }[subsampling] ?? [];
    const tag = (number: number, type: number, value: number[]) => ({ tag: number, type, value });
    const tags = [
      tag(256, 4, [width]),
      tag(257, 4, [height]),
      tag(258, 3, [8, 8, 8]),
      tag(259, 3, [7]),
      tag(262, 3, [6]),
      tag(273, 4, [dataOffset(false)]),
      tag(277, 3, [3]),
      tag(278, 4, [height]),
      tag(279, 4, [jpeg.length]),
      tag(530, 3, steps),
    ];
    writeFileSync(file, forgeTiff({ directories: [{ tags }], data: jpeg }));
    const image = await openImage(file, codecs);
    const ours = await image.readRegion({ level: 0, x: 0, y: 0, width, height });
    image.close();
    expect(difference(ours.data, gdalLevel(file, 0)).max).toBeLessThanOrEqual(6);
  });
});

describe('refused by name', () => {
  test.each([
    ['NBITS=12', 'Byte', 'UInt16', /12 bits/],
    ['NBITS=16', 'Float32', 'Float32', /16 bits.*sample format 3/],
  ] as const)('%s', async (option, kind, type, message) => {
    const file = gdal(source(kind, 1), [option, ...tiled], false, type);
    await expect(openImage(file, codecs)).rejects.toMatchObject({
      code: 'image-unsupported',
      message: expect.stringMatching(message),
    });
  });

  test('old-style JPEG, and JPEG of 12 bits', async () => {
    const file = gdal(source('Byte', 3), ['COMPRESS=JPEG', 'PHOTOMETRIC=YCBCR', 'TILED=YES'], false);
    const bytes = readFileSync(file);
    expect(gdalInfo(file).size).toEqual([width, height]);
    const patched = (number: number, value: number): Buffer => {
      const copy = Buffer.from(bytes);
      const start = copy.readUInt32LE(4);
      for (let i = 0; i < copy.readUInt16LE(start); i++) {
        const at = start + 2 + i * 12;
        if (copy.readUInt16LE(at) !== number) continue;
        const many = copy.readUInt32LE(at + 4) > 2;
        const place = many ? copy.readUInt32LE(at + 8) : at + 8;
        for (let k = 0; k < copy.readUInt32LE(at + 4); k++) copy.writeUInt16LE(value, place + k * 2);
      }
      return copy;
    };
    const cases = [
      [patched(259, 6), /old-jpeg/],
      [patched(258, 12), /12 bits/],
    ] as const;
    for (const [content, message] of cases) {
      writeFileSync(file, content);
      await expect(openImage(file, codecs)).rejects.toMatchObject({
        code: 'image-unsupported',
        message: expect.stringMatching(message),
      });
    }
  });
});
