/** bioimage.io's rdf.yaml (bioimageio.yaml) of the formats 0.4 and 0.5, read into one form. */
import { z } from 'zod';
import { GigatileError } from '../../contract/errors.ts';
import { checked, isRecord, refusedBySidecar, wrongSidecar, type Sidecar } from './read-sidecar.ts';

/** Descriptions are some ten kilobytes; a parser of YAML takes much more memory and time than text. */
const largestYaml = 2 ** 17;
/** Brackets in brackets, each of which the parser looks at again from all outer ones. */
const deepest = 200;
/** An alias may stand for a tree of aliases: as many nodes may come of all of them. */
const mostAliases = 100;

/** Which sizes an axis of an image can have. */
export type AxisSize =
  | { kind: 'any' }
  | { kind: 'fixed'; size: number }
  /** min + n * step. */
  | { kind: 'steps'; min: number; step: number }
  /** Of the input's axis * scale + difference (in pixels of this axis, both sides together). */
  | { kind: 'like'; scale: number; difference: number };

export interface Axis {
  kind: 'batch' | 'channel' | 'y' | 'x' | 'other';
  name: string;
  size: AxisSize;
  /** Where they say what a channel is. */
  channelNames: string[] | null;
  /** Context that a result needs on each side, pixels; null where it is not stated. */
  halo: number | null;
  /** µm a pixel, where it is stated. */
  mpp: number | null;
}

export interface Step {
  /** As bioimage.io names it. */
  id: string;
  kwargs: Record<string, unknown>;
  /** For error messages: `inputs.0.preprocessing.1`. */
  field: string;
}

/** A file of the model's, by name; where it lies is for others to check. */
export interface SourceFile {
  source: string;
  sha256: string | null;
}

export interface RdfTensor {
  name: string;
  axes: Axis[];
  /** Type of the values as people have them, before the steps (0.5) or as the model takes them (0.4). */
  dtype: string;
  /** Names of a label's values, where it holds labels. */
  values: string[] | null;
  steps: Step[];
  test: SourceFile | null;
}

export interface Tolerance {
  relative: number;
  absolute: number;
  /** Numbers in a million that may differ by more. */
  mismatchedPerMillion: number;
}

export interface Rdf {
  format: '0.4' | '0.5';
  name: string;
  version: string | null;
  license: string;
  description: string;
  tags: string[];
  references: string[];
  onnx: SourceFile;
  inputs: RdfTensor[];
  outputs: RdfTensor[];
  tolerance: Tolerance;
}

/** @throws {GigatileError} model-invalid */
export async function parseYaml(text: string, sidecar: Sidecar): Promise<unknown> {
  const wrong = (message: string, cause?: unknown): GigatileError =>
    new GigatileError('model-invalid', `${sidecar.name} ${message}`, { where: sidecar.path, cause });
  if (text.length > largestYaml) throw wrong(`has more than ${largestYaml} characters`);
  if (isTooDeep(text)) throw wrong(`has brackets in brackets, more than ${deepest} deep`);
  // Its seventy files are loaded where there is something to read.
  const { parseDocument, visit } = await import('yaml');
  try {
    const document = parseDocument(text, {
      version: '1.2',
      schema: 'core',
      merge: false,
      // Each key would be compared with all before it: of a key that is there twice, the last counts.
      uniqueKeys: false,
      // The line of each of a hundred thousand errors would be counted from the start.
      prettyErrors: false,
      logLevel: 'silent',
    });
    const [error] = document.errors;
    if (error !== undefined) throw wrong(`is no YAML: ${error.message.split('\n')[0] ?? ''}`);
    let aliases = 0;
    visit(document, { Alias: () => (++aliases > mostAliases ? visit.BREAK : undefined) });
    if (aliases > mostAliases) throw wrong(`has more than ${mostAliases} aliases`);
    return document.toJS({ maxAliasCount: mostAliases });
  } catch (cause) {
    if (cause instanceof GigatileError) throw cause;
    // Too many aliases, and brackets in brackets until the stack is full.
    throw wrong(`cannot be read as YAML: ${cause instanceof Error ? cause.message : String(cause)}`, cause);
  }
}

/** Brackets in texts are counted too: no description has as many that nobody closes. */
function isTooDeep(yaml: string): boolean {
  let depth = 0;
  for (const [bracket] of yaml.matchAll(/[[\]{}]/g)) {
    depth = Math.max(0, depth + (bracket === '[' || bracket === '{' ? 1 : -1));
    if (depth > deepest) return true;
  }
  return false;
}

