/** The memory of a model's input. */
import type { ModelManifest } from '../../contract/model.ts';

/** What onnxruntime takes for the dtypes of a manifest; float16 as its bits. */
export type InputArray = Uint8Array | Uint16Array | Float32Array;
export type Dtype = ModelManifest['input']['dtype'];

export function inputArray(dtype: Dtype, length: number): InputArray {
  if (dtype === 'uint8') return new Uint8Array(length);
  if (dtype === 'uint16' || dtype === 'float16') return new Uint16Array(length);
  return new Float32Array(length);
}

/**
 * What a pixel of a tile is beyond its value: `none` where the file's mask says that there is no data, `padding` where it lies
 * beyond the image or beside a letterboxed tile: it has a value and counts in no statistic.
 */
export const validity = { none: 0, data: 1, padding: 2 } as const;

export interface TilePixels {
  width: number;
  height: number;
  bands: number;
  /** Interleaved: `data[(y * width + x) * bands + band]`. */
  data: ArrayLike<number>;
  /** One of `validity` a pixel; absent: all of them are data. */
  valid?: Uint8Array;
}

/** Writes one tile's pixels into `target`, from `offset` on. */
export type FillTensor = (tile: TilePixels, target: InputArray, offset: number) => void;
