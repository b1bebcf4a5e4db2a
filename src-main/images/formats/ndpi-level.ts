/**
 * A level of an NDPI file: one JPEG, whose restart intervals are joined into tiles of a handy size. Such a tile is a JPEG of
 * its own (the file's header with another size, the intervals as they are, their markers counted anew), so that it is decoded,
 * or shown, in one go.
 */
import { GigatileError } from '../../contract/errors.ts';
import type { ImageFile } from '../image-file.ts';
import type { OpenLimits } from '../image-source.ts';
import type { TiffDirectory } from '../tiff/structure.ts';
import { tag } from '../tiff/tags.ts';
import { readRestartJpeg, sizedHeader } from './restart-jpeg.ts';
import type { RestartJpeg } from './restart-jpeg.ts';
import { RestartTable } from './restart-table.ts';
import type { StoredTable } from './restart-table.ts';

export const ndpiTag = {
  sourceLens: 65421,
  xOffset: 65422,
  yOffset: 65423,
  focalPlane: 65424,
  restartsLow: 65426,
  reference: 65427,
  restartsHigh: 65432,
  properties: 65449,
} as const;

/** Sides and pixels that tiles are made up to. */
const tileSide = 512;
const tilePixels = tileSide * tileSide;
const firstHeaderBytes = 8 * 1024;
const maxHeaderBytes = 1024 * 1024;
/** No JPEG is larger: its frame header has 16 bits for each side. */
const maxJpegSide = 65_535;
/** The largest that libjpeg writes. */
const largestTrustedSide = 65_500;

export interface NdpiLevel {
  readonly where: string;
  readonly width: number;
  readonly height: number;
  readonly bands: number;
  readonly jpeg: RestartJpeg;
  /** A restart interval's size, or the whole picture's where it has none. */
  readonly partWidth: number;
  readonly partHeight: number;
  /** Restart intervals altogether, in a row of them, and in a tile: across and down. */
  readonly parts: number;
  readonly across: number;
  readonly tileAcross: number;
  readonly tileDown: number;
  readonly tileWidth: number;
  readonly tileHeight: number;
  /** The JPEG in the file. */
  readonly start: number;
  readonly bytes: number;
  /** null: the picture is decoded as a whole. */
  readonly table: RestartTable | null;
}

/** Where the directory's JPEG lies. @throws {GigatileError} image-corrupt, image-unsupported */
export function ndpiStrip(directory: TiffDirectory, file: ImageFile): { start: number; bytes: number } {
  const strips = directory.count(tag.stripOffsets);
  if (strips !== 1) throw directory.error(`The NDPI image has ${strips} strips instead of one`);
  const compression = directory.number(tag.compression, 7);
  if (compression !== 6 && compression !== 7) {
    throw new GigatileError(
      'image-unsupported',
      `An NDPI image with compression ${compression} cannot be read: only JPEG can`,
      { where: directory.where },
    );
  }
  const start = directory.number(tag.stripOffsets, 0);
  const bytes = directory.number(tag.stripByteCounts, 0);
  if (start < 1 || bytes < 4 || start + bytes > file.size) {
    throw directory.error(
      `The NDPI image would lie at bytes ${start} to ${start + bytes} of a file of ${file.size} bytes`,
    );
  }
  return { start, bytes };
}

