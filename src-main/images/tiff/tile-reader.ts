/** From a stored TIFF tile to pixels, or to a complete JPEG stream that nobody decoded. */
import { GigatileError } from '../../contract/errors.ts';
import type { Codecs, EncodedImage, Raster } from '../image-source.ts';
import type { ImageFile } from '../image-file.ts';
import { filledRaster, pixelArray } from '../raster.ts';
import { decompress } from './decompress.ts';
import { jpeg2000Size, ycbcrToRgb } from './jpeg2000-tile.ts';
import { decodeLercTile } from './lerc-tile.ts';
import { colourMarkersLength, jpegFrame, saysRgb } from './jpeg-stream.ts';
import type { TiffPage } from './page.ts';
import { planesOf } from './page.ts';
import { TileBytes } from './tile-bytes.ts';
import { undoDifferences, undoFloatDifferences } from './predictor.ts';
import { compression as codes, compressionName, isJpeg2000, photometric as colours } from './tags.ts';

/** Decodes a stored tile or plane of it with so many bands. */
type LaterDecoder = (index: number, bands: number) => Promise<Raster>;

export class TiffTileReader {
  readonly #file: ImageFile;
  readonly #codecs: Codecs;
  readonly #background: number;
  readonly #bytes: TileBytes;
  /** Where JPEG streams are put together for decoding; grows to the largest tile. */
  #scratch = Buffer.allocUnsafeSlow(64 * 1024);

  /** `background`: what a band holds whose tile is not stored while other bands' tiles are. */
  constructor(file: ImageFile, codecs: Codecs, background = 0) {
    this.#file = file;
    this.#bytes = new TileBytes(file);
    this.#codecs = codecs;
    this.#background = background;
  }

  /**
   * The stored tile as an image of its own, undecoded; null where it is not stored. Only for pages that `isPassthrough` holds
   * for.
   */
  stored(page: TiffPage, index: number): EncodedImage | null {
    const bytes = page.byteCounts[index] ?? 0;
    const offset = page.offsets[index] ?? 0;
    if (!hasBytes(page, index)) return null;
    if (page.jpegHeader === null) {
      return { type: 'image/webp', bytes: this.#file.read(offset, bytes, () => tileName(page, index)) };
    }
    const head = page.jpegHeader.length;
    const stream = Buffer.allocUnsafe(head - 2 + bytes);
    return { type: 'image/jpeg', bytes: this.#joinJpeg(page, index, stream, false) };
  }

  /**
   * All bands of a tile in the page's type; at least as large as the part of the image that the tile covers, at most a tile.
   * null: not stored, so background. A promise only where the codec has no synchronous decoder (WebP, JPEG 2000, LERC).
   * `memory` (a whole tile's size) takes the pixels where given.
   */
  decode(page: TiffPage, index: number, memory?: Uint8Array): Raster | null | Promise<Raster | null> {
    if (!isStored(page, index)) return null;
    const later = this.#laterDecoder(page);
    if (later !== null) return this.#decodeLater(page, index, later);
    const raster =
      planesOf(page) > 1
        ? this.#decodePlanes(page, index)
        : this.#decodeChunk(page, index, page.bands, memory);
    if (page.photometric === colours.whiteIsZero) invert(raster);
    return raster;
  }

  /** For compressions whose codec is not synchronous. */
  #laterDecoder(page: TiffPage): LaterDecoder | null {
    if (page.compression === codes.webp) return (index, bands) => this.#decodeWebp(page, index, bands);
    if (page.compression === codes.jpeg && !page.planar && page.bands === 4) {
      return (index) => this.#decodeFourBandJpeg(page, index);
    }
    if (page.compression === codes.lerc) return (index, bands) => this.#decodeLerc(page, index, bands);
    return isJpeg2000(page.compression) ? (index, bands) => this.#decodeJpeg2000(page, index, bands) : null;
  }

  async #decodeLater(page: TiffPage, index: number, decode: LaterDecoder): Promise<Raster> {
    const planes: (Raster | null)[] = [];
    const perPlane = page.columns * page.rows;
    for (let plane = 0; plane < planesOf(page); plane++) {
      const at = plane * perPlane + index;
      planes.push(hasBytes(page, at) ? await decode(at, page.planar ? 1 : page.bands) : null);
    }
    const raster = page.planar ? this.#joinPlanes(page, index, planes) : planes[0];
    if (raster === null || raster === undefined) throw damaged(page, index, 'is stored for no band');
    if (page.photometric === colours.whiteIsZero) invert(raster);
    return raster;
  }

