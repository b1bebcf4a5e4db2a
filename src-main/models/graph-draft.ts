/** What can be known of a model that nobody describes: names, types and sizes of its graph. The rest a person must say. */
import type { ManifestDraft, MissingFact } from './convention.ts';
import { familyChoices } from './families.ts';
import type { OnnxDimension, OnnxFacts, OnnxValue } from './onnx-file/facts.ts';

export interface GraphDraft {
  manifest: ManifestDraft;
  missing: MissingFact[];
  readFrom: Record<string, string>;
}

/** An axis of more may be bands or pixels: then the person is asked. */
const mostBands = 16;

export const normalisationChoices = [
  { value: '0-1', label: 'pixels divided by 255' },
  { value: '0-255', label: 'pixels as they are' },
  { value: '-1-1', label: 'pixels from -1 to 1' },
  { value: 'imagenet', label: 'pixels divided by 255, then mean and deviation of ImageNet' },
];

/** One image goes in; which of its axes are which follows where only one of them can be the bands. */
export function draftOfGraph(facts: OnnxFacts): GraphDraft {
  const families = familyChoices(facts);
  const missing: MissingFact[] = [
    ...(families.length === 0
      ? []
      : [
          {
            fact: 'family',
            question: 'Is it one of these, which do not say so themselves?',
            choices: families,
          },
        ]),
    {
      fact: 'outputs',
      question: `What does it answer (${facts.outputs.map(shapeLine).join('; ')}), with N tiles in a batch?`,
      choices: outputChoices(facts),
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
    manifest: { input: draft, outputs: {} },
    missing,
    readFrom,
  };
}

interface OutputForm {
  value: string;
  label: string;
  /** Number of dimensions of the first output; how many outputs there must be. */
  rank: readonly number[];
  least: number;
}

const outputForms: readonly OutputForm[] = [
  {
    value: 'classify:probabilities',
    label: 'a class for the tile: N x classes, probabilities',
    rank: [2, 4],
    least: 1,
  },
  {
    value: 'classify:logits',
    label: 'a class for the tile: N x classes, before softmax',
    rank: [2, 4],
    least: 1,
  },
  {
    value: 'segment:class-map',
    label: 'a class for each pixel: the highest of N x classes x height x width (or classes last)',
    rank: [4],
    least: 1,
  },
  {
    value: 'segment:coarse-class-map',
    label: 'the same of the whole tile with fewer pixels, to be scaled up (as SegFormer answers)',
    rank: [4],
    least: 1,
  },
  {
    value: 'segment:probability',
    label: 'two classes: N x height x width, probability of the second',
    rank: [3, 4],
    least: 1,
  },
  {
    value: 'segment:labels',
    label: 'a class for each pixel: N x height x width, its number',
    rank: [3],
    least: 1,
  },
  {
    value: 'regress:map',
    label: 'quantities of each pixel: N x quantities x height x width',
    rank: [4],
    least: 1,
  },
  { value: 'regress:tile', label: 'quantities of the tile: N x quantities', rank: [2], least: 1 },
  {
    value: 'detect:yolov5',
    label: 'boxes as YOLOv5, YOLOv7: N x boxes x (5 + classes)',
    rank: [3],
    least: 1,
  },
  {
    value: 'detect:yolov8',
    label: 'boxes as YOLOv8 to YOLO11: N x (4 + classes) x boxes',
    rank: [3],
    least: 1,
  },
  {
    value: 'detect:yolo-end2end',
    label: 'boxes as YOLOv10, or suppressed inside: N x boxes x 6',
    rank: [3],
    least: 1,
  },
  {
    value: 'detect:detr-normalised',
    label: "boxes as Ultralytics' RT-DETR: N x boxes x (4 + classes)",
    rank: [3],
    least: 1,
  },
  {
    value: 'detect:dets-labels',
    label: 'boxes as MMDeploy: dets N x boxes x 5, labels',
    rank: [3],
    least: 2,
  },
  { value: 'detect:rf-detr', label: 'boxes as RF-DETR: dets, labels', rank: [3], least: 2 },
  {
    value: 'detect:priors-normalised',
    label: 'boxes as parts of the image, and scores N x boxes x classes',
    rank: [3],
    least: 2,
  },
  {
    value: 'detect:boxes-scores-classes',
    label: 'three tensors: boxes, scores, classes',
    rank: [2, 3],
    least: 3,
  },
];

/** The forms that the graph can have at all; none where it makes larger pictures, or something else that is no result here. */
export function outputChoices(facts: OnnxFacts): { value: string; label: string }[] {
  const dims = facts.outputs[0]?.dims ?? null;
  const input = facts.inputs.find((each) => each.dims?.length === 4)?.dims;
  const widest = Math.max(...(input ?? []).map((dim) => (typeof dim === 'number' ? dim : Infinity)));
  const isPixel = ({ value }: OutputForm): boolean => /^segment|:map$/.test(value);
  return outputForms
    .filter((form) => {
      if (facts.outputs.length < form.least || dims === null) return facts.outputs.length >= form.least;
      if (!form.rank.includes(dims.length)) return false;
      // N x classes x 1 x 1 is how some networks end.
      if (form.value.startsWith('classify') && dims.length === 4)
        return dims.slice(2).every((dim) => dim === 1);
      return (
        !isPixel(form) || dims.every((dim, axis) => axis < 1 || typeof dim !== 'number' || dim <= widest)
      );
    })
    .map(({ value, label }) => ({ value, label }));
}

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
