/**
 * Families of detectors that write nothing into their files: a person says that a model is one of them, and with that how its pixels
 * go in and its boxes come out. Names and shapes of the graph are only held against it, never taken for it.
 */
import { GigatileError } from '../contract/errors.ts';
import type { ModelManifest } from '../contract/model.ts';
import type { ManifestDraft } from './convention.ts';
import type { OnnxDimension, OnnxFacts } from './onnx-file/facts.ts';
import { shapeText } from './conventions/tell.ts';

interface FamilyTensor {
  name: string;
  /** null: any size. */
  dims: readonly (number | null)[];
  optional?: true;
}

interface Family {
  id: string;
  label: string;
  inputs: readonly FamilyTensor[];
  /** By their names, in any order. */
  outputs: readonly FamilyTensor[];
  /** The output, and its axis, with one number a class. */
  classes: { output: string; axis: number } | null;
  /** Facts that need not be asked any more. */
  settles: readonly string[];
  input: Partial<ModelManifest['input']>;
  boxes: NonNullable<ModelManifest['outputs']['boxes']>;
  threshold: number;
  /** Class 0 is nothing. */
  hasBackground?: true;
}

const image = (name: string): FamilyTensor => ({ name, dims: [null, 3, null, null] });
const imagenet = { mean: [0.485, 0.456, 0.406], std: [0.229, 0.224, 0.225] };
const boxesOnly = ['outputs', 'normalisation'] as const;

export const families: readonly Family[] = [
  {
    id: 'rf-detr',
    label: 'RF-DETR: input, dets, labels (and masks)',
    inputs: [image('input')],
    outputs: [
      { name: 'dets', dims: [null, null, 4] },
      { name: 'labels', dims: [null, null, null] },
      { name: 'masks', dims: [null, null, null, null], optional: true },
    ],
    classes: { output: 'labels', axis: 2 },
    settles: boxesOnly,
    input: { scale: 1 / 255, ...imagenet, resize: 'stretch' },
    boxes: { name: 'dets', labels: 'labels', form: 'rf-detr', maxDetections: 300 },
    threshold: 0.5,
  },
  {
    id: 'rt-detr',
    label: 'RT-DETR (lyuwenyu): images, orig_target_sizes; labels, boxes, scores',
    inputs: [image('images'), { name: 'orig_target_sizes', dims: [null, 2] }],
    outputs: [
      { name: 'labels', dims: [null, null] },
      { name: 'boxes', dims: [null, null, 4] },
      { name: 'scores', dims: [null, null] },
    ],
    classes: null,
    settles: boxesOnly,
    // Its boxes are in pixels of the size that it is told: that of its input, which tiles have.
    input: { scale: 1 / 255, resize: 'stretch', extra: [{ name: 'orig_target_sizes', value: 'size' }] },
    boxes: { name: 'boxes', scores: 'scores', labels: 'labels', form: 'boxes-scores-classes' },
    threshold: 0.6,
  },
  {
    id: 'mmdeploy',
    label: 'MMDeploy: input, dets, labels (its normalisation is in its configuration)',
    inputs: [image('input')],
    outputs: [
      { name: 'dets', dims: [null, null, 5] },
      { name: 'labels', dims: [null, null] },
      { name: 'masks', dims: [null, null, null, null], optional: true },
    ],
    classes: null,
    settles: ['outputs'],
    input: {},
    boxes: { name: 'dets', labels: 'labels', form: 'dets-labels' },
    threshold: 0.3,
  },
  {
    id: 'ultraface',
    label: 'UltraFace: input, scores, boxes as parts of the image',
    inputs: [image('input')],
    outputs: [
      { name: 'scores', dims: [null, null, null] },
      { name: 'boxes', dims: [null, null, 4] },
    ],
    classes: { output: 'scores', axis: 2 },
    settles: boxesOnly,
    // (pixel - 127) / 128
    input: { scale: 1 / 128, mean: [127 / 128, 127 / 128, 127 / 128], resize: 'stretch' },
    boxes: { name: 'boxes', scores: 'scores', form: 'priors-normalised', iou: 0.3 },
    threshold: 0.7,
    hasBackground: true,
  },
];

