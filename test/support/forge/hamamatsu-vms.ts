/**
 * Small Hamamatsu slides of the older kinds, from what OpenSlide's reader expects of them: VMS, a text that names JPEGs with restart
 * markers side by side and a map (a small picture of all), and VMU, the same over uncompressed pixels of 12 bits in columns (NGR).
 */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Raster } from '../../../src-main/images/image-source.ts';
import { ndpiJpeg, type NdpiOptions } from './ndpi.ts';
import { pictureAt } from './picture.ts';

type Encoding = Pick<NdpiOptions, 'encode' | 'mcuWidth' | 'mcuHeight'>;

function writeText(path: string, group: string, keys: Readonly<Record<string, string | number>>): string {
  const lines = Object.entries(keys).map(([key, value]) => `${key}=${value}`);
  writeFileSync(path, [`[${group}]`, ...lines, ''].join('\r\n'));
  return path;
}

/** 448 x 128 pixels in two JPEGs side by side, the right one in inverted colours; 0.5 µm a pixel. */
export function forgeVms(folder: string, name: string, encoding: Encoding): string {
  const inverted = (raster: Raster): Uint8Array =>
    encoding.encode({ ...raster, data: (raster.data as Uint8Array).map((value) => 255 - value) });
  const put = (
    suffix: string,
    width: number,
    height: number,
    scale: number,
    encode = encoding.encode,
  ): string => {
    // The map's is a whole row; those of the pictures beside each other must be the same.
    const interval = (scale === 1 ? 64 : width) / encoding.mcuWidth;
    const jpeg = ndpiJpeg({ width, height, scale, interval }, { ...encoding, encode, levels: [] });
    writeFileSync(join(folder, `${name}${suffix}.jpg`), jpeg);
    return `${name}${suffix}.jpg`;
  };
  writeFileSync(join(folder, `${name}_macro.jpg`), encoding.encode(pictureAt(900, 900, 96, 48)));
  return writeText(join(folder, `${name}.vms`), 'Virtual Microscope Specimen', {
    NoLayers: 1,
    NoJpegColumns: 2,
    NoJpegRows: 1,
    ImageFile: put('', 256, 128, 1),
    'ImageFile(1,0)': put('(1,0)', 192, 128, 1, inverted),
    MapFile: put('_map', 112, 32, 4),
    MacroImage: `${name}_macro.jpg`,
    PhysicalWidth: 448 * 500,
    PhysicalHeight: 128 * 500,
    SourceLens: 20,
  });
}

/** One level: a head, then columns of interleaved RGB, each pixel three little-endian 16-bit numbers of 12 bits. */
function ngr(width: number, height: number, scale: number, columnWidth: number): Buffer {
  const start = 64;
  const { data } = pictureAt(0, 0, width, height, scale);
  const bytes = Buffer.alloc(start + width * height * 6);
  bytes.write('GN');
  for (const [at, value] of [
    [4, width],
    [8, height],
    [12, columnWidth],
    [24, start],
  ] as const) {
    bytes.writeInt32LE(value, at);
  }
  let to = start;
  for (let left = 0; left < width; left += columnWidth) {
    for (let y = 0; y < height; y++) {
      for (let i = 0; i < columnWidth * 3; i++, to += 2) {
        bytes.writeUInt16LE((data[(y * width + left) * 3 + i] ?? 0) * 16 + (i % 16), to);
      }
    }
  }
  return bytes;
}

/** 256 x 152 pixels, and a map of a quarter of that. */
export function forgeVmu(folder: string, name: string): string {
  writeFileSync(join(folder, `${name}.ngr`), ngr(256, 152, 1, 64));
  writeFileSync(join(folder, `${name}_map.ngr`), ngr(64, 38, 4, 32));
  return writeText(join(folder, `${name}.vmu`), 'Uncompressed Virtual Microscope Specimen', {
    NoLayers: 1,
    ImageFile: `${name}.ngr`,
    MapFile: `${name}_map.ngr`,
    BitsPerPixel: 36,
    PixelOrder: 'RGB',
    PhysicalWidth: 256 * 250,
    PhysicalHeight: 152 * 250,
    SourceLens: 40,
  });
}
