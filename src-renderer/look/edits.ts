/** One change of a look each; what cannot be a look (an empty range) is put right or left as it was. */
import { mostChannels } from '../../src-main/contract/look.ts';
import type { BandStretch, Channel, DisplayLook, SinglePalette } from '../../src-main/contract/look.ts';

export type Range = Pick<BandStretch, 'low' | 'high'>;

/** Places of a look that have a stretch: red, green and blue; the one band; or the channels in their order. */
export function stretchesOf(look: DisplayLook): readonly BandStretch[] {
  return look.mode === 'rgb' ? look.bands : look.mode === 'single' ? [look.band] : look.channels;
}

/** @param places which of stretchesOf are changed */
export function withRange(look: DisplayLook, places: readonly number[], { low, high }: Range): DisplayLook {
  if (!(high > low) || !Number.isFinite(low) || !Number.isFinite(high)) return look;
  return change(look, (stretch, place) => (places.includes(place) ? { ...stretch, low, high } : stretch));
}

export function withGamma(look: DisplayLook, gamma: number): DisplayLook {
  const value = Math.min(10, Math.max(0.1, gamma));
  return change(look, (stretch) => ({ ...stretch, gamma: value }));
}

/** Another band for red, green or blue, or for the single one. */
export function withBand(look: DisplayLook, place: number, stretch: BandStretch): DisplayLook {
  if (look.mode === 'additive') return look;
  return change(look, (old, at) => (at === place ? { ...stretch, gamma: old.gamma } : old));
}

/** Shows a channel, or hides it where it is shown. The order is the bands'. */
export function withChannel(look: DisplayLook, channel: Channel): DisplayLook {
  if (look.mode !== 'additive') return look;
  const others = look.channels.filter(({ band }) => band !== channel.band);
  if (others.length < look.channels.length) return { ...look, channels: others };
  if (others.length >= mostChannels) return look;
  return { ...look, channels: [...others, channel].toSorted((a, b) => a.band - b.band) };
}

export function withColor(look: DisplayLook, band: number, color: string): DisplayLook {
  if (look.mode !== 'additive' || !/^#[0-9a-f]{6}$/i.test(color)) return look;
  return {
    ...look,
    channels: look.channels.map((channel) =>
      channel.band === band ? { ...channel, color: color.toLowerCase() } : channel,
    ),
  };
}

export function withPalette(look: DisplayLook, palette: SinglePalette): DisplayLook {
  return look.mode === 'single' ? { ...look, palette } : look;
}

function change(look: DisplayLook, edit: (stretch: BandStretch, place: number) => BandStretch): DisplayLook {
  switch (look.mode) {
    case 'rgb': {
      const [red, green, blue] = look.bands;
      return { ...look, bands: [edit(red, 0), edit(green, 1), edit(blue, 2)] };
    }
    case 'single':
      return { ...look, band: edit(look.band, 0) };
    case 'additive':
      return {
        ...look,
        channels: look.channels.map((channel, place) => ({ ...channel, ...edit(channel, place) })),
      };
  }
}
