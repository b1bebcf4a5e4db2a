/**
 * What every format's reader yields. All coordinates are whole pixels of a level; all regions may reach beyond the image,
 * where they are filled with the image's background.
 */
import type { ImageInfo, PixelType } from '../contract/image.ts';
import type { DisplayLook, ImageLook } from '../contract/look.ts';

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
  /** An associated image by its name in `info.associated`. */
  associatedImage(name: string): Promise<EncodedImage>;
  /**
   * SHA-256 (hex) over size, header and sampled tiles, the same after a copy or a move; not over mtime or path.
   * Cheap: reads at most a few MB.
   */
  fingerprint(): Promise<string>;
  close(): void;
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
  openFlat(path: string, options?: { page?: number; maxPixels?: number }): Promise<FlatImage>;
  /** WebP and other tile payloads through sharp. */
  decodeAny(bytes: Uint8Array): Promise<Raster>;
  /**
   * A JPEG 2000 codestream (or the one in a JP2 file): the components as they are after the codestream's own transform, one
   * raster band each (all of one size and type). `reduce`: leave out so many of the finest resolutions (each halves the size,
   * rounded up). @throws {GigatileError} image-corrupt, image-unsupported, image-too-large
   */
  decodeJpeg2000(bytes: Uint8Array, options?: { reduce?: number }): Promise<Raster>;
  /** A JPEG-LS stream (DICOM). */
  decodeJpegLs(bytes: Uint8Array): Promise<Raster>;
  /** An Esri LERC blob (TIFF compression 34887); masked pixels are the blob's no-data value, or 0. */
  decodeLerc(bytes: Uint8Array): Promise<Raster>;
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
  /** Frees what it keeps (pixels, a temporary file). */
  close?(): void;
}

export interface OpenLimits {
  /** Refuse to decode a single tile or flat image of more pixels than this. */
  maxPixels: number;
}
