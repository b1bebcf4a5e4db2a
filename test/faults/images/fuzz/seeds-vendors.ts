/** Seeds of vendors' and other particular formats, by the helpers that forge them for the formats' own tests. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import turbo from '@julusian/jpeg-turbo';
import type { Codecs, Raster } from '../../../../src-main/images/image-source.ts';
import { createCodecs } from '../../../../src-main/workers/codecs/codecs.ts';
import { forgeAperio } from '../../../support/forge/aperio.ts';
import { encodeRle, syntaxes } from '../../../support/forge/dicom.ts';
import { forgeDicom } from '../../../support/forge/dicom-slide.ts';
import type { ForgedImage } from '../../../support/forge/dicom-slide.ts';
import { encodeJpeg2000 } from '../../../support/forge/jpeg2000.ts';
import { forgeLeica } from '../../../support/forge/leica.ts';
import { forgeMirax } from '../../../support/forge/mirax.ts';
import { forgeNdpi } from '../../../support/forge/ndpi.ts';
import { forgeOmeTiff } from '../../../support/forge/ome-tiff.ts';
import { forgePhilips } from '../../../support/forge/philips.ts';
import { pictureAt } from '../../../support/forge/picture.ts';
import { forgeTrestle } from '../../../support/forge/trestle.ts';
import { forgeVentana } from '../../../support/forge/ventana.ts';
import type { Seed } from './seeds.ts';

function slides(codecs: Codecs): Seed[] {
  const aperio = { width: 200, height: 160, tileSize: 96, downsamples: [2] };
  const encode = ({ width, height, data }: Raster): Uint8Array =>
    turbo.compressSync(Buffer.from(data.buffer), {
      width,
      height,
      quality: 80,
      format: turbo.FORMAT_RGB,
      subsampling: turbo.SAMP_422,
    });
  return [
    { format: 'svs', name: 'jpeg.svs', bytes: forgeAperio(codecs, { ...aperio, compression: 'jpeg' }) },
    {
      format: 'svs',
      name: 'j2k.svs',
      bytes: forgeAperio(codecs, { ...aperio, compression: 'ycbcr-422', ratio: 8 }),
    },
    {
      format: 'ndpi',
      name: 'slide.ndpi',
      bytes: forgeNdpi({
        encode,
        mcuWidth: 16,
        mcuHeight: 8,
        macro: true,
        levels: [
          { width: 1024, height: 80, scale: 1, interval: 8, table: 'right' },
          { width: 256, height: 20, scale: 4, interval: 0 },
        ],
      }),
    },
    {
      format: 'philips-tiff',
      name: 'philips.tiff',
      bytes: forgePhilips(codecs, {
        width: 192,
        height: 128,
        tileSize: 64,
        downsamples: [2],
        associated: 'xml',
      }),
    },
    {
      format: 'trestle',
      name: 'trestle.tif',
      bytes: forgeTrestle(codecs, {
        tileSize: 64,
        levels: [
          { width: 216, height: 152, scale: 1, overlap: [8, 8] },
          { width: 108, height: 76, scale: 2, overlap: [0, 0] },
        ],
      }),
    },
    {
      format: 'leica-scn',
      name: 'leica.scn',
      bytes: forgeLeica(codecs, {
        slideWidth: 900_000,
        slideHeight: 500_000,
        nmPerPixel: 500,
        tileSize: 64,
        downsamples: [1, 4],
        compression: 'jpeg',
        regions: [
          { offsetX: 50_000, offsetY: 30_000, width: 200, height: 160 },
          { offsetX: 250_000, offsetY: 130_000, width: 150, height: 130 },
        ],
      }),
    },
    {
      format: 'ventana-bif',
      name: 'ventana.bif',
      bytes: forgeVentana(codecs, {
        tileWidth: 64,
        tileHeight: 80,
        columns: 4,
        rows: 3,
        areas: [{ posX: 0, posY: 0, firstColumn: 0, firstRow: 0, columns: 4, rows: 3 }],
        overlapsX: [{ overlap: 8, confidence: 95 }],
        overlapsY: [{ overlap: 6, confidence: 95 }],
        magnifications: [40, 20],
        compression: 'jpeg',
      }),
    },
    {
      format: 'ome-tiff',
      name: 'channels.ome.tif',
      bytes: forgeOmeTiff({
        width: 150,
        height: 90,
        type: 'uint16',
        channels: [
          { name: 'DAPI', color: 0x0000_ffff },
          { name: 'CD3', color: 0x00ff_00ff },
          { name: 'Ki-67' },
        ],
        levels: 2,
        series: ['label', 'macro'],
        value: (x, y, { c }) => (x * 3 + y * 7 + c * 1000) % 60_000,
      }),
    },
  ];
}

async function dicom(codecs: Codecs): Promise<Seed[]> {
  const { data } = pictureAt(0, 0, 200, 140);
  const small: ForgedImage = {
    width: 200,
    height: 140,
    tile: { width: 64, height: 48 },
    pixel: (x, y, band) => data[(y * 200 + x) * 3 + band] ?? 0,
    spacing: { x: 0.00025, y: 0.00026 },
    opticalPaths: [{ id: '1', power: 40 }],
  };
  const raster = (frame: Buffer, width: number, height: number): Raster => ({
    width,
    height,
    bands: 3,
    dtype: 'uint8',
    data: new Uint8Array(frame),
  });
  const jpeg: ForgedImage = {
    ...small,
    transferSyntax: syntaxes.jpeg,
    photometric: 'YBR_FULL_422',
    encode: (frame, width, height) => codecs.encodeJpeg(raster(frame, width, height), 75),
  };
  const jpeg2000: ForgedImage = {
    ...small,
    transferSyntax: syntaxes.jpeg2000,
    encode: (frame, width, height) => encodeJpeg2000(raster(frame, width, height), 'rgb'),
  };
  const rle: ForgedImage = {
    ...small,
    transferSyntax: syntaxes.rle,
    encode: (frame) => encodeRle(frame, 3, 1),
  };
  const places = [0, 1, 2, 3].map((i) => ({ x: (i % 2) * 64, y: Math.floor(i / 2) * 48 }));
  const sparse: ForgedImage = { ...small, organization: 'TILED_SPARSE', frames: places };
  const half = {
    ...small,
    width: 100,
    height: 70,
    spacing: { x: 0.0005, y: 0.00052 },
    kind: ['VOLUME', 'RESAMPLED'],
  };
  const series = '2.25.99';
  return [
    { format: 'dicom', name: 'native.dcm', bytes: await forgeDicom(small) },
    { format: 'dicom', name: 'jpeg.dcm', bytes: await forgeDicom(jpeg) },
    { format: 'dicom', name: 'j2k.dcm', bytes: await forgeDicom(jpeg2000) },
    { format: 'dicom', name: 'rle.dcm', bytes: await forgeDicom(rle) },
    { format: 'dicom', name: 'sparse.dcm', bytes: await forgeDicom(sparse) },
    {
      format: 'dicom-folder',
      name: '1.dcm',
      bytes: await forgeDicom({ ...jpeg, seriesUid: series }),
      beside: [
        {
          name: '2.dcm',
          bytes: await forgeDicom({ ...half, kind: ['VOLUME', 'RESAMPLED'], seriesUid: series }),
        },
      ],
      folder: true,
    },
  ];
}

/** What GDAL writes and nobody else here does: JPEG 2000 files, LERC tiles, JPEG of four bands. */
function gdal(): Seed[] {
  const folder = mkdtempSync(join(tmpdir(), 'gigatile-seeds-'));
  const { data } = pictureAt(0, 0, 200, 150);
  const ppm = join(folder, 'in.ppm');
  writeFileSync(ppm, Buffer.concat([Buffer.from('P6\n200 150\n255\n'), new Uint8Array(data)]));
  const written = (name: string, ...options: string[]): Buffer => {
    const out = join(folder, name);
    execFileSync('gdal_translate', ['-q', ...options, ppm, out], { stdio: ['ignore', 'ignore', 'pipe'] });
    return readFileSync(out);
  };
  const co = (...options: string[]): string[] => options.flatMap((option) => ['-co', option]);
  const tiles = co('TILED=YES', 'BLOCKXSIZE=64', 'BLOCKYSIZE=64');
  const place = ['-a_srs', 'EPSG:32633', '-a_ullr', '500000', '5000000', '502000', '4998500'];
  const lossless = co('BLOCKXSIZE=64', 'BLOCKYSIZE=64', 'RESOLUTIONS=3', 'QUALITY=100', 'REVERSIBLE=YES');
  try {
    return [
      {
        format: 'jp2',
        name: 'scene.jp2',
        bytes: written('a.jp2', '-of', 'JP2OpenJPEG', ...place, ...lossless),
      },
      {
        format: 'geotiff',
        name: 'lerc.tif',
        bytes: written('b.tif', ...place, '-ot', 'Float32', ...tiles, ...co('COMPRESS=LERC')),
      },
      {
        format: 'geotiff',
        name: 'jpeg4.tif',
        bytes: written(
          'c.tif',
          ...place,
          ...['1', '2', '3', '1'].flatMap((b) => ['-b', b]),
          ...tiles,
          ...co('COMPRESS=JPEG'),
        ),
      },
    ];
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Read by the system's OpenSlide where there is one: each of its files is damaged in turn. */
function mirax(codecs: Codecs): Seed[] {
  const folder = mkdtempSync(join(tmpdir(), 'gigatile-seeds-'));
  try {
    const path = forgeMirax(folder, 'slide', codecs, { columns: 4, rows: 2, levels: 2, size: 64 });
    const inside = readdirSync(join(folder, 'slide')).map((name) => ({
      name: join('slide', name),
      bytes: readFileSync(join(folder, 'slide', name)),
    }));
    return [{ format: 'mirax', name: 'slide.mrxs', bytes: readFileSync(path), beside: inside }].concat(
      inside.map(({ name, bytes }) => ({
        format: 'mirax',
        name,
        bytes,
        beside: [
          { name: 'slide.mrxs', bytes: readFileSync(path) },
          ...inside.filter((file) => file.name !== name),
        ],
        opens: 'slide.mrxs',
      })),
    );
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** A folder of pictures. */
function others(codecs: Codecs): Seed[] {
  const frames = [0, 1, 2].map((i) => ({
    name: `frame-${i}.jpg`,
    bytes: Buffer.from(codecs.encodeJpeg(pictureAt(i * 50, 0, 96, 64), 80)),
  }));
  const [first, ...beside] = frames;
  if (first === undefined) return [];
  return [{ format: 'picture-set', ...first, beside, folder: true }];
}

export async function vendorSeeds(): Promise<Seed[]> {
  const codecs = await createCodecs();
  return [...slides(codecs), ...(await dicom(codecs)), ...gdal(), ...mirax(codecs), ...others(codecs)];
}
