/**
 * Colours that mean something: of tiles, classes and states, the same on the screen, in heatmaps and in reports.
 *
 * Chosen for colour-blind eyes and for pink and purple tissue: scores go from dark blue to yellow (cividis, or viridis), never
 * from green to red; classes take Okabe and Ito's set where a model brings no colours; what has no result is told by pattern
 * as well as by hue (hatching of failed and skipped tiles, outline of running ones), see `patternOf`.
 */
import type { ModelManifest } from '../contract/model.ts';
import { tileStateCode } from '../contract/run.ts';
import type { TileRecord } from '../contract/tile-frame.ts';

/** sRGB, 0-255. */
export type Rgb = readonly [red: number, green: number, blue: number];
/** sRGB and alpha, 0-255, not premultiplied. */
export type Rgba = readonly [red: number, green: number, blue: number, alpha: number];

/** Control points of cividis (Nuñez, Anderton and Renslow 2018), evenly spaced; the same for eyes with and without red-green blindness. */
export const cividis: readonly Rgb[] = [
  [0, 34, 78],
  [18, 53, 112],
  [59, 73, 108],
  [87, 93, 109],
  [112, 113, 115],
  [138, 134, 120],
  [165, 156, 116],
  [195, 179, 105],
  [225, 204, 85],
  [254, 232, 56],
];

/** Control points of viridis (van der Walt and Smith 2015, CC0), evenly spaced. */
export const viridis: readonly Rgb[] = [
  [68, 1, 84],
  [72, 40, 120],
  [62, 74, 137],
  [49, 104, 142],
  [38, 130, 142],
  [31, 158, 137],
  [53, 183, 121],
  [109, 205, 89],
  [180, 222, 44],
  [253, 231, 37],
];

/** Okabe and Ito (2008), without black; in the order in which they are given to classes. */
export const okabeIto: readonly Rgb[] = [
  [230, 159, 0],
  [86, 180, 233],
  [0, 158, 115],
  [240, 228, 66],
  [0, 114, 178],
  [213, 94, 0],
  [204, 121, 167],
];

/** A colour between evenly spaced control points; `at` 0 to 1, beyond is clamped. */
export function sampleRamp(stops: readonly Rgb[], at: number): Rgb {
  const position = Math.min(1, Math.max(0, at)) * (stops.length - 1);
  const from = stops[Math.floor(position)];
  const to = stops[Math.ceil(position)];
  if (from === undefined || to === undefined)
    throw new RangeError(`No colour at ${at} of ${stops.length} stops`);
  const part = position - Math.floor(position);
  const mix = (a: number, b: number) => Math.round(a + (b - a) * part);
  return [mix(from[0], to[0]), mix(from[1], to[1]), mix(from[2], to[2])];
}

/** How done tiles are coloured: by their score along a ramp, or by their class. */
export type Palette =
  { by: 'score'; stops: readonly Rgb[] } | { by: 'class'; colours: readonly Rgb[]; stops: readonly Rgb[] };

export function classColour(manifest: Pick<ModelManifest, 'classes'>, classIndex: number): Rgb {
  const own = manifest.classes[classIndex]?.color;
  if (own !== undefined) return own;
  return okabeIto[classIndex % okabeIto.length] ?? [230, 159, 0];
}

export function paletteOf(manifest: Pick<ModelManifest, 'classes' | 'tileColor'>): Palette {
  if (manifest.tileColor.by !== 'class') return { by: 'score', stops: cividis };
  return { by: 'class', colours: manifest.classes.map(({ color }) => color), stops: cividis };
}

/** States other than done. Pending tiles show the image as it is. */
export const stateColours = {
  failed: [230, 40, 150, 255],
  skipped: [150, 150, 150, 140],
  waiting: [245, 170, 50, 255],
  running: [80, 160, 255, 255],
  pending: [0, 0, 0, 0],
} as const satisfies Record<string, Rgba>;

/** Alpha of a class colour at score 0; it grows to 255 at score 1. */
const faintestClass = 60;
/** What remains of a done tile's alpha below the threshold: still seen as done, but standing back. */
const belowThreshold = 0.25;

/**
 * The one rule for the colour of a tile. Done: its class's colour, stronger with its score, or its score along the ramp; faint
 * below the threshold. The other states: `stateColours`.
 * @param threshold on the tile's score, 0-1
 */
export function tileColour(
  record: Pick<TileRecord, 'state' | 'score' | 'classIndex'>,
  palette: Palette,
  threshold = 0,
): Rgba {
  switch (record.state) {
    case tileStateCode.done: {
      const score = record.score / 255;
      const strength = score < threshold ? belowThreshold : 1;
      const own = palette.by === 'class' ? palette.colours[record.classIndex] : undefined;
      if (own === undefined) return [...sampleRamp(palette.stops, score), Math.round(255 * strength)];
      return [...own, Math.round((faintestClass + (255 - faintestClass) * score) * strength)];
    }
    case tileStateCode.failed:
      return stateColours.failed;
    case tileStateCode.skipped:
      return stateColours.skipped;
    case tileStateCode.waiting:
      return stateColours.waiting;
    case tileStateCode.running:
      return stateColours.running;
    default:
      return stateColours.pending;
  }
}

/** How a state is drawn beside its colour, so that it is not told by hue alone. */
export function patternOf(state: number): 'fill' | 'hatch' | 'outline' | 'none' {
  if (state === tileStateCode.failed || state === tileStateCode.skipped) return 'hatch';
  if (state === tileStateCode.running || state === tileStateCode.waiting) return 'outline';
  return state === tileStateCode.done ? 'fill' : 'none';
}

/** `#rrggbb`. */
export function cssColour(colour: Rgb | Rgba): string {
  return `#${colour
    .slice(0, 3)
    .map((value) => value.toString(16).padStart(2, '0'))
    .join('')}`;
}

/** Of what a reviewer has rejected. */
export const rejectedColour: Rgb = [128, 128, 128];
