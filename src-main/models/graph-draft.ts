/** What can be known of a model that nobody describes: names, types and sizes of its graph. The rest a person must say. */
import type { ManifestDraft, MissingFact } from './convention.ts';
import { customaryHalo } from './conventions/tell.ts';
import type { OnnxDimension, OnnxFacts, OnnxValue } from './onnx-file/facts.ts';

export interface GraphDraft {
  manifest: ManifestDraft;
  missing: MissingFact[];
  readFrom: Record<string, string>;
}

/** An axis of more may be bands or pixels: then the person is asked. */
const mostBands = 16;

export const taskChoices = [
  { value: 'detect', label: 'finds objects (boxes)' },
  { value: 'segment', label: 'gives each pixel a class' },
  { value: 'classify', label: 'gives the whole tile a class' },
  { value: 'regress', label: 'measures quantities' },
];

export const normalisationChoices = [
  { value: '0-1', label: 'pixels divided by 255' },
  { value: '0-255', label: 'pixels as they are' },
  { value: '-1-1', label: 'pixels from -1 to 1' },
  { value: 'imagenet', label: 'pixels divided by 255, then mean and deviation of ImageNet' },
];

/** One image goes in; which of its axes are which follows where only one of them can be the bands. */
export function draftOfGraph(facts: OnnxFacts): GraphDraft {
  const missing: MissingFact[] = [
    { fact: 'task', question: 'What does the model do?', choices: taskChoices },
    {
      fact: 'outputs',
      question: `In which form does it answer (${facts.outputs.map(shapeLine).join('; ')})?`,
      choices: outputChoices,
    },
    {
      fact: 'classes',
      question: 'What are the classes called, in the order of their numbers, with commas between them?',
    },
    {
      fact: 'resolution',
      question: 'For which size of a pixel was it made: 0.5 µm, 10 cm, 0.3 m …, or any?',
      suggestion: 'any',
    },
  ];
  const input = imageInput(facts);
  const readFrom: Record<string, string> = {};
  if (input === null) return { manifest: { input: {}, outputs: {} }, missing, readFrom };
  const axes = axesOf(input.dims ?? []);
  const isFloat = input.dtype === 'float32' || input.dtype === 'float16';
  const dtype = isFloat || input.dtype === 'uint8' || input.dtype === 'uint16' ? input.dtype : undefined;
  readFrom['input'] = 'graph';
  const draft: ManifestDraft['input'] = {
    name: input.name,
    ...(dtype === undefined ? {} : { dtype: dtype as 'float32' }),
  };
  if (axes === null) {
    missing.push({
      fact: 'input.layout',
      question: `In which order are the axes of ${shapeLine(input)}?`,
      choices: [
        { value: 'NCHW', label: 'bands, height, width' },
        { value: 'NHWC', label: 'height, width, bands' },
      ],
    });
  } else Object.assign(draft, { layout: axes.layout });
  const { width = null, height = null, bands = null } = axes ?? {};
  const isFixed = typeof width === 'number' && typeof height === 'number';
  if (isFixed) {
    Object.assign(draft, {
      tileSize: width,
      fixedSize: true,
      ...(height === width ? {} : { tileHeight: height }),
    });
  } else {
    Object.assign(draft, { fixedSize: false });
    missing.push({
      fact: 'input.tileSize',
      question: 'How many pixels wide should a tile be?',
      suggestion: '512',
    });
  }
  missing.push({
    fact: 'input.bands',
    question: `Which ${typeof bands === 'number' ? `${bands} ` : ''}bands does it take, in its order (red, green, blue, nir, gray, band-1 …)?`,
    ...(bands === 3 ? { suggestion: 'red, green, blue' } : {}),
  });
  if (isFloat) {
    missing.push({
      fact: 'normalisation',
      question: 'In which range does it take the values of pixels?',
      choices: normalisationChoices,
    });
  }
  return {
    manifest: {
      input: draft,
      outputs: {},
      ...(isFixed ? { halo: customaryHalo(Math.min(width, height)) } : {}),
    },
    missing,
    readFrom,
  };
}

export const outputChoices = [
  { value: 'classify:probabilities', label: 'N x classes, probabilities' },
  { value: 'classify:logits', label: 'N x classes, before softmax' },
  { value: 'segment:class-map', label: 'N x classes x height x width (or classes last), the highest counts' },
  { value: 'segment:probability', label: 'N x height x width, probability of the second of two classes' },
  { value: 'segment:labels', label: 'N x height x width, numbers of classes' },
  { value: 'regress:map', label: 'N x quantities x height x width' },
  { value: 'regress:tile', label: 'N x quantities' },
  { value: 'detect:yolov5', label: 'YOLOv5 or YOLOv7: N x boxes x (5 + classes)' },
  { value: 'detect:yolov8', label: 'YOLOv8 to YOLO11: N x (4 + classes) x boxes' },
  { value: 'detect:yolo-end2end', label: 'YOLOv10 or with suppression inside: N x boxes x 6' },
  { value: 'detect:detr-normalised', label: 'RT-DETR of Ultralytics: N x boxes x (4 + classes)' },
  { value: 'detect:boxes-scores-classes', label: 'three tensors: boxes, scores, classes' },
  { value: 'detect:dets-labels', label: 'MMDeploy: dets N x boxes x 5, labels' },
  { value: 'detect:rf-detr', label: 'RF-DETR: dets and labels' },
  { value: 'detect:priors-normalised', label: 'scores N x boxes x classes, and boxes as parts of the image' },
];

/** `images: float32 1 x 3 x 640 x 640`. */
export function shapeLine({ name, dtype, dims }: OnnxValue): string {
  return `${name}: ${dtype} ${dims === null ? '?' : dims.map((dim) => dim ?? '?').join(' x ')}`.trimEnd();
}

function imageInput(facts: OnnxFacts): OnnxValue | null {
  const images = facts.inputs.filter(({ dims }) => dims?.length === 4);
  return images.length === 1
    ? (images[0] ?? null)
    : facts.inputs.length === 1
      ? (facts.inputs[0] ?? null)
      : null;
}

interface Axes {
  layout: 'NCHW' | 'NHWC';
  bands: OnnxDimension;
  height: OnnxDimension;
  width: OnnxDimension;
}

/** Null where both the second and the last axis could be the bands, or neither. */
function axesOf(dims: readonly OnnxDimension[]): Axes | null {
  const [, second, third, last] = dims;
  if (dims.length !== 4 || second === undefined || third === undefined || last === undefined) return null;
  const isBands = (dim: OnnxDimension): boolean => typeof dim === 'number' && dim >= 1 && dim <= mostBands;
  const isSize = (dim: OnnxDimension): boolean => typeof dim !== 'number' || dim > mostBands;
  if (isBands(second) && isSize(last)) return { layout: 'NCHW', bands: second, height: third, width: last };
  if (isBands(last) && isSize(second)) return { layout: 'NHWC', bands: last, height: second, width: third };
  return null;
}
