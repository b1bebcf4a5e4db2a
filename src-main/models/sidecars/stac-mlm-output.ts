/** What a STAC item with MLM says of a model's answer. The tasks say what it is; what they leave open is asked. */
import type { ModelManifest } from '../../contract/model.ts';
import type { ManifestDraft, MissingFact } from '../convention.ts';
import { checkShape, outputAt } from '../conventions/tell.ts';
import type { OnnxFacts, OnnxValue } from '../onnx-file/facts.ts';
import { refusedBySidecar, wrongSidecar, type Sidecar } from './read-sidecar.ts';
import type { StacItem } from './stac-mlm-schema.ts';

export interface StacOutputs {
  task: ModelManifest['task'] | undefined;
  outputs: ModelManifest['outputs'];
  classes: NonNullable<ManifestDraft['classes']> | null;
  missing: MissingFact[];
  notes: string[];
}

type StacOutput = StacItem['properties']['mlm:output'][number];

const kinds: Readonly<Record<string, ModelManifest['task']>> = {
  'semantic-segmentation': 'segment',
  segmentation: 'segment',
  classification: 'classify',
  'scene-classification': 'classify',
  'object-detection': 'detect',
  detection: 'detect',
  regression: 'regress',
};

const boxForms = [
  { value: 'yolov5', label: 'as YOLOv5, YOLOv7: N x boxes x (5 + classes)' },
  { value: 'yolov8', label: 'as YOLOv8 to YOLO11: N x (4 + classes) x boxes' },
  { value: 'yolo-end2end', label: 'as YOLOv10, or suppressed inside: N x boxes x 6' },
  { value: 'detr-normalised', label: 'N x boxes x (4 + classes), parts of the input' },
  { value: 'dets-labels', label: 'as MMDeploy: dets N x boxes x 5, labels' },
  { value: 'rf-detr', label: 'as RF-DETR: dets, labels' },
  { value: 'boxes-scores-classes', label: 'three tensors: boxes, scores, classes' },
];

export function outputsOf(facts: OnnxFacts, item: StacItem, sidecar: Sidecar): StacOutputs {
  const { 'mlm:output': all, 'mlm:tasks': tasks = [] } = item.properties;
  const [output] = all;
  if (output === undefined) throw wrongSidecar(sidecar, 'mlm:output', 'is empty');
  if (output.post_processing_function != null) {
    throw refusedBySidecar(
      sidecar,
      'mlm:output.0.post_processing_function',
      'code of its own after the model',
    );
  }
  const said = output.tasks.length > 0 ? output.tasks : tasks;
  const known = [...new Set(said.flatMap((task) => kinds[task] ?? []))];
  const [task, other] = known;
  if (task === undefined) {
    throw refusedBySidecar(sidecar, 'mlm:output.0.tasks', `the task ${said.join(', ') || '(none)'}`);
  }
  if (other !== undefined)
    throw refusedBySidecar(sidecar, 'mlm:output.0.tasks', `${said.join(', ')} at once`);
  const value = named(facts, output);
  const classes = classesOf(output, sidecar);
  const notes = all.length > 1 ? [`Of its ${all.length} outputs only ${value.name} is used.`] : [];
  const shared = { classes, notes };
  switch (task) {
    case 'classify':
      return { ...shared, ...classify(facts, value, classes, sidecar) };
    case 'segment':
      return { ...shared, ...segment(facts, output, value, classes, sidecar) };
    case 'detect':
      return {
        ...shared,
        task,
        outputs: {},
        missing: [
          ...askedClasses(classes),
          { fact: 'outputs.boxes.form', question: 'In which form does it give boxes?', choices: boxForms },
        ],
      };
    case 'regress':
      return { ...shared, ...regress(facts, output, value, sidecar) };
  }
}

/** By its name where the graph has it; the item's name may be one for people. */
function named(facts: OnnxFacts, { name }: StacOutput): OnnxValue {
  return facts.outputs.find((each) => each.name === name) ?? outputAt(facts, 0, `an output ${name}`);
}

