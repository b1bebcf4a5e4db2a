/**
 * From an image's own pixels to what a screen shows: 8-bit grey, RGB or (where there is no data) RGBA. One rule for the whole
 * image, so that neighbouring tiles fit together.
 */
import type { PixelType } from '../contract/image.ts';
import type { Raster } from './image-source.ts';
import type { Colours } from './pixel-backend.ts';

export interface RenderedImage {
  bands: number;
  dtype: PixelType;
  colours: Colours;
  bandNames: readonly string[] | null;
  /** NaN pixels never count as data. */
  noData: number | null;
}

interface Rule {
  /** Bands shown as red, green, blue, or the one shown as grey. */
  shown: readonly number[];
  /** Per shown band: the values that become 0 and 255. null: bytes as they are. */
  ranges: readonly { low: number; high: number }[] | null;
  alphaBand: number | null;
}

/** The part of values at either end that the stretch cuts off. */
const cutOff = 0.02;

export class DisplayRenderer {
  readonly #image: RenderedImage;
  readonly #overview: () => Promise<Raster>;
  #rule: Promise<Rule> | null = null;

  /** `overview` gives a small picture of the whole image, or a fair sample of it; asked for once, and only if needed. */
  constructor(image: RenderedImage, overview: () => Promise<Raster>) {
    this.#image = image;
    this.#overview = overview;
  }

  /** 1 or 3 bands where every pixel is data, else 4 with alpha. */
  async render(raster: Raster): Promise<Raster> {
    this.#rule ??= this.#makeRule();
    const rule = await this.#rule;
    const { palette } = this.#image.colours;
    const opaque = palette === null ? applyRule(raster, rule) : applyPalette(raster, palette);
    const hidden = this.#hiddenPixels(raster, rule);
    return hidden === null ? opaque : withAlpha(opaque, hidden);
  }

  async #makeRule(): Promise<Rule> {
    const { bands, dtype, colours, bandNames } = this.#image;
    const mayHaveAlpha = colours.alphaBand !== null && colours.alphaBand < bands;
    const colourBands = bands - (mayHaveAlpha ? 1 : 0);
    const asItIs = dtype === 'uint8' && colours.natural && colourBands <= 3 && colourBands !== 2;
    if (asItIs && !mayHaveAlpha)
      return { shown: shownBands(bands, bandNames), ranges: null, alphaBand: null };
    const overview = await this.#overview();
    const alphaBand = mayHaveAlpha && isAlpha(overview, colours.alphaBand ?? 0) ? colours.alphaBand : null;
    const isPlain = asItIs && (alphaBand !== null || bands <= 3);
    const shown = shownBands(alphaBand === null ? bands : bands - 1, bandNames);
    const ranges = isPlain ? null : shown.map((band) => this.#range(overview, band, alphaBand));
    return { shown, ranges, alphaBand };
  }

  /** 2nd to 98th percentile of a band's data. */
  #range(overview: Raster, band: number, alphaBand: number | null): { low: number; high: number } {
    const { data, bands } = overview;
    const values = new Float64Array(overview.width * overview.height);
    let count = 0;
    for (let at = 0; at < data.length; at += bands) {
      const value = data[at + band] ?? 0;
      if (value === this.#image.noData || !Number.isFinite(value)) continue;
      if (alphaBand !== null && data[at + alphaBand] === 0) continue;
      values[count++] = value;
    }
    if (count === 0) return { low: 0, high: 1 };
    const sorted = values.subarray(0, count).sort();
    const low = sorted[Math.floor((count - 1) * cutOff)] ?? 0;
    const high = sorted[Math.ceil((count - 1) * (1 - cutOff))] ?? 0;
    return { low, high: high > low ? high : low + 1 };
  }

