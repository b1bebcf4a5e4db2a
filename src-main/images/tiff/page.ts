/** One image of a TIFF file (a level, a label …): its geometry, encoding and tile table, checked before use. */
import type { PixelType } from '../../contract/image.ts';
import { GigatileError } from '../../contract/errors.ts';
import { bytesOfPixel } from '../../core/limits.ts';
import type { OpenLimits } from '../image-source.ts';
import { jpegTileHeader } from './jpeg-stream.ts';
import type { TiffDirectory } from './structure.ts';
import type { OffsetArray } from './tag-values.ts';
import { compression as codes, compressionName, isJpeg2000, photometric as colours, tag } from './tags.ts';

export interface TiffPage {
  readonly label: string;
  readonly where: string;
  readonly directory: TiffDirectory;
  readonly width: number;
  readonly height: number;
  /** false: strips, which are treated as tiles as wide as the image. */
  readonly tiled: boolean;
  readonly tileWidth: number;
  readonly tileHeight: number;
  /** Rows of a tile or strip in the file; `tileHeight` is less where big uncompressed strips are cut. */
  readonly storedTileHeight: number;
  readonly columns: number;
  readonly rows: number;
  readonly bands: number;
  readonly dtype: PixelType;
  readonly bytesPerSample: number;
  /** Bands lie in planes of their own: plane p has the tiles from p * columns * rows on. */
  readonly planar: boolean;
  readonly compression: number;
  readonly photometric: number;
  readonly predictor: number;
  readonly littleEndian: boolean;
  /** Values of tag 338, for the bands beyond the colours: 1, 2 = alpha. */
  readonly extraSamples: readonly number[];
  readonly offsets: OffsetArray;
  readonly byteCounts: OffsetArray;
  /** What goes before a stored JPEG tile (without its own SOI): see jpeg-stream.ts. null: not JPEG. */
  readonly jpegHeader: Buffer | null;
}

/** Tiles (or strips) of the file behind one tile of the image: 1, or one a band where planar. */
export function planesOf(page: Pick<TiffPage, 'planar' | 'bands'>): number {
  return page.planar ? page.bands : 1;
}

/** Rows of a strip of uncompressed pixels are addressable one by one: big ones are cut into strips of about this. */
const uncompressedStripBytes = 512 * 1024;

const readable: ReadonlySet<number> = new Set(Object.values(codes));

/**
 * @throws {GigatileError} image-corrupt where the tags make no sense or point out of the file;
 * image-unsupported (named) where Gigatile cannot read such pixels; image-too-large above the limit.
 */
export function readPage(directory: TiffDirectory, limits: OpenLimits): TiffPage {
  const width = dimension(directory, tag.imageWidth, 'width');
  const height = dimension(directory, tag.imageLength, 'height');
  const pixels = readPixelFormat(directory);
  const tiled = directory.has(tag.tileWidth) || directory.has(tag.tileOffsets);
  const tileWidth = tiled ? dimension(directory, tag.tileWidth, 'tile width') : width;
  const tileHeight = tiled
    ? dimension(directory, tag.tileLength, 'tile height')
    : stripHeight(directory, height);
  if (tileWidth * tileHeight > limits.maxPixels) {
    throw new GigatileError(
      'image-too-large',
      `A single ${tiled ? 'tile' : 'strip'} has ${tileWidth} x ${tileHeight} pixels, more than the limit of ${limits.maxPixels}`,
      { where: directory.where, hint: 'Convert it to a tiled TIFF, for example with vips tiffsave --tile.' },
    );
  }
  const columns = Math.ceil(width / tileWidth);
  const rows = Math.ceil(height / tileHeight);
  const planes = planesOf(pixels);
  const table = readTable(directory, tiled, columns * rows * planes, pixels, tileWidth * tileHeight);
  const page: TiffPage = {
    ...pixels,
    ...table,
    label: directory.label,
    where: directory.where,
    directory,
    width,
    height,
    tiled,
    tileWidth,
    tileHeight,
    storedTileHeight: tileHeight,
    columns,
    rows,
    littleEndian: directory.tiff.littleEndian,
    jpegHeader:
      pixels.compression === codes.jpeg
        ? jpegTileHeader(directory.bytes(tag.jpegTables), needsRgbMarker(pixels), directory.where)
        : null,
  };
  checkTable(page, directory.tiff.file.size);
  return checkMemory(tiled || pixels.compression !== codes.none ? page : cutStrips(page), limits);
}

