/**
 * bioimage.io's steps before a model, folded into a manifest's input, and those after it, as far as they can be done here.
 * Meaning and defaults as in the format's description; a fixed deviation gets the 1e-6 that bioimageio.core adds to it.
 */
import { z } from 'zod';
import type { ModelManifest } from '../../contract/model.ts';
import type { Axis, RdfTensor, Step } from './bioimageio-rdf.ts';
import { CannotFold, InputFold } from './linear.ts';
import { checked, refusedBySidecar, type Sidecar } from './read-sidecar.ts';

const epsilon = 1e-6;
const numbers = z.union([z.number(), z.array(z.number()).min(1).max(1000)]);
const axes = z.union([z.string().max(20), z.array(z.string().max(50)).max(8)]).nullish();

const kwargsOf = {
  ensure_dtype: z.object({ dtype: z.string().max(20) }),
  clip: z.object({ min: z.number().nullish(), max: z.number().nullish() }),
  scale_linear: z.object({
    gain: numbers.default(1),
    offset: numbers.default(0),
    axis: z.string().max(50).nullish(),
    axes,
  }),
  zero_mean_unit_variance: z.object({
    mode: z.string().max(20).optional(),
    axes,
    eps: z.number().positive().default(epsilon),
    mean: numbers.nullish(),
    std: numbers.nullish(),
  }),
  fixed_zero_mean_unit_variance: z.object({
    mean: numbers,
    std: numbers,
    axis: z.string().max(50).nullish(),
  }),
  scale_range: z.object({
    mode: z.string().max(20).optional(),
    axes,
    eps: z.number().positive().default(epsilon),
    min_percentile: z.number().min(0).max(100).nullish(),
    max_percentile: z.number().min(0).max(100).nullish(),
    reference_tensor: z.string().max(200).nullish(),
  }),
  binarize: z.object({ threshold: numbers, axis: z.string().max(50).nullish() }),
  softmax: z.object({ axis: z.string().max(50).nullish() }),
} as const;

function kwargs<K extends keyof typeof kwargsOf>(
  id: K,
  step: Step,
  sidecar: Sidecar,
): z.infer<(typeof kwargsOf)[K]> {
  const at = { ...sidecar, path: `${sidecar.path}, ${step.field}` };
  // TypeScript does not see that the schema under a key gives the type under it.
  return checked(kwargsOf[id] as z.ZodType, step.kwargs, at) as z.infer<(typeof kwargsOf)[K]>;
}

export interface FoldedInput {
  fields: Pick<ModelManifest['input'], 'tileStatistics' | 'scale' | 'mean' | 'std' | 'clip'>;
  /** The steps' names, in their order. */
  names: string[];
}

/**
 * @param dtype of the graph's input
 * @throws {GigatileError} model-invalid, naming a step that is unknown or cannot be expressed exactly
 */
export function foldPreprocessing(
  tensor: RdfTensor,
  format: '0.4' | '0.5',
  bands: number,
  dtype: ModelManifest['input']['dtype'],
  sidecar: Sidecar,
): FoldedInput {
  const fold = new InputFold(bands);
  for (const step of tensor.steps) {
    try {
      apply(step, fold, tensor, format, dtype, sidecar);
    } catch (error) {
      if (!(error instanceof CannotFold)) throw error;
      throw refusedBySidecar(sidecar, step.field, `the step ${step.id} (${error.message})`);
    }
  }
  if (!fold.isPlain && !dtype.startsWith('float')) {
    const last = tensor.steps.findLast(({ id }) => id !== 'ensure_dtype');
    throw refusedBySidecar(
      sidecar,
      last?.field ?? 'preprocessing',
      `the step ${last?.id ?? ''} before an input of ${dtype}`,
    );
  }
  return { fields: fold.fields(), names: tensor.steps.map(({ id }) => id) };
}

function apply(
  step: Step,
  fold: InputFold,
  tensor: RdfTensor,
  format: '0.4' | '0.5',
  dtype: ModelManifest['input']['dtype'],
  sidecar: Sidecar,
): void {
  switch (step.id) {
    case 'ensure_dtype': {
      const to = kwargs('ensure_dtype', step, sidecar).dtype;
      // Whole numbers that stay whole, and what is computed in double precision anyway.
      const isHarmless = to === 'float32' || to === 'float64' || to === dtype;
      if (isHarmless && (to.startsWith('float') || fold.isPlain)) return;
      throw new CannotFold(`values are cut to ${to} on the way`);
    }
    case 'scale_linear': {
      const { gain, offset, axis, axes: along } = kwargs('scale_linear', step, sidecar);
      const isList = Array.isArray(gain) || Array.isArray(offset);
      if (isList) {
        const byChannel =
          format === '0.5'
            ? isChannel(axis, tensor.axes)
            : along === 'yx' || along === 'xy' || along === 'zyx';
        const isOne = [gain, offset].every((each) => !Array.isArray(each) || each.length === 1);
        if (!byChannel && !isOne) throw new CannotFold('its numbers are not one a channel');
      }
      fold.linear(gain, offset);
      return;
    }
    case 'zero_mean_unit_variance': {
      const given = kwargs('zero_mean_unit_variance', step, sidecar);
      const mode = given.mode ?? (format === '0.4' ? 'fixed' : 'per_sample');
      if (mode === 'fixed') {
        if (given.mean == null || given.std == null) throw new CannotFold('mean and std are not given');
        fixed(fold, given.mean, given.std, given.eps);
        return;
      }
      fold.statistics({
        kind: 'zero-mean-unit-variance',
        perBand: perBand(mode, given.axes, format, tensor.axes),
        eps: given.eps,
      });
      return;
    }
    case 'fixed_zero_mean_unit_variance': {
      const { mean, std, axis } = kwargs('fixed_zero_mean_unit_variance', step, sidecar);
      if ((Array.isArray(mean) || Array.isArray(std)) && !isChannel(axis, tensor.axes)) {
        throw new CannotFold('its numbers are not one a channel');
      }
      fixed(fold, mean, std, epsilon);
      return;
    }
    case 'scale_range': {
      const given = kwargs('scale_range', step, sidecar);
      if (given.reference_tensor != null && given.reference_tensor !== tensor.name) {
        throw new CannotFold(`its reference is another tensor, ${given.reference_tensor}`);
      }
      const [low, high] = [given.min_percentile ?? 0, given.max_percentile ?? 100];
      if (low >= high) throw new CannotFold('its percentiles are no range');
      fold.statistics({
        kind: 'percentiles',
        low,
        high,
        perBand: perBand(given.mode ?? 'per_sample', given.axes, format, tensor.axes),
        eps: given.eps,
      });
      return;
    }
    case 'clip': {
      const { min, max } = kwargs('clip', step, sidecar);
      fold.clip(min ?? -Infinity, max ?? Infinity);
      return;
    }
    default:
      throw refusedBySidecar(sidecar, step.field, `the step ${step.id}`);
  }
}

