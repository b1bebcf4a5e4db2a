/** What a person says of a model: texts under the names of the facts that were asked for, made into a manifest's fields. */
import { GigatileError } from '../contract/errors.ts';
import type { ModelManifest } from '../contract/model.ts';
import type { ManifestDraft } from './convention.ts';
import { centreMargin, customaryHalo } from './conventions/tell.ts';
import { applyFamily } from './families.ts';
import type { OnnxFacts } from './onnx-file/facts.ts';

export type Answers = Readonly<Record<string, string>>;

const imagenet = { mean: [0.485, 0.456, 0.406], std: [0.229, 0.224, 0.225] };
const tasks = ['classify', 'detect', 'segment', 'regress'] as const;

function wrong(fact: string, answer: string, wanted: string): GigatileError {
  return new GigatileError('usage', `"${answer}" is no answer for ${fact}`, { hint: `Wanted is ${wanted}.` });
}

const list = (answer: string): string[] =>
  answer
    .split(/[,\n;]/)
    .map((part) => part.trim())
    .filter((part) => part !== '');

/**
 * Facts: `family` (of families.ts), `task`, `classes`, `resolution`, `outputs` (as `graph-draft` offers them), `normalisation`, `threshold`, `name`,
 * `input.bands`, `input.layout`, `input.tileSize`, `outputs.boxes.form`.
 * @throws {GigatileError} usage, for a fact that is not asked for and an answer that is none
 */
export function applyAnswers(draft: ManifestDraft, answers: Answers, facts: OnnxFacts): ManifestDraft {
  let result: ManifestDraft = { ...draft, input: { ...draft.input }, outputs: { ...draft.outputs } };
  // The form of the output needs to know classes and task.
  const order = (fact: string): number =>
    fact === 'family'
      ? 1.5
      : fact === 'outputs'
        ? 2
        : fact.startsWith('outputs.')
          ? 3
          : fact === 'classes' || fact === 'input.bands'
            ? 0
            : 1;
  for (const [fact, answer] of Object.entries(answers).sort(([a], [b]) => order(a) - order(b))) {
    result = applyAnswer(result, fact, answer.trim(), facts);
  }
  const { tileSize } = result.input;
  if (result.halo === undefined && tileSize !== undefined) result.halo = haloOf(result, tileSize, facts);
  return result;
}

/** A class or quantity of a whole tile needs nothing around it; pixels may be those of the centre only. */
function haloOf({ input, outputs }: ManifestDraft, tileSize: number, facts: OnnxFacts): number {
  if (outputs.classFractions !== undefined || outputs.tileValues !== undefined) return 0;
  const halo = customaryHalo(Math.min(tileSize, input.tileHeight ?? tileSize));
  const dims = facts.outputs[0]?.dims ?? [];
  const isPixels = outputs.boxes === undefined && outputs.classMap?.upsample === undefined;
  if (!isPixels || input.fixedSize !== true || (input.tileHeight ?? tileSize) !== tileSize) return halo;
  const sizes = outputs.classMap?.layout === 'NHWC' ? dims.slice(1, 3) : dims.slice(-2);
  return Math.max(halo, centreMargin(sizes, tileSize));
}

function applyAnswer(draft: ManifestDraft, fact: string, answer: string, facts: OnnxFacts): ManifestDraft {
  switch (fact) {
    case 'name':
      return answer === '' ? draft : { ...draft, name: answer };
    case 'task': {
      const task = tasks.find((each) => each === answer);
      if (task === undefined) throw wrong(fact, answer, tasks.join(', '));
      return { ...draft, task };
    }
    case 'classes': {
      const names = list(answer);
      if (names.length === 0) throw wrong(fact, answer, 'a name for each class, with commas between them');
      return { ...draft, classes: names.map((name) => ({ name })) };
    }
    case 'resolution':
      return { ...draft, ...resolution(answer) };
    case 'threshold': {
      const threshold = Number(answer);
      if (answer === '' || !(threshold >= 0 && threshold <= 1))
        throw wrong(fact, answer, 'a number from 0 to 1');
      return { ...draft, threshold, keepFrom: Math.min(draft.keepFrom ?? threshold, threshold) };
    }
    case 'normalisation':
      return { ...draft, input: { ...draft.input, ...normalisation(answer, draft.input.bands?.length) } };
    case 'input.bands':
      return { ...draft, input: { ...draft.input, bands: bands(answer) } };
    case 'input.layout':
      if (answer !== 'NCHW' && answer !== 'NHWC') throw wrong(fact, answer, 'NCHW or NHWC');
      return { ...draft, input: { ...draft.input, layout: answer } };
    case 'input.tileSize': {
      const tileSize = Number(answer);
      if (!Number.isInteger(tileSize) || tileSize < 1 || tileSize > 65_536)
        throw wrong(fact, answer, 'a number of pixels');
      return { ...draft, input: { ...draft.input, tileSize, fixedSize: draft.input.fixedSize ?? false } };
    }
    case 'family':
      return applyFamily(draft, answer, facts);
    case 'outputs':
    case 'outputs.boxes.form': {
      const [task = '', form = ''] = answer.includes(':') ? answer.split(':', 2) : ['detect', answer];
      const outputs = outputsOf(task, form, draft, facts);
      if (outputs === null) throw wrong(fact, answer, 'one of the forms that are offered');
      // What this form calls class 0 is nothing.
      const background = form === 'priors-normalised' ? { backgroundClass: 0 } : {};
      return { ...draft, task: task as ModelManifest['task'], outputs, ...background };
    }
    default:
      throw new GigatileError('usage', `Nobody asked for "${fact}"`, {
        hint: 'Write gigatile.json by hand for what the form does not ask.',
      });
  }
}

