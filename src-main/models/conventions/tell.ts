/** Errors and checks that all conventions of metadata need: what is wrong, in which key, against which part of the graph. */
import { GigatileError } from '../../contract/errors.ts';
import type { OnnxDimension, OnnxFacts, OnnxValue } from '../onnx-file/facts.ts';

/** More classes than any list of things has. */
const mostClasses = 100_000;

export function wrongMetadata(
  facts: OnnxFacts,
  key: string,
  message: string,
  cause?: unknown,
): GigatileError {
  return new GigatileError('model-invalid', `The model's metadata is wrong: ${key} ${message}`, {
    where: `${facts.file}, metadata ${key}`,
    hint: 'Export the model again, or describe it in a gigatile.json beside it.',
    cause,
  });
}

/** The metadata says one thing and the graph gives another. */
export function contradiction(facts: OnnxFacts, said: string, given: string): GigatileError {
  return new GigatileError('model-invalid', `The model contradicts itself: ${said}, but ${given}`, {
    where: facts.file,
    hint: 'Export the model again, or say in a gigatile.json beside it what is true.',
  });
}

export function refused(facts: OnnxFacts, message: string, hint: string): GigatileError {
  return new GigatileError('model-invalid', message, { where: facts.file, hint });
}

export function shapeText(dims: readonly OnnxDimension[] | null): string {
  return dims === null ? 'of unknown shape' : dims.map((dim) => dim ?? '?').join(' x ');
}

/**
 * Only checks: sizes that the graph leaves open fit anything.
 * @param expected null for any size
 * @param said what the metadata says, for the error: `the metadata says detect with 80 classes`
 */
export function checkShape(
  facts: OnnxFacts,
  value: OnnxValue,
  expected: readonly (number | null)[],
  said: string,
): void {
  const { dims } = value;
  if (dims === null) return;
  const fits =
    dims.length === expected.length &&
    expected.every((want, axis) => {
      const has = dims[axis];
      return want === null || typeof has !== 'number' || has === want;
    });
  if (fits) return;
  const wanted = expected.map((size) => size ?? 'any').join(' x ');
  throw contradiction(facts, `${said} (${wanted})`, `${value.name} is ${shapeText(dims)}`);
}

/** @throws {GigatileError} model-invalid where there are fewer */
export function outputAt(facts: OnnxFacts, index: number, said: string): OnnxValue {
  const output = facts.outputs[index];
  if (output !== undefined) return output;
  throw contradiction(facts, `${said} with ${index + 1} outputs`, `the graph has ${facts.outputs.length}`);
}

/** The one input of a model that takes an image; more than one is none of these conventions. */
export function onlyInput(facts: OnnxFacts, convention: string): OnnxValue {
  const [input] = facts.inputs;
  if (input !== undefined && facts.inputs.length === 1) return input;
  throw contradiction(
    facts,
    `a model of ${convention} takes one image`,
    `the graph takes ${facts.inputs.length === 0 ? 'nothing' : facts.inputs.map(({ name }) => name).join(', ')}`,
  );
}

/** @throws {GigatileError} model-invalid where it is no type that images are given as */
export function imageDtype(facts: OnnxFacts, input: OnnxValue): 'uint8' | 'uint16' | 'float32' | 'float16' {
  const { dtype } = input;
  if (dtype === 'uint8' || dtype === 'uint16' || dtype === 'float32' || dtype === 'float16') return dtype;
  throw refused(
    facts,
    `The input ${input.name} is ${dtype}; images are given as float32, float16, uint8 or uint16`,
    'Export the model with one of these types.',
  );
}

/**
 * Names by index, from a dictionary with the keys 0 to n-1 (whole numbers, or texts of them) or from a list.
 * @throws {GigatileError} model-invalid where it is neither, or an index is missing
 */
export function classNames(facts: OnnxFacts, key: string, value: unknown): string[] {
  const entries: [unknown, unknown][] = Array.isArray(value)
    ? value.map((name, index) => [index, name])
    : value instanceof Map
      ? [...(value as Map<unknown, unknown>)]
      : typeof value === 'object' && value !== null
        ? Object.entries(value)
        : [];
  if (entries.length === 0) throw wrongMetadata(facts, key, 'names no classes');
  if (entries.length > mostClasses) throw wrongMetadata(facts, key, `names more than ${mostClasses} classes`);
  const byIndex = new Map<number, string>();
  for (const [index, name] of entries) {
    const isIndex = typeof index === 'number' || (typeof index === 'string' && /^\d{1,6}$/.test(index));
    if (!isIndex || (typeof name !== 'string' && typeof name !== 'number')) {
      throw wrongMetadata(facts, key, 'must give a name for each number of a class');
    }
    byIndex.set(Number(index), String(name).trim());
  }
  return Array.from({ length: entries.length }, (_, index) => {
    const name = byIndex.get(index);
    if (name === undefined) throw wrongMetadata(facts, key, `has no class ${index} among ${entries.length}`);
    return name === '' ? `class ${index}` : name;
  });
}

/** A tenth of the tile on each side, a fifth between neighbours, where nothing says how much context a result needs. */
export function customaryHalo(tileSize: number): number {
  return Math.floor(tileSize / 10);
}

/**
 * Where an output is only the centre of its input, so much is missing on each side, and neighbours must overlap by it.
 * @param sizes height and width of the output
 * @returns 0 where they are not known
 */
export function centreMargin(sizes: readonly OnnxDimension[], tileSize: number): number {
  const known = sizes.filter((dim) => typeof dim === 'number');
  const margins = known.map((size) => Math.ceil((tileSize - size) / 2));
  return Math.max(0, ...margins.filter((margin) => margin < tileSize / 2));
}