/** `other` is no family. */
export const noFamily = 'other';

/** Families whose names and shapes the graph has, to choose from; each with the facts that it settles. */
export function familyChoices(facts: OnnxFacts): { value: string; label: string; settles?: string[] }[] {
  const possible = families.filter((family) => mismatch(family, facts) === null);
  if (possible.length === 0) return [];
  return [
    ...possible.map(({ id, label, settles }) => ({ value: id, label, settles: [...settles] })),
    { value: noFamily, label: 'None of these' },
  ];
}

/** Facts that need not be said where this family is. */
export function settledBy(id: string | undefined): readonly string[] {
  return families.find((family) => family.id === id)?.settles ?? [];
}

/**
 * @param draft with its classes, where they are known
 * @throws {GigatileError} usage, for a family that is none; model-mismatch where the graph is not that of the family
 */
export function applyFamily(draft: ManifestDraft, id: string, facts: OnnxFacts): ManifestDraft {
  if (id === noFamily) return draft;
  const family = families.find((each) => each.id === id);
  if (family === undefined) {
    throw new GigatileError('usage', `"${id}" is no answer for family`, {
      hint: `Wanted is ${[...families.map((each) => each.id), noFamily].join(', ')}.`,
    });
  }
  const wrong = mismatch(family, facts) ?? classMismatch(family, draft, facts);
  if (wrong !== null) {
    throw new GigatileError('model-mismatch', `This graph is not that of ${family.id}: ${wrong}`, {
      where: facts.file,
      hint: 'Choose another family, or describe outputs and normalisation one by one.',
    });
  }
  const masks = family.outputs.find(
    ({ name, optional }) => optional === true && facts.outputs.some((each) => each.name === name),
  );
  const { resize, ...input } = family.input;
  return {
    ...draft,
    task: 'detect',
    imageTypes: ['uint8'],
    input: {
      ...draft.input,
      layout: 'NCHW',
      ...input,
      ...(resize !== undefined && draft.input.fixedSize === true ? { resize } : {}),
    },
    outputs: { boxes: { ...family.boxes, ...(masks === undefined ? {} : { masks: masks.name }) } },
    threshold: draft.threshold ?? family.threshold,
    ...(family.hasBackground === true ? { backgroundClass: 0 } : {}),
  };
}

/** What the graph has otherwise, or null. */
function mismatch(family: Family, facts: OnnxFacts): string | null {
  return (
    tensorMismatch('take', family.inputs, facts.inputs) ??
    tensorMismatch('give', family.outputs, facts.outputs)
  );
}

function tensorMismatch(
  verb: 'take' | 'give',
  wanted: readonly FamilyTensor[],
  given: OnnxFacts['inputs'],
): string | null {
  const unknown = given.find(({ name }) => !wanted.some((each) => each.name === name));
  if (verb === 'take' && unknown !== undefined) return `it takes ${unknown.name} too`;
  for (const { name, dims, optional } of wanted) {
    const found = given.find((each) => each.name === name);
    if (found === undefined) {
      if (optional === true) continue;
      return `it should ${verb} ${name}, and has ${given.map((each) => each.name).join(', ') || 'nothing'}`;
    }
    if (found.dims !== null && !fits(found.dims, dims)) {
      return `${name} should be ${dims.map((dim) => dim ?? 'any').join(' x ')}, and is ${shapeText(found.dims)}`;
    }
  }
  return null;
}

function fits(has: readonly OnnxDimension[], wanted: readonly (number | null)[]): boolean {
  return (
    has.length === wanted.length &&
    wanted.every((want, axis) => want === null || typeof has[axis] !== 'number' || has[axis] === want)
  );
}

function classMismatch({ classes }: Family, draft: ManifestDraft, facts: OnnxFacts): string | null {
  if (classes === null || draft.classes === undefined) return null;
  const has = facts.outputs.find(({ name }) => name === classes.output)?.dims?.[classes.axis];
  if (typeof has !== 'number' || has === draft.classes.length) return null;
  return `${classes.output} has ${has} classes, and ${draft.classes.length} are named`;
}
