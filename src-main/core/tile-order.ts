/**
 * The order in which tiles are analysed: what the person looks at first; then bands of blocks with most tissue first, along
 * each band, in blocks of 4 x 4 tiles, because neighbours share the file's stored tiles and each worker decodes those once.
 */
import { tilesIn } from './grid.ts';
import type { GridPlan, Rect } from '../contract/run.ts';

export const blockEdge = 4;

/**
 * All tiles in working order; `blockStarts[i]` is the position of block i's first tile in `tiles`.
 * @param content fraction of tissue or data a tile, 0-1
 */
export function workingOrder(
  plan: GridPlan,
  content: ArrayLike<number>,
): { tiles: Int32Array; blockStarts: Int32Array } {
  const { columns, rows } = plan;
  const bands = Array.from({ length: Math.ceil(rows / blockEdge) }, (_, band) => {
    let sum = 0;
    const last = Math.min(rows, (band + 1) * blockEdge);
    for (let i = band * blockEdge * columns; i < last * columns; i++) sum += content[i] ?? 0;
    return { band, mean: sum / ((last - band * blockEdge) * columns) };
  });
  bands.sort((a, b) => b.mean - a.mean || a.band - b.band);
  const tiles = new Int32Array(columns * rows);
  const blockStarts: number[] = [];
  let at = 0;
  for (const { band } of bands) {
    for (let column = 0; column < columns; column += blockEdge) {
      blockStarts.push(at);
      for (let y = band * blockEdge; y < Math.min(rows, (band + 1) * blockEdge); y++) {
        for (let x = column; x < Math.min(columns, column + blockEdge); x++) tiles[at++] = y * columns + x;
      }
    }
  }
  return { tiles, blockStarts: Int32Array.from(blockStarts) };
}

/** Tiles of a viewport (level-0 pixels), nearest to its centre first; at most `limit`. */
export function viewportTiles(plan: GridPlan, viewport: Rect, limit: number): number[] {
  const cx = (viewport.x + viewport.width / 2) / plan.imageWidth;
  const cy = (viewport.y + viewport.height / 2) / plan.imageHeight;
  const distance = (tile: number): number => {
    const dx = ((tile % plan.columns) + 0.5) / plan.columns - cx;
    const dy = (Math.floor(tile / plan.columns) + 0.5) / plan.rows - cy;
    return (dx * plan.imageWidth) ** 2 + (dy * plan.imageHeight) ** 2;
  };
  return tilesIn(plan, viewport)
    .map((tile) => ({ tile, distance: distance(tile) }))
    .sort((a, b) => a.distance - b.distance || a.tile - b.tile)
    .slice(0, limit)
    .map(({ tile }) => tile);
}