const text = z.string().max(100_000);
const number = z.number();
const count = number.int().min(1).max(10_000_000);
const stepSchema = z.object({
  id: text.optional(),
  name: text.optional(),
  kwargs: z.record(z.string(), z.unknown()).nullish(),
});
const fileSchema = z.union([text, z.object({ source: text, sha256: text.nullish() })]);

const tensor04 = z.object({
  name: text,
  axes: z.union([z.string().max(20), z.array(text).max(8)]),
  data_type: text.optional(),
  shape: z.union([
    z.array(number.int().min(0)).max(8),
    z.object({ min: z.array(number.int().min(0)).max(8), step: z.array(number.int().min(0)).max(8) }),
    z.object({
      reference_tensor: text,
      scale: z.array(number.nullable()).max(8),
      offset: z.array(number).max(8),
    }),
  ]),
  halo: z.array(number.int().min(0)).max(8).nullish(),
  preprocessing: z.array(stepSchema).max(100).nullish(),
  postprocessing: z.array(stepSchema).max(100).nullish(),
});

const size05 = z.union([
  count,
  z.object({ min: count, step: number.int().min(0) }),
  z.object({ tensor_id: text.optional(), axis_id: text, offset: number.int().optional() }),
  z.object({ min: number.int().min(0).optional(), max: number.int().nullish() }),
]);
const axis05 = z.object({
  type: text,
  id: text.optional(),
  size: size05.nullish(),
  channel_names: z.array(text).max(100_000).nullish(),
  halo: number.int().min(0).nullish(),
  scale: number.positive().optional(),
  unit: text.nullish(),
});
const data05 = z.object({
  type: text.optional(),
  values: z.array(z.union([text, number, z.boolean()])).nullish(),
});
const tensor05 = z.object({
  id: text,
  axes: z.array(axis05).min(1).max(8),
  data: z.union([data05, z.array(data05).min(1)]).optional(),
  preprocessing: z.array(stepSchema).max(100).nullish(),
  postprocessing: z.array(stepSchema).max(100).nullish(),
  test_tensor: fileSchema.nullish(),
});

const shared = {
  name: text,
  version: z.union([text, number]).nullish(),
  license: text.nullish(),
  description: text.nullish(),
  tags: z.array(text).max(10_000).nullish(),
  cite: z
    .array(z.object({ text: text.nullish(), doi: text.nullish(), url: text.nullish() }))
    .max(10_000)
    .nullish(),
  weights: z.object({ onnx: z.object({ source: text, sha256: text.nullish() }) }),
};
const toleranceSchema = z.object({
  relative_tolerance: number.min(0).optional(),
  absolute_tolerance: number.min(0).optional(),
  mismatched_elements_per_million: number.min(0).optional(),
  weights_formats: z.array(text).nullish(),
});
const rdf04 = z.object({
  ...shared,
  inputs: z.array(tensor04).min(1).max(100),
  outputs: z.array(tensor04).min(1).max(100),
  test_inputs: z.array(fileSchema).max(100).nullish(),
  test_outputs: z.array(fileSchema).max(100).nullish(),
});
const rdf05 = z.object({
  ...shared,
  inputs: z.array(tensor05).min(1).max(100),
  outputs: z.array(tensor05).min(1).max(100),
  config: z
    .object({
      bioimageio: z
        .object({ reproducibility_tolerance: z.array(toleranceSchema).max(100).nullish() })
        .nullish(),
    })
    .nullish(),
});

/** @returns null where this is no model, or one without ONNX weights. @throws {GigatileError} model-invalid */
export function readRdf(data: unknown, sidecar: Sidecar): Rdf | null {
  if (!isRecord(data) || data['type'] !== 'model') return null;
  const { weights, format_version: version } = data;
  if (!isRecord(weights) || !('onnx' in weights)) return null;
  const format = /^0\.([45])(?:\.|$)/.exec(String(version))?.[1];
  if (format === '4') return of04(checked(rdf04, data, sidecar), sidecar);
  if (format === '5') return of05(checked(rdf05, data, sidecar), sidecar);
  throw refusedBySidecar(sidecar, 'format_version', `format ${String(version)}: 0.4 and 0.5 are read`);
}

