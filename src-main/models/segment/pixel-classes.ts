/** The class of each pixel of a tile, and how likely each class is, from whatever output the model has for it. */
import { GigatileError } from '../../contract/errors.ts';
import type { ModelManifest } from '../../contract/model.ts';
import type { Rect } from '../../contract/run.ts';
import { noLabel, type MaskRule } from '../../core/segment-mask.ts';
import { notFinite, output, type Outputs, type OutputTensor } from '../outputs.ts';
import { upsampled } from './upsample.ts';
import { eachPixel, fieldOf, placeOf, type Field, type TilePixels } from './tile-pixels.ts';

/** Of one tile; all pixels row by row over `rect`. */
export interface PixelClasses {
  /** The part of the image that is labelled, model pixels of the whole image: what was asked for. */
  rect: Rect;
  /** Class of each pixel; noLabel where the output does not reach. */
  labels: Uint8Array;
  /** Probability (0-255) of each pixel's class; null where the model gives class numbers only. */
  probability: Uint8Array | null;
  /** Number of planes that `probabilities` writes: one for each class, or for each but class 0. */
  planes: number;
  rule: MaskRule;
  /** What of the image the output says something about. */
  covered: Rect;
  /** Writes the probability (0-255) of each plane at a pixel (of the whole image) to `into`, from `at` on, `step` apart. */
  probabilities: (x: number, y: number, into: Uint8Array, at: number, step: number) => void;
}

const quantised = (probability: number): number => Math.round(255 * Math.min(1, Math.max(0, probability)));
const sigmoid = (value: number): number => 1 / (1 + Math.exp(-value));

/**
 * null where the model says nothing about single pixels.
 *
 * @throws {GigatileError} model-invalid where an output has not the stated form; internal where its numbers are NaN or infinite
 */
export function pixelClasses(
  manifest: ModelManifest,
  outputs: Outputs,
  tile: TilePixels,
): PixelClasses | null {
  const { classMap, labels, probability } = manifest.outputs;
  if (classMap !== undefined) return fromClassMap(manifest, classMap, output(outputs, classMap.name), tile);
  if (labels !== undefined) return fromLabels(manifest, labels.name, output(outputs, labels.name), tile);
  if (probability !== undefined) {
    return fromProbability(manifest, probability, output(outputs, probability.name), tile);
  }
  return null;
}

function fromLabels(
  manifest: ModelManifest,
  name: string,
  tensor: OutputTensor,
  tile: TilePixels,
): PixelClasses {
  const field = fieldOf(name, tensor, tile, 1, 'NCHW');
  const classes = manifest.classes.length;
  const labels = new Uint8Array(tile.wanted.width * tile.wanted.height).fill(noLabel);
  eachPixel(field, tile.wanted, (at, from) => {
    const label = Number(field.data[from]);
    if (!Number.isInteger(label) || label < 0 || label >= classes) {
      throw new GigatileError(
        'model-invalid',
        `The model labels pixels as class ${label}, which has no name`,
        { hint: `Name it under classes in gigatile.json, which has ${classes}.` },
      );
    }
    labels[at] = label;
  });
  return {
    rect: tile.wanted,
    covered: field.rect,
    labels,
    probability: null,
    planes: 0,
    rule: 'highest',
    probabilities: () => undefined,
  };
}

function fromProbability(
  manifest: ModelManifest,
  { name, activation }: NonNullable<ModelManifest['outputs']['probability']>,
  tensor: OutputTensor,
  tile: TilePixels,
): PixelClasses {
  if (activation === 'softmax') {
    throw new GigatileError('model-invalid', `One plane of the output ${name} has no softmax`, {
      hint: 'Use sigmoid or none as its activation in gigatile.json.',
    });
  }
  const field = fieldOf(name, tensor, tile, 1, 'NCHW');
  return aboveThreshold(manifest, field, activation === 'sigmoid', tile.wanted);
}

