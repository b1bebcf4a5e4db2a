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

export interface TilePixels {
  width: number;
  height: number;
  bands: number;
  /** Interleaved: `data[(y * width + x) * bands + band]`. */
  data: ArrayLike<number>;
  /** A byte a pixel, 0 where it is padding or the file's mask says that there is no data; absent: all of them hold some. */
  valid?: Uint8Array;
}

/** Writes one tile's pixels into `target`, from `offset` on. */
export type FillTensor = (tile: TilePixels, target: InputArray, offset: number) => void;
