/** A small, whole file of each format and encoding that is read: what the fuzzer damages. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { deflateSync, zstdCompressSync } from 'node:zlib';
import sharp from 'sharp';
import type { Sharp, TiffOptions } from 'sharp';
import { generateSample } from '../../../../src-main/samples/generate-sample.ts';
import { dataOffset, forgeTiff, imageTags, tileTags } from '../../../unit/images/forge-tiff.ts';
import type { ForgedTag } from '../../../unit/images/forge-tiff.ts';
import { vendorSeeds } from './seeds-vendors.ts';

export interface Seed {
  /** What it is counted under. */
  format: string;
  /** The file that is damaged. */
  name: string;
  bytes: Buffer;
  /** Files that lie beside it, whole. */
  beside?: { name: string; bytes: Buffer }[];
  /** The folder is what is opened. */
  folder?: boolean;
  /** What is opened instead of the damaged file. */
  opens?: string;
}

const side = 160;

/** Colours that change everywhere, so that no codec has an easy time. */
function pixels(bands: number): Buffer {
  const data = Buffer.alloc(side * side * bands);
  for (let i = 0; i < data.length; i++) {
    const [x, y] = [Math.floor(i / bands) % side, Math.floor(i / bands / side)];
    data[i] = (x * 3 + y * (i % bands) * 2 + ((x * y) >> 4)) & 255;
  }
  return data;
}

function picture(bands: 1 | 3 | 4): Sharp {
  return sharp(pixels(bands), { raw: { width: side, height: side, channels: bands } });
}

/** Plain TIFFs and pictures, by libvips. */
async function encodedSeeds(): Promise<Seed[]> {
  const tiffs: [string, TiffOptions, 1 | 3 | 4][] = [
    ['none-strips', { compression: 'none' }, 3],
    [
      'lzw-tiles',
      { compression: 'lzw', predictor: 'horizontal', tile: true, tileWidth: 64, tileHeight: 64 },
      3,
    ],
    [
      'deflate-pyramid',
      { compression: 'deflate', tile: true, tileWidth: 64, tileHeight: 64, pyramid: true },
      4,
    ],
    ['jpeg-pyramid', { compression: 'jpeg', tile: true, tileWidth: 64, tileHeight: 64, pyramid: true }, 3],
    ['jpeg-bigtiff', { compression: 'jpeg', tile: true, tileWidth: 64, tileHeight: 64, bigtiff: true }, 1],
    ['webp-tiles', { compression: 'webp', tile: true, tileWidth: 64, tileHeight: 64 }, 3],
    ['packbits-strips', { compression: 'packbits' }, 1],
    ['bilevel', { compression: 'ccittfax4', bitdepth: 1 }, 1],
  ];
  const seeds: Seed[] = [];
  for (const [name, options, bands] of tiffs) {
    const image = bands === 1 ? picture(1).toColourspace('b-w') : picture(bands);
    const bytes = await image.tiff(options).toBuffer();
    seeds.push({ format: 'tiff', name: `${name}.tif`, bytes });
  }
  const cmyk = await picture(3).toColourspace('cmyk').tiff({ compression: 'lzw' }).toBuffer();
  seeds.push({ format: 'tiff', name: 'cmyk.tif', bytes: cmyk });
  seeds.push({ format: 'png', name: 'rgb.png', bytes: await picture(3).png().toBuffer() });
  seeds.push({ format: 'png', name: 'alpha.png', bytes: await picture(4).png({ palette: true }).toBuffer() });
  const grey16 = await picture(1).toColourspace('grey16').png().toBuffer();
  seeds.push({ format: 'png', name: 'grey16.png', bytes: grey16 });
  seeds.push({ format: 'jpeg', name: 'baseline.jpg', bytes: await picture(3).jpeg().toBuffer() });
  seeds.push({
    format: 'jpeg',
    name: 'progressive.jpg',
    bytes: await picture(3).jpeg({ progressive: true }).toBuffer(),
  });
  seeds.push({ format: 'webp', name: 'lossy.webp', bytes: await picture(4).webp().toBuffer() });
  seeds.push({
    format: 'webp',
    name: 'lossless.webp',
    bytes: await picture(3).webp({ lossless: true }).toBuffer(),
  });
  return seeds;
}