/** @throws {GigatileError} image-corrupt, image-unsupported, image-too-large */
export function readNdpiLevel(directory: TiffDirectory, file: ImageFile, limits: OpenLimits): NdpiLevel {
  const strip = ndpiStrip(directory, file);
  const jpeg = readHeader(file, strip, directory.where);
  const width = side(directory, tag.imageWidth, 'width');
  const height = side(directory, tag.imageLength, 'height');
  if (jpeg.components !== 1 && jpeg.components !== 3) {
    throw directory.error(`The JPEG of this level has ${jpeg.components} components`);
  }
  const common = { where: directory.where, bands: jpeg.components, jpeg, ...strip };
  const columns = Math.ceil(width / jpeg.mcuWidth);
  const { interval } = jpeg;
  const isDivided = jpeg.divisible && interval > 0 && (columns % interval === 0 || interval % columns === 0);
  if (!isDivided) return { ...common, ...wholePicture(directory, jpeg, limits) };
  // Sides that JPEG has no room for are 0 there, or whatever was left of them.
  const isSaid = width <= largestTrustedSide && height <= largestTrustedSide && jpeg.width * jpeg.height > 0;
  if (isSaid && (jpeg.width !== width || jpeg.height !== height)) {
    throw directory.error(
      `The level has ${width} x ${height} pixels, but its JPEG ${jpeg.width} x ${jpeg.height}`,
    );
  }
  const partWidth = Math.min(interval, columns) * jpeg.mcuWidth;
  const partHeight = Math.max(1, interval / columns) * jpeg.mcuHeight;
  const across = Math.ceil(width / partWidth);
  const down = Math.ceil(height / partHeight);
  const tileAcross = Math.min(across, Math.max(1, Math.floor(tileSide / partWidth)));
  const rows = Math.min(tileSide, tilePixels / (partWidth * tileAcross));
  const tileDown = Math.min(down, Math.max(1, Math.floor(rows / partHeight)));
  const [tileWidth, tileHeight] = [partWidth * tileAcross, partHeight * tileDown];
  if (tileWidth > maxJpegSide || tileHeight > maxJpegSide || tileWidth * tileHeight > limits.maxPixels) {
    throw tooLarge(directory, tileWidth, tileHeight, limits);
  }
  const span = { start: strip.start + jpeg.dataAt, end: strip.start + strip.bytes, count: across * down };
  const stored = readStoredTable(directory, span.count, strip.start);
  const table = new RestartTable(file, directory.where, span, stored);
  const grid = {
    parts: span.count,
    partWidth,
    partHeight,
    across,
    tileAcross,
    tileDown,
    tileWidth,
    tileHeight,
  };
  return { ...common, width, height, ...grid, table };
}

/** The header of a tile, whose size is cut to what of the level there is. */
export function tileHeader(level: NdpiLevel, column: number, row: number): Buffer {
  const width = Math.min(level.tileWidth, level.width - column * level.tileWidth);
  const height = Math.min(level.tileHeight, level.height - row * level.tileHeight);
  return sizedHeader(level.jpeg, width, height);
}

/** Without restart markers, or with ones that do not fit its rows: it can only be decoded as a whole. */
function wholePicture(
  directory: TiffDirectory,
  jpeg: RestartJpeg,
  limits: OpenLimits,
): Omit<NdpiLevel, 'where' | 'bands' | 'jpeg' | 'start' | 'bytes'> {
  // Of such pictures the JPEG knows the size better: the directory's is a rounded one on small levels.
  const { width, height } = jpeg;
  if (width === 0 || height === 0) {
    throw new GigatileError(
      'image-unsupported',
      'A level that is larger than JPEG allows has no restart markers that fit its rows',
      { where: directory.where },
    );
  }
  if (width * height > limits.maxPixels) throw tooLarge(directory, width, height, limits);
  const one = { parts: 1, across: 1, tileAcross: 1, tileDown: 1, table: null };
  const tile = { partWidth: width, partHeight: height, tileWidth: width, tileHeight: height };
  return { width, height, ...tile, ...one };
}

function readHeader(file: ImageFile, strip: { start: number; bytes: number }, where: string): RestartJpeg {
  for (let length = firstHeaderBytes; ; length *= 4) {
    const bytes = file.read(strip.start, Math.min(length, strip.bytes), 'The header of a level');
    const jpeg = readRestartJpeg(bytes, where);
    if (jpeg !== null) return jpeg;
    if (length >= strip.bytes || length >= maxHeaderBytes) {
      throw new GigatileError('image-corrupt', 'The JPEG of this level has no end of its header', { where });
    }
  }
}

/** Both tables only where they have an entry for each interval: nothing else is worth reading. */
function readStoredTable(directory: TiffDirectory, count: number, base: number): StoredTable | null {
  if (directory.count(ndpiTag.restartsLow) !== count) return null;
  const hasHigh = directory.has(ndpiTag.restartsHigh);
  if (hasHigh && directory.count(ndpiTag.restartsHigh) !== count) return null;
  const low = directory.offsets(ndpiTag.restartsLow);
  return low === null ? null : { base, low, high: hasHigh ? directory.offsets(ndpiTag.restartsHigh) : null };
}

function side(directory: TiffDirectory, number: number, name: string): number {
  const value = directory.number(number, 0);
  if (!Number.isInteger(value) || value < 1 || value > 2 ** 31 - 1) {
    throw directory.error(`The image's ${name} is ${value}, which cannot be`);
  }
  return value;
}

function tooLarge(
  directory: TiffDirectory,
  width: number,
  height: number,
  limits: OpenLimits,
): GigatileError {
  return new GigatileError(
    'image-too-large',
    `A part of the level that is decoded at once has ${width} x ${height} pixels, more than a JPEG can have or than the limit of ${limits.maxPixels}`,
    { where: directory.where },
  );
}
