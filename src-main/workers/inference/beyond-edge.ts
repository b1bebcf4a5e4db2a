/** The part of a tile that lies beyond the image's right and lower edge. Tiles never begin outside. */
import type { Rect } from '../../contract/run.ts';
import type { Raster } from '../../images/image-source.ts';
import { fillRect } from '../../images/raster.ts';
import type { Size } from '../../models/input/letterbox.ts';

/** How much of the tile, in the pixels of `picture` (its size after resizing), lies in the image; a pixel that touches it counts. */
export function clipToSize(rect: Rect, picture: Size, image: Size): Size {
  const along = (at: number, length: number, pixels: number, edge: number): number =>
    Math.min(pixels, Math.max(0, Math.ceil(((edge - at) / length) * pixels - 1e-9)));
  return {
    width: along(rect.x, rect.width, picture.width, image.width),
    height: along(rect.y, rect.height, picture.height, image.height),
  };
}

/** Sets everything right of and below `inside` to one value. */
export function fillBeyond(raster: Raster, inside: Size, value: number): void {
  const { width, height } = raster;
  if (inside.width < width) fillRect(raster, inside.width, 0, width - inside.width, height, value);
  if (inside.height < height) fillRect(raster, 0, inside.height, inside.width, height - inside.height, value);
}