function sharedOf(
  rdf: z.infer<typeof rdf04> | z.infer<typeof rdf05>,
): Omit<Rdf, 'format' | 'inputs' | 'outputs' | 'tolerance'> {
  const { onnx } = rdf.weights;
  return {
    name: rdf.name,
    version: rdf.version == null ? null : String(rdf.version),
    license: rdf.license ?? '',
    description: rdf.description ?? '',
    tags: (rdf.tags ?? []).map((tag) => tag.toLowerCase().trim()),
    references: (rdf.cite ?? [])
      .map((c) => [c.text, c.doi, c.url].filter(Boolean).join(' '))
      .filter((c) => c !== ''),
    onnx: { source: onnx.source, sha256: onnx.sha256 ?? null },
  };
}

/** Letters of 0.4. */
const letters: Readonly<Record<string, Axis['kind']>> = { b: 'batch', c: 'channel', y: 'y', x: 'x' };
const words: Readonly<Record<string, string>> = { batch: 'b', channel: 'c', index: 'i', time: 't' };

function of04(rdf: z.infer<typeof rdf04>, sidecar: Sidecar): Rdf {
  const tests = (files: typeof rdf.test_inputs, i: number): SourceFile | null => sourceOf(files?.[i]);
  return {
    ...sharedOf(rdf),
    format: '0.4',
    inputs: rdf.inputs.map((t, i) => tensorOf04(t, `inputs.${i}`, sidecar, tests(rdf.test_inputs, i))),
    outputs: rdf.outputs.map((t, i) => tensorOf04(t, `outputs.${i}`, sidecar, tests(rdf.test_outputs, i))),
    tolerance: { relative: 1e-3, absolute: 1e-4, mismatchedPerMillion: 0 },
  };
}

function tensorOf04(
  tensor: z.infer<typeof tensor04>,
  field: string,
  sidecar: Sidecar,
  test: SourceFile | null,
): RdfTensor {
  const names =
    typeof tensor.axes === 'string' ? tensor.axes.split('') : tensor.axes.map((a) => words[a] ?? a);
  const { shape } = tensor;
  const lists = Array.isArray(shape)
    ? [shape]
    : 'min' in shape
      ? [shape.min, shape.step]
      : [shape.scale, shape.offset];
  if (
    lists.some((list) => list.length !== names.length) ||
    (tensor.halo && tensor.halo.length !== names.length)
  ) {
    throw wrongSidecar(
      sidecar,
      `${field}.shape`,
      `and halo have not one number for each axis of ${names.join('')}`,
    );
  }
  const sizeOf = (i: number): AxisSize => {
    if (Array.isArray(shape)) return { kind: 'fixed', size: shape[i] ?? 0 };
    if ('min' in shape) {
      const [min = 0, step = 0] = [shape.min[i], shape.step[i]];
      return step === 0 ? { kind: 'fixed', size: min } : { kind: 'steps', min, step };
    }
    // 0.4: size = scale * size of the input + 2 * offset.
    return { kind: 'like', scale: shape.scale[i] ?? 1, difference: 2 * (shape.offset[i] ?? 0) };
  };
  return {
    name: tensor.name,
    axes: names.map((name, i) => ({
      kind: letters[name] ?? 'other',
      name,
      size: sizeOf(i),
      channelNames: null,
      halo: tensor.halo?.[i] ?? null,
      mpp: null,
    })),
    dtype: tensor.data_type ?? 'float32',
    values: null,
    steps: stepsOf(tensor, field, sidecar),
    test,
  };
}

function of05(rdf: z.infer<typeof rdf05>, sidecar: Sidecar): Rdf {
  const inputs = rdf.inputs.map((t, i) => tensorOf05(t, `inputs.${i}`, sidecar, rdf.inputs));
  const outputs = rdf.outputs.map((t, i) => tensorOf05(t, `outputs.${i}`, sidecar, rdf.inputs));
  const stated = rdf.config?.bioimageio?.reproducibility_tolerance ?? [];
  const own = stated.find(({ weights_formats: of }) => of == null || of.length === 0 || of.includes('onnx'));
  return {
    ...sharedOf(rdf),
    format: '0.5',
    inputs,
    outputs,
    tolerance: {
      relative: own?.relative_tolerance ?? 1e-3,
      absolute: own?.absolute_tolerance ?? 1e-4,
      mismatchedPerMillion: own?.mismatched_elements_per_million ?? 100,
    },
  };
}