  /** Pixels without data (1), or null where there are none. */
  #hiddenPixels(raster: Raster, rule: Rule): Uint8Array | null {
    const { noData } = this.#image;
    const isFloat = raster.dtype.startsWith('float');
    if (noData === null && rule.alphaBand === null && !isFloat) return null;
    const { data, bands } = raster;
    const hidden = new Uint8Array(raster.width * raster.height);
    let any = false;
    for (let pixel = 0; pixel < hidden.length; pixel++) {
      const at = pixel * bands;
      let isHidden = rule.alphaBand !== null && data[at + rule.alphaBand] === 0;
      if (!isHidden && (noData !== null || isFloat)) {
        isHidden = rule.shown.every((band) => {
          const value = data[at + band] ?? 0;
          return value === noData || Number.isNaN(value);
        });
      }
      if (isHidden) {
        hidden[pixel] = 1;
        any = true;
      }
    }
    return any ? hidden : null;
  }
}

/** Bands named red, green and blue where the file names them; else the first three, else the first. */
function shownBands(bands: number, names: readonly string[] | null): number[] {
  const named = ['red', 'green', 'blue'].map(
    (colour) => names?.findIndex((name) => new RegExp(`\\b${colour}\\b`, 'i').test(name)) ?? -1,
  );
  if (bands >= 3 && named.every((band) => band >= 0 && band < bands)) return named;
  return bands >= 3 ? [0, 1, 2] : [0];
}

/** GDAL tags any fourth band as alpha: a real one is (nearly) everywhere either nothing or the highest value. */
function isAlpha(overview: Raster, band: number): boolean {
  const top = overview.dtype === 'uint8' ? 255 : overview.dtype === 'uint16' ? 65_535 : 1;
  let extremes = 0;
  for (let at = band; at < overview.data.length; at += overview.bands) {
    const value = overview.data[at];
    if (value === 0 || value === top) extremes++;
  }
  return extremes >= overview.width * overview.height * 0.98;
}

function applyRule(raster: Raster, rule: Rule): Raster {
  const { width, height, bands, data } = raster;
  const { shown, ranges } = rule;
  const pixels = width * height;
  if (ranges === null && data instanceof Uint8Array && shown.length === bands) {
    if (shown.every((band, i) => band === i)) return raster;
  }
  const out = new Uint8Array(pixels * shown.length);
  for (const [i, band] of shown.entries()) {
    const range = ranges?.[i];
    const scale = range === undefined ? 1 : 255 / (range.high - range.low);
    const low = range?.low ?? 0;
    for (let pixel = 0, from = band, to = i; pixel < pixels; pixel++, from += bands, to += shown.length) {
      const value = ((data[from] ?? 0) - low) * scale + 0.5;
      out[to] = value <= 0 ? 0 : value >= 255 ? 255 : value;
    }
  }
  return { width, height, bands: shown.length, dtype: 'uint8', data: out };
}

function applyPalette(raster: Raster, palette: Uint8Array): Raster {
  const { width, height, data } = raster;
  const out = new Uint8Array(width * height * 3);
  for (let pixel = 0; pixel < width * height; pixel++) {
    const entry = (data[pixel] ?? 0) * 3;
    out[pixel * 3] = palette[entry] ?? 0;
    out[pixel * 3 + 1] = palette[entry + 1] ?? 0;
    out[pixel * 3 + 2] = palette[entry + 2] ?? 0;
  }
  return { width, height, bands: 3, dtype: 'uint8', data: out };
}

function withAlpha(opaque: Raster, hidden: Uint8Array): Raster {
  const { width, height, bands, data } = opaque;
  const out = new Uint8Array(width * height * 4);
  for (let pixel = 0; pixel < hidden.length; pixel++) {
    if (hidden[pixel] === 1) continue;
    for (let band = 0; band < 3; band++) {
      out[pixel * 4 + band] = data[pixel * bands + (bands === 1 ? 0 : band)] ?? 0;
    }
    out[pixel * 4 + 3] = 255;
  }
  return { width, height, bands: 4, dtype: 'uint8', data: out };
}

/** For formats without alpha: what is hidden becomes black. */
export function withoutAlpha(raster: Raster): Raster {
  if (raster.bands !== 4) return raster;
  const { width, height, data } = raster;
  const out = new Uint8Array(width * height * 3);
  for (let pixel = 0; pixel < width * height; pixel++) {
    for (let band = 0; band < 3; band++) out[pixel * 3 + band] = data[pixel * 4 + band] ?? 0;
  }
  return { width, height, bands: 3, dtype: 'uint8', data: out };
}
