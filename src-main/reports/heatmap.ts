/** The tiles of a run as a picture of the whole image: the colours of core/colour.ts, for PNG files and reports. */
import { paletteOf, patternOf, tileColour, type Rgba } from '../core/colour.ts';
import { coreModelRect, modelSize } from '../core/grid.ts';
import { tileStateCode } from '../contract/run.ts';
import type { ReportData } from './report-data.ts';

export interface HeatmapPixels {
  width: number;
  height: number;
  bands: 4;
  /** RGBA, not premultiplied, row by row. */
  data: Uint8Array;
}

/** Pixels from one line of a hatching to the next along x + y, and how many of them are drawn. */
const hatchPeriod = 8;
const hatchWidth = 3;

/**
 * @param longerSide of the picture, pixels; smaller where the image itself is smaller
 * @returns each pixel in the colour of the tile whose core holds it; failed and skipped tiles hatched, pending ones transparent
 */
export function heatmapPixels(
  data: Pick<ReportData, 'plan' | 'tiles' | 'model' | 'image'>,
  longerSide: number,
): HeatmapPixels {
  const { plan, tiles, image } = data;
  const scale = Math.min(1, longerSide / Math.max(image.width, image.height));
  const width = Math.max(1, Math.round(image.width * scale));
  const height = Math.max(1, Math.round(image.height * scale));
  const columnOf = coreLookup(width, modelSize(plan).width, plan.columns, (i) => coreModelRect(plan, i).x);
  const rowOf = coreLookup(
    height,
    modelSize(plan).height,
    plan.rows,
    (i) => coreModelRect(plan, i * plan.columns).y,
  );

  const palette = paletteOf(data.model.manifest);
  const pixels = new Uint8Array(width * height * 4);
  let tileBefore = -1;
  let colour: Rgba = [0, 0, 0, 0];
  let isHatched = false;
  for (let y = 0, p = 0; y < height; y++) {
    for (let x = 0; x < width; x++, p += 4) {
      const tile = rowOf[y]! * plan.columns + columnOf[x]!;
      if (tile !== tileBefore) {
        tileBefore = tile;
        const state = tiles.states[tile] ?? tileStateCode.pending;
        const score = tiles.scores[tile] ?? 0;
        colour = tileColour({ state, score, classIndex: tiles.classes[tile] ?? 255 }, palette);
        isHatched = patternOf(state) === 'hatch';
      }
      const isGap = isHatched && (x + y) % hatchPeriod >= hatchWidth;
      pixels[p] = colour[0];
      pixels[p + 1] = colour[1];
      pixels[p + 2] = colour[2];
      pixels[p + 3] = isGap ? colour[3] >> 2 : colour[3];
    }
  }
  return { width, height, bands: 4, data: pixels };
}

/** For each pixel along one axis, the index of the core that holds its middle. */
function coreLookup(
  pixels: number,
  modelLength: number,
  cores: number,
  startOf: (i: number) => number,
): Int32Array {
  const lookup = new Int32Array(pixels);
  let core = 0;
  for (let i = 0; i < pixels; i++) {
    const at = ((i + 0.5) * modelLength) / pixels;
    while (core + 1 < cores && startOf(core + 1) <= at) core++;
    lookup[i] = core;
  }
  return lookup;
}
