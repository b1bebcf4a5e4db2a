/**
 * A directory of 1-bit pixels looked at as one of bytes: eight pixels are one, so that it is read like any other image. TIFF
 * rows and tiles begin at a byte.
 */
import { TiffDirectory } from './structure.ts';
import type { OffsetArray } from './tag-values.ts';
import { photometric, tag } from './tags.ts';

export class PackedDirectory extends TiffDirectory {
  readonly #inner: TiffDirectory;
  readonly #pixelsPerByte: number;

  /** @param pixelsPerByte 8 for 1-bit pixels; 1 leaves sizes as they are and only takes a mask's colour space for grey. */
  constructor(inner: TiffDirectory, pixelsPerByte: number) {
    super(inner.tiff, inner.label, inner.offset, new Map());
    this.#inner = inner;
    this.#pixelsPerByte = pixelsPerByte;
  }

  override has(number: number): boolean {
    return number === tag.bitsPerSample || this.#inner.has(number);
  }

  override count(number: number): number {
    return number === tag.bitsPerSample ? 1 : this.#inner.count(number);
  }

  override bytes(number: number): Buffer | null {
    return this.#inner.bytes(number);
  }

  override numbers(number: number): number[] {
    if (number === tag.bitsPerSample) return [8];
    return this.#inner.numbers(number);
  }

  override number<T>(number: number, otherwise: T): number | T {
    if (number === tag.photometric) return photometric.blackIsZero;
    const value = this.#inner.number(number, otherwise);
    const isWidth = number === tag.imageWidth || number === tag.tileWidth;
    return isWidth && typeof value === 'number' ? Math.ceil(value / this.#pixelsPerByte) : value;
  }

  override text(number: number): string | null {
    return this.#inner.text(number);
  }

  override offsets(number: number): OffsetArray | null {
    return this.#inner.offsets(number);
  }

  override subDirectories(): TiffDirectory[] {
    return [];
  }
}
