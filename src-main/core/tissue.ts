/**
 * Where a slide has tissue and where it is empty glass, from an overview; for brightfield stains (H&E, H-DAB and the like).
 *
 * The thresholds are fixed on purpose. One that adapts to the picture (Otsu) moves when a pen stroke, a black scanner border
 * or a nearly empty slide changes the histogram, and then skips tissue without a word. These ones err towards tissue: a tile
 * too many costs time, a tile too few costs findings.
 */

/** Mean optical density (relative to the slide's own white) above which a pixel can be tissue. */
const leastDensity = 0.02;
/** max - min of red, green and blue (relative to white): glass, dust, shadow and black borders are colourless. */
const leastSaturation = 10;
/** Glass looks at least this bright in each channel, and this colourless; else 255 is taken for white. */
const darkestWhite = 200;
const mostTintedWhite = 25;
/** Green and blue pen is far more saturated than any stain that has more green than red. */
const penSaturation = 100;
const penGreenOverRed = 50;

export interface Overview {
  width: number;
  height: number;
  /** Interleaved 8-bit pixels. */
  data: ArrayLike<number>;
  bands: number;
  /** Which of the bands are red, green and blue. */
  rgb: readonly [number, number, number];
}

/** 1 where there is tissue, row by row. */
export function tissueMask(overview: Overview): Uint8Array {
  const { width, height, data, bands, rgb } = overview;
  const white = whitePoint(overview);
  const mask = new Uint8Array(width * height);
  // Density and relative value of each of the 256 levels, a channel.
  const tables = white.map((w) => {
    const relative = new Float32Array(256);
    const density = new Float32Array(256);
    for (let v = 0; v < 256; v++) {
      relative[v] = Math.min(255, (v * 255) / w);
      density[v] = -Math.log10(Math.max(1, relative[v] ?? 0) / 255);
    }
    return { relative, density };
  });
  const at = (table: Float32Array | undefined, value: number): number => table?.[value] ?? 0;
  for (let i = 0, p = 0; i < mask.length; i++, p += bands) {
    const r = data[p + rgb[0]] ?? 0;
    const g = data[p + rgb[1]] ?? 0;
    const b = data[p + rgb[2]] ?? 0;
    const red = at(tables[0]?.relative, r);
    const green = at(tables[1]?.relative, g);
    const blue = at(tables[2]?.relative, b);
    const saturation = Math.max(red, green, blue) - Math.min(red, green, blue);
    if (saturation <= leastSaturation) continue;
    if (saturation >= penSaturation && green - red >= penGreenOverRed) continue;
    const density = (at(tables[0]?.density, r) + at(tables[1]?.density, g) + at(tables[2]?.density, b)) / 3;
    if (density > leastDensity) mask[i] = 1;
  }
  return mask;
}

/**
 * The slide's white, a channel: the brightest common level (the 99th percentile of pixels that could be glass), or 255 where
 * the overview shows no glass.
 */
function whitePoint({ width, height, data, bands, rgb }: Overview): [number, number, number] {
  const counts = rgb.map(() => new Uint32Array(256));
  let glass = 0;
  for (let i = 0, p = 0; i < width * height; i++, p += bands) {
    const pixel = rgb.map((band) => data[p + band] ?? 0);
    const low = Math.min(...pixel);
    if (low < darkestWhite || Math.max(...pixel) - low > mostTintedWhite) continue;
    glass++;
    pixel.forEach((value, channel) => {
      const histogram = counts[channel];
      if (histogram) histogram[value] = (histogram[value] ?? 0) + 1;
    });
  }
  // A handful of bright pixels is glare, not glass.
  if (glass < (width * height) / 1000) return [255, 255, 255];
  const percentile = (histogram: Uint32Array | undefined): number => {
    let above = glass * 0.01;
    for (let value = 255; value > 0; value--) {
      above -= histogram?.[value] ?? 0;
      if (above < 0) return value;
    }
    return 255;
  };
  return [percentile(counts[0]), percentile(counts[1]), percentile(counts[2])];
}

/** The mask with every marked pixel grown to its eight neighbours. */
export function dilate(mask: Uint8Array, width: number, height: number): Uint8Array {
  const grown = new Uint8Array(mask.length);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      if (mask[y * width + x] !== 1) continue;
      for (let v = Math.max(0, y - 1); v <= Math.min(height - 1, y + 1); v++) {
        grown.fill(1, v * width + Math.max(0, x - 1), v * width + Math.min(width, x + 2));
      }
    }
  }
  return grown;
}
