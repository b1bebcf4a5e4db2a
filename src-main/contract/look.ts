/**
 * How bands become colours on the screen, as data that travels in a URL. Without a look an image is shown as it is stored, or
 * by its default look (`images.look` of the API).
 */
import { z } from 'zod';
import { GigatileError } from './errors.ts';

/** Channels that one look can add up; the URL of a tile stays below 2,000 characters. */
export const mostChannels = 32;

export const singlePalettes = ['gray', 'gray-inverted', 'viridis', 'cividis'] as const;
export type SinglePalette = (typeof singlePalettes)[number];

const stretch = {
  /** 0-based. */
  band: z.number().int().min(0).max(4095),
  /** The value that becomes dark, in the image's own numbers. */
  low: z.number(),
  /** The value that becomes bright. */
  high: z.number(),
  /** brightness = ((value - low) / (high - low)) ^ (1 / gamma): above 1 lifts the shadows. */
  gamma: z.number().min(0.1).max(10),
};

const isRange = ({ low, high }: { low: number; high: number }): boolean => high > low;
const rangeMessage = 'the high value must be above the low one';

export const bandStretchSchema = z.object(stretch).refine(isRange, rangeMessage);
export type BandStretch = z.infer<typeof bandStretchSchema>;

export const colorSchema = z.string().regex(/^#[0-9a-f]{6}$/);

export const channelSchema = z.object({ ...stretch, color: colorSchema }).refine(isRange, rangeMessage);
export type Channel = z.infer<typeof channelSchema>;

export const displayLookSchema = z.discriminatedUnion('mode', [
  /** Three bands as red, green and blue. */
  z.object({
    mode: z.literal('rgb'),
    bands: z.tuple([bandStretchSchema, bandStretchSchema, bandStretchSchema]),
  }),
  /** One band through a palette. */
  z.object({ mode: z.literal('single'), band: bandStretchSchema, palette: z.enum(singlePalettes) }),
  /** Each channel in its colour, added up as light: fluorescence. None of them gives black. */
  z.object({ mode: z.literal('additive'), channels: z.array(channelSchema).max(mostChannels) }),
]);
export type DisplayLook = z.infer<typeof displayLookSchema>;

/** What a band's pixels are like, from an overview of the whole image without no-data. */
export const bandStatisticsSchema = z.object({
  /** The range that the bins divide evenly: all values but for outliers far away from the rest, which count in the end bins. */
  min: z.number(),
  max: z.number(),
  /** 2nd and 98th percentile. */
  low: z.number(),
  high: z.number(),
  /** Pixels a bin, 64 bins; all 0 where the overview holds no data. */
  histogram: z.array(z.number().int().nonnegative()).length(64),
});
export type BandStatistics = z.infer<typeof bandStatisticsSchema>;

export const imageLookSchema = z.object({
  /** What is shown without a look; null: the stored colours, which no look describes (a palette). */
  look: displayLookSchema.nullable(),
  /** One a band, in the file's order. */
  bands: z.array(bandStatisticsSchema),
});
export type ImageLook = z.infer<typeof imageLookSchema>;

/** Bands that a look shows, without repetition, ascending. */
export function bandsOfLook(look: DisplayLook): number[] {
  const shown =
    look.mode === 'rgb'
      ? look.bands.map(({ band }) => band)
      : look.mode === 'single'
        ? [look.band.band]
        : look.channels.map(({ band }) => band);
  return [...new Set(shown)].toSorted((a, b) => a - b);
}

/** Seven digits are more than any screen shows; without a plus sign, which a URL would have to escape. */
function encodeNumber(value: number): string {
  return String(Number(value.toPrecision(7))).replace('e+', 'e');
}

function encodeStretch({ band, low, high, gamma }: BandStretch): string {
  return [band, low, high, gamma].map(encodeNumber).join('_');
}

/**
 * `rgb~3_102_2000_1~2_…~1_…`, `single~0_0_255_1~viridis`, `additive~0_90_4000_1_00ff00~…`: only characters that a URL carries
 * as they are. Equal looks give equal text.
 */
export function encodeLook(look: DisplayLook): string {
  switch (look.mode) {
    case 'rgb':
      return ['rgb', ...look.bands.map(encodeStretch)].join('~');
    case 'single':
      return ['single', encodeStretch(look.band), look.palette].join('~');
    case 'additive':
      return [
        'additive',
        ...look.channels.map((channel) => `${encodeStretch(channel)}_${channel.color.slice(1)}`),
      ].join('~');
  }
}

/** The longest text that encodeLook makes is shorter. */
const longest = 1900;
const numberPattern = /^-?\d+(?:\.\d+)?(?:e-?\d{1,3})?$/;

function parseStretch(text: string | undefined, fields: 4 | 5): Record<string, unknown> {
  const parts = text?.split('_') ?? [];
  const [band, low, high, gamma] = parts.slice(0, 4).map((part) => {
    return numberPattern.test(part) ? Number(part) : Number.NaN;
  });
  if (parts.length !== fields) return {};
  return { band, low, high, gamma, ...(fields === 5 && { color: `#${parts[4] ?? ''}` }) };
}

/** @throws {GigatileError} usage where the text is no look */
export function parseLook(text: string): DisplayLook {
  const [mode, ...parts] = text.length <= longest ? text.split('~') : [];
  const raw =
    mode === 'rgb'
      ? { mode, bands: parts.map((part) => parseStretch(part, 4)) }
      : mode === 'single' && parts.length === 2
        ? { mode, band: parseStretch(parts[0], 4), palette: parts[1] }
        : mode === 'additive'
          ? { mode, channels: parts.map((part) => parseStretch(part, 5)) }
          : null;
  const parsed = displayLookSchema.safeParse(raw);
  if (parsed.success) return parsed.data;
  throw new GigatileError('usage', `"${text.slice(0, 80)}" does not say how bands are shown`, {
    hint: 'For example rgb~0_0_255_1~1_0_255_1~2_0_255_1: band, low, high and gamma of red, green and blue.',
  });
}
