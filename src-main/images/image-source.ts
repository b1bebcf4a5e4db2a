/**
 * What every format's reader yields. All coordinates are whole pixels of a level; all regions may reach beyond the image,
 * where they are filled with the image's background.
 */
import type { ImageInfo, PixelType } from '../contract/image.ts';
import type { DisplayLook, ImageLook } from '../contract/look.ts';
import type { PreparationView } from '../contract/preparation.ts';
import type { OtherSlide } from './other-slide.ts';

export type PixelArray =
  Uint8Array | Uint16Array | Uint32Array | Int8Array | Int16Array | Int32Array | Float32Array | Float64Array;

/** Interleaved pixels: `data[(y * width + x) * bands + band]`. */
export interface Raster {
  width: number;
  height: number;
  bands: number;
  dtype: PixelType;
  data: PixelArray;
}

export interface EncodedImage {
  /** MIME type: image/jpeg, image/png, image/webp. */
  type: string;
  bytes: Uint8Array;
}

export interface RegionRequest {
  /** Index into `info.levels` (the file's own levels). */
  level: number;
  x: number;
  y: number;
  width: number;
  height: number;
  /**
   * Memory for the result: of the image's type, width * height * bands samples. Fresh memory for each of many patches costs as
   * much as decoding them.
   */
  into?: PixelArray;
}

export interface ImageSource {
  readonly info: ImageInfo;
  /**
   * A display tile of `info.display.levels[level]`, ready for an <img>: the stored tile as it is where that can be, else
   * rendered (first three bands or the natural RGB, one stretch for the whole image). null: outside the grid.
   * Edge tiles are cropped to the level's size where they are rendered, and padded as stored where they are passed through.
   * With a look it is always rendered, by that look. @throws {GigatileError} usage where the look names a band that is not there
   */
  displayTile(level: number, column: number, row: number, look?: DisplayLook): Promise<EncodedImage | null>;
  /** How the image is shown by default, and what its bands are like. Reads an overview the first time. */
  look(): Promise<ImageLook>;
  /** All bands in the file's own type. JPEG YCbCr comes as RGB. */
  readRegion(request: RegionRequest): Promise<Raster>;
  /**
   * Any part of the image (level-0 pixels, may be fractional) at any size, box-filtered from the best level; all bands.
   * What models (by mpp), thumbnails, crops and the tissue map are made from. Where the rectangle is width x height pixels of a
   * level, they come as they are. `into` as in RegionRequest.
   */
  readScaled(
    rect: { x: number; y: number; width: number; height: number },
    width: number,
    height: number,
    into?: PixelArray,
  ): Promise<Raster>;
  /** readScaled as it is displayed (stretch, natural RGB), as JPEG. */
  renderScaled(
    rect: { x: number; y: number; width: number; height: number },
    width: number,
    height: number,
    look?: DisplayLook,
  ): Promise<EncodedImage>;
  /**
   * Memory for regions and for what is made of them (`into`, a model's input), in which they are put together fastest. It is
   * the source's: not to be used after `close`.
   */
  memory(dtype: PixelType, length: number): PixelArray;
  /**
   * Where the file's mask says that there is data: 255, else 0, for a part of the image (level-0 pixels) at a size. null where
   * all of it is, or where the file has no mask; no-data values and alpha bands are in the pixels.
   */
  validity(
    rect: { x: number; y: number; width: number; height: number },
    width: number,
    height: number,
  ): Promise<Uint8Array | null>;
  /**
   * Only of an image on a server: fetches what `readScaled` (or `readRegion`) of this will need, while something else is being
   * done. null: it is there. Rejects as reading would, which is told again by reading.
   */
  fetchAhead?: (
    rect: { x: number; y: number; width: number; height: number },
    width: number,
    height: number,
  ) => Promise<void> | null;
  /**
   * Says what will be read: overlapping parts of blocks that are as large as this rectangle (level-0 pixels) at this size, one block
   * after its neighbour. So many decoded tiles are kept that none is decoded twice, and no more. Where nothing is said: a fixed amount.
   */
  expectBlocks?(
    rect: { x: number; y: number; width: number; height: number },
    width: number,
    height: number,
  ): void;
  /** An associated image by its name in `info.associated`. */
  associatedImage(name: string): Promise<EncodedImage>;
  /**
   * SHA-256 (hex) over size, header and sampled tiles, the same after a copy or a move; not over mtime or path.
   * Cheap: reads at most a few MB.
   */
  fingerprint(): Promise<string>;
  /** Only of a large image without tiles: its pyramid, which is made once. Reading pixels waits for it, showing does not. */
  readonly preparation?: ImagePreparation;
  close(): void;
}

