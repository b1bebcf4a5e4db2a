/** Pictures on a canvas as tiles: each cell of the layout is a tile, and decoding it is decoding one picture. */
import type { PixelType } from '../../../contract/image.ts';
import type { SetLayout } from '../../../core/set-layout.ts';
import type { Raster } from '../../image-source.ts';
import type { Colours, NativeLevel, PixelBackend } from '../../pixel-backend.ts';
import { copyRect, filledRaster } from '../../raster.ts';
import type { Picture, PictureReader } from './pictures.ts';

export class SetBackend implements PixelBackend {
  readonly levels: readonly NativeLevel[];
  readonly bands: number;
  readonly dtype: PixelType;
  readonly colours: Colours;
  readonly missingFromFiner = false;
  readonly #layout: SetLayout;
  readonly #pictures: readonly Picture[];
  readonly #read: PictureReader;

  /** `pictures` in the layout's order. Those of other bands or another type are made to be of `pixels`. */
  constructor(
    layout: SetLayout,
    pixels: { bands: number; dtype: PixelType },
    pictures: readonly Picture[],
    read: PictureReader,
  ) {
    this.#layout = layout;
    this.#pictures = pictures;
    this.#read = read;
    const { bands, dtype } = pixels;
    this.bands = bands;
    this.dtype = dtype;
    this.colours = { natural: true, palette: null, alphaBand: bands === 2 || bands === 4 ? bands - 1 : null };
    const { width, height, cellWidth, cellHeight } = layout;
    this.levels = [
      {
        width,
        height,
        scaleX: 1,
        scaleY: 1,
        tileWidth: cellWidth,
        tileHeight: cellHeight,
        storedTileWidth: cellWidth,
        storedTileHeight: cellHeight,
        passthrough: false,
      },
    ];
  }

  async decodeTile(_level: number, column: number, row: number): Promise<Raster | null> {
    const picture = this.#pictures[row * this.#layout.columns + column];
    if (picture === undefined) return null;
    const pixels = this.#alike(await this.#read(picture));
    const { cellWidth, cellHeight } = this.#layout;
    const cell = filledRaster(cellWidth, cellHeight, this.bands, this.dtype, background(this.dtype));
    copyRect(pixels, { x: 0, y: 0 }, cell, { x: 0, y: 0 }, pixels.width, pixels.height);
    return cell;
  }

  storedTile(): null {
    return null;
  }

  close(): void {
    // Pictures are open only while they are decoded.
  }

  /** In a mixed set everything is 8-bit RGB: grey in three bands, the upper byte of 16-bit samples, without alpha. */
  #alike(raster: Raster): Raster {
    if (raster.bands === this.bands && raster.dtype === this.dtype) return raster;
    const { width, height, data, bands } = raster;
    const shift = raster.dtype === 'uint16' ? 256 : 1;
    const out = new Uint8Array(width * height * 3);
    for (let pixel = 0; pixel < width * height; pixel++) {
      for (let band = 0; band < 3; band++) {
        out[pixel * 3 + band] = Math.floor((data[pixel * bands + (bands < 3 ? 0 : band)] ?? 0) / shift);
      }
    }
    return { width, height, bands: 3, dtype: 'uint8', data: out };
  }
}

/** White, as around tissue; nothing in types that have no white. */
function background(dtype: PixelType): number {
  return dtype === 'uint8' ? 255 : dtype === 'uint16' ? 65_535 : 0;
}
