/** Small operations on interleaved pixels that every reader needs. */
import type { PixelType } from '../contract/image.ts';
import { PixelMemory } from '../core/pixel-kernel/pixel-memory.ts';
import type { PixelArray, Raster } from './image-source.ts';

const arrays = {
  uint8: Uint8Array,
  uint16: Uint16Array,
  uint32: Uint32Array,
  int8: Int8Array,
  int16: Int16Array,
  int32: Int32Array,
  float32: Float32Array,
  float64: Float64Array,
} as const satisfies Record<PixelType, unknown>;

export function bytesPerSample(dtype: PixelType): number {
  return arrays[dtype].BYTES_PER_ELEMENT;
}

/** Zeroed pixels, or a view on memory that is already there (whose bytes are kept). */
export function pixelArray(dtype: PixelType, length: number, memory?: Uint8Array): PixelArray {
  if (memory === undefined) return new arrays[dtype](length);
  // None of it is shared between threads.
  return new arrays[dtype](memory.buffer as ArrayBuffer, memory.byteOffset, length);
}

/** Pixels whose values are whatever the memory held: for callers that write every one of them. */
export function uninitializedRaster(width: number, height: number, bands: number, dtype: PixelType): Raster {
  const length = width * height * bands;
  const memory = Buffer.allocUnsafeSlow(length * bytesPerSample(dtype));
  return { width, height, bands, dtype, data: pixelArray(dtype, length, memory) };
}

/** Sets a rectangle, which lies within the raster, to one value. */
export function fillRect(
  target: Raster,
  x: number,
  y: number,
  width: number,
  height: number,
  value: number,
): void {
  for (let row = y; row < y + height; row++) {
    const start = (row * target.width + x) * target.bands;
    target.data.fill(value, start, start + width * target.bands);
  }
}

/** Shades of the stripes, as fractions of a type's highest value. */
const stripes = [0.8, 0.55] as const;

/** Diagonal stripes over a rectangle that lies within the raster: there are pixels here that cannot be shown. */
export function hatchRect(target: Raster, x: number, y: number, width: number, height: number): void {
  const { bands, dtype, data } = target;
  const highest = { uint8: 255, int8: 127, uint16: 65_535, int16: 32_767 }[dtype as string] ?? 1;
  const shades = stripes.map((stripe) => stripe * highest);
  for (let row = y; row < y + height; row++) {
    for (let column = x; column < x + width; column++) {
      const shade = shades[((row + column) >> 3) & 1] ?? 0;
      const at = (row * target.width + column) * bands;
      for (let band = 0; band < bands; band++) data[at + band] = shade;
    }
  }
}

/** A raster filled with one value. */
export function filledRaster(
  width: number,
  height: number,
  bands: number,
  dtype: PixelType,
  value: number,
): Raster {
  const data = pixelArray(dtype, width * height * bands);
  if (value !== 0) data.fill(value);
  return { width, height, bands, dtype, data };
}

/**
 * Copies a rectangle. Both rasters have the same bands and type; the rectangle lies within both (callers clip).
 */
export function copyRect(
  source: Raster,
  from: { x: number; y: number },
  target: Raster,
  to: { x: number; y: number },
  width: number,
  height: number,
): void {
  const { bands, data } = source;
  const memory = PixelMemory.of(data);
  if (memory !== undefined && data.buffer === target.data.buffer) {
    const pixel = bands * data.BYTES_PER_ELEMENT;
    memory.copyRows(
      target.data,
      (to.y * target.width + to.x) * pixel,
      target.width * pixel,
      data,
      (from.y * source.width + from.x) * pixel,
      source.width * pixel,
      width * pixel,
      height,
    );
    return;
  }
  const length = width * bands;
  let start = (from.y * source.width + from.x) * bands;
  let at = (to.y * target.width + to.x) * bands;
  for (let row = 0; row < height; row++) {
    target.data.set(data.subarray(start, start + length), at);
    start += source.width * bands;
    at += target.width * bands;
  }
}

/** A part of a raster as one of its own. */
export function crop(source: Raster, x: number, y: number, width: number, height: number): Raster {
  if (x === 0 && y === 0 && width === source.width && height === source.height) return source;
  const target: Raster = {
    ...source,
    width,
    height,
    data: pixelArray(source.dtype, width * height * source.bands),
  };
  copyRect(source, { x, y }, target, { x: 0, y: 0 }, width, height);
  return target;
}
