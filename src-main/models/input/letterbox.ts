/** Where a tile lies in a model's input of another size: from tile pixels to input pixels and back. */
import type { ModelManifest } from '../../contract/model.ts';

export interface Size {
  width: number;
  height: number;
}

/**
 * The tile's pixels fill `width` x `height` pixels of the input from (`left`, `top`) on; what lies beside is padding. A place in the
 * input becomes one in the tile by (x - left) / scaleX, (y - top) / scaleY.
 */
export interface Placement extends Size {
  left: number;
  top: number;
  /** Input pixels per tile pixel. */
  scaleX: number;
  scaleY: number;
}

/**
 * `letterbox` as Ultralytics does it (ultralytics/data/augment.py, LetterBox; utils/ops.py, scale_boxes): one factor, the resized
 * size rounded, the padding split evenly with an odd pixel on the right or at the bottom, and the way back by the factor, not by
 * the rounded size. Without a way, and for equal sizes, the tile is the input.
 *
 * @throws {RangeError} where sizes differ and there is no way to resize (the choice of tiles rules that out)
 */
export function placeTile(tile: Size, input: Size, how: ModelManifest['input']['resize']): Placement {
  if (tile.width === input.width && tile.height === input.height) {
    return { ...input, left: 0, top: 0, scaleX: 1, scaleY: 1 };
  }
  if (how === undefined) {
    throw new RangeError(
      `a tile of ${tile.width} x ${tile.height} px for an input of ${input.width} x ${input.height} px`,
    );
  }
  const [scaleX, scaleY] = [input.width / tile.width, input.height / tile.height];
  if (how === 'stretch') return { ...input, left: 0, top: 0, scaleX, scaleY };
  const scale = Math.min(scaleX, scaleY);
  const along = (tilePixels: number, inputPixels: number): { length: number; before: number } => {
    const length = Math.min(inputPixels, Math.max(1, roundHalfEven(tilePixels * scale)));
    // round(half - 0.1) and round(half + 0.1): the odd pixel goes to the far side.
    return { length, before: Math.floor((inputPixels - length) / 2) };
  };
  const x = along(tile.width, input.width);
  const y = along(tile.height, input.height);
  return { width: x.length, height: y.length, left: x.before, top: y.before, scaleX: scale, scaleY: scale };
}

/** A place in the input as one in the tile, in the tile's pixels. */
export function toTilePlace(placement: Placement, x: number, y: number): [number, number] {
  return [(x - placement.left) / placement.scaleX, (y - placement.top) / placement.scaleY];
}

/** As Python's `round`: halves go to the even neighbour. */
function roundHalfEven(value: number): number {
  const floor = Math.floor(value);
  const above = value - floor;
  if (above !== 0.5) return Math.round(value);
  return floor % 2 === 0 ? floor : floor + 1;
}

/** Size of the input for tiles of a size: the model's own where it takes one only, else the tile's, up to the next multiple. */
export function inputSize(input: ModelManifest['input'], tile: Size): Size {
  if (input.fixedSize) return { width: input.tileSize, height: input.tileHeight ?? input.tileSize };
  const { multipleOf = 1 } = input;
  const up = (length: number): number => Math.ceil(length / multipleOf) * multipleOf;
  return { width: up(tile.width), height: up(tile.height) };
}
