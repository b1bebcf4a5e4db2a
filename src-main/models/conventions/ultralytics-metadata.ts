/** The metadata that Ultralytics and YOLOv5 write: which keys there are, and what their values must be. */
import type { OnnxFacts } from '../onnx-file/facts.ts';
import { parsePythonLiteral, type PythonValue } from './python-literal.ts';
import { classNames, wrongMetadata } from './tell.ts';

export interface UltralyticsMetadata {
  /** null for YOLOv5, which does not say it. */
  task: string | null;
  names: string[];
  stride: number | null;
  imageSize: { width: number; height: number } | null;
  channels: number | null;
  /** Class of the network's last module, in newer exports. */
  head: string | null;
  end2end: boolean | null;
  /** Suppression was exported with the model. */
  nms: boolean;
  confidence: number | null;
  iou: number | null;
  maxDetections: number | null;
  classAgnostic: boolean;
  keypoints: { count: number; numbers: 2 | 3 } | null;
  description: string;
  version: string | null;
  /** Day of the export, YYYY-MM-DD. */
  date: string | null;
  license: string | null;
}

/**
 * @returns null where these are not Ultralytics' keys
 * @throws {GigatileError} model-invalid, naming the key
 */
export function readUltralyticsMetadata(facts: OnnxFacts): UltralyticsMetadata | null {
  const { metadata } = facts;
  if (!metadata.has('names') || !(metadata.has('stride') || metadata.has('task'))) return null;
  const read = (key: string): PythonValue | undefined => {
    const text = metadata.get(key);
    if (text === undefined) return undefined;
    try {
      return parsePythonLiteral(text);
    } catch (cause) {
      throw wrongMetadata(
        facts,
        key,
        `cannot be read: ${cause instanceof Error ? cause.message : ''}`,
        cause,
      );
    }
  };
  const numberIn = (
    key: string,
    value: PythonValue | undefined,
    low: number,
    high: number,
    whole = true,
  ): number | null => {
    if (value === undefined || value === null) return null;
    if (typeof value === 'number' && value >= low && value <= high && (!whole || Number.isInteger(value)))
      return value;
    throw wrongMetadata(facts, key, `must be a ${whole ? 'whole ' : ''}number from ${low} to ${high}`);
  };
  const bool = (key: string, value: PythonValue | undefined): boolean | null => {
    if (value === undefined || value === null || typeof value === 'boolean') return value ?? null;
    throw wrongMetadata(facts, key, 'must be True or False');
  };
  const args = read('args') ?? new Map<PythonValue, PythonValue>();
  if (!(args instanceof Map)) throw wrongMetadata(facts, 'args', 'must be a dictionary');
  const strides = read('stride');
  const date = /^\d{4}-\d\d-\d\d/.exec(metadata.get('date') ?? '')?.[0];
  return {
    task: metadata.get('task') ?? null,
    names: classNames(facts, 'names', read('names')),
    stride: numberIn('stride', Array.isArray(strides) ? maximum(strides) : strides, 1, 4096),
    imageSize: imageSize(facts, read('imgsz')),
    channels: numberIn('channels', read('channels'), 1, 4096),
    head: metadata.get('head') ?? null,
    end2end: bool('end2end', read('end2end')),
    nms: bool('args.nms', args.get('nms')) ?? false,
    confidence: numberIn('args.conf', args.get('conf'), 0, 1, false),
    iou: numberIn('args.iou', args.get('iou'), 0, 1, false),
    maxDetections: numberIn('args.max_det', args.get('max_det'), 1, 1_000_000),
    classAgnostic: bool('args.agnostic_nms', args.get('agnostic_nms')) ?? false,
    keypoints: keypoints(facts, read('kpt_shape')),
    description: metadata.get('description')?.trim() ?? '',
    version: metadata.get('version') ?? null,
    date: date ?? null,
    license: metadata.get('license') ?? null,
  };
}

function maximum(values: PythonValue[]): PythonValue {
  return values.reduce((most, value) => (Number(value) > Number(most) ? value : most), values[0] ?? null);
}

/** [height, width], or one number for both. */
function imageSize(facts: OnnxFacts, value: PythonValue | undefined): UltralyticsMetadata['imageSize'] {
  if (value === undefined || value === null) return null;
  const sizes = Array.isArray(value) ? value : [value, value];
  const [height, width] = sizes;
  const fits = (size: unknown): size is number =>
    typeof size === 'number' && Number.isInteger(size) && size > 0 && size <= 65_536;
  if (sizes.length !== 2 || !fits(height) || !fits(width)) {
    throw wrongMetadata(facts, 'imgsz', 'must be [height, width] in pixels');
  }
  return { width, height };
}

function keypoints(facts: OnnxFacts, value: PythonValue | undefined): UltralyticsMetadata['keypoints'] {
  if (value === undefined || value === null) return null;
  const [count, numbers] = Array.isArray(value) ? value : [];
  const fits = typeof count === 'number' && Number.isInteger(count) && count > 0 && count <= 10_000;
  if (!fits || (numbers !== 2 && numbers !== 3)) {
    throw wrongMetadata(facts, 'kpt_shape', 'must be [number of key points, 2 or 3]');
  }
  return { count, numbers };
}