/** A tile of a few pixels with thousands of bands takes as much memory as a large one. */
function checkMemory(page: TiffPage, limits: OpenLimits): TiffPage {
  const { tileWidth, tileHeight, bands, bytesPerSample } = page;
  if (tileWidth * tileHeight * bands * bytesPerSample <= limits.maxPixels * bytesOfPixel) return page;
  throw new GigatileError(
    'image-too-large',
    `A single ${page.tiled ? 'tile' : 'strip'} has ${tileWidth} x ${tileHeight} pixels of ${bands} bands (${page.dtype}), more than the limit of ${limits.maxPixels} pixels of ${bytesOfPixel} bytes`,
    { where: page.where, hint: 'GIGATILE_MAX_PIXELS sets another limit.' },
  );
}

/** Three bands that are not YCbCr are stored as they are; without a marker JPEG decoders would convert them. */
function needsRgbMarker(pixels: { bands: number; planar: boolean; photometric: number }): boolean {
  return pixels.bands === 3 && !pixels.planar && pixels.photometric !== colours.ycbcr;
}

function dimension(directory: TiffDirectory, number: number, name: string): number {
  const value = directory.number(number, 0);
  if (!Number.isInteger(value) || value < 1 || value > 2 ** 31 - 1) {
    throw directory.error(`The image's ${name} is ${value}, which cannot be`);
  }
  return value;
}

function stripHeight(directory: TiffDirectory, height: number): number {
  const rows = directory.number(tag.rowsPerStrip, height);
  // Old writers say 2^32 - 1 or nothing for one strip; a fraction, or 0 of 0, is no number of rows.
  return Number.isInteger(rows) && rows >= 1 ? Math.min(height, rows) : height;
}

interface PixelFormat {
  bands: number;
  dtype: PixelType;
  bytesPerSample: number;
  planar: boolean;
  compression: number;
  photometric: number;
  predictor: number;
  extraSamples: readonly number[];
}

const integerTypes: Readonly<Record<number, readonly [PixelType, PixelType]>> = {
  8: ['uint8', 'int8'],
  16: ['uint16', 'int16'],
  32: ['uint32', 'int32'],
};

function readPixelFormat(directory: TiffDirectory): PixelFormat {
  const unsupported = (what: string): GigatileError =>
    new GigatileError('image-unsupported', what, {
      where: directory.where,
      hint: 'Convert it, for example with vips or gdal_translate, to a TIFF with JPEG, Deflate or LZW compression.',
    });
  const bands = directory.number(tag.samplesPerPixel, 1);
  if (!Number.isInteger(bands) || bands < 1 || bands > 4096) {
    throw directory.error(`The image claims ${bands} samples per pixel`);
  }
  const compression = directory.number(tag.compression, codes.none);
  if (!readable.has(compression)) {
    throw unsupported(
      `Pixels compressed with ${compressionName(compression)} (TIFF compression ${compression}) cannot be read`,
    );
  }
  const bits = new Set(directory.has(tag.bitsPerSample) ? directory.numbers(tag.bitsPerSample) : [1]);
  const formats = new Set(directory.has(tag.sampleFormat) ? directory.numbers(tag.sampleFormat) : [1]);
  if (bits.size !== 1 || formats.size !== 1) throw unsupported('Bands of different types cannot be read');
  const bitDepth = [...bits][0] ?? 0;
  const format = [...formats][0] ?? 0;
  const dtype = dtypeOf(bitDepth, format);
  if (dtype === null) {
    throw unsupported(`Samples of ${bitDepth} bits in TIFF's sample format ${format} cannot be read`);
  }
  const photometric = directory.number(tag.photometric, bands >= 3 ? colours.rgb : colours.blackIsZero);
  const planar = directory.number(tag.planarConfiguration, 1) === 2 && bands > 1;
  const jpegLike = compression === codes.jpeg || compression === codes.webp;
  if (photometric > colours.ycbcr || photometric === colours.cmyk || photometric === colours.mask) {
    throw unsupported(`TIFF's colour space ${photometric} cannot be read`);
  }
  if (photometric === colours.ycbcr && !jpegLike && !isJpeg2000(compression))
    throw unsupported('Uncompressed YCbCr pixels cannot be read');
  if (photometric === colours.palette && (bitDepth !== 8 || bands !== 1)) {
    throw unsupported(`A palette of ${bitDepth}-bit indexes cannot be read`);
  }
  if (
    jpegLike &&
    (bitDepth !== 8 || (!planar && bands !== 1 && bands !== 3 && !hasFourBands(compression, bands)))
  ) {
    throw unsupported(
      `${bands} bands of ${bitDepth} bits compressed with ${compressionName(compression)} cannot be read`,
    );
  }
  const predictor = directory.number(tag.predictor, 1);
  if (predictor < 1 || predictor > 3 || (predictor > 1 && compression === codes.lerc)) {
    throw unsupported(`Predictor ${predictor} cannot be read with ${compressionName(compression)}`);
  }
  if (predictor === 3 && !dtype.startsWith('float')) {
    throw directory.error('The floating-point predictor is set for samples that are integers');
  }
  return {
    bands,
    dtype,
    bytesPerSample: bitDepth / 8,
    planar,
    compression,
    photometric,
    predictor: jpegLike || isJpeg2000(compression) ? 1 : predictor,
    extraSamples: directory.numbers(tag.extraSamples),
  };
}

