/** What an output of bioimage.io is: by the model's tags and the steps after it; what neither says is asked. */
import type { ModelManifest } from '../../contract/model.ts';
import type { MissingFact } from '../convention.ts';
import type { OnnxValue } from '../onnx-file/facts.ts';
import type { Rdf, RdfTensor } from './bioimageio-rdf.ts';
import { readPostprocessing, type Postprocessing } from './bioimageio-steps.ts';
import { refusedBySidecar, type Sidecar } from './read-sidecar.ts';

export interface RdfOutputs {
  task: ModelManifest['task'] | undefined;
  /** Where it was read. */
  taskFrom: string;
  outputs: ModelManifest['outputs'];
  classes: string[] | null;
  backgroundClass: number | null;
  threshold: number | null;
  missing: MissingFact[];
  /** Names of the steps. */
  steps: string[];
}

const kinds: Readonly<Record<string, ModelManifest['task']>> = {
  'semantic-segmentation': 'segment',
  segmentation: 'segment',
  'image-segmentation': 'segment',
  'image-classification': 'classify',
  classification: 'classify',
  'image-restoration': 'regress',
  'image-reconstruction': 'regress',
  denoising: 'regress',
  regression: 'regress',
};

/** @throws {GigatileError} model-invalid for axes and steps that cannot be done */
export function outputsOf(rdf: Rdf, output: RdfTensor, value: OnnxValue, sidecar: Sidecar): RdfOutputs {
  const steps = readPostprocessing(output, sidecar);
  const order = output.axes.map(({ kind, name }) => (kind === 'other' ? name : kind)).join(' ');
  const layout = order === 'batch channel y x' ? 'NCHW' : order === 'batch y x channel' ? 'NHWC' : null;
  const shared = {
    backgroundClass: null,
    threshold: steps.threshold,
    steps: steps.names,
  };
  if (order === 'batch channel') return { ...shared, ...ofTile(rdf, output, value, steps) };
  if (layout === null && order !== 'batch y x') {
    throw refusedBySidecar(sidecar, 'outputs.0.axes', `an output of the axes ${order}`);
  }
  const stated = statedTask(rdf, steps);
  const channels = channelsOf(output, value, layout);
  if (stated?.task === 'regress') {
    return {
      ...shared,
      ...quantities(output, value, steps, channels, layout, sidecar),
      taskFrom: stated.from,
    };
  }
  if (stated?.task === 'segment') {
    return {
      ...shared,
      ...segments(output, value, steps, channels, layout, sidecar),
      taskFrom: stated.from,
    };
  }
  return { ...shared, task: undefined, taskFrom: '', outputs: {}, ...asked(output, value, channels) };
}

/** A probability a pixel is a segmentation, whatever the tags leave out. */
function statedTask(
  { tags }: Rdf,
  steps: Postprocessing,
): { task: ModelManifest['task']; from: string } | null {
  const tasks = new Set(tags.flatMap((tag) => kinds[tag] ?? []));
  if (steps.activation !== 'none' || steps.threshold !== null) {
    return { task: 'segment', from: 'postprocessing' };
  }
  const [task] = tasks;
  return task === undefined || tasks.size > 1 || task === 'classify' ? null : { task, from: 'tags' };
}

function channelsOf(output: RdfTensor, { dims }: OnnxValue, layout: 'NCHW' | 'NHWC' | null): number | null {
  if (layout === null) return 1;
  const axis = output.axes.find(({ kind }) => kind === 'channel');
  if (axis?.size.kind === 'fixed') return axis.size.size;
  const has = dims?.[layout === 'NCHW' ? 1 : 3];
  return typeof has === 'number' ? has : null;
}

type Part = Pick<RdfOutputs, 'task' | 'taskFrom' | 'outputs' | 'classes' | 'missing'>;

function namesOf(output: RdfTensor): string[] | null {
  const names = output.axes.find(({ kind }) => kind === 'channel')?.channelNames ?? null;
  return names !== null && new Set(names).size === names.length ? names : null;
}

function askClasses(count: number | null, what: string): MissingFact {
  return {
    fact: 'classes',
    question:
      `What are the ${count ?? ''} classes ${what} called, in their order, with commas between them?`.replace(
        'the  ',
        'the ',
      ),
  };
}