/** `0.5 µm` is for slides, metres and centimetres are for maps. */
function resolution(answer: string): Pick<ManifestDraft, 'mpp' | 'metresPerPixel'> {
  if (answer === '' || answer === 'any') return { mpp: null, metresPerPixel: null };
  const [, digits = '', unit = ''] =
    /^([\d.]+)\s*(µm|um|μm|cm|m)(?:\s*(?:\/|per)\s*(?:px|pixel))?$/i.exec(answer) ?? [];
  const value = Number(digits);
  if (digits === '' || !(value > 0)) throw wrong('resolution', answer, '0.5 µm, 10 cm, 0.3 m or any');
  if (/m$/i.test(unit) && unit.length === 2 && !/^c/i.test(unit)) return { mpp: value, metresPerPixel: null };
  return { mpp: null, metresPerPixel: /^c/i.test(unit) ? value / 100 : value };
}

function normalisation(answer: string, count: number | undefined): Partial<ModelManifest['input']> {
  if (answer === '0-255') return { scale: 1 };
  if (answer === '0-1') return { scale: 1 / 255 };
  if (answer === '-1-1') return { scale: 2 / 255, mean: Array.from({ length: count ?? 3 }, () => 1) };
  if (answer === 'imagenet' && (count ?? 3) === 3) return { scale: 1 / 255, ...imagenet };
  throw wrong('normalisation', answer, '0-1, 0-255, -1-1, or imagenet with three bands');
}

function bands(answer: string): string[] {
  const names = list(answer);
  const known = /^(?:red|green|blue|nir|gray|band-[1-9]\d*)$/;
  if (names.length > 0 && names.every((name) => known.test(name))) return names;
  throw wrong(
    'input.bands',
    answer,
    'red, green, blue, nir, gray or band-1, band-2 …, with commas between them',
  );
}

/** The names of the graph's outputs, in its order, take the places that the form has. */
function outputsOf(
  task: string,
  form: string,
  draft: ManifestDraft,
  facts: OnnxFacts,
): ModelManifest['outputs'] | null {
  const [first, second, third] = facts.outputs.map(({ name }) => name);
  const name = first ?? '';
  const names = (draft.classes ?? []).map((c) => c.name);
  switch (`${task}:${form}`) {
    case 'classify:probabilities':
      return { classFractions: { name, activation: 'none' } };
    case 'classify:logits':
      return { classFractions: { name, activation: 'softmax' } };
    case 'segment:class-map':
    case 'segment:coarse-class-map': {
      const last = facts.outputs[0]?.dims?.[3];
      const isLast = last === names.length && facts.outputs[0]?.dims?.[1] !== names.length;
      const map = { name, layout: isLast ? 'NHWC' : 'NCHW', activation: 'none' } as const;
      // Scores are interpolated before the highest is taken, as the models of this kind are evaluated.
      return { classMap: form === 'class-map' ? map : { ...map, upsample: 'bilinear' } };
    }
    case 'segment:probability':
      return { probability: { name, activation: 'none' } };
    case 'segment:labels':
      return { labels: { name } };
    case 'regress:map':
      return { valueMap: { name, names } };
    case 'regress:tile':
      return { tileValues: { name, names } };
    case 'detect:yolov5':
    case 'detect:yolov8':
      return {
        boxes: { name, form: form === 'yolov5' ? 'yolov5' : 'yolov8', iou: 0.45, ...protosOf(facts) },
      };
    case 'detect:yolo-end2end':
      return { boxes: { name, form: 'yolo-end2end', ...protosOf(facts) } };
    case 'detect:detr-normalised':
      return { boxes: { name, form: 'detr-normalised' } };
    case 'detect:boxes-scores-classes':
      return { boxes: { form: 'boxes-scores-classes', ...threeOf(facts), iou: 0.45 } };
    case 'detect:dets-labels':
      return {
        boxes: {
          name,
          form: 'dets-labels',
          ...(second === undefined ? {} : { labels: second }),
          ...(third === undefined ? {} : { masks: third }),
        },
      };
    case 'detect:rf-detr':
      return { boxes: { name, form: 'rf-detr', ...(second === undefined ? {} : { labels: second }) } };
    case 'detect:priors-normalised':
      return { boxes: { form: 'priors-normalised', ...boxesAndScores(facts), iou: 0.45 } };
    default:
      return null;
  }
}

function protosOf(facts: OnnxFacts): { protos?: string } {
  const second = facts.outputs[1];
  return second?.dims?.length === 4 ? { protos: second.name } : {};
}

/** By their names, which say it; in the order boxes, scores, classes where they do not. */
function threeOf(facts: OnnxFacts): { name: string; scores: string; labels: string } {
  const named = (pattern: RegExp, otherwise: number): string =>
    (facts.outputs.find(({ name }) => pattern.test(name)) ?? facts.outputs[otherwise])?.name ?? '';
  return {
    name: named(/box|bbox|dets?$/i, 0),
    scores: named(/score|conf/i, 1),
    labels: named(/label|class/i, 2),
  };
}

function boxesAndScores(facts: OnnxFacts): { name: string; scores: string } {
  const boxes = facts.outputs.find(({ dims }) => dims?.at(-1) === 4) ?? facts.outputs[0];
  const scores = facts.outputs.find((output) => output !== boxes);
  return { name: boxes?.name ?? '', scores: scores?.name ?? '' };
}
