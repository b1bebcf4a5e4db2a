/** One image without a pyramid, read through a codec (PNG, JPEG, WebP, unusual flat TIFF): cut into virtual tiles. */
import type { PixelType } from '../contract/image.ts';
import type { ImageFile } from './image-file.ts';
import type { FlatImage, Raster } from './image-source.ts';
import type { Colours, NativeLevel, PixelBackend } from './pixel-backend.ts';

export const flatTileSize = 512;

export class FlatBackend implements PixelBackend {
  readonly levels: readonly NativeLevel[];
  readonly bands: number;
  readonly dtype: PixelType;
  readonly colours: Colours;
  readonly missingFromFiner = false;
  readonly #image: FlatImage;
  readonly #file: ImageFile;

  /** `file` is what the fingerprint is taken from; it is closed together with the image. */
  constructor(image: FlatImage, file: ImageFile) {
    const { width, height, bands } = image;
    this.#image = image;
    this.#file = file;
    this.bands = bands;
    this.dtype = image.dtype;
    this.colours = { natural: true, palette: null, alphaBand: bands === 2 || bands === 4 ? bands - 1 : null };
    this.levels = [
      {
        width,
        height,
        scaleX: 1,
        scaleY: 1,
        tileWidth: flatTileSize,
        tileHeight: flatTileSize,
        storedTileWidth: flatTileSize,
        storedTileHeight: flatTileSize,
        passthrough: false,
      },
    ];
  }

  decodeTile(_level: number, column: number, row: number): Promise<Raster> {
    const [x, y] = [column * flatTileSize, row * flatTileSize];
    return this.#image.readRegion({
      x,
      y,
      width: Math.min(flatTileSize, this.#image.width - x),
      height: Math.min(flatTileSize, this.#image.height - y),
    });
  }

  storedTile(): null {
    return null;
  }

  close(): void {
    this.#image.close?.();
    this.#file.close();
  }
}
