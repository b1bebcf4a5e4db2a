/** Bands, their scaling and their resolution, as a STAC item with MLM says them. */
import type { ModelManifest } from '../../contract/model.ts';
import type { MissingFact } from '../convention.ts';
import { CannotFold, InputFold } from './linear.ts';
import { refusedBySidecar, wrongSidecar, type Sidecar } from './read-sidecar.ts';
import type { StacBand, StacInput, StacItem } from './stac-mlm-schema.ts';

/** By STAC's common names; a sensor's own names (B04) say nothing about other images. */
export function bandsOf(
  item: StacItem,
  { bands }: StacInput,
  sidecar: Sidecar,
  count: number,
): { bands: string[] | null; missing: MissingFact[] } {
  const expression = bands.findIndex((band) => typeof band === 'object' && band.expression != null);
  if (expression >= 0) {
    throw refusedBySidecar(sidecar, `mlm:input.0.bands.${expression}`, 'a band that is computed of others');
  }
  const names = bands.map((band) => (typeof band === 'string' ? band : band.name));
  const described = describedBands(item);
  const common = names.map((name) => commonName(described.get(name)) ?? commonName({ name }));
  const known = common.filter((name) => name !== null);
  if (names.length === count && known.length === count && new Set(known).size === count) {
    return { bands: known, missing: [] };
  }
  return {
    bands: null,
    missing: [
      {
        fact: 'input.bands',
        question: `Which ${count} bands of your images are ${names.length === 0 ? 'its input' : names.join(', ')}, in this order (red, green, blue, nir, band-1 …)?`,
        suggestion: Array.from({ length: count }, (_, i) => `band-${i + 1}`).join(', '),
      },
    ],
  };
}

function describedBands({ properties, assets }: StacItem): Map<string, StacBand> {
  const lists = [properties, ...Object.values(assets)].flatMap((each) => [
    ...(each.bands ?? []),
    ...(each['eo:bands'] ?? []),
    ...(each['raster:bands'] ?? []),
  ]);
  const byName = new Map<string, StacBand>();
  for (const band of lists) {
    const { name = '' } = band;
    byName.set(name, { ...byName.get(name), ...band });
  }
  return byName;
}

function commonName(band: StacBand | undefined): 'red' | 'green' | 'blue' | 'nir' | null {
  const said = band?.common_name ?? band?.['eo:common_name'] ?? band?.name ?? '';
  return (['red', 'green', 'blue', 'nir'] as const).find((name) => name === said.toLowerCase()) ?? null;
}

/** Metres a pixel, where the item or all its bands say one number. */
export function resolutionOf(item: StacItem): number | null {
  if (item.properties.gsd !== undefined) return item.properties.gsd;
  const sizes = new Set([...describedBands(item).values()].map(({ gsd }) => gsd));
  const [only] = sizes;
  return sizes.size === 1 && only !== undefined ? only : null;
}

/** `value_scaling`: one object for all bands, or one a band. */
export function scalingOf(
  { value_scaling: scaling, norm_type: old }: StacInput,
  sidecar: Sidecar,
  count: number,
  dtype: ModelManifest['input']['dtype'],
): Partial<ModelManifest['input']> {
  if (old != null) {
    throw refusedBySidecar(sidecar, 'mlm:input.0.norm_type', 'a normalisation of MLM before 1.4');
  }
  if (scaling === null || scaling === undefined) return {};
  if (scaling.length !== 1 && scaling.length !== count) {
    throw wrongSidecar(
      sidecar,
      'mlm:input.0.value_scaling',
      `has ${scaling.length} entries for ${count} bands`,
    );
  }
  const fold = new InputFold(count);
  const steps = scaling.map((each, i) => stepOf(each, `mlm:input.0.value_scaling.${i}`, sidecar));
  try {
    const clips = steps.filter((step) => step.clip !== null);
    const [clip] = clips;
    if (clip?.clip != null) {
      const isOne = clips.length === steps.length && clips.every((c) => String(c.clip) === String(clip.clip));
      if (!isOne) throw new CannotFold('bands are clipped differently');
      fold.clip(...clip.clip);
    } else {
      fold.linear(
        steps.map(({ gain }) => gain),
        steps.map(({ offset }) => offset),
      );
    }
  } catch (error) {
    if (!(error instanceof CannotFold)) throw error;
    throw refusedBySidecar(sidecar, 'mlm:input.0.value_scaling', error.message);
  }
  if (!fold.isPlain && !dtype.startsWith('float')) {
    throw refusedBySidecar(
      sidecar,
      'mlm:input.0.value_scaling',
      `scaling of values that are given as ${dtype}`,
    );
  }
  return fold.fields();
}

interface Step {
  gain: number;
  offset: number;
  clip: [number, number] | null;
}

function stepOf(
  { type, ...given }: NonNullable<StacInput['value_scaling']>[number],
  field: string,
  sidecar: Sidecar,
): Step {
  const need = (key: keyof typeof given): number => {
    const value = given[key];
    if (value === undefined) throw wrongSidecar(sidecar, field, `has no ${key} for ${String(type)}`);
    return value;
  };
  const divisor = (value: number, what: string): number => {
    if (!(value > 0)) throw wrongSidecar(sidecar, field, `has ${what} that is not above 0`);
    return value;
  };
  switch (type) {
    case null:
      return { gain: 1, offset: 0, clip: null };
    case 'min-max': {
      const [low, high] = [need('minimum'), need('maximum')];
      const range = divisor(high - low, 'a range');
      return { gain: 1 / range, offset: -low / range, clip: null };
    }
    case 'z-score': {
      const deviation = divisor(need('stddev'), 'a stddev');
      return { gain: 1 / deviation, offset: -need('mean') / deviation, clip: null };
    }
    case 'offset':
      return { gain: 1, offset: -need('value'), clip: null };
    case 'scale':
      return { gain: 1 / divisor(need('value'), 'a value'), offset: 0, clip: null };
    case 'clip':
      return { gain: 1, offset: 0, clip: [need('minimum'), need('maximum')] };
    case 'clip-min':
      return { gain: 1, offset: 0, clip: [need('minimum'), Infinity] };
    case 'clip-max':
      return { gain: 1, offset: 0, clip: [-Infinity, need('maximum')] };
    default:
      throw refusedBySidecar(sidecar, field, `scaling by ${type}`);
  }
}
