/** Directories of tiles and strips for forged slides; the pixel bytes are collected in one block behind the TIFF header. */
import type { ForgedTag } from '../../unit/images/forge-tiff.ts';
import { dataOffset } from '../../unit/images/forge-tiff.ts';

export class PixelBytes {
  readonly #parts: Uint8Array[] = [];
  #end: number;

  constructor(big: boolean) {
    this.#end = dataOffset(big);
  }

  /** Where the bytes will lie in the file. */
  add(bytes: Uint8Array): number {
    const at = this.#end;
    this.#parts.push(bytes);
    this.#end += bytes.length;
    return at;
  }

  joined(): Buffer {
    return Buffer.concat(this.#parts);
  }
}

export interface TiledImage {
  width: number;
  height: number;
  tileWidth: number;
  tileHeight: number;
  compression: number;
  /** 6 YCbCr, 2 RGB. */
  photometric: number;
  /** null: the tile is left out. */
  tile(column: number, row: number): Uint8Array | null;
}

/** All tags of a tiled image of three 8-bit bands, in TIFF's order, with others mixed in. */
export function tiledDirectory(pixels: PixelBytes, image: TiledImage, others: ForgedTag[] = []): ForgedTag[] {
  const { width, height, tileWidth, tileHeight } = image;
  const offsets: number[] = [];
  const counts: number[] = [];
  for (let row = 0; row * tileHeight < height; row++) {
    for (let column = 0; column * tileWidth < width; column++) {
      const bytes = image.tile(column, row);
      offsets.push(bytes === null ? 0 : pixels.add(bytes));
      counts.push(bytes?.length ?? 0);
    }
  }
  return sorted([
    ...baseTags(image),
    { tag: 322, type: 4, value: [tileWidth] },
    { tag: 323, type: 4, value: [tileHeight] },
    { tag: 324, type: 4, value: offsets },
    { tag: 325, type: 4, value: counts },
    ...others,
  ]);
}

/** One strip that is a JPEG. */
export function jpegStripDirectory(
  pixels: PixelBytes,
  width: number,
  height: number,
  jpeg: Uint8Array,
  others: ForgedTag[] = [],
): ForgedTag[] {
  return sorted([
    ...baseTags({ width, height, compression: 7, photometric: 6 }),
    { tag: 273, type: 4, value: [pixels.add(jpeg)] },
    { tag: 278, type: 4, value: [height] },
    { tag: 279, type: 4, value: [jpeg.length] },
    ...others,
  ]);
}

function baseTags({
  width,
  height,
  compression,
  photometric,
}: Pick<TiledImage, 'width' | 'height' | 'compression' | 'photometric'>): ForgedTag[] {
  return [
    { tag: 256, type: 4, value: [width] },
    { tag: 257, type: 4, value: [height] },
    { tag: 258, type: 3, value: [8, 8, 8] },
    { tag: 259, type: 3, value: [compression] },
    { tag: 262, type: 3, value: [photometric] },
    { tag: 277, type: 3, value: [3] },
    { tag: 284, type: 3, value: [1] },
    ...(photometric === 6 ? [{ tag: 530, type: 3, value: [2, 2] }] : []),
  ];
}

function sorted(tags: ForgedTag[]): ForgedTag[] {
  return tags.toSorted((a, b) => a.tag - b.tag);
}
