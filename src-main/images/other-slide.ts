/** A slide behind a library of the system: what a reader of other formats (OpenSlide) must be able to say and give. */
/** Interleaved RGB. */
export interface RgbRaster {
  width: number;
  height: number;
  bands: 3;
  dtype: 'uint8';
  data: Uint8Array;
}

export interface OtherSlide {
  /** Short name of the vendor's format, as the library calls it: mirax, hamamatsu … */
  readonly vendor: string;
  /** Name and version of the library, for people. */
  readonly library: string;
  /** Level 0 first. Tile sizes as stored; null where the format has no regular tiles. */
  readonly levels: readonly {
    width: number;
    height: number;
    downsample: number;
    tileWidth: number | null;
    tileHeight: number | null;
  }[];
  readonly properties: Readonly<Record<string, string>>;
  readonly associated: readonly string[];
  /**
   * RGB over the slide's background colour. `x`, `y` in level-0 pixels, the size in those of the level. Blocks the thread.
   * @throws {GigatileError} image-corrupt
   */
  readRegion(level: number, x: number, y: number, width: number, height: number): RgbRaster;
  /** RGB. @throws {GigatileError} usage where there is none of this name; image-corrupt */
  associatedImage(name: string): RgbRaster;
  close(): void;
}