  #decodePlanes(page: TiffPage, index: number): Raster {
    const perPlane = page.columns * page.rows;
    const planes = Array.from({ length: page.bands }, (_, band) => {
      const planeIndex = band * perPlane + index;
      return hasBytes(page, planeIndex) ? this.#decodeChunk(page, planeIndex, 1) : null;
    });
    return this.#joinPlanes(page, index, planes);
  }

  #joinPlanes(page: TiffPage, index: number, planes: readonly (Raster | null)[]): Raster {
    let whole: Raster | null = null;
    for (const [band, plane] of planes.entries()) {
      if (plane === null) continue;
      whole ??= filledRaster(plane.width, plane.height, page.bands, page.dtype, this.#background);
      const { data } = whole;
      for (let from = 0, to = band; from < plane.data.length; from++, to += page.bands) {
        data[to] = plane.data[from] ?? 0;
      }
    }
    if (whole === null) throw damaged(page, index, 'is stored for no band');
    return whole;
  }

  #decodeChunk(page: TiffPage, index: number, bands: number, memory?: Uint8Array): Raster {
    return page.compression === codes.jpeg
      ? this.#decodeJpeg(page, index, bands, memory)
      : this.#decodeLossless(page, index, bands, memory);
  }

  #decodeLossless(page: TiffPage, index: number, bands: number, memory?: Uint8Array): Raster {
    const { tileWidth, bytesPerSample, dtype } = page;
    const rowBytes = tileWidth * bands * bytesPerSample;
    const height = heightOf(page, index);
    const bytes = page.tileHeight * rowBytes;
    const whole = memory !== undefined && memory.byteLength === bytes ? memory : new Uint8Array(bytes);
    const target = whole.subarray(0, height * rowBytes);
    const stored = this.#file.read(page.offsets[index] ?? 0, page.byteCounts[index] ?? 0, () =>
      tileName(page, index),
    );
    const written = decompress(page.compression, stored, target);
    if (written < target.length) {
      const what = written < 0 ? 'is damaged' : `has ${written} of ${target.length} bytes`;
      throw damaged(page, index, `(${compressionName(page.compression)}) ${what}`);
    }
    if (page.predictor === 3) {
      undoFloatDifferences(target, tileWidth, height, bands, bytesPerSample);
    } else {
      if (!page.littleEndian) swapBytes(target, bytesPerSample);
      if (page.predictor === 2) {
        const values = unsignedView(whole, height * tileWidth * bands, bytesPerSample);
        if (values === null) throw damaged(page, index, 'has a predictor that 64-bit samples cannot have');
        undoDifferences(values, tileWidth, height, bands);
      }
    }
    const data = pixelArray(dtype, height * tileWidth * bands, whole);
    return { width: tileWidth, height, bands, dtype, data };
  }

  #decodeJpeg(page: TiffPage, index: number, bands: number, memory?: Uint8Array): Raster {
    const bytes = page.byteCounts[index] ?? 0;
    const length = (page.jpegHeader?.length ?? 0) + bytes;
    if (this.#scratch.length < length) this.#scratch = Buffer.allocUnsafeSlow(length * 2);
    const stream = this.#joinJpeg(page, index, this.#scratch, true);
    const frame = jpegFrame(stream);
    if (frame === null) throw damaged(page, index, 'is no JPEG');
    const height = heightOf(page, index);
    if (
      frame.width !== page.tileWidth ||
      frame.height < height ||
      frame.height > page.tileHeight ||
      frame.components !== bands ||
      frame.precision !== 8
    ) {
      throw damaged(
        page,
        index,
        `is a JPEG of ${frame.width} x ${frame.height} with ${frame.components} bands of ${frame.precision} bits instead of ` +
          `${page.tileWidth} x ${page.tileHeight} with ${bands} of 8`,
      );
    }
    const needed = frame.width * frame.height * bands;
    try {
      return this.#codecs.decodeJpeg(
        stream,
        memory !== undefined && memory.byteLength >= needed ? { into: memory.subarray(0, needed) } : {},
      );
    } catch (cause) {
      if (cause instanceof GigatileError && cause.code === 'codec-missing') throw cause;
      throw damaged(
        page,
        index,
        `is a damaged JPEG: ${cause instanceof Error ? cause.message : String(cause)}`,
      );
    }
  }

  async #decodeWebp(page: TiffPage, index: number, bands: number): Promise<Raster> {
    const offset = page.offsets[index] ?? 0;
    const bytes = this.#file.read(offset, page.byteCounts[index] ?? 0, () => tileName(page, index));
    let raster: Raster;
    try {
      raster = await this.#codecs.decodeAny(bytes);
    } catch (cause) {
      if (cause instanceof GigatileError && cause.code === 'codec-missing') throw cause;
      throw damaged(
        page,
        index,
        `is a damaged WebP: ${cause instanceof Error ? cause.message : String(cause)}`,
      );
    }
    if (
      raster.width !== page.tileWidth ||
      raster.height < heightOf(page, index) ||
      raster.dtype !== 'uint8'
    ) {
      throw damaged(page, index, `is a WebP of ${raster.width} x ${raster.height} pixels`);
    }
    return withBands(raster, bands);
  }

  async #decodeFourBandJpeg(page: TiffPage, index: number): Promise<Raster> {
    const bytes = page.byteCounts[index] ?? 0;
    const stream = Buffer.allocUnsafe((page.jpegHeader?.length ?? 0) + bytes);
    const joined = this.#joinJpeg(page, index, stream, true);
    const frame = jpegFrame(joined);
    const { tileWidth } = page;
    const isPlausible =
      frame !== null &&
      frame.width === tileWidth &&
      frame.height >= heightOf(page, index) &&
      frame.height <= page.tileHeight &&
      frame.components === 4 &&
      frame.precision === 8;
    if (!isPlausible)
      throw damaged(page, index, `is no JPEG of ${tileWidth} x ${page.tileHeight} with 4 bands`);
    try {
      return await this.#codecs.decodeAny(joined, { fourBands: true });
    } catch (cause) {
      if (cause instanceof GigatileError && cause.code === 'codec-missing') throw cause;
      const why = cause instanceof Error ? cause.message : String(cause);
      throw damaged(page, index, `is a damaged JPEG: ${why}`);
    }
  }

  async #decodeLerc(page: TiffPage, index: number, bands: number): Promise<Raster> {
    const bytes = this.#file.read(page.offsets[index] ?? 0, page.byteCounts[index] ?? 0, () =>
      tileName(page, index),
    );
    try {
      return await decodeLercTile(page, bytes, bands, heightOf(page, index), this.#codecs);
    } catch (cause) {
      if (cause instanceof GigatileError && cause.code !== 'image-corrupt')
        throw cause.at(`${this.#file.name}, ${tileName(page, index)}`);
      throw damaged(page, index, `is damaged: ${cause instanceof Error ? cause.message : String(cause)}`);
    }
  }

  async #decodeJpeg2000(page: TiffPage, index: number, bands: number): Promise<Raster> {
    const bytes = this.#file.read(page.offsets[index] ?? 0, page.byteCounts[index] ?? 0, () =>
      tileName(page, index),
    );
    const size = jpeg2000Size(bytes);
    if (size === null) throw damaged(page, index, 'is no JPEG 2000 codestream');
    const { width, height, components } = size;
    const isPlausible =
      width === page.tileWidth &&
      height >= heightOf(page, index) &&
      height <= page.tileHeight &&
      components === bands &&
      size.bits <= page.bytesPerSample * 8;
    if (!isPlausible) {
      throw damaged(
        page,
        index,
        `is a JPEG 2000 image of ${width} x ${height} with ${components} bands of ${size.bits} bits instead of ` +
          `${page.tileWidth} x ${page.tileHeight} with ${bands} of ${page.bytesPerSample * 8}`,
      );
    }
    const isYcbcr =
      page.compression === codes.aperioYcbcr ||
      (page.compression === codes.jpeg2000 && page.photometric === colours.ycbcr);
    let raster: Raster;
    try {
      raster = await this.#codecs.decodeJpeg2000(bytes);
    } catch (cause) {
      if (cause instanceof GigatileError && cause.code === 'codec-missing') throw cause;
      throw damaged(
        page,
        index,
        `is a damaged JPEG 2000 image: ${cause instanceof Error ? cause.message : String(cause)}`,
      );
    }
    if (raster.width !== width || raster.height !== height || raster.bands !== bands) {
      throw damaged(page, index, `came out of JPEG 2000 as ${raster.width} x ${raster.height} pixels`);
    }
    if (raster.dtype !== page.dtype) {
      throw damaged(page, index, `holds ${raster.dtype} in JPEG 2000 instead of ${page.dtype}`);
    }
    if (isYcbcr && bands === 3) ycbcrToRgb(raster);
    return raster;
  }

  /**
   * The header with its own SOI, then the stored bytes without theirs. Returns what of `target` is the stream.
   * `neighbours`: the tiles beside it will be wanted too (who decodes does; who looks around may be elsewhere next).
   */
  #joinJpeg(page: TiffPage, index: number, target: Buffer, neighbours: boolean): Buffer {
    const header = page.jpegHeader ?? Buffer.alloc(0);
    const at = header.length - 2;
    const bytes = page.byteCounts[index] ?? 0;
    const name = (): string => tileName(page, index);
    if (neighbours) this.#bytes.readInto(page, index, target, at, name);
    else this.#file.readInto(target, at, page.offsets[index] ?? 0, bytes, name);
    if (target[at] !== 0xff || target[at + 1] !== 0xd8)
      throw damaged(page, index, 'does not start like a JPEG');
    header.copy(target);
    const end = at + bytes;
    const mark = target[header.length + 1] ?? 0;
    if ((mark === 0xe0 || mark === 0xee) && saysRgb(header)) {
      const skip = colourMarkersLength(target.subarray(0, end), header.length);
      if (skip > 0) {
        target.copyWithin(header.length, header.length + skip, end);
        return target.subarray(0, end - skip);
      }
    }
    return end === target.length ? target : target.subarray(0, end);
  }
}

