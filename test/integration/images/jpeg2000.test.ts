/** JPEG 2000 files made by GDAL and OpenJPEG: pixels of every level and geo-references are theirs. */
import { readFileSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { ImageSource } from '../../../src-main/images/image-source.ts';
import { openImage } from '../../../src-main/images/open-image.ts';
import { bytesPerSample } from '../../../src-main/images/raster.ts';
import { createCodecs } from '../../../src-main/workers/codecs/codecs.ts';
import {
  bytesOf,
  difference,
  gdalInfo,
  gdalLevel,
  randomRegions,
  regionOf,
  run,
  scratchFolder,
} from './oracles.ts';

const codecs = await createCodecs();
const folder = scratchFolder();

type Kind = 'Byte' | 'UInt16' | 'Int16';

interface Job {
  name: string;
  width: number;
  height: number;
  bands: number;
  type: Kind;
  epsg?: number;
  transform?: number[];
}

const utm = { epsg: 32_632, transform: [399_960, 10, 0, 5_300_040, 0, -10] };
const degrees = { epsg: 4326, transform: [11.25, 0.001, 0, 48.5, 0, -0.0015] };
const turned = { epsg: 25_833, transform: [399_960, 8, 3, 5_300_040, 2.5, -9] };
const sources: Job[] = [
  { name: 'grey', width: 700, height: 531, bands: 1, type: 'Byte' },
  { name: 'two', width: 400, height: 300, bands: 2, type: 'Byte' },
  { name: 'rgb', width: 700, height: 531, bands: 3, type: 'Byte', ...degrees },
  { name: 'rgba', width: 400, height: 300, bands: 4, type: 'Byte' },
  { name: 'scene', width: 700, height: 531, bands: 1, type: 'UInt16', ...utm },
  { name: 'turned', width: 300, height: 280, bands: 1, type: 'UInt16', ...turned },
  { name: 'four', width: 400, height: 300, bands: 4, type: 'UInt16', ...utm },
  { name: 'signed', width: 400, height: 300, bands: 1, type: 'Int16' },
  { name: 'signed3', width: 300, height: 280, bands: 3, type: 'Int16' },
];
writeFileSync(
  join(folder, 'jobs.json'),
  JSON.stringify(
    sources.map((job) => ({
      epsg: null,
      transform: null,
      ...job,
      out: join(folder, `${job.name}.tif`),
    })),
  ),
);
run('/usr/bin/python3', join(import.meta.dirname, '../../support/make-jpeg2000.py'), folder);

let made = 0;
function jp2(source: string, options: string[], extension = 'jp2', ...others: string[]): string {
  const path = join(folder, `${source}-${made++}.${extension}`);
  const creation = options.flatMap((option) => ['-co', option]);
  run(
    'gdal_translate',
    '-q',
    '-of',
    'JP2OpenJPEG',
    ...creation,
    ...others,
    join(folder, `${source}.tif`),
    path,
  );
  return path;
}

async function withImage<T>(path: string, use: (source: ImageSource) => Promise<T>): Promise<T> {
  const source = await openImage(path, codecs);
  try {
    return await use(source);
  } finally {
    source.close();
  }
}

/**
 * Random regions of every level, against GDAL; GDAL gives no overviews of images of one tile or of tiles that halve unevenly, so
 * that OpenJPEG itself is asked for those.
 */
async function expectGdal(path: string, allowed: number): Promise<void> {
  await withImage(path, async (source) => {
    const { levels, bands, dtype } = source.info;
    const info = gdalInfo(path);
    const overviews = (info.bands[0]?.overviews ?? []).map(({ size }) => size);
    const sizes = [info.size, ...overviews];
    expect(info.bands).toHaveLength(bands);
    expect(levels.length).toBeGreaterThanOrEqual(sizes.filter(([width]) => width > 128).length);
    const wholes = levels.map(({ width, height }, level) => {
      const known = sizes[level];
      if (known === undefined) return openJpegLevel(path, level, bands, bytesPerSample(dtype));
      expect([width, height]).toEqual(known);
      return gdalLevel(path, level);
    });
    for (const region of randomRegions(levels, 6, 3)) {
      const bytes = bytesOf((await source.readRegion(region)).data);
      const pixel = bands * bytesPerSample(dtype);
      const whole = wholes[region.level] ?? Buffer.alloc(0);
      const theirs = regionOf(whole, levels[region.level]?.width ?? 0, pixel, region);
      if (allowed === 0) expect(bytes.equals(theirs), JSON.stringify(region)).toBe(true);
      else {
        const gap = difference(samples(bytes, dtype), samples(theirs, dtype));
        expect(gap.max, JSON.stringify(region)).toBeLessThanOrEqual(allowed);
      }
    }
  });
}

/** All bands of a resolution, interleaved. */
function openJpegLevel(path: string, reduce: number, bands: number, bytes: number): Buffer {
  const out = join(folder, 'level.rawl');
  run('opj_decompress', '-i', path, '-o', out, '-r', `${reduce}`);
  const planes = readFileSync(out);
  const pixels = planes.length / bands / bytes;
  const mixed = Buffer.alloc(planes.length);
  for (let band = 0; band < bands; band++) {
    for (let pixel = 0; pixel < pixels; pixel++) {
      const from = (band * pixels + pixel) * bytes;
      planes.copy(mixed, (pixel * bands + band) * bytes, from, from + bytes);
    }
  }
  return mixed;
}

function samples(bytes: Buffer, dtype: string): ArrayLike<number> {
  if (dtype === 'uint8') return bytes;
  const copy = new Uint8Array(bytes).buffer;
  return dtype === 'uint16' ? new Uint16Array(copy) : new Int16Array(copy);
}

const whole = ['BLOCKXSIZE=2048', 'BLOCKYSIZE=2048'];
const lossless = ['QUALITY=100', 'REVERSIBLE=YES'];
/** GDAL leaves the wavelet out of small tiles. */
const tiles = (width: number, height = width, resolutions = 4): string[] => [
  `BLOCKXSIZE=${width}`,
  `BLOCKYSIZE=${height}`,
  `RESOLUTIONS=${resolutions}`,
];

describe('lossless: equal to GDAL to the bit, at every level', () => {
  const cases: [name: string, source: string, options: string[], extension?: string][] = [
    ['grey, one tile', 'grey', whole],
    ['grey, tiles', 'grey', tiles(256)],
    ['grey, tiles of an odd size', 'grey', tiles(201, 133)],
    ['two bands', 'two', tiles(128)],
    ['colours with their transform', 'rgb', tiles(256)],
    ['colours without it, as bare codestream', 'rgb', [...tiles(256), 'YCC=NO', 'CODEC=J2K'], 'j2k'],
    ['four bands', 'rgba', tiles(128)],
    ['16 bits', 'scene', tiles(256)],
    [
      '16 bits, one tile, resolution first',
      'scene',
      [...whole, 'PROGRESSION=RPCL', 'PRECINCTS={128,128},{64,64}'],
    ],
    [
      '16 bits, position first',
      'scene',
      [...tiles(256), 'PROGRESSION=PCRL', 'PRECINCTS={128,128},{128,128}'],
    ],
    ['16 bits, component first', 'four', [...tiles(200), 'PROGRESSION=CPRL', 'PRECINCTS={64,64}']],
    ['16 bits, resolution and layer', 'four', [...tiles(256), 'PROGRESSION=RLCP']],
    ['with markers of packets', 'scene', [...tiles(256), 'SOP=YES', 'EPH=YES']],
    [
      'small code-blocks, no wavelet',
      'scene',
      [...tiles(128, 128, 1), 'CODEBLOCK_WIDTH=8', 'CODEBLOCK_HEIGHT=32'],
    ],
    ['tile-parts and tables of lengths', 'scene', [...tiles(256), 'TILEPARTS=RESOLUTIONS', 'PLT=YES']],
    ['all code-block styles', 'grey', [...tiles(256), 'CODEBLOCK_STYLE=63']],
    ['bypass alone', 'scene', [...tiles(256), 'CODEBLOCK_STYLE=1']],
    ['bypass with termination', 'scene', [...tiles(256), 'CODEBLOCK_STYLE=5']],
    ['signed', 'signed', tiles(128)],
    ['signed, three bands', 'signed3', tiles(128)],
  ];
  test.each(cases)('%s', async (_name, source, options, extension) => {
    await expectGdal(jp2(source, [...lossless, ...options], extension), 0);
  });

  test.each([4, 10, 12])('%d bits keep their values', async (bits) => {
    const source = bits <= 8 ? 'grey' : 'scene';
    const scale = ['-scale', '0', bits <= 8 ? '255' : '65535', '0', `${2 ** bits - 1}`];
    await expectGdal(jp2(source, [...lossless, ...tiles(256), `NBITS=${bits}`], 'jp2', ...scale), 0);
  });
});

describe('lossy: within 1 of GDAL, at every level', () => {
  const cases: [name: string, source: string, options: string[]][] = [
    ['grey', 'grey', ['QUALITY=20', ...tiles(256)]],
    ['colours', 'rgb', ['QUALITY=15', ...tiles(256)]],
    ['colours in one tile with layers', 'rgb', ['QUALITY=5,10,20', ...whole]],
    ['16 bits', 'scene', ['QUALITY=25', ...tiles(256)]],
    ['four bands', 'rgba', ['QUALITY=25', ...tiles(128)]],
    ['reversible but cut off', 'scene', ['QUALITY=25', 'REVERSIBLE=YES', ...tiles(256)]],
  ];
  test.each(cases)('%s', async (_name, source, options) => {
    await expectGdal(jp2(source, options), 1);
  });
});

describe('codestreams of opj_compress', () => {
  function raw(width: number, height: number, bands: number, steps: readonly number[] = []): Buffer {
    const planes = Array.from({ length: bands }, (_, band) => {
      const [stepX, stepY] = band === 0 ? [1, 1] : [steps[0] ?? 1, steps[1] ?? 1];
      const [w, h] = [Math.ceil(width / stepX), Math.ceil(height / stepY)];
      return Buffer.from(
        Uint8Array.from({ length: w * h }, (_v, i) => (i % w) * (band + 1) + Math.floor(i / w) * 3),
      );
    });
    return Buffer.concat(planes);
  }
  function compress(name: string, geometry: string, pixels: Buffer, ...options: string[]): string {
    const [input, output] = [join(folder, `${name}.raw`), join(folder, `${name}.j2k`)];
    writeFileSync(input, pixels);
    run('opj_compress', '-i', input, '-o', output, '-F', geometry, ...options);
    return output;
  }
  /** All samples of all components, one after the other, as opj_decompress gives them. */
  function decompress(path: string, ...options: string[]): Buffer {
    const out = `${path}.out.rawl`;
    run('opj_decompress', '-i', path, '-o', out, ...options);
    return readFileSync(out);
  }

  test.each([
    ['at the origin', [] as string[]],
    ['off the origin', ['-d', '37,53']],
    ['tiles off the origin', ['-d', '137,153', '-T', '100,90', '-t', '97,101']],
    ['tiles that halve unevenly', ['-t', '97,101']],
  ])('%s: whole and at each reduction', async (name, options) => {
    const path = compress(
      name.replaceAll(' ', '-'),
      '311,287,1,8,u',
      raw(311, 287, 1),
      '-n',
      '4',
      ...options,
    );
    await withImage(path, async (source) => {
      for (const [level, { width, height }] of source.info.levels.entries()) {
        const raster = await source.readRegion({ level, x: 0, y: 0, width, height });
        expect(bytesOf(raster.data).equals(decompress(path, '-r', `${level}`)), `level ${level}`).toBe(true);
      }
    });
  });

  test('subsampled components are spread over the pixels that they stand for', async () => {
    const path = compress('halved', '200,120,3,8,u@1x1:2x2:2x2', raw(200, 120, 3, [2, 2]), '-mct', '0');
    const pixels = raw(200, 120, 3, [2, 2]);
    const raster = await codecs.decodeJpeg2000(readFileSync(path));
    expect(raster).toMatchObject({ width: 200, height: 120, bands: 3, dtype: 'uint8' });
    for (let y = 0; y < 120; y += 7) {
      for (let x = 0; x < 200; x += 3) {
        const small = Math.floor(y / 2) * 100 + Math.floor(x / 2);
        const expected = [pixels[y * 200 + x], pixels[24_000 + small], pixels[30_000 + small]];
        expect([...raster.data.subarray((y * 200 + x) * 3, (y * 200 + x) * 3 + 3)]).toEqual(expected);
      }
    }
  });

  test('a region of interest', async () => {
    const path = compress('roi', '128,128,1,8,u', raw(128, 128, 1), '-ROI', 'c=0,U=4');
    const raster = await codecs.decodeJpeg2000(readFileSync(path));
    expect(bytesOf(raster.data).equals(decompress(path))).toBe(true);
  });

  test('a progression that changes', async () => {
    const poc = ['-n', '4', '-POC', 'T1=0,0,1,2,3,RLCP/T1=0,0,1,4,3,CPRL'];
    const path = compress('poc', '200,160,3,8,u', raw(200, 160, 3), '-mct', '1', ...poc);
    const raster = await codecs.decodeJpeg2000(readFileSync(path));
    const planes = decompress(path);
    const ours = Buffer.concat(
      [0, 1, 2].map((band) => Buffer.from(raster.data.filter((_, i) => i % 3 === band) as Uint8Array)),
    );
    expect(ours.equals(planes)).toBe(true);
  });
});

describe('where it lies', () => {
  test.each([
    ['GeoJP2 and GMLJP2', 'scene', []],
    ['GeoJP2 alone', 'scene', ['GMLJP2=NO']],
    ['GMLJP2 alone', 'scene', ['GeoJP2=NO']],
    ['degrees, GeoJP2', 'rgb', ['GMLJP2=NO']],
    ['degrees, GMLJP2 with latitude first', 'rgb', ['GeoJP2=NO']],
    ['turned, GeoJP2', 'turned', ['GMLJP2=NO']],
    ['turned, GMLJP2', 'turned', ['GeoJP2=NO']],
  ])('%s: transform and EPSG are gdalinfo’s', async (_name, source, options) => {
    const path = jp2(source, [...tiles(256), ...options]);
    const info = gdalInfo(path);
    await withImage(path, async ({ info: ours }) => {
      expect(ours.geo?.epsg).toBe(info.stac?.['proj:epsg']);
      for (const [i, value] of (info.geoTransform ?? []).entries()) {
        expect(ours.geo?.transform[i]).toBeCloseTo(value, 6);
      }
      expect(ours.geo?.metersPerPixel?.x).toBeGreaterThan(0);
      expect(ours.mpp).toBeNull();
    });
  });
});

test('display tiles and associated images', async () => {
  await withImage(jp2('rgba', [...lossless, ...tiles(128), 'ALPHA=YES']), async (source) => {
    expect(source.info).toMatchObject({ format: 'jp2', compression: 'jpeg2000', validity: 'alpha' });
    expect((await source.displayTile(0, 1, 1))?.type).toMatch(/^image\//);
    await expect(source.associatedImage('label')).rejects.toMatchObject({ code: 'usage' });
  });
});

describe('what cannot be read says so', () => {
  test('cut off anywhere', async () => {
    const path = jp2('scene', [...lossless, ...tiles(256)]);
    const bytes = readFileSync(path);
    const short = join(folder, 'short.jp2');
    for (const part of [0.001, 0.01, 0.3, 0.7, 0.999]) {
      writeFileSync(short, bytes.subarray(0, Math.max(12, Math.floor(bytes.length * part))));
      await expect(openImage(short, codecs)).rejects.toMatchObject({
        code: 'image-corrupt',
        where: basename(short),
      });
    }
  });

  test('a damaged tile is named, and the others can be read', async () => {
    const path = jp2('scene', [...lossless, ...tiles(256), 'CODEC=J2K'], 'j2k');
    const bytes = readFileSync(path);
    const start = bytes.indexOf(Buffer.from([0xff, 0x93]));
    bytes.fill(0xff, start + 2, start + 400);
    const damaged = join(folder, 'damaged.j2k');
    writeFileSync(damaged, bytes);
    await withImage(damaged, async (source) => {
      const first = source.readRegion({ level: 0, x: 10, y: 10, width: 10, height: 10 });
      await expect(first).rejects.toMatchObject({
        code: 'image-corrupt',
        where: expect.stringContaining('tile 0'),
      });
      await source.readRegion({ level: 0, x: 300, y: 300, width: 10, height: 10 });
    });
  });

  test('a single tile that is too large', async () => {
    const path = jp2('scene', [...lossless, ...whole]);
    await expect(openImage(path, codecs, { maxPixels: 300_000 })).rejects.toMatchObject({
      code: 'image-too-large',
      hint: expect.stringContaining('gdal_translate'),
    });
  });

  test('a palette', async () => {
    const vrt = join(folder, 'palette.vrt');
    run('gdal_translate', '-q', '-of', 'VRT', join(folder, 'grey.tif'), vrt);
    const entries = Array.from(
      { length: 256 },
      (_, i) => `<Entry c1="${i}" c2="${255 - i}" c3="9" c4="255"/>`,
    );
    const table = `<ColorInterp>Palette</ColorInterp><ColorTable>${entries.join('')}</ColorTable>`;
    const xml = readFileSync(vrt, 'utf8').replace(/<ColorInterp>.*?<\/ColorInterp>/, '');
    writeFileSync(vrt, xml.replace(/(<VRTRasterBand[^>]*>)/, `$1${table}`));
    const path = join(folder, 'palette.jp2');
    run(
      'gdal_translate',
      '-q',
      '-of',
      'JP2OpenJPEG',
      ...lossless.flatMap((option) => ['-co', option]),
      vrt,
      path,
    );
    await expect(openImage(path, codecs)).rejects.toMatchObject({
      code: 'image-unsupported',
      message: expect.stringContaining('palette'),
    });
  });
});