/** WebP with alpha, and JPEG of four bands as they are (GDAL writes it so). */
function hasFourBands(compression: number, bands: number): boolean {
  return (compression === codes.webp || compression === codes.jpeg) && bands === 4;
}

/** `format`: 1 unsigned, 2 signed, 3 floating point, 4 undefined (read as unsigned). */
function dtypeOf(bits: number, format: number): PixelType | null {
  if (format === 3) return bits === 32 ? 'float32' : bits === 64 ? 'float64' : null;
  if (format < 1 || format > 4) return null;
  return integerTypes[bits]?.[format === 2 ? 1 : 0] ?? null;
}

function readTable(
  directory: TiffDirectory,
  tiled: boolean,
  expected: number,
  pixels: PixelFormat,
  tilePixels: number,
): { offsets: OffsetArray; byteCounts: OffsetArray } {
  const kind = tiled ? 'tile' : 'strip';
  const offsetTag = tiled && directory.has(tag.tileOffsets) ? tag.tileOffsets : tag.stripOffsets;
  const countTag = tiled && directory.has(tag.tileByteCounts) ? tag.tileByteCounts : tag.stripByteCounts;
  // Counts before content: an absurd table must not be allocated.
  if (directory.count(offsetTag) < expected) {
    throw directory.error(
      `The image needs ${expected} ${kind}s, but its table has ${directory.count(offsetTag)} offsets`,
    );
  }
  const offsets = directory.offsets(offsetTag);
  let byteCounts = directory.offsets(countTag);
  if (byteCounts === null && pixels.compression === codes.none) {
    // TIFF 6.0 requires the counts, old writers left them out; uncompressed tiles have only one possible size.
    const samples = pixels.planar ? 1 : pixels.bands;
    byteCounts = new Float64Array(expected).fill(tilePixels * samples * pixels.bytesPerSample);
  }
  if (offsets === null || byteCounts === null || byteCounts.length < expected) {
    throw directory.error(`The image needs ${expected} ${kind}s, but its table of byte counts is shorter`);
  }
  return { offsets, byteCounts };
}

/** The whole table lies within the file, and no tile claims more bytes than its pixels could need. */
function checkTable(page: TiffPage, fileSize: number): void {
  const samples = page.planar ? 1 : page.bands;
  const most = page.tileWidth * page.tileHeight * samples * page.bytesPerSample * 2 + 65_536;
  const count = page.columns * page.rows * planesOf(page);
  let end = 0;
  for (let i = 0; i < count; i++) {
    const bytes = page.byteCounts[i] ?? 0;
    if (bytes === 0) continue;
    if (bytes > most && bytes <= fileSize) {
      throw page.directory.error(
        `Tile ${i} claims ${bytes} bytes for ${page.tileWidth} x ${page.tileHeight} pixels`,
      );
    }
    const last = (page.offsets[i] ?? 0) + bytes;
    if (last > end) end = last;
  }
  if (end > fileSize) {
    throw new GigatileError(
      'image-corrupt',
      `The file is shorter than its tile table says: ${fileSize} of ${end} bytes`,
      { where: page.where, hint: 'It was probably not copied or downloaded completely.' },
    );
  }
}

/**
 * Uncompressed images are often one strip: cut it into low ones, so that a region reads only the rows that it needs.
 * `info` still says what the file has.
 */
function cutStrips(page: TiffPage): TiffPage {
  const rowBytes = page.width * (page.planar ? 1 : page.bands) * page.bytesPerSample;
  let low = Math.max(1, Math.floor(uncompressedStripBytes / rowBytes));
  if (low >= page.tileHeight) return page;
  // Equal heights throughout are what makes a strip addressable: each strip must give a whole number of them.
  while (page.rows > 1 && page.tileHeight % low !== 0) low--;
  const starts: { offset: number; bytes: number }[] = [];
  for (let plane = 0; plane < planesOf(page); plane++) {
    for (let strip = 0; strip < page.rows; strip++) {
      const index = plane * page.rows + strip;
      const stripRows = Math.min(page.tileHeight, page.height - strip * page.tileHeight);
      for (let part = 0; part * low < stripRows; part++) {
        starts.push({
          offset: (page.offsets[index] ?? 0) + part * low * rowBytes,
          bytes: Math.min(low, stripRows - part * low) * rowBytes,
        });
      }
    }
  }
  return {
    ...page,
    tileHeight: low,
    rows: Math.ceil(page.height / low),
    offsets: Float64Array.from(starts, (start) => start.offset),
    byteCounts: Float64Array.from(starts, (start) => start.bytes),
  };
}