function ofTile(rdf: Rdf, output: RdfTensor, value: OnnxValue, steps: Postprocessing): Part {
  const names = namesOf(output);
  const isClassify = steps.activation !== 'none' || rdf.tags.some((tag) => kinds[tag] === 'classify');
  const count = output.axes.find(({ kind }) => kind === 'channel')?.size;
  const missing =
    names === null ? [askClasses(count?.kind === 'fixed' ? count.size : null, 'of a tile')] : [];
  if (!isClassify) {
    const choices = [
      { value: 'classify:probabilities', label: 'a class for the tile: probabilities' },
      { value: 'classify:logits', label: 'a class for the tile: before softmax' },
      { value: 'regress:tile', label: 'quantities of the tile' },
    ];
    missing.push({ fact: 'outputs', question: `What is ${value.name}?`, choices });
    return { task: undefined, taskFrom: '', outputs: {}, classes: names, missing };
  }
  return {
    task: 'classify',
    taskFrom: steps.activation === 'none' ? 'tags' : 'postprocessing',
    outputs: { classFractions: { name: value.name, activation: steps.activation } },
    classes: names,
    missing,
  };
}

function segments(
  output: RdfTensor,
  value: OnnxValue,
  steps: Postprocessing,
  channels: number | null,
  layout: 'NCHW' | 'NHWC' | null,
  sidecar: Sidecar,
): Part & { backgroundClass: number | null } {
  const { name } = value;
  const names = namesOf(output);
  const segment = { task: 'segment' as const, taskFrom: '', backgroundClass: null };
  if (steps.factor !== null)
    throw refusedBySidecar(sidecar, 'outputs.0.postprocessing', 'the step scale_linear of classes');
  if (channels === 1 && (output.values !== null || /^u?int/.test(value.dtype))) {
    const missing = output.values === null ? [askClasses(null, 'of a pixel')] : [];
    return { ...segment, outputs: { labels: { name } }, classes: output.values, missing };
  }
  if (channels === 1) {
    const activation = steps.activation === 'softmax' ? 'none' : steps.activation;
    // One number a pixel tells two classes apart: what it names, and all else.
    const classes = names === null ? null : ['background', names[0] ?? ''];
    return {
      ...segment,
      outputs: { probability: { name, activation } },
      classes,
      missing: classes === null ? [askClasses(2, 'of a pixel (first that of low values)')] : [],
      ...(classes === null ? {} : { backgroundClass: 0 }),
    };
  }
  const isOwn = steps.activation === 'sigmoid';
  const classes = names === null ? null : isOwn ? ['background', ...names] : names;
  const asked = channels === null ? null : channels + (isOwn ? 1 : 0);
  return {
    ...segment,
    outputs: { classMap: { name, layout: layout ?? 'NCHW', activation: steps.activation } },
    classes,
    missing:
      classes === null ? [askClasses(asked, isOwn ? 'of a pixel (first that of none)' : 'of a pixel')] : [],
    ...(classes !== null && isOwn ? { backgroundClass: 0 } : {}),
  };
}

function quantities(
  output: RdfTensor,
  value: OnnxValue,
  steps: Postprocessing,
  channels: number | null,
  layout: 'NCHW' | 'NHWC' | null,
  sidecar: Sidecar,
): Part {
  if (layout === 'NHWC' && channels !== 1) {
    throw refusedBySidecar(sidecar, 'outputs.0.axes', 'several quantities a pixel with the channels last');
  }
  const count = channels ?? 1;
  const names =
    namesOf(output) ??
    (count === 1 ? [output.name] : Array.from({ length: count }, (_, i) => `${output.name} ${i + 1}`));
  const factor = steps.factor === null ? {} : { factor: steps.factor };
  return {
    task: 'regress',
    taskFrom: '',
    outputs: { valueMap: { name: value.name, names, ...factor } },
    classes: names,
    missing: [],
  };
}

function asked(
  output: RdfTensor,
  value: OnnxValue,
  channels: number | null,
): Pick<RdfOutputs, 'classes' | 'missing'> {
  const names = namesOf(output);
  const choices =
    channels === 1
      ? [
          { value: 'segment:probability', label: 'a probability a pixel: two classes' },
          { value: 'segment:labels', label: 'the number of a class a pixel' },
          { value: 'regress:map', label: 'a quantity a pixel' },
        ]
      : [
          { value: 'segment:class-map', label: 'a number a class and pixel: the highest is its class' },
          { value: 'regress:map', label: 'quantities a pixel' },
        ];
  return {
    classes: channels === 1 ? null : names,
    missing: [
      { fact: 'outputs', question: `What are the numbers of ${value.name}?`, choices },
      ...(names === null || channels === 1 ? [askClasses(null, '(or quantities)')] : []),
    ],
  };
}
