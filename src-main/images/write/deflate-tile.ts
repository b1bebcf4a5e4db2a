/** A tile's pixels to Deflate (TIFF compression 8), with horizontal differencing (predictor 2) where wanted. */
import { deflateSync } from 'node:zlib';
import type { PixelArray } from '../image-source.ts';

/**
 * Differences to the pixel on the left, band by band (TIFF 6.0, section 14); integers only. Writes into a copy.
 * `data` is interleaved, `width` pixels a row.
 */
export function differenceHorizontally<T extends Uint8Array | Uint16Array | Uint32Array>(
  data: T,
  width: number,
  bands: number,
): T {
  const out = data.slice() as T;
  const row = width * bands;
  for (let start = 0; start < data.length; start += row) {
    for (let i = start + row - 1; i >= start + bands; i--) {
      // Typed arrays wrap around as the format demands.
      out[i] = (data[i] as number) - (data[i - bands] as number);
    }
  }
  return out;
}

export function deflateTile(
  tile: { width: number; bands: number; data: PixelArray },
  options: { predictor: 1 | 2; level?: number },
): Uint8Array {
  const { data } = tile;
  let values: PixelArray = data;
  if (options.predictor === 2) {
    if (!(data instanceof Uint8Array || data instanceof Uint16Array || data instanceof Uint32Array)) {
      throw new RangeError('Horizontal differencing is for unsigned integers');
    }
    values = differenceHorizontally(data, tile.width, tile.bands);
  }
  return deflateSync(Buffer.from(values.buffer, values.byteOffset, values.byteLength), {
    level: options.level ?? 6,
  });
}
