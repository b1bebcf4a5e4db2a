/** Ways to show an image that make sense for its bands. */
import type { BandInfo, ImageInfo } from '../../src-main/contract/image.ts';
import { mostChannels } from '../../src-main/contract/look.ts';
import type { BandStretch, Channel, DisplayLook, ImageLook } from '../../src-main/contract/look.ts';
import { colourBands } from '../../src-main/core/colour-bands.ts';
import { words } from '../words/words.ts';

export type BandedImage = Pick<ImageInfo, 'bands' | 'bandNames' | 'bandInfo' | 'dtype' | 'validity'>;

export interface Preset {
  id: string;
  label: string;
  /** null: as the image is shown by default. */
  look: DisplayLook | null;
}

/** Single bands that the list of presets offers; of more, the bands of a look are chosen one by one. */
const mostSingles = 48;

const channelCycle = ['#0000ff', '#00ff00', '#ff0000', '#ffff00', '#00ffff', '#ff00ff', '#ffffff'] as const;

export function bandName(image: BandedImage, band: number): string {
  const info: BandInfo | undefined = image.bandInfo?.[band];
  const name = image.bandNames?.[band]?.trim() || info?.name?.trim();
  if (name !== undefined && name !== '') return name;
  const meaning = info?.interpretation;
  return meaning == null || meaning === 'gray'
    ? words.look.band(band + 1)
    : words.look.bandMeaningBand(band + 1, meaning);
}

/** The stretch that a band starts with: of the default look where that shows it, else its 2nd to 98th percentile. */
export function startingStretch(description: ImageLook, band: number): BandStretch {
  const { look, bands } = description;
  const shown =
    look === null
      ? []
      : look.mode === 'rgb'
        ? look.bands
        : look.mode === 'single'
          ? [look.band]
          : look.channels;
  const own = shown.find((stretch) => stretch.band === band);
  if (own !== undefined) return { band, low: own.low, high: own.high, gamma: own.gamma };
  const { low, high } = bands[band] ?? { low: 0, high: 1 };
  return { band, low, high, gamma: 1 };
}

export function startingChannel(image: BandedImage, description: ImageLook, band: number): Channel {
  const { look } = description;
  const own = look?.mode === 'additive' ? look.channels.find((channel) => channel.band === band) : undefined;
  const color =
    own?.color ?? image.bandInfo?.[band]?.color ?? channelCycle[band % channelCycle.length] ?? '#ffffff';
  return { ...startingStretch(description, band), color };
}

export function presetsOf(image: BandedImage, description: ImageLook): Preset[] {
  const { look } = description;
  const presets: Preset[] = [{ id: 'default', label: defaultLabel(image, look), look: null }];
  const stretch = (band: number): BandStretch => startingStretch(description, band);
  const three = (red: number, green: number, blue: number): DisplayLook => ({
    mode: 'rgb',
    bands: [stretch(red), stretch(green), stretch(blue)],
  });
  if (look?.mode === 'additive') {
    const all = Math.min(image.bands, mostChannels);
    if (all > look.channels.length) {
      const channels = Array.from({ length: all }, (_, band) => startingChannel(image, description, band));
      presets.push({ id: 'all', label: words.look.allChannels(all), look: { mode: 'additive', channels } });
    }
  } else {
    const { red, green, blue, nir } = colourBands(image);
    if (red !== null && green !== null && blue !== null && !shows(look, [red, green, blue])) {
      presets.push({ id: 'natural', label: words.look.naturalColour, look: three(red, green, blue) });
    }
    if (nir !== null && red !== null && green !== null) {
      presets.push({ id: 'nir', label: words.look.falseColourNearInfrared, look: three(nir, red, green) });
    } else if (nir === null && image.bands === 4 && image.validity !== 'alpha') {
      // The usual order of aerial pictures with four bands; the label says that it is a guess.
      presets.push({ id: 'nir', label: words.look.falseColourBand4AsNear, look: three(3, 0, 1) });
    }
  }
  if (image.bands > 1) {
    for (let band = 0; band < Math.min(image.bands, mostSingles); band++) {
      if (image.bandInfo?.[band]?.interpretation === 'alpha') continue;
      const single: DisplayLook = { mode: 'single', band: stretch(band), palette: 'gray' };
      presets.push({ id: `band-${band}`, label: words.look.only(bandName(image, band)), look: single });
    }
  }
  return presets;
}

function defaultLabel(image: BandedImage, look: DisplayLook | null): string {
  if (look === null) return words.look.storedColours;
  if (look.mode === 'single') return bandName(image, look.band.band);
  if (look.mode === 'additive') {
    const count = look.channels.length;
    return count === image.bands
      ? words.look.allChannelsUpper
      : words.look.firstOfChannels(count, image.bands);
  }
  const { red, green, blue } = colourBands(image);
  const isNamed = red !== null && green !== null && blue !== null;
  if (isNamed ? shows(look, [red, green, blue]) : image.bands === 3 && image.dtype === 'uint8')
    return words.look.naturalColour;
  return words.look.bandsAsRedGreenBlue(look.bands.map(({ band }) => band + 1).join(', '));
}

function shows(look: DisplayLook | null, bands: readonly number[]): boolean {
  return look?.mode === 'rgb' && look.bands.every(({ band }, i) => band === bands[i]);
}

/** The preset that shows the same bands in the same way, whatever their contrast; null: none does. */
export function presetOf(
  look: DisplayLook | null,
  presets: readonly Preset[],
  description: ImageLook,
): string | null {
  if (look === null) return 'default';
  const isSame = (other: DisplayLook | null): boolean => {
    if (other?.mode !== look.mode) return false;
    if (look.mode === 'rgb' && other.mode === 'rgb')
      return shows(
        look,
        other.bands.map(({ band }) => band),
      );
    if (look.mode === 'single' && other.mode === 'single') return look.band.band === other.band.band;
    if (look.mode === 'additive' && other.mode === 'additive') {
      const bands = new Set(other.channels.map(({ band }) => band));
      return bands.size === look.channels.length && look.channels.every(({ band }) => bands.has(band));
    }
    return false;
  };
  return presets.find((preset) => isSame(preset.look ?? description.look))?.id ?? null;
}