function isChannel(axis: string | null | undefined, all: readonly Axis[]): boolean {
  return all.some(({ kind, name }) => kind === 'channel' && name === axis);
}

function fixed(fold: InputFold, mean: number | number[], std: number | number[], eps: number): void {
  const means = [mean].flat();
  const stds = [std].flat();
  const length = Math.max(means.length, stds.length);
  if (stds.some((v) => !(v >= 0))) throw new CannotFold('a std is below 0');
  const at = (list: readonly number[], i: number): number => list[list.length === 1 ? 0 : i] ?? Number.NaN;
  const gains = Array.from({ length }, (_, i) => 1 / (at(stds, i) + eps));
  fold.linear(
    gains,
    gains.map((gain, i) => -at(means, i) * gain),
  );
}

/**
 * Of each channel by itself, or of all together.
 * @throws {CannotFold} where the statistics are those of all images, which nobody has
 */
function perBand(
  mode: string,
  given: z.infer<typeof axes>,
  format: '0.4' | '0.5',
  all: readonly Axis[],
): boolean {
  if (mode === 'per_dataset') throw new CannotFold('it needs statistics of a whole data set');
  if (mode !== 'per_sample') throw new CannotFold(`its mode is ${mode}`);
  if (given == null) {
    if (format === '0.4') return false;
    throw new CannotFold('without axes it needs statistics of a whole data set');
  }
  const names = typeof given === 'string' ? given.split('') : given;
  const has = (kind: Axis['kind']): boolean =>
    all.some((axis) => axis.kind === kind && names.includes(axis.name));
  if (has('batch')) throw new CannotFold('over the batch it needs statistics of a whole data set');
  if (!has('y') || !has('x')) throw new CannotFold(`its axes are ${names.join(', ')}`);
  const channels = all.find(({ kind }) => kind === 'channel');
  return channels === undefined ? false : !has('channel');
}

export interface Postprocessing {
  activation: 'none' | 'sigmoid' | 'softmax';
  /** Of a binarize. */
  threshold: number | null;
  factor: number | null;
  names: string[];
}

/** @throws {GigatileError} model-invalid, naming a step that is unknown or cannot be done here */
export function readPostprocessing(tensor: RdfTensor, sidecar: Sidecar): Postprocessing {
  const result: Postprocessing = { activation: 'none', threshold: null, factor: null, names: [] };
  for (const step of tensor.steps) {
    const refuse = (why: string): never => {
      throw refusedBySidecar(sidecar, step.field, `the step ${step.id} (${why})`);
    };
    if (result.threshold !== null && step.id !== 'ensure_dtype') refuse('after binarize');
    switch (step.id) {
      case 'ensure_dtype':
        break;
      case 'sigmoid':
      case 'softmax': {
        if (result.activation !== 'none' || result.factor !== null) refuse('not the first');
        const { axis } = kwargs('softmax', step, sidecar);
        if (step.id === 'softmax' && axis != null && axis !== 'c' && !isChannel(axis, tensor.axes)) {
          refuse(`along ${axis}`);
        }
        result.activation = step.id;
        break;
      }
      case 'binarize': {
        const { threshold } = kwargs('binarize', step, sidecar);
        const [first, ...others] = [threshold].flat();
        if (first === undefined || others.some((each) => each !== first)) refuse('a threshold a channel');
        else if (first < 0 || first > 1) refuse(`at ${first}, which is no probability`);
        else result.threshold = first;
        break;
      }
      case 'clip': {
        const { min, max } = kwargs('clip', step, sidecar);
        // Probabilities lie between 0 and 1 as they are.
        if (result.activation === 'none' || (min ?? 0) > 0 || (max ?? 1) < 1) refuse('it changes numbers');
        break;
      }
      case 'scale_linear': {
        const { gain, offset } = kwargs('scale_linear', step, sidecar);
        if (typeof gain !== 'number' || offset !== 0) refuse('more than one factor');
        else if (result.activation !== 'none') refuse('of probabilities');
        else result.factor = (result.factor ?? 1) * gain;
        break;
      }
      default:
        throw refusedBySidecar(sidecar, step.field, `the step ${step.id}`);
    }
    result.names.push(step.id);
  }
  return result;
}