/** Where a tile is stored: one range, or one a band where planar; empty ones are not. */
export function tileRanges(page: TiffPage, index: number): { offset: number; length: number }[] {
  return Array.from({ length: planesOf(page) }, (_, plane) => {
    const at = plane * page.columns * page.rows + index;
    return { offset: page.offsets[at] ?? 0, length: page.byteCounts[at] ?? 0 };
  });
}

/** Whether a browser can show the page's stored tiles as they are. */
export function isPassthrough(page: TiffPage): boolean {
  return (
    page.tiled &&
    page.dtype === 'uint8' &&
    !page.planar &&
    (page.bands === 1 || page.bands === 3) &&
    (page.compression === codes.jpeg || page.compression === codes.webp) &&
    page.photometric !== colours.whiteIsZero &&
    page.photometric !== colours.palette
  );
}

/** Zero bytes, or none anywhere: sparse files leave tiles out so, and some scanners do. */
function hasBytes(page: TiffPage, index: number): boolean {
  return (page.byteCounts[index] ?? 0) > 0 && (page.offsets[index] ?? 0) > 0;
}

/** Whether the file has anything for a tile (`index` as in the first plane). */
export function isStored(page: TiffPage, index: number): boolean {
  const perPlane = page.columns * page.rows;
  for (let plane = 0; plane < planesOf(page); plane++) {
    if (hasBytes(page, plane * perPlane + index)) return true;
  }
  return false;
}

