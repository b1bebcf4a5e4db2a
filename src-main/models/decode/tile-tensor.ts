/** The numbers of one tile in an output of a detector. */
import { GigatileError } from '../../contract/errors.ts';
import type { ModelManifest } from '../../contract/model.ts';
import { notFinite, output, type Outputs } from '../outputs.ts';

export type BoxesOutput = NonNullable<ModelManifest['outputs']['boxes']>;

/** One tile of a batch, and the size of the model's input in pixels. */
export interface TileOutputs {
  boxes: BoxesOutput;
  classes: number;
  outputs: Outputs;
  /** Place in the batch, and number of tiles in it. */
  i: number;
  count: number;
  width: number;
  height: number;
  /** Lowest score that is kept; as float32, which is what the model's numbers are. */
  keepFrom: number;
}

export interface TileTensor {
  name: string;
  /** Without the batch's. */
  dims: readonly number[];
  data: Float32Array;
}

/** What a detector says about one tile before anything is thrown away but what scores too little. Input pixels. */
export interface Candidate {
  /** The box; of an oriented one before it is rotated about its centre. */
  x1: number;
  y1: number;
  x2: number;
  y2: number;
  /** Radians, clockwise on the screen; 0 where the model has none. */
  angle: number;
  score: number;
  classIndex: number;
  /** Number of the detection in the tensor. */
  row: number;
}

export interface Decoded {
  candidates: Candidate[];
  /** Number `k` after box, scores and class: mask coefficients or key points. */
  extra: (row: number, k: number) => number;
}

/**
 * One tile's part of an output.
 *
 * @param shape what each dimension but the batch's must be; null: any
 * @throws {GigatileError} model-invalid where it is not; internal where a number is NaN or infinite
 */
export function tileTensor(
  { outputs, boxes, i, count }: TileOutputs,
  name: string | undefined,
  shape: readonly (number | null)[],
  meaning: string,
): TileTensor {
  if (name === undefined) {
    throw new GigatileError('model-invalid', `Boxes of the form ${boxes.form} need the output ${meaning}`, {
      hint: 'Name it under outputs.boxes in gigatile.json.',
    });
  }
  const { dims: all, data } = output(outputs, name);
  // Some that take one tile only leave the batch's dimension out.
  const isBare = count === 1 && all.length === shape.length;
  const dims = isBare ? all : all.slice(1);
  const length = dims.reduce((product, n) => product * n, 1);
  const fits =
    (isBare || all[0] === count) &&
    dims.length === shape.length &&
    shape.every((want, k) => want === null || dims[k] === want) &&
    data.length === count * length;
  if (!fits) {
    const wanted = [`${count}`, ...shape.map((n) => (n === null ? 'any' : `${n}`))].join(' x ');
    throw new GigatileError(
      'model-invalid',
      `The output ${name} has the shape ${all.join(' x ')}; ${meaning} of the form ${boxes.form} are ${wanted}`,
      { hint: 'Correct outputs.boxes or the number of classes in gigatile.json.' },
    );
  }
  const part = slice(data, i * length, length);
  if (!isFinite(part)) throw notFinite(name);
  return { name, dims, data: part };
}

/** Columns after box, scores and class. */
export function extraColumns(tile: TileOutputs): number {
  const { oriented, protos, keypoints } = tile.boxes;
  const given = [oriented === true, protos !== undefined, keypoints !== undefined].filter(Boolean);
  if (given.length > 1) {
    throw new GigatileError(
      'model-invalid',
      'Of rotated boxes, masks and key points a detection can have one',
      { hint: 'Correct outputs.boxes in gigatile.json.' },
    );
  }
  if (oriented === true) return 1;
  if (keypoints !== undefined) return keypoints.count * keypoints.numbers;
  return protos === undefined ? 0 : protoTensor(tile).dims[0]!;
}

/** Mask prototypes [M, h, w]. */
export function protoTensor(tile: TileOutputs): TileTensor {
  return tileTensor(tile, tile.boxes.protos, [null, null, null], 'protos');
}

/** Raw predictions there are for every place of the input: none at all is no answer. */
export function someRows(rows: number, { boxes }: TileOutputs): number {
  if (rows > 0) return rows;
  throw new GigatileError('model-invalid', `The output ${boxes.name} is empty`, {
    hint: `The form ${boxes.form} has predictions for every tile, also where nothing is found.`,
  });
}

function slice(data: ArrayLike<number>, start: number, length: number): Float32Array {
  if (data instanceof Float32Array) return data.subarray(start, start + length);
  const part = new Float32Array(length);
  for (let k = 0; k < length; k++) part[k] = data[start + k]!;
  return part;
}

function isFinite(data: Float32Array): boolean {
  for (let k = 0; k < data.length; k++) if (!(Math.abs(data[k]!) < Infinity)) return false;
  return true;
}
