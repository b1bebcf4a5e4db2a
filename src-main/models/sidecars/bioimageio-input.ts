/** Tiles, bands and context, from the axes of bioimage.io's tensors. */
import type { ModelManifest } from '../../contract/model.ts';
import type { MissingFact } from '../convention.ts';
import type { OnnxValue } from '../onnx-file/facts.ts';
import type { Axis, RdfTensor } from './bioimageio-rdf.ts';
import { refusedBySidecar, type Sidecar } from './read-sidecar.ts';

type Tile = Pick<ModelManifest['input'], 'tileSize' | 'tileHeight' | 'fixedSize' | 'multipleOf'>;

/** Where a model takes many sizes. */
const usualTile = 512;
const largestTile = 4096;

interface Sizes {
  size: number;
  /** 0: this size only. */
  step: number;
  /** Sizes are multiples of the step. */
  isMultiple: boolean;
}

export function tileOf(
  { axes }: RdfTensor,
  { dims }: OnnxValue,
  layout: 'NCHW' | 'NHWC',
  sidecar: Sidecar,
): Tile {
  const at = layout === 'NCHW' ? 2 : 1;
  const y = sizesOf(
    axes.find(({ kind }) => kind === 'y'),
    dims?.[at],
    sidecar,
  );
  const x = sizesOf(
    axes.find(({ kind }) => kind === 'x'),
    dims?.[at + 1],
    sidecar,
  );
  const isFixed = y.step === 0 || x.step === 0 || !y.isMultiple || !x.isMultiple;
  const sizes = { tileSize: x.size, ...(x.size === y.size ? {} : { tileHeight: y.size }) };
  if (isFixed) return { ...sizes, fixedSize: true };
  const multipleOf = lcm(x.step, y.step);
  const up = (size: number): number => Math.ceil(size / multipleOf) * multipleOf;
  const [width, height] = [up(x.size), up(y.size)];
  return {
    tileSize: width,
    ...(width === height ? {} : { tileHeight: height }),
    fixedSize: false,
    ...(multipleOf === 1 ? {} : { multipleOf }),
  };
}

function sizesOf(axis: Axis | undefined, inGraph: unknown, sidecar: Sidecar): Sizes {
  const size = axis?.size ?? { kind: 'any' };
  const field = `inputs.0, axis ${axis?.name ?? ''}`;
  if (typeof inGraph === 'number') {
    const fits = size.kind !== 'steps' || (inGraph >= size.min && (inGraph - size.min) % size.step === 0);
    if (!fits) throw refusedBySidecar(sidecar, field, `sizes among which the graph's, ${inGraph}, is not`);
    return { size: inGraph, step: 0, isMultiple: true };
  }
  switch (size.kind) {
    case 'fixed':
      if (size.size < 1 || size.size > largestTile) break;
      return { size: size.size, step: 0, isMultiple: true };
    case 'steps': {
      if (size.min > largestTile || size.step > 10 * largestTile) break;
      // The last size up to the usual one; a size of min + n * step where that is no multiple of step.
      const isMultiple = size.min % size.step === 0;
      const steps = Math.max(0, Math.floor((usualTile - size.min) / size.step));
      const chosen = size.min + steps * size.step;
      return { size: chosen === 0 ? size.step : chosen, step: size.step, isMultiple };
    }
    case 'any':
      return { size: usualTile, step: 1, isMultiple: true };
    case 'like':
      break;
  }
  throw refusedBySidecar(sidecar, field, 'tiles of more than 4096 px, or of a size that follows from others');
}

function lcm(a: number, b: number): number {
  let [x, y] = [a, b];
  while (y !== 0) [x, y] = [y, x % y];
  return (a / x) * b;
}

/**
 * Context on each side, input pixels: what is to be cut off an output (`halo`), and what an output is smaller than its input. Null
 * where neither is stated.
 * @throws {GigatileError} model-invalid where an output has pixels of another size than the input
 */
export function haloOf({ axes }: RdfTensor, tile: Tile, sidecar: Sidecar): number | null {
  let halo: number | null = null;
  for (const axis of axes) {
    if (axis.kind !== 'y' && axis.kind !== 'x') continue;
    const { size } = axis;
    const from = axis.kind === 'x' ? tile.tileSize : (tile.tileHeight ?? tile.tileSize);
    let less = 0;
    if (size.kind === 'like') {
      if (size.scale !== 1)
        throw refusedBySidecar(sidecar, 'outputs.0', `an output of ${size.scale} times the size`);
      less = -size.difference;
    } else if (size.kind === 'fixed') less = from - size.size;
    if (less < 0) throw refusedBySidecar(sidecar, 'outputs.0', 'an output that is larger than its input');
    const side = (axis.halo ?? 0) + Math.ceil(less / 2);
    if (axis.halo !== null || less > 0) halo = Math.max(halo ?? 0, side);
  }
  return halo;
}

const colours: Readonly<Record<string, string>> = {
  r: 'red',
  red: 'red',
  g: 'green',
  green: 'green',
  b: 'blue',
  blue: 'blue',
  nir: 'nir',
  gray: 'gray',
  grey: 'gray',
};

export function bandsOf(
  { axes }: RdfTensor,
  count: number,
): { bands: string[] | null; missing: MissingFact[] } {
  const names = axes.find(({ kind }) => kind === 'channel')?.channelNames ?? null;
  const bands = names?.map((name) => colours[name.toLowerCase().trim()]);
  if (bands !== undefined && bands.length === count && new Set(bands).size === count) {
    const known = bands.filter((band) => band !== undefined);
    if (known.length === count) return { bands: known, missing: [] };
  }
  return {
    bands: null,
    missing: [
      {
        fact: 'input.bands',
        question: `Which ${count === 1 ? 'band' : `${count} bands`} of your images does it take${names === null ? '' : ` as ${names.join(', ')}`}, in its order (red, green, blue, nir, gray, band-1 …)?`,
        ...(count === 3 ? { suggestion: 'red, green, blue' } : count === 1 ? { suggestion: 'band-1' } : {}),
      },
    ],
  };
}
