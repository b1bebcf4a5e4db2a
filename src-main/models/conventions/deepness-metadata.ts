/** The metadata of Deepness and GeoDeep: which keys there are, and what their (JSON) values must be. */
import type { OnnxFacts } from '../onnx-file/facts.ts';
import { parsePythonLiteral } from './python-literal.ts';
import { classNames, wrongMetadata } from './tell.ts';

export const deepnessTypes = [
  'Segmentor',
  'Detector',
  'Regressor',
  'Recognition',
  'Superresolution',
] as const;
export type DeepnessType = (typeof deepnessTypes)[number];

export interface DeepnessMetadata {
  modelType: DeepnessType | null;
  /** For each output in turn. */
  classNames: string[][];
  /** Where they were read: `metadata class_names`. */
  classKey: string;
  /** Centimetres a pixel. */
  resolution: number | null;
  tileSize: number | null;
  /** Per cent of the tile. */
  overlap: number | null;
  mean: number[] | null;
  std: number[] | null;
  segmentThreshold: number | null;
  /** Pixels, the size of a median filter. */
  smallSegment: number | null;
  outputScaling: number | null;
  confidence: number | null;
  iou: number | null;
  detectorType: string | null;
}

/** One of these says that the file is for Deepness; `resolution`, `names` and `class_names` are other tools' words too. */
const telling = [
  'model_type',
  'det_type',
  'tiles_overlap',
  'tile_size',
  'tiles_size',
  'seg_thresh',
  'seg_small_segment',
  'reg_output_scaling',
  'det_conf',
  'det_iou_thresh',
  'standardization_mean',
];

/**
 * @returns null where these are not Deepness's keys
 * @throws {GigatileError} model-invalid, naming the key
 */
export function readDeepnessMetadata(facts: OnnxFacts): DeepnessMetadata | null {
  const { metadata } = facts;
  if (!telling.some((key) => metadata.has(key))) return null;
  const json = (key: string): unknown => {
    const text = metadata.get(key);
    if (text === undefined) return undefined;
    try {
      return JSON.parse(text);
    } catch (cause) {
      // A bare word, where it should be in quotation marks, can mean only one thing.
      if (/^\w+$/.test(text)) return text;
      throw wrongMetadata(facts, key, 'is no JSON', cause);
    }
  };
  const numeric = (key: string, low: number, high: number): number | null => {
    const value = json(key);
    if (value === undefined || value === null) return null;
    const number = typeof value === 'string' && value.trim() !== '' ? Number(value) : value;
    if (typeof number === 'number' && number >= low && number <= high) return number;
    throw wrongMetadata(facts, key, `must be a number from ${low} to ${high}`);
  };
  const numbers = (key: string): number[] | null => {
    const value = json(key);
    if (value === undefined || value === null) return null;
    const list = Array.isArray(value) ? (value as unknown[]) : [value];
    if (list.length > 0 && list.every((v): v is number => typeof v === 'number')) return list;
    throw wrongMetadata(facts, key, 'must be a list of numbers, one for each band');
  };
  const std = numbers('standardization_std');
  if (std?.some((value) => value <= 0) === true) {
    throw wrongMetadata(facts, 'standardization_std', 'must be above 0: pixels are divided by it');
  }
  const whole = (value: number | null): number | null => (value === null ? null : Math.round(value));
  const named = classesOf(facts, json);
  return {
    modelType: modelType(facts, json('model_type')),
    classNames: named.names,
    classKey: `metadata ${named.key}`,
    resolution: numeric('resolution', 1e-6, 1e9),
    tileSize: whole(numeric('tile_size', 1, 65_536) ?? numeric('tiles_size', 1, 65_536)),
    overlap: numeric('tiles_overlap', 0, 90),
    mean: numbers('standardization_mean'),
    std,
    segmentThreshold: numeric('seg_thresh', 0, 1),
    smallSegment: whole(numeric('seg_small_segment', 0, 10_000)),
    outputScaling: numeric('reg_output_scaling', -1e12, 1e12),
    confidence: numeric('det_conf', 0, 1),
    iou: numeric('det_iou_thresh', 0, 1),
    detectorType: detectorType(facts, json('det_type')),
  };
}

function modelType(facts: OnnxFacts, value: unknown): DeepnessType | null {
  if (value === undefined) return null;
  const word = typeof value === 'string' ? value.toLowerCase() : null;
  const found = deepnessTypes.find((type) => type.toLowerCase() === word);
  if (found !== undefined) return found;
  throw wrongMetadata(
    facts,
    'model_type',
    `is ${JSON.stringify(value)}: known are ${deepnessTypes.join(', ')}`,
  );
}

function detectorType(facts: OnnxFacts, value: unknown): string | null {
  if (value === undefined || value === null) return null;
  if (typeof value === 'string') return value;
  throw wrongMetadata(facts, 'det_type', 'must be a text');
}

/** A dictionary, or one for each output; `names` is the older word, and may be a Python literal. */
function classesOf(facts: OnnxFacts, json: (key: string) => unknown): { names: string[][]; key: string } {
  if (facts.metadata.has('class_names')) {
    const value = json('class_names');
    const isNested = Array.isArray(value) && value.every((each) => typeof each === 'object' && each !== null);
    const outputs = isNested && value.length > 0 ? (value as unknown[]) : [value];
    return { names: outputs.map((each) => classNames(facts, 'class_names', each)), key: 'class_names' };
  }
  const text = facts.metadata.get('names');
  if (text === undefined) return { names: [], key: 'class_names' };
  try {
    return { names: [classNames(facts, 'names', parsePythonLiteral(text))], key: 'names' };
  } catch (cause) {
    if (!(cause instanceof SyntaxError)) throw cause;
    throw wrongMetadata(facts, 'names', `cannot be read: ${cause.message}`, cause);
  }
}