type Tensor05 = z.infer<typeof tensor05>;
type Axis05 = z.infer<typeof axis05>;

const perMicrometre: Readonly<Record<string, number>> = { nanometer: 1e-3, micrometer: 1, millimeter: 1e3 };

function idOf(axis: Axis05): string {
  return axis.id ?? axis.type;
}

function tensorOf05(
  tensor: Tensor05,
  field: string,
  sidecar: Sidecar,
  inputs: readonly Tensor05[],
): RdfTensor {
  const data = Array.isArray(tensor.data) ? tensor.data[0] : tensor.data;
  return {
    name: tensor.id,
    axes: tensor.axes.map((axis, i) => axisOf05(axis, `${field}.axes.${i}`, sidecar, tensor, inputs)),
    dtype: data?.type ?? 'float32',
    values: data?.values == null ? null : data.values.map(String),
    steps: stepsOf(tensor, field, sidecar),
    test: sourceOf(tensor.test_tensor),
  };
}

function axisOf05(
  axis: Axis05,
  field: string,
  sidecar: Sidecar,
  tensor: Tensor05,
  inputs: readonly Tensor05[],
): Axis {
  const name = idOf(axis);
  const kind =
    axis.type === 'batch' || axis.type === 'channel'
      ? axis.type
      : axis.type === 'space' && (name === 'y' || name === 'x')
        ? name
        : 'other';
  const named = axis.channel_names ?? null;
  // `channel0` is what is written where nobody named them.
  const isNamed =
    named !== null && !named.every((each, i) => each === `channel${i}` || each === `channel${i + 1}`);
  const micrometres = perMicrometre[axis.unit ?? ''];
  return {
    kind,
    name,
    size:
      axis.type === 'channel' && named !== null
        ? { kind: 'fixed', size: named.length }
        : sizeOf05(axis, field, sidecar, tensor, inputs),
    channelNames: isNamed ? named : null,
    halo: axis.halo ?? null,
    mpp: micrometres === undefined || axis.scale === undefined ? null : micrometres * axis.scale,
  };
}

function sizeOf05(
  axis: Axis05,
  field: string,
  sidecar: Sidecar,
  tensor: Tensor05,
  inputs: readonly Tensor05[],
): AxisSize {
  const { size } = axis;
  if (size == null) return { kind: 'any' };
  if (typeof size === 'number') return { kind: 'fixed', size };
  if ('step' in size) {
    return size.step === 0
      ? { kind: 'fixed', size: size.min }
      : { kind: 'steps', min: size.min, step: size.step };
  }
  if (!('axis_id' in size)) return { kind: 'any' };
  const of =
    inputs.find(({ id }) => id === size.tensor_id) ?? (size.tensor_id === undefined ? tensor : undefined);
  const referred = of?.axes.find((each) => idOf(each) === size.axis_id);
  if (of === undefined || referred === undefined || referred === axis) {
    throw wrongSidecar(sidecar, `${field}.size`, `refers to an axis that is not there: ${size.axis_id}`);
  }
  // 0.5: size = size of the other * its scale / own scale + offset.
  const scale = (referred.scale ?? 1) / (axis.scale ?? 1);
  const difference = size.offset ?? 0;
  if (inputs.includes(tensor)) {
    const other = referred.size;
    if (typeof other === 'number') return { kind: 'fixed', size: Math.round(other * scale + difference) };
    if (other != null && 'step' in other && scale === 1 && difference === 0) {
      return { kind: 'steps', min: other.min, step: other.step };
    }
    throw refusedBySidecar(sidecar, `${field}.size`, 'a size of the input that follows from another size');
  }
  return { kind: 'like', scale, difference };
}

function stepsOf(tensor: z.infer<typeof tensor04> | Tensor05, field: string, sidecar: Sidecar): Step[] {
  const key = tensor.preprocessing == null ? 'postprocessing' : 'preprocessing';
  return (tensor[key] ?? []).map((step, i) => {
    const id = step.id ?? step.name;
    const at = `${field}.${key}.${i}`;
    if (id === undefined) throw wrongSidecar(sidecar, at, 'has no name');
    return { id, kwargs: step.kwargs ?? {}, field: at };
  });
}

function sourceOf(file: z.infer<typeof fileSchema> | null | undefined): SourceFile | null {
  if (file == null) return null;
  return typeof file === 'string'
    ? { source: file, sha256: null }
    : { source: file.source, sha256: file.sha256 ?? null };
}
