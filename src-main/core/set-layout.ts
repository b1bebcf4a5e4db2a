/** Where the pictures of a set (frames of a video, a folder of fields) lie on the one canvas that they are opened as. */
import type { ImageInfo } from '../contract/image.ts';

type Part = NonNullable<ImageInfo['parts']>[number];

export interface PictureSize {
  name: string;
  width: number;
  height: number;
}

/** Between two pictures: more than a detector sees around an object, so that none takes a neighbour for its own picture. */
export const setGap = 64;

export interface SetLayout {
  /** Size of the canvas. */
  width: number;
  height: number;
  columns: number;
  rows: number;
  /** Every picture lies in the top left corner of a cell of this size. */
  cellWidth: number;
  cellHeight: number;
  parts: Part[];
}

/**
 * Row by row in cells of one size, about as wide as high: where a picture lies follows from its number alone, whatever the
 * others' sizes.
 *
 * @param pictures in their order; at least one
 */
export function layOutSet(pictures: readonly PictureSize[]): SetLayout {
  const cellWidth = Math.max(...pictures.map((picture) => picture.width)) + setGap;
  const cellHeight = Math.max(...pictures.map((picture) => picture.height)) + setGap;
  const square = Math.sqrt((pictures.length * cellHeight) / cellWidth);
  const columns = Math.min(pictures.length, Math.max(1, Math.round(square)));
  const rows = Math.ceil(pictures.length / columns);
  return {
    // No gap after the last ones.
    width: columns * cellWidth - setGap,
    height: rows * cellHeight - setGap,
    columns,
    rows,
    cellWidth,
    cellHeight,
    parts: pictures.map(({ name, width, height }, i) => ({
      name,
      x: (i % columns) * cellWidth,
      y: Math.floor(i / columns) * cellHeight,
      width,
      height,
    })),
  };
}

type PartFinder = (x: number, y: number) => Part | null;

/** Made once for a set: lists ask again for each row that they paint. */
const finders = new WeakMap<readonly Part[], PartFinder>();

/**
 * Whose cell a place of the canvas (level-0 pixels) lies in: the picture's own place, or the gap to its right or below it, where
 * the box of an object that the picture's edge cuts may have its centre. null where there is no picture. Parts are looked up by
 * their cell: sets have thousands of pictures, and runs millions of findings.
 */
export function partFinder(parts: readonly Part[]): PartFinder {
  const known = finders.get(parts);
  if (known !== undefined) return known;
  const columns = new Set(parts.map((part) => part.x)).size;
  const cellWidth = parts.find((part) => part.x > 0)?.x ?? Number.POSITIVE_INFINITY;
  const cellHeight = parts.find((part) => part.y > 0)?.y ?? Number.POSITIVE_INFINITY;
  const finder: PartFinder = (x, y) => {
    const column = Math.floor(Math.max(0, x) / cellWidth);
    return column < columns
      ? (parts[Math.floor(Math.max(0, y) / cellHeight) * columns + column] ?? null)
      : null;
  };
  finders.set(parts, finder);
  return finder;
}
