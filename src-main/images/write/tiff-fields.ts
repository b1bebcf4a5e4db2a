/** The directory of one level of a written pyramid: TIFF 6.0, TIFF Technical Note 2 (JPEG), GeoTIFF, GDAL. */
import type { PixelType } from '../../contract/image.ts';
import { bytesPerSample } from '../raster.ts';
import { gdalMetadataField, geoFields, noDataField, type GeoReference } from './geo-fields.ts';
import { asciiField, fieldType, type Field } from './ifd.ts';

/** What an image is, apart from its size and its pixels. */
export interface TiffDescription {
  /** Edge of a tile, a multiple of 16. */
  tileSize: number;
  bands: number;
  dtype: PixelType;
  /** `ycbcr` goes with JPEG of three bands; `rgb` has its extra bands marked as unspecified (no alpha). */
  photometric: 'grey' | 'rgb' | 'ycbcr' | 'palette';
  /** Of `palette`: the colour of each of the 256 values, RGB. */
  palette?: Uint8Array;
  compression: 'jpeg' | 'deflate' | 'zstd';
  /** Chroma subsampling of the JPEG tiles, across and down. */
  subsampling?: readonly [1 | 2, 1 | 2];
  /** How Deflate and ZSTD tiles were made: 2 = horizontal differencing. */
  predictor?: 1 | 2;
  /** µm per pixel: goes into XResolution and YResolution, in pixels per cm, where OpenSlide and QuPath look for it. */
  mpp?: { x: number; y: number } | undefined;
  geo?: GeoReference | undefined;
  noData?: number | undefined;
  bandNames?: readonly string[] | undefined;
  /** Further items of GDAL's metadata, by name. */
  metadata?: Readonly<Record<string, string>> | undefined;
  /** ImageDescription of the full-resolution level. */
  description?: string | undefined;
  software?: string | undefined;
}

export interface TileIndex {
  /** File position and length of each tile, row by row. */
  offsets: Float64Array;
  counts: Uint32Array;
}

/** Room that is kept for shared JPEG tables while they are unknown; two quantisation and four Huffman tables take 574. */
export const reservedTableBytes = 1024;

export interface LevelDescription {
  index: number;
  /** Level-0 pixels per pixel. */
  downsample: number;
  width: number;
  height: number;
  tiles: TileIndex;
  jpegTables: Uint8Array;
  bigTiff: boolean;
}

const compressionCode = { jpeg: 7, deflate: 8, zstd: 50_000 } as const;
const photometricCode = { grey: 1, rgb: 2, palette: 3, ycbcr: 6 } as const;
/** TIFF's SampleFormat of a type: 1 unsigned, 2 signed, 3 floating point. */
const sampleFormat = (dtype: PixelType): number =>
  dtype.startsWith('float') ? 3 : dtype.startsWith('int') ? 2 : 1;
const centimetre = 3;
const micrometresPerCentimetre = 10_000;

export function levelFields(image: TiffDescription, level: LevelDescription): Field[] {
  const short = (tag: number, ...values: number[]): Field => ({ tag, type: fieldType.short, values });
  const long = (tag: number, values: ArrayLike<number>): Field => ({ tag, type: fieldType.long, values });
  const perBand = (value: number): number[] => Array.from({ length: image.bands }, () => value);
  const first = level.index === 0;

  const fields: Field[] = [
    long(254, [first ? 0 : 1]), // NewSubfileType: reduced resolution
    long(256, [level.width]),
    long(257, [level.height]),
    short(258, ...perBand(bytesPerSample(image.dtype) * 8)),
    short(259, compressionCode[image.compression]),
    short(262, photometricCode[image.photometric]),
    short(277, image.bands),
    short(284, 1), // interleaved
    short(322, image.tileSize),
    short(323, image.tileSize),
    {
      tag: 324,
      type: level.bigTiff ? fieldType.long8 : fieldType.long,
      values: level.tiles.offsets,
    },
    long(325, level.tiles.counts),
    short(339, ...perBand(sampleFormat(image.dtype))),
  ];
  const isOneBand = image.photometric === 'grey' || image.photometric === 'palette';
  const colours = isOneBand ? 1 : 3;
  if (image.bands > colours) {
    fields.push(short(338, ...Array.from({ length: image.bands - colours }, () => 0)));
  }
  if (image.compression !== 'jpeg' && image.predictor === 2) fields.push(short(317, 2));
  if (image.compression === 'jpeg') {
    fields.push({ tag: 347, type: fieldType.undefined, values: level.jpegTables });
  }
  if (image.palette !== undefined) {
    // Sixteen bits each: all reds, all greens, all blues.
    const { palette } = image;
    fields.push(
      short(320, ...Array.from({ length: 768 }, (_, i) => (palette[(i % 256) * 3 + (i >> 8)] ?? 0) * 257)),
    );
  }
  if (image.photometric === 'ycbcr') {
    fields.push(short(530, ...(image.subsampling ?? [2, 2])), {
      tag: 532, // ReferenceBlackWhite: full range, as JFIF has it
      type: fieldType.rational,
      values: [0, 255, 128, 255, 128, 255],
    });
  }
  if (image.mpp) {
    fields.push(
      {
        tag: 282,
        type: fieldType.rational,
        values: [micrometresPerCentimetre / (image.mpp.x * level.downsample)],
      },
      {
        tag: 283,
        type: fieldType.rational,
        values: [micrometresPerCentimetre / (image.mpp.y * level.downsample)],
      },
      short(296, centimetre),
    );
  }
  if (image.noData !== undefined) fields.push(noDataField(image.noData));
  if (first) {
    if (image.description !== undefined) fields.push(asciiField(270, image.description));
    if (image.software !== undefined) fields.push(asciiField(305, image.software));
    if (image.geo) fields.push(...geoFields(image.geo));
    if (image.bandNames) fields.push(gdalMetadataField(image.bandNames, image.metadata ?? {}));
  }
  return fields;
}