function classesOf(output: StacOutput, sidecar: Sidecar): StacOutputs['classes'] {
  const given = output['classification:classes'];
  if (given === null || given === undefined || given.length === 0) return null;
  const sorted = given.toSorted((a, b) => a.value - b.value);
  const gap = sorted.findIndex(({ value }, i) => value !== i);
  if (gap >= 0) {
    throw wrongSidecar(sidecar, 'classification:classes', `has no class ${gap}, or has one twice`);
  }
  return sorted.map(({ value, name, title, color_hint: hint }) => ({
    name: name || title || `class ${value}`,
    ...(hint === undefined ? {} : { color: rgb(hint) }),
  }));
}

function rgb(hex: string): [number, number, number] {
  const at = (i: number): number => Number.parseInt(hex.slice(i, i + 2), 16);
  return [at(0), at(2), at(4)];
}

function askedClasses(classes: StacOutputs['classes']): MissingFact[] {
  return classes === null
    ? [{ fact: 'classes', question: 'What are the classes called, in the order of their numbers?' }]
    : [];
}

type Part = Pick<StacOutputs, 'task' | 'outputs' | 'missing'>;

function classify(
  facts: OnnxFacts,
  value: OnnxValue,
  classes: StacOutputs['classes'],
  sidecar: Sidecar,
): Part {
  const count = classes?.length ?? null;
  checkShape(facts, value, [null, count], `${sidecar.name} says ${count ?? 'some'} classes`);
  return {
    task: 'classify',
    outputs: {},
    missing: [
      ...askedClasses(classes),
      {
        fact: 'outputs',
        question: `Are the numbers of ${value.name} probabilities, or still to go through softmax?`,
        choices: [
          { value: 'classify:probabilities', label: 'probabilities' },
          { value: 'classify:logits', label: 'before softmax' },
        ],
      },
    ],
  };
}

function segment(
  facts: OnnxFacts,
  { result }: StacOutput,
  value: OnnxValue,
  classes: StacOutputs['classes'],
  sidecar: Sidecar,
): Part {
  const count = classes?.length ?? null;
  const said = `${sidecar.name} says ${count ?? 'some'} classes a pixel`;
  if (result.dim_order.length === 3 && /^u?int/.test(value.dtype)) {
    checkShape(facts, value, [null, null, null], said);
    return { task: 'segment', outputs: { labels: { name: value.name } }, missing: askedClasses(classes) };
  }
  const isLast = /^(?:c|class|classes|channel)$/i.test(result.dim_order[3] ?? '');
  checkShape(facts, value, isLast ? [null, null, null, count] : [null, count, null, null], said);
  return {
    task: 'segment',
    outputs: { classMap: { name: value.name, layout: isLast ? 'NHWC' : 'NCHW', activation: 'none' } },
    missing: askedClasses(classes),
  };
}

function regress(
  facts: OnnxFacts,
  { result, name }: StacOutput,
  value: OnnxValue,
  sidecar: Sidecar,
): Part & {
  classes: StacOutputs['classes'];
} {
  const rank = result.shape.length;
  const count = rank === 2 ? (result.shape[1] ?? -1) : rank === 4 ? (result.shape[1] ?? -1) : 1;
  if (count < 1 || count > 1000)
    throw wrongSidecar(sidecar, 'mlm:output.0.result.shape', 'does not say how many numbers');
  const names = count === 1 ? [name] : Array.from({ length: count }, (_, i) => `${name} ${i + 1}`);
  const said = `${sidecar.name} says ${count} numbers`;
  if (rank === 2) {
    checkShape(facts, value, [null, count], said);
    return {
      task: 'regress',
      outputs: { tileValues: { name: value.name, names } },
      classes: names.map((each) => ({ name: each })),
      missing: [],
    };
  }
  checkShape(facts, value, rank === 4 ? [null, count, null, null] : [null, null, null], said);
  return {
    task: 'regress',
    outputs: { valueMap: { name: value.name, names } },
    classes: names.map((each) => ({ name: each })),
    missing: [],
  };
}
