/**
 * The mask of an image (TIFF's NewSubfileType bit 4), as an image of its own: one band, 255 where there is data, 0 where there is
 * none. Its smaller levels are the masks of the image's overviews.
 */
import { GigatileError } from '../contract/errors.ts';
import type { ImageFile } from './image-file.ts';
import type { Codecs, EncodedImage, OpenLimits, Raster } from './image-source.ts';
import type { Colours, NativeLevel, PixelBackend } from './pixel-backend.ts';
import { PackedDirectory } from './tiff/packed-directory.ts';
import { readPage } from './tiff/page.ts';
import type { TiffPage } from './tiff/page.ts';
import type { TiffDirectory } from './tiff/structure.ts';
import { tag } from './tiff/tags.ts';
import { TiffTileReader } from './tiff/tile-reader.ts';

interface MaskLevel {
  /** Its bytes: of 1-bit masks a packed page. */
  page: TiffPage;
  pixelsPerByte: number;
  width: number;
  height: number;
}

/** The mask's levels, largest first. @throws {GigatileError} image-corrupt, image-unsupported */
export function readMaskLevels(directories: readonly TiffDirectory[], limits: OpenLimits): MaskLevel[] {
  const levels: MaskLevel[] = [];
  const bySize = directories.toSorted((a, b) => b.number(tag.imageWidth, 0) - a.number(tag.imageWidth, 0));
  for (const directory of bySize) {
    const bits = directory.number(tag.bitsPerSample, 1);
    if (bits !== 1 && bits !== 8) {
      throw new GigatileError('image-unsupported', `A mask of ${bits} bits a pixel cannot be read`, {
        where: directory.where,
      });
    }
    const pixelsPerByte = bits === 1 ? 8 : 1;
    const page = readPage(new PackedDirectory(directory, pixelsPerByte), limits);
    if (page.bands !== 1 || page.dtype !== 'uint8') {
      throw new GigatileError(
        'image-unsupported',
        `A mask of ${page.bands} bands of ${page.dtype} cannot be read`,
        {
          where: page.where,
        },
      );
    }
    const width = directory.number(tag.imageWidth, 0);
    const before = levels[levels.length - 1];
    if (before !== undefined && (width >= before.width || page.height > before.height)) continue;
    levels.push({ page, pixelsPerByte, width, height: page.height });
  }
  return levels;
}

export class MaskBackend implements PixelBackend {
  readonly levels: readonly NativeLevel[];
  readonly bands = 1;
  readonly dtype = 'uint8';
  readonly colours: Colours = { natural: true, palette: null, alphaBand: null };
  readonly missingFromFiner = false;
  readonly #levels: readonly MaskLevel[];
  readonly #reader: TiffTileReader;

  /** The file is closed by whoever shows the image. */
  constructor(file: ImageFile, levels: readonly MaskLevel[], codecs: Codecs) {
    this.#levels = levels;
    this.#reader = new TiffTileReader(file, codecs);
    const [base] = levels;
    this.levels = levels.map(({ page, pixelsPerByte, width, height }) => ({
      width,
      height,
      scaleX: (base?.width ?? width) / width,
      scaleY: (base?.height ?? height) / height,
      tileWidth: page.tileWidth * pixelsPerByte,
      tileHeight: page.tileHeight,
      storedTileWidth: page.tileWidth * pixelsPerByte,
      storedTileHeight: page.storedTileHeight,
      passthrough: false,
    }));
  }

  async decodeTile(level: number, column: number, row: number): Promise<Raster> {
    const mask = this.#levels[level];
    if (mask === undefined) throw new GigatileError('usage', `The mask has no level ${level}`);
    const { page, pixelsPerByte } = mask;
    const width = page.tileWidth * pixelsPerByte;
    const packed = await this.#reader.decode(page, row * page.columns + column);
    // Not stored: no data, as GDAL reads it.
    const data = new Uint8Array(width * (packed?.height ?? page.tileHeight));
    if (packed !== null) unpack(packed.data, data, pixelsPerByte);
    return { width, height: data.length / width, bands: 1, dtype: 'uint8', data };
  }

  storedTile(): EncodedImage | null {
    return null;
  }

  close(): void {
    // See the constructor.
  }
}

/** The highest bit is the leftmost pixel; 1 is data. Masks of bytes hold data where they are not 0. */
function unpack(packed: ArrayLike<number>, target: Uint8Array, pixelsPerByte: number): void {
  for (let i = 0; i < target.length; i++) {
    const byte = packed[pixelsPerByte === 8 ? i >> 3 : i] ?? 0;
    const value = pixelsPerByte === 8 ? (byte >> (7 - (i & 7))) & 1 : byte;
    target[i] = value === 0 ? 0 : 255;
  }
}
