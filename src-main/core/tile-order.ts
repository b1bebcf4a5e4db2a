/**
 * The order in which tiles are analysed: what the person looks at first (engine/attention.ts); then bands, those with most tissue
 * first. A worker goes along a band of its own, column after column, because neighbours share the file's stored tiles and each worker
 * decodes those once: the taller the band, the less of it is decoded for the bands above and below too. A column is as little as can be
 * kept decoded for the next one.
 */
import { tilesIn } from './grid.ts';
import type { GridPlan, Rect } from '../contract/run.ts';

const [leastRows, mostRows] = [4, 16];
/** Pixels of the level that is read: what is kept decoded grows with it, and must fit into a worker's memory. */
const bandHeight = 8192;
/** Where a model's pixels are larger than the image's, the level that is read may be as much finer than the model. */
const mostFiner = 2;

/** Rows of tiles a band. */
export function bandRows({ tileHeight, scaleY }: Pick<GridPlan, 'tileHeight' | 'scaleY'>): number {
  const read = tileHeight * Math.min(mostFiner, Math.max(1, scaleY));
  return Math.min(mostRows, Math.max(leastRows, Math.floor(bandHeight / read)));
}

/** Rows of tiles, fewer at the bottom of the image: from left to right, each column from its top. */
export interface Band {
  tiles: Int32Array;
  /** Tiles a column. */
  height: number;
}

/** Index of the band (from the top) that holds a tile. */
export function bandOf(plan: GridPlan, tile: number): number {
  return Math.floor(tile / plan.columns / bandRows(plan));
}

/**
 * The bands in the order in which they are begun, fullest first.
 * @param content fraction of tissue or data a tile, 0-1
 * @returns the band from the top (see bandOf) and its tiles
 */
export function workingOrder(plan: GridPlan, content: ArrayLike<number>): { index: number; band: Band }[] {
  const { columns, rows } = plan;
  const most = bandRows(plan);
  const means = Array.from({ length: Math.ceil(rows / most) }, (_, index) => {
    let sum = 0;
    const first = index * most * columns;
    const last = Math.min(rows, (index + 1) * most) * columns;
    for (let i = first; i < last; i++) sum += content[i] ?? 0;
    return { index, mean: sum / (last - first) };
  });
  means.sort((a, b) => b.mean - a.mean || a.index - b.index);
  return means.map(({ index }) => ({ index, band: bandAt(plan, index) }));
}

function bandAt(plan: GridPlan, index: number): Band {
  const { columns, rows } = plan;
  const top = index * bandRows(plan);
  const height = Math.min(rows - top, bandRows(plan));
  const tiles = new Int32Array(height * columns);
  let at = 0;
  for (let column = 0; column < columns; column++) {
    for (let row = top; row < top + height; row++) tiles[at++] = row * columns + column;
  }
  return { tiles, height };
}

/** Tiles of a viewport (level-0 pixels), nearest to its centre first; at most `limit`, of a view that holds far more than that. */
export function viewportTiles(plan: GridPlan, viewport: Rect, limit: number): number[] {
  const cx = (viewport.x + viewport.width / 2) / plan.imageWidth;
  const cy = (viewport.y + viewport.height / 2) / plan.imageHeight;
  const distance = (tile: number): number => {
    const dx = ((tile % plan.columns) + 0.5) / plan.columns - cx;
    const dy = (Math.floor(tile / plan.columns) + 0.5) / plan.rows - cy;
    return (dx * plan.imageWidth) ** 2 + (dy * plan.imageHeight) ** 2;
  };
  return tilesIn(plan, aroundCentre(plan, viewport, 4 * limit))
    .map((tile) => ({ tile, distance: distance(tile) }))
    .sort((a, b) => a.distance - b.distance || a.tile - b.tile)
    .slice(0, limit)
    .map(({ tile }) => tile);
}

/** The same view where it holds about so many tiles or fewer, else its middle: a whole slide can be in view, with a million. */
function aroundCentre({ columns, rows, imageWidth, imageHeight }: GridPlan, view: Rect, most: number): Rect {
  const x = Math.max(0, view.x);
  const y = Math.max(0, view.y);
  const width = Math.min(imageWidth, view.x + view.width) - x;
  const height = Math.min(imageHeight, view.y + view.height) - y;
  const tiles = ((width * columns) / imageWidth) * ((height * rows) / imageHeight);
  if (!(tiles > most) || width <= 0 || height <= 0) return view;
  const part = Math.sqrt(most / tiles);
  return {
    x: x + (width * (1 - part)) / 2,
    y: y + (height * (1 - part)) / 2,
    width: width * part,
    height: height * part,
  };
}

/** The tiles around a tile, row by row; fewer at the border of the grid. */
export function neighboursOf({ columns, rows }: GridPlan, tile: number): number[] {
  const column = tile % columns;
  const row = Math.floor(tile / columns);
  const found: number[] = [];
  for (let y = Math.max(0, row - 1); y <= Math.min(rows - 1, row + 1); y++) {
    for (let x = Math.max(0, column - 1); x <= Math.min(columns - 1, column + 1); x++) {
      if (x !== column || y !== row) found.push(y * columns + x);
    }
  }
  return found;
}
