/**
 * Flat images through sharp. PNG, JPEG and WebP can only be decoded from the top: a region at a time would decode the image
 * once a region. So it is decoded once: into memory where it is small, else into an uncompressed tiled file that regions are
 * read from.
 */
import { randomBytes } from 'node:crypto';
import { rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type Sharp from 'sharp';
import type { Metadata, Sharp as SharpImage } from 'sharp';
import { GigatileError } from '../../contract/errors.ts';
import type { PixelType } from '../../contract/image.ts';
import type { FlatImage, Raster } from '../../images/image-source.ts';
import { bytesPerSample, crop } from '../../images/raster.ts';
import { buildOf } from '../codecs/load-sharp.ts';
import { streamRows } from './row-stream.ts';
import { sharpFailure, toRaster } from './sharp-raster.ts';

/** What is decoded into memory at most; a worker should stay below 250 MB whatever the image. */
const defaultMaxInMemory = 96 * 1024 * 1024;
/**
 * What a decoder may hold that can't give rows before it has seen the whole image (WebP, progressive JPEG, interlaced PNG);
 * below what a worker is ended for.
 */
const maxHeldWhole = 1.5 * 1024 ** 3;

const types: Readonly<Record<string, PixelType>> = {
  uchar: 'uint8',
  char: 'int8',
  ushort: 'uint16',
  short: 'int16',
  uint: 'uint32',
  int: 'int32',
  float: 'float32',
  double: 'float64',
};

const convertHint = 'Convert it to a pyramidal TIFF, for example with vips tiffsave --tile --pyramid.';

export interface FlatOptions {
  page: number;
  maxPixels: number;
  /** For messages. */
  where: string;
  /** Bytes that are decoded into memory at most. */
  maxInMemory?: number | undefined;
}

export async function openFlatImage(
  sharp: typeof Sharp,
  path: string,
  options: FlatOptions,
): Promise<FlatImage> {
  const { page, maxPixels, where, maxInMemory = defaultMaxInMemory } = options;
  const open = (): SharpImage => sharp(path, { limitInputPixels: false, page });
  const meta = await open()
    .metadata()
    .catch((cause: unknown) => {
      throw sharpFailure(cause, 'The image cannot be read', where);
    });
  const { width, height } = meta;
  if (width * height > maxPixels) {
    throw new GigatileError(
      'image-too-large',
      `The image has ${width} x ${height} pixels and no tiles; more than ${maxPixels} can only be read from a tiled format`,
      { where, hint: convertHint },
    );
  }
  const space = meta.space ?? 'srgb';
  // 1-bit images come as bytes; CMYK, Lab and the like come as sRGB.
  const keeps16 = meta.depth === 'ushort' && (space === 'rgb16' || space === 'grey16');
  const dtype: PixelType = keeps16
    ? 'uint16'
    : isPlain(space)
      ? (types[meta.depth ?? 'uchar'] ?? 'uint8')
      : 'uint8';
  // Without being told, sharp makes 8-bit sRGB of everything.
  const keeps = keeps16 || space === 'b-w';
  const pixels = (image: SharpImage): SharpImage => {
    if (keeps) return image.toColourspace(space);
    return isPlain(space) ? image : image.toColourspace('srgb');
  };
  const bands = bandsOf(meta, space);
  const source: Source = { sharp, open, pixels, dtype, width, height, bands, where };
  const inMemory = width * height * bands * bytesPerSample(dtype) <= maxInMemory;
  const reader = inMemory ? decodeOnce(source) : throughFile(source);
  const streamed = !inMemory && (dtype === 'uint8' || dtype === 'uint16') && bands <= 4;
  if (streamed) checkHeldWhole(meta, source);
  return {
    format: meta.format === 'heif' ? 'avif' : (meta.format ?? 'unknown'),
    width,
    height,
    bands,
    dtype,
    pixelsPerMm: meta.density === undefined ? null : meta.density / 25.4,
    isSmall: inMemory,
    ...reader,
    ...(streamed && {
      rows: (signal) =>
        streamRows(
          { image: () => pixels(open()), intoPipe: canPipe(sharp), width, height, bands, dtype, where },
          signal,
        ),
    }),
    ...(streamed && meta.format === 'jpeg' && { preview: (size) => preview(source, size) }),
  };
}

/** Windows has no pipes with a name, and the WebAssembly build writes at positions, which a pipe has not. */
const canPipe = (sharp: typeof Sharp): boolean => process.platform !== 'win32' && buildOf(sharp) === 'native';

/** @throws {GigatileError} image-too-large where the decoder would need more memory than a worker may have */
function checkHeldWhole(meta: Metadata, { width, height, bands, dtype, where }: Source): void {
  const isWhole = meta.format === 'webp' || meta.isProgressive;
  // Coefficients of a progressive JPEG take two bytes each.
  const sample = meta.format === 'jpeg' ? 2 : bytesPerSample(dtype);
  const needed = width * height * bands * sample;
  if (!isWhole || needed <= maxHeldWhole) return;
  const kind =
    meta.format === 'webp' ? 'WebP' : meta.format === 'jpeg' ? 'progressive JPEG' : 'interlaced PNG';
  throw new GigatileError(
    'image-too-large',
    `The image is a ${kind} of ${width} x ${height} pixels, which can only be decoded as a whole: that takes ${(needed / 1e9).toFixed(1)} GB of memory`,
    { where, hint: convertHint },
  );
}

/** By the decoder's own halving (a JPEG gives an eighth of its size without computing the rest). */
function preview(source: Source, size: number): Promise<Raster> {
  const { width, height } = source;
  const scale = Math.min(1, size / Math.max(width, height));
  const [w, h] = [Math.max(1, Math.round(width * scale)), Math.max(1, Math.round(height * scale))];
  return raw(source, source.pixels(source.open()).resize(w, h, { fit: 'fill', kernel: 'nearest' }));
}

interface Source {
  sharp: typeof Sharp;
  open: () => SharpImage;
  pixels: (image: SharpImage) => SharpImage;
  dtype: PixelType;
  width: number;
  height: number;
  bands: number;
  where: string;
}

type Reader = Pick<FlatImage, 'readRegion' | 'close'>;

function isPlain(space: string): boolean {
  return ['srgb', 'b-w', 'rgb', 'multiband', 'rgb16', 'grey16', 'scrgb'].includes(space);
}

function bandsOf(meta: Metadata, space: string): number {
  const alpha = meta.hasAlpha ? 1 : 0;
  return isPlain(space) ? (meta.channels ?? 3) : 3 + alpha;
}

const rawDepth = { uint8: 'uchar', uint16: 'ushort', int8: 'char', int16: 'short' } as const;

async function raw(source: Source, image: SharpImage): Promise<Raster> {
  const { dtype } = source;
  const depth =
    dtype === 'uint32'
      ? 'uint'
      : dtype === 'int32'
        ? 'int'
        : dtype === 'float32'
          ? 'float'
          : dtype === 'float64'
            ? 'double'
            : rawDepth[dtype];
  try {
    const output = await image.raw({ depth }).toBuffer({ resolveWithObject: true });
    const raster = toRaster(output, dtype);
    if (raster.bands !== source.bands) {
      throw new GigatileError(
        'internal',
        `The image was decoded to ${raster.bands} instead of ${source.bands} bands`,
      );
    }
    return raster;
  } catch (cause) {
    throw sharpFailure(cause, 'The image cannot be decoded', source.where);
  }
}

function decodeOnce(source: Source): Reader {
  let whole: Promise<Raster> | null = null;
  return {
    async readRegion({ x, y, width, height }) {
      whole ??= raw(source, source.pixels(source.open()));
      return crop(await whole, x, y, width, height);
    },
    close() {
      whole = null;
    },
  };
}

function throughFile(source: Source): Reader {
  const path = join(tmpdir(), `gigatile-${process.pid}-${randomBytes(6).toString('hex')}.tif`);
  const remove = (): void => rmSync(path, { force: true });
  let made: Promise<void> | null = null;
  const make = async (): Promise<void> => {
    process.once('exit', remove);
    try {
      await source
        .pixels(source.open())
        .tiff({ compression: 'none', tile: true, tileWidth: 512, tileHeight: 512, bigtiff: true })
        .toFile(path);
    } catch (cause) {
      remove();
      throw sharpFailure(cause, 'The image cannot be decoded', source.where);
    }
  };
  return {
    async readRegion({ x, y, width, height }) {
      made ??= make();
      await made;
      const part = source
        .sharp(path, { limitInputPixels: false })
        .extract({ left: x, top: y, width, height });
      return raw(source, source.pixels(part));
    },
    close() {
      process.removeListener('exit', remove);
      remove();
    },
  };
}
