/** How an image is shown as long as nobody says otherwise. */
import type { BandInfo, PixelType } from '../../contract/image.ts';
import type { DisplayLook } from '../../contract/look.ts';
import { colourBands } from '../../core/colour-bands.ts';
import type { Raster } from '../image-source.ts';
import type { Colours } from '../pixel-backend.ts';
import { cutOff, percentileRange, signalCutOff } from './band-statistics.ts';

/** Of a large panel, that many channels are shown at first: all of them together are white. */
const firstChannels = 6;

export interface LookOfImage {
  bands: number;
  dtype: PixelType;
  colours: Colours;
  bandNames: string[] | null;
  bandInfo?: BandInfo[] | undefined;
}

/** Bytes that are grey or red, green and blue already; with an alpha band only where that is one, see isAlpha. */
export function isPlain({ dtype, colours }: LookOfImage, colourBands: number): boolean {
  return (
    dtype === 'uint8' &&
    colours.natural &&
    colours.channelColors === undefined &&
    (colourBands === 1 || colourBands === 3)
  );
}

/**
 * @param alphaBand the band that holds opacity and no colour, or null
 * @param valuesOf ascending values of a band that hold data
 */
export function defaultLook(
  image: LookOfImage,
  alphaBand: number | null,
  valuesOf: (band: number) => Float64Array,
): DisplayLook {
  const { channelColors } = image.colours;
  if (channelColors !== undefined) {
    const channels = channelColors.slice(0, firstChannels).map((color, band) => {
      return { band, color, gamma: 1, ...percentileRange(valuesOf(band), cutOff, signalCutOff) };
    });
    return { mode: 'additive', channels };
  }
  const count = image.bands - (alphaBand === null ? 0 : 1);
  const plain = isPlain(image, count);
  const stretch = (band: number) => {
    const range = plain ? { low: 0, high: 255 } : percentileRange(valuesOf(band), cutOff, cutOff);
    return { band, ...range, gamma: 1 };
  };
  const [first = 0, second, third] = shownBands(image, count);
  return second === undefined || third === undefined
    ? { mode: 'single', band: stretch(first), palette: 'gray' }
    : { mode: 'rgb', bands: [stretch(first), stretch(second), stretch(third)] };
}

/** Bands that the file calls red, green and blue; else the first three, else the first. */
function shownBands(image: LookOfImage, bands: number): number[] {
  if (bands < 3) return [0];
  const { red, green, blue } = colourBands({
    bands,
    bandNames: image.bandNames,
    bandInfo: image.bandInfo,
  });
  return red !== null && green !== null && blue !== null ? [red, green, blue] : [0, 1, 2];
}

/** GDAL tags any fourth band as alpha: a real one is (nearly) everywhere either nothing or the highest value. */
export function isAlpha(overview: Raster, band: number): boolean {
  const top = overview.dtype === 'uint8' ? 255 : overview.dtype === 'uint16' ? 65_535 : 1;
  let extremes = 0;
  for (let at = band; at < overview.data.length; at += overview.bands) {
    const value = overview.data[at];
    if (value === 0 || value === top) extremes++;
  }
  return extremes >= overview.width * overview.height * 0.98;
}
