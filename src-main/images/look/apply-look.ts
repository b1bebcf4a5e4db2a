/** Pixels through a look: stretch, gamma and colours; the same numbers wherever a pixel lies. */
import type { BandStretch, DisplayLook, SinglePalette } from '../../contract/look.ts';
import { cividis, sampleRamp, viridis } from '../../core/colour.ts';
import type { Rgb } from '../../core/colour.ts';
import type { PixelArray, Raster } from '../image-source.ts';

/**
 * 8-bit grey (1 band) or RGB (3 bands).
 * @param places where in the raster each of the image's bands lies; a raster may hold only those that the look shows
 */
export function applyLook(raster: Raster, look: DisplayLook, places: (band: number) => number): Raster {
  const { width, height } = raster;
  if (look.mode === 'additive') return { width, height, ...addChannels(raster, look.channels, places) };
  const shown = look.mode === 'rgb' ? look.bands : [look.band];
  const grey = stretchBands(raster, shown, places);
  if (look.mode === 'rgb' || look.palette === 'gray') return grey;
  return throughColours(grey, tableOf(paletteRamp(look.palette)));
}

function stretchBands(
  raster: Raster,
  shown: readonly BandStretch[],
  places: (band: number) => number,
): Raster {
  const { width, height, bands, data } = raster;
  const asTheyAre = data instanceof Uint8Array && shown.every(isIdentity);
  if (asTheyAre && shown.length === bands && shown.every(({ band }, i) => places(band) === i)) return raster;
  const out = new Uint8Array(width * height * shown.length);
  for (const [i, stretch] of shown.entries()) {
    const level = levelOf(stretch, data);
    const from = places(stretch.band);
    for (let pixel = from, to = i; to < out.length; pixel += bands, to += shown.length) {
      out[to] = level(data[pixel] ?? 0);
    }
  }
  return { width, height, bands: shown.length, dtype: 'uint8', data: out };
}

function addChannels(
  raster: Raster,
  channels: Extract<DisplayLook, { mode: 'additive' }>['channels'],
  places: (band: number) => number,
): Pick<Raster, 'bands' | 'dtype' | 'data'> {
  const { width, height, bands, data } = raster;
  // Clamped: a sum of light that is brighter than white is white.
  const out = new Uint8ClampedArray(width * height * 3);
  for (const channel of channels) {
    const level = levelOf(channel, data);
    const [red, green, blue] = colorShares(channel.color);
    for (let at = places(channel.band), to = 0; to < out.length; at += bands, to += 3) {
      const value = level(data[at] ?? 0);
      if (value === 0) continue;
      out[to] = (out[to] ?? 0) + value * red;
      out[to + 1] = (out[to + 1] ?? 0) + value * green;
      out[to + 2] = (out[to + 2] ?? 0) + value * blue;
    }
  }
  return { bands: 3, dtype: 'uint8', data: new Uint8Array(out.buffer) };
}

export function isIdentity({ low, high, gamma }: BandStretch): boolean {
  return low === 0 && high === 255 && gamma === 1;
}

/** From a value to 0-255; NaN gives 0. Of 8 and 16 bits by a table, because a power for each pixel is slow. */
function levelOf(stretch: BandStretch, data: PixelArray): (value: number) => number {
  const { low, high, gamma } = stretch;
  const scale = 255 / (high - low);
  const exponent = 1 / gamma;
  const exact = (value: number): number => {
    const linear = (value - low) * scale;
    const shaped = gamma === 1 ? linear : 255 * (Math.max(0, linear) / 255) ** exponent;
    return shaped >= 254.5 ? 255 : shaped > 0 ? Math.floor(shaped + 0.5) : 0;
  };
  const values = data instanceof Uint8Array ? 256 : data instanceof Uint16Array ? 65_536 : 0;
  if (values === 0 || data.length < values) return exact;
  const table = new Uint8Array(values);
  for (let value = 0; value < values; value++) table[value] = exact(value);
  return (value) => table[value] ?? 0;
}

function colorShares(color: string): Rgb {
  const share = (at: number): number => parseInt(color.slice(at, at + 2), 16) / 255;
  return [share(1), share(3), share(5)];
}

export function paletteRamp(palette: SinglePalette): readonly Rgb[] {
  switch (palette) {
    case 'viridis':
      return viridis;
    case 'cividis':
      return cividis;
    case 'gray-inverted':
      return [
        [255, 255, 255],
        [0, 0, 0],
      ];
    case 'gray':
      return [
        [0, 0, 0],
        [255, 255, 255],
      ];
  }
}

/** 256 x RGB. */
function tableOf(ramp: readonly Rgb[]): Uint8Array {
  const table = new Uint8Array(768);
  for (let level = 0; level < 256; level++) table.set(sampleRamp(ramp, level / 255), level * 3);
  return table;
}

/** One band of indexes to RGB, by a table of 256 colours. */
export function throughColours(indexes: Raster, table: Uint8Array): Raster {
  const { width, height, data } = indexes;
  const out = new Uint8Array(width * height * 3);
  for (let pixel = 0, to = 0; to < out.length; pixel++, to += 3) {
    const entry = (data[pixel] ?? 0) * 3;
    out[to] = table[entry] ?? 0;
    out[to + 1] = table[entry + 1] ?? 0;
    out[to + 2] = table[entry + 2] ?? 0;
  }
  return { width, height, bands: 3, dtype: 'uint8', data: out };
}