function fromClassMap(
  manifest: ModelManifest,
  { name, layout, activation, upsample, needsThreshold }: NonNullable<ModelManifest['outputs']['classMap']>,
  tensor: OutputTensor,
  tile: TilePixels,
): PixelClasses {
  const classes = manifest.classes.length;
  const planes = tensor.dims.length === 3 ? 1 : (tensor.dims[layout === 'NCHW' ? 1 : 3] ?? 0);
  const isOneFewer = planes === classes - 1 && activation !== 'softmax';
  if (planes !== classes && !isOneFewer) {
    throw new GigatileError(
      'model-invalid',
      `The output ${name} has the shape ${tensor.dims.join(' x ')}: ${planes} planes (${layout}) for ${classes} classes`,
      { hint: 'Correct classes, or the layout of classMap, in gigatile.json.' },
    );
  }
  const stored = fieldOf(name, tensor, tile, planes, layout);
  const field = upsample === undefined ? stored : upsampled(stored, tile.seen, upsample);
  if (isOneFewer) return aboveThreshold(manifest, field, activation === 'sigmoid', tile.wanted);
  return highest(field, activation, tile.wanted, needsThreshold === true ? manifest.threshold : null);
}

/** Class p + 1 where plane p is the highest and above the threshold, else class 0. */
function aboveThreshold(
  { threshold }: ModelManifest,
  field: Field,
  isLogit: boolean,
  wanted: Rect,
): PixelClasses {
  const labels = new Uint8Array(wanted.width * wanted.height).fill(noLabel);
  const probability = new Uint8Array(labels.length);
  const { data, plane, planes } = field;
  // The model's numbers are float32: so is what they are compared with.
  const least = Math.fround(threshold);
  const of = isLogit ? sigmoid : (value: number): number => value;
  eachPixel(field, wanted, (at, from) => {
    let best = -1;
    let most = -Infinity;
    for (let p = 0; p < planes; p++) {
      const value = data[from + p * plane] ?? Number.NaN;
      if (!Number.isFinite(value)) throw notFinite(field.name);
      if (value <= most) continue;
      most = value;
      best = p;
    }
    const is = of(most);
    labels[at] = is > least ? best + 1 : 0;
    probability[at] = quantised(is > least ? is : 1 - is);
  });
  return {
    rect: wanted,
    covered: field.rect,
    labels,
    probability,
    planes,
    rule: 'threshold',
    probabilities(x, y, into, at, step) {
      const from = placeOf(field, x, y);
      if (from < 0) return;
      for (let p = 0; p < planes; p++) into[at + p * step] = quantised(of(data[from + p * plane]!));
    },
  };
}

/** The class of the highest plane; class 0 where that does not reach `threshold`, if there is one. */
function highest(
  field: Field,
  activation: 'none' | 'sigmoid' | 'softmax',
  wanted: Rect,
  threshold: number | null,
): PixelClasses {
  const labels = new Uint8Array(wanted.width * wanted.height).fill(noLabel);
  const probability = new Uint8Array(labels.length);
  const { data, plane, planes } = field;
  /** Sum over the planes of e^(value - most): what a softmax divides by. */
  const softmaxSum = (from: number, most: number): number => {
    let sum = 0;
    for (let p = 0; p < planes; p++) sum += Math.exp(data[from + p * plane]! - most);
    return sum;
  };
  const probabilityOf = (value: number, most: number, sum: number): number =>
    activation === 'none' ? value : activation === 'sigmoid' ? sigmoid(value) : Math.exp(value - most) / sum;
  const least = threshold === null ? -Infinity : Math.fround(threshold);
  eachPixel(field, wanted, (at, from) => {
    let best = 0;
    let most = -Infinity;
    for (let p = 0; p < planes; p++) {
      const value = data[from + p * plane] ?? Number.NaN;
      if (!Number.isFinite(value)) throw notFinite(field.name);
      if (value <= most) continue;
      most = value;
      best = p;
    }
    const sum = activation === 'softmax' ? softmaxSum(from, most) : 1;
    const is = probabilityOf(most, most, sum);
    const isReached = is >= least;
    labels[at] = isReached ? best : 0;
    probability[at] = quantised(isReached ? is : probabilityOf(data[from]!, most, sum));
  });
  return {
    rect: wanted,
    covered: field.rect,
    labels,
    probability,
    planes,
    rule: threshold === null ? 'highest' : 'highest-from-threshold',
    probabilities(x, y, into, at, step) {
      const from = placeOf(field, x, y);
      if (from < 0) return;
      let most = -Infinity;
      for (let p = 0; p < planes; p++) most = Math.max(most, data[from + p * plane]!);
      const sum = activation === 'softmax' ? softmaxSum(from, most) : 1;
      for (let p = 0; p < planes; p++) {
        into[at + p * step] = quantised(probabilityOf(data[from + p * plane]!, most, sum));
      }
    },
  };
}
