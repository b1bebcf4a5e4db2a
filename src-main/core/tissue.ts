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

/** Codes of `groundMask`. */
export const ground = { glass: 0, tissue: 1, pen: 2 } as const;

/** 1 where there is tissue, row by row. */
export function tissueMask(overview: Overview): Uint8Array {
  return groundMask(overview).map((code) => (code === ground.tissue ? 1 : 0));
}

/** What each pixel shows, row by row: a code of `ground`. */
export function groundMask(overview: Overview): Uint8Array {
  const { width, height, data, bands, rgb } = overview;
  const [r, g, b] = rgb;
  const white = whitePoint(overview);
  const red = levels(white[0]);
  const green = levels(white[1]);
  const blue = levels(white[2]);
  const mask = new Uint8Array(width * height);
  for (let i = 0, p = 0; i < mask.length; i++, p += bands) {
    const vr = data[p + r] as number;
    const vg = data[p + g] as number;
    const vb = data[p + b] as number;
    const lr = red.relative[vr] as number;
    const lg = green.relative[vg] as number;
    const lb = blue.relative[vb] as number;
    const saturation = Math.max(lr, lg, lb) - Math.min(lr, lg, lb);
    if (saturation <= leastSaturation) continue;
    if (saturation >= penSaturation && lg - lr >= penGreenOverRed) {
      mask[i] = ground.pen;
      continue;
    }
    const density =
      ((red.density[vr] as number) + (green.density[vg] as number) + (blue.density[vb] as number)) / 3;
    if (density > leastDensity) mask[i] = ground.tissue;
  }
  return mask;
}

/** Value relative to white (0-255) and optical density of each of the 256 levels of a channel. */
function levels(white: number): { relative: Float32Array; density: Float32Array } {
  const relative = Float32Array.from({ length: 256 }, (_, v) => Math.min(255, (v * 255) / white));
  return { relative, density: relative.map((v) => -Math.log10(Math.max(1, v) / 255)) };
}

/**
 * The slide's white, a channel: the brightest common level (the 99th percentile of pixels that could be glass), or 255 where
 * the overview shows no glass.
 */
function whitePoint({ width, height, data, bands, rgb }: Overview): [number, number, number] {
  const [r, g, b] = rgb;
  const counts = { red: new Uint32Array(256), green: new Uint32Array(256), blue: new Uint32Array(256) };
  let glass = 0;
  for (let i = 0, p = 0; i < width * height; i++, p += bands) {
    const vr = data[p + r] as number;
    const vg = data[p + g] as number;
    const vb = data[p + b] as number;
    const low = Math.min(vr, vg, vb);
    if (low < darkestWhite || Math.max(vr, vg, vb) - low > mostTintedWhite) continue;
    glass++;
    counts.red[vr] = (counts.red[vr] as number) + 1;
    counts.green[vg] = (counts.green[vg] as number) + 1;
    counts.blue[vb] = (counts.blue[vb] as number) + 1;
  }
  // A handful of bright pixels is glare, not glass.
  if (glass < (width * height) / 1000) return [255, 255, 255];
  const percentile = (histogram: Uint32Array): number => {
    let above = glass * 0.01;
    for (let value = 255; value > 0; value--) {
      above -= histogram[value] as number;
      if (above < 0) return value;
    }
    return 255;
  };
  return [percentile(counts.red), percentile(counts.green), percentile(counts.blue)];
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