/** See pyramid-cache/preparation.ts. */
export interface ImagePreparation {
  readonly view: PreparationView;
  /** Begins, unless it has begun or ended. */
  start(): void;
  /** Begins, also after it was cancelled or failed. */
  restart(): void;
  /** Resolves when nothing is left of it on the disk. */
  cancel(): Promise<void>;
  /** Resolves at the next change of `view`, or after so long. */
  changed(withinMs: number): Promise<void>;
}

/**
 * The decoders and encoders that a reader may need. They are handed in, because only worker entries load native codecs
 * (and a Linux desktop may need others: see workers/codecs/codecs.ts).
 */
export interface Codecs {
  /** Baseline or progressive JPEG to interleaved RGB (3 bands) or grey (1 band), uint8. */
  decodeJpeg(bytes: Uint8Array, options?: { into?: Uint8Array }): Raster;
  encodeJpeg(raster: Raster, quality: number): Uint8Array;
  encodePng(raster: Raster): Promise<Uint8Array>;
  /** PNG, WebP, flat TIFF, JPEG: what sharp reads. `page` for multi-page files; more pixels than `maxPixels` are refused. */
  openFlat(
    path: string,
    options?: { page?: number; maxPixels?: number; maxInMemory?: number },
  ): Promise<FlatImage>;
  /**
   * A slide in a format that only a library of the system reads (OpenSlide). null: the library does not know it. Its calls block.
   * @throws {GigatileError} codec-missing where there is no such library; image-corrupt
   */
  openOther?(path: string): Promise<OtherSlide | null>;
  /**
   * WebP and other tile payloads through sharp. `fourBands`: of a JPEG with four components these as they are stored, which
   * otherwise are taken for CMYK and become RGB.
   */
  decodeAny(bytes: Uint8Array, options?: { fourBands?: boolean }): Promise<Raster>;
  /**
   * A JPEG 2000 codestream (or the one in a JP2 file): the components as they are after the codestream's own transform, one
   * raster band each (all of one size and type). `reduce`: leave out so many of the finest resolutions (each halves the size,
   * rounded up). @throws {GigatileError} image-corrupt, image-unsupported, image-too-large
   */
  decodeJpeg2000(bytes: Uint8Array, options?: { reduce?: number }): Promise<Raster>;
  /** A JPEG-LS stream (DICOM). */
  decodeJpegLs(bytes: Uint8Array): Promise<Raster>;
  /**
   * An Esri LERC blob (TIFF compression 34887). Masked samples are NaN in floats, else 0; `valid`: a byte a pixel, 0 where any of
   * its bands is masked (null: none is).
   */
  decodeLerc(bytes: Uint8Array): Promise<Raster & { valid: Uint8Array | null }>;
}

/** A flat image behind sharp: regions on demand, or decoded once where random access is slow. */
export interface FlatImage {
  format: string;
  width: number;
  height: number;
  bands: number;
  dtype: PixelType;
  /** Pixels per mm as the file says, or null. */
  pixelsPerMm: number | null;
  readRegion(region: { x: number; y: number; width: number; height: number }): Promise<Raster>;
  /** false: too large to be decoded into memory; it should be prepared from its `rows`, where there are any. */
  isSmall: boolean;
  /** All pixels once, from the top, in little memory; see pyramid-cache/pyramid-input.ts. Absent for types that can't. */
  rows?(signal: AbortSignal): AsyncIterable<Raster>;
  /** The whole image made small (longer side about `size`), where that is much faster than `rows`. */
  preview?(size: number): Promise<Raster>;
  /** Frees what it keeps (pixels, a temporary file). */
  close?(): void;
}

export interface OpenLimits {
  /** Refuse to decode a single tile or flat image of more pixels than this. */
  maxPixels: number;
  /** The same for images without tiles that are prepared in a cache, row by row. */
  maxFlatPixels?: number;
  /** Bytes: images without tiles that take more are prepared, if there is a cache for that. Default 96 MiB. */
  maxInMemory?: number;
}
