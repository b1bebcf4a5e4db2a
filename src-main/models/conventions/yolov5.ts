/**
 * YOLOv5: its metadata has only `stride` and `names`, not the task. With the number of classes known, the three things that it
 * exports cannot be taken for each other, whatever that number is: [N, C] classifies, [N, B, 5 + C] detects, and the same with
 * 32 more columns and a second output has masks. Where the graph leaves that open, the person is asked.
 */
import type { Description, MissingFact } from '../convention.ts';
import type { OnnxFacts } from '../onnx-file/facts.ts';
import { contradiction, shapeText } from './tell.ts';
import type { UltralyticsMetadata } from './ultralytics-metadata.ts';
import { finish, ultralyticsDefaults, ultralyticsInput, type Parts } from './ultralytics-parts.ts';

/** Mean and standard deviation of ImageNet, which YOLOv5 uses when it classifies, and only then. */
const imagenet = { mean: [0.485, 0.456, 0.406], std: [0.229, 0.224, 0.225] };

/** Mask coefficients of all its segmenters. */
const maskColumns = 32;

/** More than later versions keep. */
const maxDetections = 1000;

/** Where the graph does not even say how many dimensions there are. */
const asked: readonly MissingFact[] = [
  {
    fact: 'outputs',
    question: 'What does the model do?',
    choices: [
      { value: 'detect:yolov5', label: 'finds objects' },
      { value: 'classify:logits', label: 'gives the whole tile a class' },
    ],
  },
  {
    fact: 'normalisation',
    question: 'In which range does it take the values of pixels?',
    choices: [
      { value: '0-1', label: 'pixels divided by 255 (finds objects)' },
      { value: 'imagenet', label: 'the same, then mean and deviation of ImageNet (classifies)' },
    ],
  },
];

/** @throws {GigatileError} model-invalid where the graph is none of the three */
export function describeYolov5(facts: OnnxFacts, metadata: UltralyticsMetadata): Description {
  const task = taskOf(facts, metadata.names.length);
  const input = ultralyticsInput(facts, metadata, task === 'classify' ? null : 'letterbox');
  const readFrom = {
    task: 'YOLOv5: metadata stride, names and the outputs',
    outputs: 'YOLOv5',
    halo: 'a tenth of the tile',
  };
  if (task === null) {
    const described = finish(facts, metadata, { task: 'detect', outputs: {}, input, readFrom });
    const { task: _unknown, ...manifest } = described.manifest;
    return { ...described, manifest, missing: [...asked, ...described.missing] };
  }
  const [first, second] = facts.outputs.map(({ name }) => name);
  const { draft } = input;
  if (task === 'classify') {
    const normalised = { ...input, draft: { ...draft, ...imagenet } };
    const outputs: Parts['outputs'] = { classFractions: { name: first ?? '', activation: 'softmax' } };
    const described = finish(facts, metadata, { task: 'classify', outputs, input: normalised, readFrom });
    return {
      ...described,
      readFrom: {
        ...described.readFrom,
        'input.mean': 'YOLOv5 (ImageNet)',
        'input.std': 'YOLOv5 (ImageNet)',
      },
    };
  }
  const boxes = {
    name: first ?? '',
    form: 'yolov5' as const,
    ...(task === 'segment' && second !== undefined ? { protos: second } : {}),
    iou: metadata.iou ?? ultralyticsDefaults.iou,
    maxDetections: metadata.maxDetections ?? maxDetections,
  };
  return finish(facts, metadata, { task: 'detect', outputs: { boxes }, input, readFrom });
}

function taskOf(facts: OnnxFacts, classes: number): 'detect' | 'segment' | 'classify' | null {
  const [first, second] = facts.outputs;
  const dims = first?.dims ?? null;
  if (first === undefined || dims === null) return null;
  const columns = dims[2];
  const known = typeof columns === 'number' ? columns - 5 - classes : null;
  const hasProtos = second?.dims?.length === 4;
  if (dims.length === 2 && (typeof dims[1] !== 'number' || dims[1] === classes)) return 'classify';
  if (dims.length === 3 && (known === maskColumns || known === null) && hasProtos) return 'segment';
  if (dims.length === 3 && (known === 0 || known === null))
    return known === null && facts.outputs.length > 1 ? null : 'detect';
  throw contradiction(
    facts,
    `stride and names in the metadata, without a task, say YOLOv5 with ${classes} classes (N x any x ${5 + classes})`,
    `${first.name} is ${shapeText(dims)}`,
  );
}
