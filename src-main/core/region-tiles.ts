/** How many tiles of a grid a run looks at that has regions, before it begins. */
import type { GridPlan, Rect } from '../contract/run.ts';
import { coreRect } from './grid.ts';
import { coversRect, isInRegion, touchesRing, type Ring } from './roi.ts';

/** Corners that are looked at, about a tenth of a second: outlines that a program drew can have more, times many tiles. */
const mostCorners = 1e6;

/** Columns and rows of tiles, the ends not included. */
interface Block {
  left: number;
  top: number;
  right: number;
  bottom: number;
}

/**
 * What isInRegion counts, by halves of the grid: most of them lie wholly in the regions, or wholly outside. Once that takes too long
 * the tiles of halves that lie across a border count all: never too few.
 */
export function tilesInRegion(
  grid: GridPlan,
  { roi, exclude = [] }: { roi?: readonly Ring[] | undefined; exclude?: readonly Ring[] | undefined },
): number {
  let corners = 0;
  const count = (block: Block, included: readonly Ring[] | undefined, excluded: readonly Ring[]): number => {
    const { left, top, right, bottom } = block;
    const tiles = (right - left) * (bottom - top);
    if (tiles === 0 || corners > mostCorners) return tiles;
    const rect = rectOf(grid, block);
    for (const rings of [included ?? [], excluded]) for (const ring of rings) corners += ring.length;
    const inside = included?.filter((ring) => touchesRing(rect, ring));
    const out = excluded.filter((ring) => touchesRing(rect, ring));
    if (inside?.length === 0 || out.some((ring) => coversRect(ring, rect))) return 0;
    if (tiles === 1) return isInRegion(rect, { roi: inside, exclude: out }) ? 1 : 0;
    if (out.length === 0 && inside?.some((ring) => coversRect(ring, rect)) !== false) return tiles;
    const isWide = right - left > bottom - top;
    const column = isWide ? (left + right) >> 1 : right;
    const row = isWide ? bottom : (top + bottom) >> 1;
    return (
      count({ left, top, right: column, bottom: row }, inside, out) +
      count({ left: isWide ? column : left, top: isWide ? top : row, right, bottom }, inside, out)
    );
  };
  return count({ left: 0, top: 0, right: grid.columns, bottom: grid.rows }, roi, exclude);
}

function rectOf(grid: GridPlan, { left, top, right, bottom }: Block): Rect {
  const first = coreRect(grid, top * grid.columns + left);
  const last = coreRect(grid, (bottom - 1) * grid.columns + right - 1);
  return {
    x: first.x,
    y: first.y,
    width: last.x + last.width - first.x,
    height: last.y + last.height - first.y,
  };
}
