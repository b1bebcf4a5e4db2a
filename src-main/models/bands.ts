/** Which bands of an image a model takes. */
import { GigatileError } from '../contract/errors.ts';
import type { ImageInfo } from '../contract/image.ts';
import type { ModelManifest } from '../contract/model.ts';
import { alphaBand } from './input/pixel-meaning.ts';

type Band = 'red' | 'green' | 'blue' | 'nir';

/** How files name bands: `Red`, `B4 red`, `NIR`, `near_infrared`. "Red edge" is another band. */
const patterns: Record<Band, RegExp> = {
  red: /(^|[^a-z])red(?![ _-]?edge)([^a-z]|$)/i,
  green: /(^|[^a-z])green([^a-z]|$)/i,
  blue: /(^|[^a-z])blue([^a-z]|$)/i,
  nir: /(^|[^a-z])(nir|near[ _-]?infra[ _-]?red)([^a-z0-9]|$)/i,
};

/** Where a band is expected when the file does not name its bands. */
const customary: Record<Band, number> = { red: 0, green: 1, blue: 2, nir: 3 };

export interface BandChoice {
  /** 0-based, in the model's order; see bandSources for `gray`. */
  indexes: number[];
  notes: string[];
}

/**
 * For each band of the model its band in the image; for `gray` the three that it is the luminance of, or the only one of a grey
 * image. In `indexes` they stand one after the other; a model has one `gray` at most.
 */
export function bandSources(bands: readonly string[], indexes: readonly number[]): readonly number[][] {
  const grays = indexes.length - bands.length + 1;
  let at = 0;
  return bands.map((band) => {
    const from = at;
    at += band === 'gray' ? grays : 1;
    return indexes.slice(from, at);
  });
}

/** @throws {GigatileError} model-mismatch where a band is missing */
export function chooseBands(manifest: ModelManifest, info: ImageInfo): BandChoice {
  const alpha = alphaBand(info);
  const isGrey = info.bands - (alpha === null ? 0 : 1) === 1;
  const wanted = manifest.input.bands.flatMap((band): readonly (Band | number)[] => {
    if (band === 'gray') return isGrey ? [alpha === 0 ? 1 : 0] : ['red', 'green', 'blue'];
    if (isNamed(band)) return [band];
    const index = Number(band.slice('band-'.length)) - 1;
    if (index >= info.bands) throw missing(manifest, info, band);
    if (index === alpha) throw isAlpha(manifest, info, band, index);
    return [index];
  });
  const named = namedBands(
    manifest,
    info,
    wanted.filter((band) => typeof band === 'string'),
    alpha,
  );
  let next = 0;
  return {
    indexes: wanted.map((band) => (typeof band === 'number' ? band : (named.indexes[next++] ?? 0))),
    notes: named.notes,
  };
}

function isNamed(band: string): band is Band {
  return band in patterns;
}

function namedBands(
  manifest: ModelManifest,
  info: ImageInfo,
  wanted: readonly Band[],
  alpha: number | null,
): BandChoice {
  const names = info.bandNames ?? [];
  const named = wanted.map((band) => {
    const byName = names.findIndex((name) => patterns[band].test(name));
    return byName >= 0
      ? byName
      : (info.bandInfo?.findIndex(({ interpretation }) => interpretation === band) ?? -1);
  });
  if (named.every((index) => index >= 0)) return { indexes: named, notes: [] };
  const someNamed = named.some((index) => index >= 0);
  const indexes = wanted.map((band, i) => {
    const byName = named[i] ?? -1;
    if (byName >= 0) return byName;
    const index = customary[band];
    if (index >= info.bands) throw missing(manifest, info, band);
    if (index === alpha) throw isAlpha(manifest, info, band, index);
    // Where some bands have names that fit, a band that is named otherwise is not taken for the one that is missing.
    const name = names[index] ?? '';
    if (isOther(name) || (someNamed && (band !== 'nir' || named.includes(index)))) {
      throw missing(manifest, info, band);
    }
    return index;
  });
  const ordinary = info.bands === 3 && wanted.every((band) => band !== 'nir');
  const guessed = wanted
    .filter((_, i) => (named[i] ?? -1) < 0)
    .map((band) => `${band} = band ${customary[band] + 1}`);
  return {
    indexes,
    notes: ordinary
      ? []
      : [`The file does not name these bands; by their usual order ${guessed.join(', ')}.`],
  };
}

/** Bands that say what they are, and are none that a model here takes. */
function isOther(name: string): boolean {
  return /alpha|swir|thermal|pan(chromatic)?\b|mask|coastal|red[ _-]?edge/i.test(name);
}

function missing(manifest: ModelManifest, info: ImageInfo, band: string): GigatileError {
  const names = info.bandNames?.some((name) => name !== '') === true ? ` (${info.bandNames.join(', ')})` : '';
  return new GigatileError(
    'model-mismatch',
    `${manifest.name} needs ${manifest.input.bands.join(', ')}; this image has ${info.bands} band${
      info.bands === 1 ? '' : 's'
    }${names} and no ${band} among them`,
    { where: info.name, hint: 'Choose a model for these bands, or an image that has them.' },
  );
}

function isAlpha(manifest: ModelManifest, info: ImageInfo, band: string, index: number): GigatileError {
  const { code, message, where } = missing(manifest, info, band);
  return new GigatileError(code, `${message}: band ${index + 1} is alpha (opacity)`, {
    where,
    hint: `Choose a model for these bands; if band ${index + 1} is one like the others, correct the file: gdal_edit.py -colorinterp_${index + 1} undefined <file>.`,
  });
}
