/** Tiles of a prepared image: ZSTD with a checksum, over horizontal differences where the samples are unsigned integers. */
import { constants, zstdCompress } from 'node:zlib';
import { promisify } from 'node:util';
import type { PixelType } from '../../contract/image.ts';
import type { PixelArray, Raster } from '../image-source.ts';
import { bytesPerSample, pixelArray } from '../raster.ts';
import { decompress } from '../tiff/decompress.ts';
import { undoDifferences } from '../tiff/predictor.ts';
import { compression } from '../tiff/tags.ts';
import type { PyramidPlan } from './plan.ts';

const compress = promisify(zstdCompress);

/**
 * The lowest level: three times as fast as Deflate's at about its size. The checksum of every tile makes sure that a damaged
 * cache is noticed and never shown.
 */
const parameters = {
  [constants.ZSTD_c_compressionLevel]: 1,
  [constants.ZSTD_c_checksumFlag]: 1,
};

export function predictorOf(dtype: PixelType): 1 | 2 {
  return dtype === 'uint8' || dtype === 'uint16' || dtype === 'uint32' ? 2 : 1;
}

/** In the thread pool, so that the next tile is made meanwhile. Overwrites the pixels. */
export async function encodeTile(pixels: PixelArray, width: number, bands: number): Promise<Uint8Array> {
  const isWhole =
    pixels instanceof Uint8Array || pixels instanceof Uint16Array || pixels instanceof Uint32Array;
  if (isWhole) takeDifferences(pixels, width * bands, bands);
  return compress(Buffer.from(pixels.buffer, pixels.byteOffset, pixels.byteLength), { params: parameters });
}

/** Horizontal differencing (TIFF 6.0, section 14) in place, from the right. */
function takeDifferences(
  data: Uint8Array | Uint16Array | Uint32Array,
  rowLength: number,
  bands: number,
): void {
  for (let start = 0; start < data.length; start += rowLength) {
    for (let i = start + rowLength - 1; i >= start + bands; i--) {
      data[i] = (data[i] as number) - (data[i - bands] as number);
    }
  }
}

/** Back to pixels, bit by bit. null: the bytes are damaged. `memory`: of a tile's size, takes the pixels. */
export function decodeTile(
  bytes: Uint8Array,
  plan: Pick<PyramidPlan, 'tileSize' | 'bands' | 'dtype'>,
  memory?: Uint8Array,
): Raster | null {
  const { tileSize, bands, dtype } = plan;
  const length = tileSize * tileSize * bands * bytesPerSample(dtype);
  const target =
    memory !== undefined && memory.byteLength >= length ? memory.subarray(0, length) : new Uint8Array(length);
  if (decompress(compression.zstd, bytes, target) !== length) return null;
  const data = pixelArray(dtype, tileSize * tileSize * bands, target);
  if (data instanceof Uint8Array || data instanceof Uint16Array || data instanceof Uint32Array) {
    undoDifferences(data, tileSize, tileSize, bands);
  }
  return { width: tileSize, height: tileSize, bands, dtype, data };
}
