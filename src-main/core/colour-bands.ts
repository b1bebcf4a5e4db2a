/** Which of an image's bands are red, green, blue and near infrared, by what the file calls them. */
import type { ImageInfo } from '../contract/image.ts';

export interface ColourBands {
  /** Indexes of bands; null where no band says that it is this one. */
  red: number | null;
  green: number | null;
  blue: number | null;
  nir: number | null;
}

type NamedBands = Pick<ImageInfo, 'bands' | 'bandNames' | 'bandInfo'>;

const words = {
  red: /(^|[^a-z])red(?![ _-]?edge)([^a-z]|$)/i,
  green: /(^|[^a-z])green([^a-z]|$)/i,
  blue: /(^|[^a-z])blue([^a-z]|$)/i,
  nir: /(^|[^a-z])(nir|near[ _-]?infra[ _-]?red)([^a-z0-9]|$)/i,
} as const satisfies Record<keyof ColourBands, RegExp>;

/** Sentinel-2 writes its bands with two digits; Landsat 8 and 9 have a band SR_B6, which Landsat 7 has not. */
const sensors = [
  { mark: /^B0[1-9]$/i, red: /^B04$/i, green: /^B03$/i, blue: /^B02$/i, nir: /^B08$/i },
  { mark: /^SR_B6$/i, red: /^SR_B4$/i, green: /^SR_B3$/i, blue: /^SR_B2$/i, nir: /^SR_B5$/i },
] as const;

/** Names go before the colour interpretation, which many writers leave at red, green, blue whatever the bands are. */
export function colourBands(info: NamedBands): ColourBands {
  const names = info.bandNames ?? info.bandInfo?.map(({ name }) => name ?? '') ?? [];
  const find = (pattern: RegExp): number | null => {
    const index = names.findIndex((name) => pattern.test(name.trim()));
    return index < 0 || index >= info.bands ? null : index;
  };
  const byWord: ColourBands = {
    red: find(words.red),
    green: find(words.green),
    blue: find(words.blue),
    nir: find(words.nir),
  };
  if (Object.values(byWord).some((band) => band !== null)) return byWord;
  const sensor = sensors.find(({ mark }) => find(mark) !== null);
  if (sensor !== undefined) {
    return {
      red: find(sensor.red),
      green: find(sensor.green),
      blue: find(sensor.blue),
      nir: find(sensor.nir),
    };
  }
  const interpreted = (meaning: string): number | null => {
    const index = info.bandInfo?.findIndex((band) => band.interpretation === meaning) ?? -1;
    return index < 0 ? null : index;
  };
  return {
    red: interpreted('red'),
    green: interpreted('green'),
    blue: interpreted('blue'),
    nir: interpreted('nir'),
  };
}
