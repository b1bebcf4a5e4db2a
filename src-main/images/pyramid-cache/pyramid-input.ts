/** An image without tiles as the preparation sees it: rows from the top, and maybe a quick small picture. */
import type { PixelType } from '../../contract/image.ts';
import type { Raster } from '../image-source.ts';

export interface PyramidInput {
  width: number;
  height: number;
  bands: number;
  dtype: PixelType;
  /** Left out of averages; null: every value counts. */
  noData: number | null;
  /**
   * All pixels once, from the top: rasters as wide as the image, of any height, whose memory is valid until the next one is
   * asked for. Ends early with the signal's reason. @throws {GigatileError} image-corrupt, codec-missing, io
   */
  rows(signal: AbortSignal): AsyncIterable<Raster>;
  /** The whole image made small (longer side about `size`), in a fraction of the time of `rows`; only where a codec can. */
  preview?(size: number): Promise<Raster>;
}