/** How many tiles of the page have nothing in the file. */
export function missingTilesOf(page: TiffPage): number {
  let missing = 0;
  for (let index = 0; index < page.columns * page.rows; index++) if (!isStored(page, index)) missing++;
  return missing;
}

/** Rows of the image that a tile covers; a strip has no others, a tile is padded to its full height. */
function heightOf(page: TiffPage, index: number): number {
  if (page.tiled) return page.tileHeight;
  const row = Math.floor((index % (page.columns * page.rows)) / page.columns);
  return Math.min(page.tileHeight, page.height - row * page.tileHeight);
}

function tileName(page: TiffPage, index: number): string {
  const column = index % page.columns;
  const row = Math.floor(index / page.columns);
  return `${page.label}: ${page.tiled ? `tile ${index} (column ${column}, row ${row})` : `strip ${index}`}`;
}

function damaged(page: TiffPage, index: number, what: string): GigatileError {
  const name = tileName(page, index);
  return new GigatileError('image-corrupt', `A ${page.tiled ? 'tile' : 'strip'} of the image ${what}`, {
    where: `${page.directory.tiff.file.name}, ${name}`,
    hint: 'The file is damaged there; other parts may be fine.',
  });
}

function swapBytes(bytes: Uint8Array, size: number): void {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (size === 2) buffer.swap16();
  else if (size === 4) buffer.swap32();
  else if (size === 8) buffer.swap64();
}

function unsignedView(
  { buffer, byteOffset }: Uint8Array,
  length: number,
  size: number,
): Uint8Array | Uint16Array | Uint32Array | null {
  if (size === 1) return new Uint8Array(buffer, byteOffset, length);
  if (size === 2) return new Uint16Array(buffer, byteOffset, length);
  return size === 4 ? new Uint32Array(buffer, byteOffset, length) : null;
}

function invert(raster: Raster): void {
  const top = raster.dtype === 'uint8' ? 255 : raster.dtype === 'uint16' ? 65_535 : 0;
  if (top === 0) return;
  const { data } = raster;
  for (let i = 0; i < data.length; i++) data[i] = top - (data[i] ?? 0);
}

/** A codec may leave out an alpha band that is opaque throughout, or give one that the page does not have. */
function withBands(raster: Raster, bands: number): Raster {
  if (raster.bands === bands) return raster;
  const data = new Uint8Array(raster.width * raster.height * bands).fill(255);
  for (let pixel = 0; pixel < raster.width * raster.height; pixel++) {
    for (let band = 0; band < Math.min(bands, raster.bands); band++) {
      data[pixel * bands + band] = raster.data[pixel * raster.bands + band] ?? 0;
    }
  }
  return { ...raster, bands, data };
}
