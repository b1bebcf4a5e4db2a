/** Between sharp's buffers and rasters. */
import type { PixelType } from '../../contract/image.ts';
import { GigatileError } from '../../contract/errors.ts';
import type { PixelArray, Raster } from '../../images/image-source.ts';
import { bytesPerSample, pixelArray } from '../../images/raster.ts';

/** The same memory as a Buffer, which the native codecs want. */
export function asBytes(pixels: PixelArray): Buffer {
  return Buffer.from(pixels.buffer, pixels.byteOffset, pixels.byteLength);
}

/** Raw output of sharp; copied only where it is not aligned for its type. */
export function toRaster(
  output: { data: Buffer; info: { width: number; height: number; channels: number } },
  dtype: PixelType,
): Raster {
  const { width, height, channels: bands } = output.info;
  const length = width * height * bands;
  const { data: bytes } = output;
  if (bytes.byteLength < length * bytesPerSample(dtype)) {
    throw new GigatileError('internal', `sharp gave ${bytes.byteLength} bytes for ${length} samples`);
  }
  if (dtype === 'uint8') {
    return { width, height, bands, dtype, data: new Uint8Array(bytes.buffer, bytes.byteOffset, length) };
  }
  const data = pixelArray(dtype, length);
  asBytes(data).set(bytes.subarray(0, data.byteLength));
  return { width, height, bands, dtype, data };
}

export function sharpFailure(cause: unknown, message: string, where: string | undefined): GigatileError {
  if (cause instanceof GigatileError) return cause;
  const why = cause instanceof Error ? cause.message : String(cause);
  if (/exceeds pixel limit/i.test(why)) {
    return new GigatileError('image-too-large', `${message}: it has more pixels than are allowed`, {
      where,
      cause,
    });
  }
  return new GigatileError('image-corrupt', `${message}: ${why.split('\n')[0] ?? ''}`, { where, cause });
}
