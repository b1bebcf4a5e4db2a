/**
 * What one pixel of the tile overlay looks like: the TypeScript twin of the shader in ./tile-layer.ts. Both read the colour of a
 * tile from one table, which is made of core/colour.ts; what is left to the shader is the pattern: hatching where a tile has
 * no result, an outline where it is being worked on, a hairline between tiles, and a border that stays where the inside fades.
 */
import { tileStateCode } from '../../src-main/contract/run.ts';
import { patternOf, type Rgba } from '../../src-main/core/colour.ts';
import type { TileRecord } from '../../src-main/contract/tile-frame.ts';

/** Rows of the table before the classes' rows: one for each tile state. */
export const stateRows = 6;

/** Colours by row and score: 256 RGBA texels a row, not premultiplied. */
export interface TileColours {
  rows: number;
  texels: Uint8Array;
}

/** Row of the table that a tile's colour stands in. */
export function colourRow(record: Pick<TileRecord, 'state' | 'classIndex'>, rows: number): number {
  if (record.state !== tileStateCode.done || record.classIndex === 255) return record.state;
  const row = stateRows + record.classIndex;
  return row < rows ? row : record.state;
}

/** Makes the table by asking the colour rule for each state, class and score. */
export function tileColours(classes: number, colourOf: (record: TileRecord) => Rgba): TileColours {
  const rows = stateRows + classes;
  const texels = new Uint8Array(rows * 256 * 4);
  for (let row = 0; row < rows; row++) {
    for (let score = 0; score < 256; score++) {
      const record: TileRecord = {
        index: 0,
        state: row < stateRows ? row : tileStateCode.done,
        score,
        classIndex: row < stateRows ? 255 : row - stateRows,
        skipReason: 0,
      };
      texels.set(colourOf(record), (row * 256 + score) * 4);
    }
  }
  return { rows, texels };
}

/** Hatching: CSS pixels from one line to the next along x + y, and the part of it that is drawn. */
export const hatchPeriod = 10;
export const hatchFill = 0.4;
/** Outline of running tiles, CSS pixels. */
export const outlineWidth = 2;
/** Border of a tile whose inside has faded, CSS pixels. */
export const borderWidth = 2;
/** What remains at least of the hatching of a failed tile, however close one is: nobody takes it for tissue without findings. */
export const leastFailedHatch = 0.4;
/** Tiles smaller than this on screen (CSS pixels) have no hairline and no pattern: it would only flicker. */
export const patternFrom = 8;

/** Border of the inspected tile, CSS pixels. */
export const selectedWidth = 2;
/** What remains of the colour inside an outline, and on the hairline between tiles. */
export const insideOutline = 0.3;
export const onBorder = 0.4;
/** What remains between hatching lines: a failure has to be seen, background only not to be taken for a result. */
export const betweenFailedHatches = 0.35;
export const betweenSkippedHatches = 0.12;
/** Skipped tiles stand back: there can be more of them than of all others. */
export const skippedStrength = 0.65;

function betweenHatches(state: number): number {
  return state === tileStateCode.failed ? betweenFailedHatches : betweenSkippedHatches;
}

/** Where a pixel lies in its tile. */
export interface PixelPlace {
  /** (x + y) from the image's corner, CSS pixels. */
  diagonal: number;
  /** To the nearest border of the tile's core, CSS pixels. */
  edge: number;
  /** Shorter side of the tile's core, CSS pixels. */
  tileSize: number;
  /** The tile is the inspected one: it has a white border. */
  selected?: boolean;
}

/**
 * Premultiplied colour of a pixel, 0-1 each.
 * @param inside what remains of the opacity inside of borders, 0-1
 */
export function tilePixel(
  colours: TileColours,
  record: Pick<TileRecord, 'state' | 'classIndex' | 'score'>,
  place: PixelPlace,
  opacity: number,
  inside = 1,
): [number, number, number, number] {
  const at = (colourRow(record, colours.rows) * 256 + record.score) * 4;
  const texel = (channel: number) => (colours.texels[at + channel] ?? 0) / 255;
  if (place.selected === true && place.edge < selectedWidth) return [1, 1, 1, 1];
  let strength = opacity;
  let kept = place.tileSize >= patternFrom && place.edge < borderWidth ? 1 : inside;
  if (place.tileSize >= patternFrom) {
    const pattern = patternOf(record.state);
    if (record.state === tileStateCode.skipped) strength *= skippedStrength;
    if (pattern === 'hatch') {
      const phase = place.diagonal - hatchPeriod * Math.floor(place.diagonal / hatchPeriod);
      if (phase >= hatchPeriod * hatchFill) strength *= betweenHatches(record.state);
      else if (record.state === tileStateCode.failed) kept = Math.max(kept, leastFailedHatch);
    } else if (pattern === 'outline' && place.edge >= outlineWidth) {
      strength *= insideOutline;
    }
    if (place.edge < 0.5 && pattern !== 'outline') strength *= onBorder;
  }
  const alpha = texel(3) * strength * kept;
  return [texel(0) * alpha, texel(1) * alpha, texel(2) * alpha, alpha];
}
