/** Tiles of a slide that a library of the system reads: parts of regions, in a grid of our own where it has none. */
import { encodePicture } from './associated.ts';
import type { ImageFile } from './image-file.ts';
import type { Codecs, EncodedImage, Raster } from './image-source.ts';
import type { OtherSlide } from './other-slide.ts';
import type { Colours, NativeLevel, PixelBackend } from './pixel-backend.ts';

const tileSize = 512;

export class OtherBackend implements PixelBackend {
  readonly levels: readonly NativeLevel[];
  readonly bands = 3;
  readonly dtype = 'uint8';
  readonly colours: Colours = { natural: true, palette: null, alphaBand: null };
  readonly missingFromFiner = false;
  readonly #slide: OtherSlide;
  readonly #file: ImageFile;
  readonly #codecs: Codecs;

  /** `file` is closed together with the slide. */
  constructor(slide: OtherSlide, file: ImageFile, codecs: Codecs) {
    this.#slide = slide;
    this.#file = file;
    this.#codecs = codecs;
    const [base] = slide.levels;
    this.levels = slide.levels.map((level) => ({
      width: level.width,
      height: level.height,
      scaleX: (base?.width ?? level.width) / level.width,
      scaleY: (base?.height ?? level.height) / level.height,
      tileWidth: tileSize,
      tileHeight: tileSize,
      storedTileWidth: level.tileWidth ?? tileSize,
      storedTileHeight: level.tileHeight ?? tileSize,
      passthrough: false,
    }));
  }

  /** Blocks this thread while the library decodes. */
  decodeTile(level: number, column: number, row: number): Raster | null {
    const here = this.#slide.levels[level];
    if (here === undefined) return null;
    const [x, y] = [column * tileSize, row * tileSize];
    const width = Math.min(tileSize, here.width - x);
    const height = Math.min(tileSize, here.height - y);
    const { downsample } = here;
    return this.#slide.readRegion(
      level,
      Math.round(x * downsample),
      Math.round(y * downsample),
      width,
      height,
    );
  }

  storedTile(): null {
    return null;
  }

  async associatedImage(name: string): Promise<EncodedImage> {
    return encodePicture(this.#slide.associatedImage(name), this.#codecs);
  }

  close(): void {
    this.#slide.close();
    this.#file.close();
  }
}
