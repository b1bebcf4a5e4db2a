/** Where a tile's numbers lie in an output that has some for each pixel. */
import { GigatileError } from '../../contract/errors.ts';
import type { Rect } from '../../contract/run.ts';
import type { OutputTensor } from '../outputs.ts';

export interface TilePixels {
  /** Place in the batch, and number of tiles in it. */
  i: number;
  count: number;
  /** What the model saw, model pixels of the whole image. */
  seen: Rect;
  /** What is wanted of it. */
  wanted: Rect;
}

/** Where the numbers of one tile lie in an output. */
export interface Field {
  name: string;
  data: ArrayLike<number>;
  /** Number of the first value, and from one to the next column, row and plane. */
  start: number;
  column: number;
  row: number;
  plane: number;
  planes: number;
  /** Of an output that is read row by row: before anything of row `y` (of the whole image) is. */
  prepareRow?: (y: number) => void;
  /** What it covers, model pixels of the whole image. */
  rect: Rect;
}

/** Place of a pixel of the whole image in the first plane; -1 where the output does not reach. */
export function placeOf(field: Field, x: number, y: number): number {
  const { rect, start, row, column } = field;
  if (x < rect.x || y < rect.y || x >= rect.x + rect.width || y >= rect.y + rect.height) return -1;
  field.prepareRow?.(y);
  return start + (y - rect.y) * row + (x - rect.x) * column;
}

/** Calls with the pixel's number in `wanted` and its place in the first plane, where the field reaches. */
export function eachPixel(field: Field, wanted: Rect, visit: (at: number, from: number) => void): void {
  const { rect, start, row, column } = field;
  const left = Math.max(rect.x, wanted.x);
  const right = Math.min(rect.x + rect.width, wanted.x + wanted.width);
  const bottom = Math.min(rect.y + rect.height, wanted.y + wanted.height);
  for (let y = Math.max(rect.y, wanted.y); y < bottom; y++) {
    field.prepareRow?.(y);
    let from = start + (y - rect.y) * row + (left - rect.x) * column;
    let to = (y - wanted.y) * wanted.width + left - wanted.x;
    for (let x = left; x < right; x++, from += column) visit(to++, from);
  }
}

/** [N, C, H, W], [N, H, W, C] and, with one plane, [N, H, W]; [N, 1, H, W] and [N, H, W, 1] whatever the layout says. */
export function fieldOf(
  name: string,
  { dims, data }: OutputTensor,
  { i, count, seen }: TilePixels,
  planes: number,
  layout: 'NCHW' | 'NHWC',
): Field {
  const isLast = dims.length === 4 && (planes === 1 ? dims[3] === 1 && dims[1] !== 1 : layout === 'NHWC');
  const [height = 0, width = 0] =
    dims.length === 3 ? dims.slice(1) : isLast ? dims.slice(1, 3) : dims.slice(2, 4);
  const length = planes * height * width;
  const isSound = (dims.length === 3 && planes === 1) || dims.length === 4;
  if (!isSound || length === 0 || data.length !== count * length) {
    throw wrongShape(name, dims, count, seen);
  }
  // An output that is smaller than the input is its centre.
  if (width > seen.width || height > seen.height) throw wrongShape(name, dims, count, seen);
  return {
    name,
    data,
    start: i * length,
    column: isLast ? planes : 1,
    row: isLast ? planes * width : width,
    plane: isLast ? 1 : width * height,
    planes,
    rect: {
      x: seen.x + Math.floor((seen.width - width) / 2),
      y: seen.y + Math.floor((seen.height - height) / 2),
      width,
      height,
    },
  };
}

function wrongShape(name: string, dims: readonly number[], count: number, seen: Rect): GigatileError {
  return new GigatileError(
    'model-invalid',
    `The output ${name} has the shape ${dims.join(' x ')} for ${count} tiles of ${seen.width} x ${seen.height} px`,
    { hint: 'It must have one number for each pixel of the input, or of its centre.' },
  );
}
