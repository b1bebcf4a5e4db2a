/** A large TIFF of strips without a pyramid, as the preparation reads it: strip by strip from the top. */
import type { OpenLimits } from '../image-source.ts';
import type { PixelBackend } from '../pixel-backend.ts';
import type { PyramidInput } from '../pyramid-cache/pyramid-input.ts';
import { bytesPerSample, filledRaster } from '../raster.ts';
import type { TiffLayout } from './tiff-layout.ts';

/** As for images that a codec decodes into memory. */
const defaultMaxInMemory = 96 * 1024 * 1024;

/**
 * null where there is no need (tiles, a pyramid, a small image), or where more than pixels would have to be kept (a mask).
 *
 * @throws {GigatileError} image-too-large
 */
export function stripInput(
  backend: PixelBackend,
  layout: TiffLayout,
  { maxInMemory = defaultMaxInMemory }: OpenLimits,
): PyramidInput | null {
  const [page] = layout.levels;
  if (page === undefined || page.tiled || layout.levels.length > 1 || backend.mask !== undefined) return null;
  const { width, height, bands, dtype } = page;
  if (width * height * bands * bytesPerSample(dtype) <= maxInMemory) return null;
  // As a viewer's source fills what is not stored.
  const background = layout.noData ?? (dtype === 'uint8' && layout.geo === null ? 255 : 0);
  return {
    width,
    height,
    bands,
    dtype,
    noData: layout.noData,
    async *rows(signal) {
      for (let strip = 0; strip * page.tileHeight < height; strip++) {
        signal.throwIfAborted();
        const rows = Math.min(page.tileHeight, height - strip * page.tileHeight);
        const raster = await backend.decodeTile(0, 0, strip);
        yield raster === null
          ? filledRaster(width, rows, bands, dtype, background)
          : raster.height === rows
            ? raster
            : { ...raster, height: rows };
      }
    },
  };
}
