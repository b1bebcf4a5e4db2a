/** Which bands of an image a model takes. */
import { GigatileError } from '../contract/errors.ts';
import type { ImageInfo } from '../contract/image.ts';
import type { ModelManifest } from '../contract/model.ts';

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
  /** 0-based, in the model's order. */
  indexes: number[];
  notes: string[];
}

/** @throws {GigatileError} model-mismatch where a band is missing */
export function chooseBands(manifest: ModelManifest, info: ImageInfo): BandChoice {
  const bands = manifest.input.bands;
  if (bands.every((band) => band.startsWith('band-'))) return byNumber(manifest, info);
  const wanted = bands.filter((band): band is Band => band in patterns);
  if (wanted.length < bands.length) throw missing(manifest, info, bands.find((b) => !(b in patterns)) ?? '');
  const names = info.bandNames ?? [];
  const named = wanted.map((band) => names.findIndex((name) => patterns[band].test(name)));
  if (named.every((index) => index >= 0)) return { indexes: named, notes: [] };
  const someNamed = named.some((index) => index >= 0);
  const indexes = wanted.map((band, i) => {
    const byName = named[i] ?? -1;
    if (byName >= 0) return byName;
    const index = customary[band];
    if (index >= info.bands) throw missing(manifest, info, band);
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

/** `band-3`: the image's third one, whatever it is. */
function byNumber(manifest: ModelManifest, info: ImageInfo): BandChoice {
  const indexes = manifest.input.bands.map((band) => Number(band.slice('band-'.length)) - 1);
  const beyond = indexes.findIndex((index) => index >= info.bands);
  if (beyond >= 0) throw missing(manifest, info, manifest.input.bands[beyond] ?? '');
  return { indexes, notes: [] };
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
