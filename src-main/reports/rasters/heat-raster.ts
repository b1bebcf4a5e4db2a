/**
 * The numbers of the tiles as a raster: each pixel has those of the tile whose core holds its middle, and is no data where there is no
 * result. Every level of a pyramid is read off the tiles themselves.
 */
import { coreModelRect } from '../../core/grid.ts';
import { tileStateCode } from '../../contract/run.ts';
import type { ReportData } from '../report-data.ts';
import { rasterPlace, type RasterPlace } from './raster-place.ts';

const longest = 4096;

export interface HeatRaster extends RasterPlace {
  bandNames: string[];
  /**
   * @param reduced raster pixels a pixel along each axis: 1, 2, 4 …
   * @returns a square tile of the raster, interleaved; what lies beyond the raster repeats its border
   */
  tile(reduced: number, column: number, row: number, tileSize: number): Float32Array;
}

/**
 * @param scores 0-1 a tile, as exactly as the case has them
 * @param onlyScore without the tiles' other numbers
 */
export function heatRaster(data: ReportData, scores: Float32Array, onlyScore: boolean): HeatRaster {
  const { plan, tiles } = data;
  const step = Math.min(plan.tileWidth - plan.overlap, plan.tileHeight - (plan.overlapY ?? plan.overlap));
  const place = rasterPlace(data, longest, Math.max(1, step / 4));
  const names = onlyScore || tiles.values === null ? [] : tiles.valueNames;
  const bands = 1 + names.length;
  const columnStart = (i: number): number => coreModelRect(plan, i).x;
  const rowStart = (i: number): number => coreModelRect(plan, i * plan.columns).y;
  return {
    ...place,
    bandNames: ['score', ...names],
    tile(reduced, column, row, tileSize) {
      const along = (start: number, length: number, count: number, startOf: (i: number) => number) =>
        coresAlong(start, tileSize, reduced, Math.ceil(length / reduced), place.factor, count, startOf);
      const columns = along(column * tileSize, place.width, plan.columns, columnStart);
      const rows = along(row * tileSize, place.height, plan.rows, rowStart);
      const pixels = new Float32Array(tileSize * tileSize * bands);
      let at = 0;
      for (const y of rows) {
        for (const x of columns) {
          const tile = y * plan.columns + x;
          const isDone = tiles.states[tile] === tileStateCode.done;
          pixels[at++] = isDone ? (scores[tile] ?? Number.NaN) : Number.NaN;
          for (let v = 0; v < names.length; v++) {
            pixels[at++] = isDone ? (tiles.values?.[tile * names.length + v] ?? Number.NaN) : Number.NaN;
          }
        }
      }
      return pixels;
    },
  };
}

/** For so many pixels along one axis, the core that holds the middle of each. */
function coresAlong(
  start: number,
  count: number,
  reduced: number,
  length: number,
  factor: number,
  cores: number,
  startOf: (i: number) => number,
): Int32Array {
  const found = new Int32Array(count);
  let core = 0;
  for (let i = 0; i < count; i++) {
    const at = (Math.min(length - 1, start + i) + 0.5) * reduced * factor;
    if (i === 0) {
      // The last core that begins at or before the place.
      let [low, high] = [0, cores - 1];
      while (low < high) {
        const middle = (low + high + 1) >> 1;
        if (startOf(middle) <= at) low = middle;
        else high = middle - 1;
      }
      core = low;
    }
    while (core + 1 < cores && startOf(core + 1) <= at) core++;
    found[i] = core;
  }
  return found;
}