/** Tiles of one size behind the header, and where they lie. */
function store(tiles: readonly Uint8Array[]): { data: Buffer; offsets: number[]; counts: number[] } {
  let at = dataOffset(false);
  const offsets = tiles.map((tile) => {
    const offset = at;
    at += tile.length;
    return offset;
  });
  return { data: Buffer.concat(tiles), offsets, counts: tiles.map((tile) => tile.length) };
}

function text(tag: number, value: string): ForgedTag {
  return { tag, type: 2, value };
}

/** Kinds that libvips does not write: other types, planes, both byte orders, descriptions, geo tags, sub-directories. */
async function forgedSeeds(): Promise<Seed[]> {
  const jpeg = await sharp(pixels(3), { raw: { width: side, height: side, channels: 3 } })
    .resize(64, 64)
    .jpeg({ chromaSubsampling: '4:4:4' })
    .toBuffer();
  const jpegTiles = store(Array.from({ length: 9 }, () => jpeg));
  const level0 = [
    ...imageTags(side, side, { bands: 3, compression: 7, photometric: 6 }),
    ...tileTags(64, 64, jpegTiles.offsets, jpegTiles.counts),
  ];
  const level1 = [
    { tag: 254, type: 4, value: [1] },
    ...imageTags(80, 80, { bands: 3, compression: 7, photometric: 6 }),
    ...tileTags(64, 64, jpegTiles.offsets.slice(0, 4), jpegTiles.counts.slice(0, 4)),
  ];
  const strip = [
    ...imageTags(64, 64, { bands: 3, compression: 7, photometric: 6 }),
    { tag: 273, type: 4, value: jpegTiles.offsets.slice(0, 1) },
    { tag: 278, type: 4, value: [64] },
    { tag: 279, type: 4, value: jpegTiles.counts.slice(0, 1) },
  ];
  const aperio =
    'Aperio Image Library v10.0.51\r\n160x160 (64x64) JPEG/RGB Q=30|AppMag = 20|MPP = 0.4990|Date = 1/2/03';
  const svs = forgeTiff({
    data: jpegTiles.data,
    directories: [
      { tags: [...level0, text(270, aperio)] },
      { tags: strip },
      { tags: [...level1, text(270, aperio)] },
      { tags: [...strip, text(270, 'Aperio\r\nlabel 64x64')] },
      { tags: [...strip, text(270, 'Aperio\r\nmacro 64x64')] },
    ],
  });
  const grey = deflateSync(pixels(1).subarray(0, 64 * 64 * 2));
  const deep = store(Array.from({ length: 9 }, () => grey));
  const planes = store(Array.from({ length: 18 }, () => deflateSync(pixels(1).subarray(0, 64 * 64))));
  const zstd = store(Array.from({ length: 9 }, () => zstdCompressSync(pixels(1).subarray(0, 64 * 64 * 4))));
  const bits = (depth: number, bands = 1): ForgedTag[] => [
    { tag: 256, type: 4, value: [side] },
    { tag: 257, type: 4, value: [side] },
    { tag: 258, type: 3, value: Array.from({ length: bands }, () => depth) },
    { tag: 259, type: 3, value: [8] },
    { tag: 262, type: 3, value: [1] },
    { tag: 277, type: 3, value: [bands] },
  ];
  const geo: ForgedTag[] = [
    { tag: 33550, type: 12, value: [10, 10, 0] },
    { tag: 33922, type: 12, value: [0, 0, 0, 500_000, 4_649_776, 0] },
    { tag: 34735, type: 3, value: [1, 1, 0, 3, 1024, 0, 1, 1, 1025, 0, 1, 1, 3072, 0, 1, 32633] },
    text(
      42112,
      '<GDALMetadata><Item name="DESCRIPTION" sample="0" role="description">red</Item></GDALMetadata>',
    ),
    text(42113, '0'),
  ];
  const ome =
    '<?xml version="1.0" encoding="UTF-8"?><OME xmlns="http://www.openmicroscopy.org/Schemas/OME/2016-06">' +
    '<Image ID="Image:0" Name="a"><Pixels ID="Pixels:0" DimensionOrder="XYCZT" Type="uint8" SizeX="160" SizeY="160" SizeC="3" ' +
    'SizeZ="1" SizeT="1" PhysicalSizeX="0.5" PhysicalSizeXUnit="µm" PhysicalSizeY="0.5" PhysicalSizeYUnit="µm">' +
    '<Channel ID="Channel:0:0" SamplesPerPixel="3"/><TiffData IFD="0" PlaneCount="1"/></Pixels></Image></OME>';
  const omeFile = (at: number): Buffer =>
    forgeTiff({
      data: jpegTiles.data,
      directories: [
        { tags: [...level0, text(270, ome), { tag: 330, type: 4, value: [at, 0] }].slice(), next: () => 0 },
        { tags: level1, next: () => 0 },
      ],
    });
  // The second directory's place is known once the file has been made: its size does not depend on it.
  const subAt = omeFile(0).lastIndexOf(Buffer.from([level1.length, 0, 254, 0, 4, 0]));
  return [
    { format: 'svs', name: 'aperio.svs', bytes: svs },
    {
      format: 'ome-tiff',
      name: 'rgb.ome.tif',
      bytes: omeFile(subAt),
    },
    {
      format: 'tiff',
      name: 'uint16-be.tif',
      bytes: forgeTiff({
        data: deep.data,
        bigEndian: true,
        directories: [
          {
            tags: [
              ...bits(16),
              { tag: 317, type: 3, value: [2] },
              ...tileTags(64, 64, deep.offsets, deep.counts),
            ],
          },
        ],
      }),
    },
    {
      format: 'tiff',
      name: 'planar.tif',
      bytes: forgeTiff({
        data: planes.data,
        directories: [
          {
            tags: [
              ...bits(8, 2),
              { tag: 284, type: 3, value: [2] },
              ...tileTags(64, 64, planes.offsets, planes.counts),
            ],
          },
        ],
      }),
    },
    {
      format: 'tiff',
      name: 'float-zstd.tif',
      bytes: forgeTiff({
        data: zstd.data,
        directories: [
          {
            tags: [
              ...bits(32).map((field) => (field.tag === 259 ? { ...field, value: [50_000] } : field)),
              { tag: 339, type: 3, value: [3] },
              { tag: 317, type: 3, value: [3] },
              ...tileTags(64, 64, zstd.offsets, zstd.counts),
            ],
          },
        ],
      }),
    },
    {
      format: 'geotiff',
      name: 'utm.tif',
      bytes: forgeTiff({
        data: deep.data,
        directories: [{ tags: [...bits(16), ...geo, ...tileTags(64, 64, deep.offsets, deep.counts)] }],
      }),
    },
  ];
}

/** By the application's own writer. */
async function sampleSeeds(): Promise<Seed[]> {
  const folder = mkdtempSync(join(tmpdir(), 'gigatile-seeds-'));
  try {
    const made: Seed[] = [];
    for (const kind of ['pathology', 'satellite'] as const) {
      const out = join(folder, `${kind}.tif`);
      await generateSample({ kind, width: 320, height: 270, out, seed: 5, workers: 1 });
      made.push({
        format: kind === 'satellite' ? 'cog' : 'tiff',
        name: `${kind}.tif`,
        bytes: readFileSync(out),
      });
    }
    return made;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

export async function makeSeeds(): Promise<Seed[]> {
  const groups = [encodedSeeds(), forgedSeeds(), sampleSeeds(), vendorSeeds()];
  return (await Promise.all(groups)).flat();
}
