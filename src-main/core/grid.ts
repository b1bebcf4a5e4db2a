/**
 * A run's grid: tiles of one size over the whole image, in row-major order (index = row * columns + column).
 *
 * Tiles start every `size - overlap` model pixels; the last of a row or column is pulled back so that it ends at the image's
 * edge, instead of being cut or padded. An image smaller than a tile has one tile of the tile's size that reaches beyond it.
 * Each tile owns a core; the cores partition the image. Between two neighbours the border is the middle of their overlap, so
 * that a core has at least floor(overlap / 2) model pixels of context on every inner side: with overlap >= 2 * halo a
 * result in the core equals that of the whole image.
 */
import type { GridPlan, Rect } from '../contract/run.ts';

export interface GridRequest {
  imageWidth: number;
  imageHeight: number;
  scaleX: number;
  scaleY: number;
  tileWidth: number;
  tileHeight: number;
  overlap: number;
  /** Overlap of the rows, where it is not that of the columns. */
  overlapY?: number | undefined;
}

/** Overlap of the rows, model pixels. */
export function rowOverlap({ overlap, overlapY }: Pick<GridPlan, 'overlap' | 'overlapY'>): number {
  return overlapY ?? overlap;
}

/** Number of tiles along one axis; `length` in model pixels. */
function countAlong(length: number, size: number, overlap: number): number {
  return length <= size ? 1 : Math.ceil((length - overlap) / (size - overlap));
}

/** Start of tile `i` of `count` along one axis, model pixels. */
function startAlong(length: number, size: number, overlap: number, count: number, i: number): number {
  if (count === 1) return 0;
  return i === count - 1 ? length - size : i * (size - overlap);
}

/** [from, to) of the core of tile `i` along one axis, model pixels. */
function coreAlong(
  length: number,
  size: number,
  overlap: number,
  count: number,
  i: number,
): [number, number] {
  const border = (left: number): number => {
    const end = startAlong(length, size, overlap, count, left) + size;
    return Math.floor((startAlong(length, size, overlap, count, left + 1) + end) / 2);
  };
  return [i === 0 ? 0 : border(i - 1), i === count - 1 ? length : border(i)];
}

/** Size of the image in model pixels, at least 1 each. */
export function modelSize(plan: Pick<GridPlan, 'imageWidth' | 'imageHeight' | 'scaleX' | 'scaleY'>): {
  width: number;
  height: number;
} {
  return {
    width: Math.max(1, Math.round(plan.imageWidth / plan.scaleX)),
    height: Math.max(1, Math.round(plan.imageHeight / plan.scaleY)),
  };
}

/** @throws {RangeError} where the overlap leaves no step. */
export function planGrid(request: GridRequest): GridPlan {
  if (request.overlap >= request.tileWidth || rowOverlap(request) >= request.tileHeight) {
    throw new RangeError(
      `An overlap of ${request.overlap} x ${rowOverlap(request)} px leaves no step between tiles of ${request.tileWidth} x ${request.tileHeight} px`,
    );
  }
  const size = modelSize(request);
  return {
    ...request,
    columns: countAlong(size.width, request.tileWidth, request.overlap),
    rows: countAlong(size.height, request.tileHeight, rowOverlap(request)),
  };
}

export function tileCount(plan: GridPlan): number {
  return plan.columns * plan.rows;
}

/** What the model sees, in model pixels of the whole image. */
export function tileModelRect(plan: GridPlan, index: number): Rect {
  const size = modelSize(plan);
  return {
    x: startAlong(size.width, plan.tileWidth, plan.overlap, plan.columns, index % plan.columns),
    y: startAlong(
      size.height,
      plan.tileHeight,
      rowOverlap(plan),
      plan.rows,
      Math.floor(index / plan.columns),
    ),
    width: plan.tileWidth,
    height: plan.tileHeight,
  };
}

/** The cell that the tile owns, in model pixels of the whole image. */
export function coreModelRect(plan: GridPlan, index: number): Rect {
  const size = modelSize(plan);
  const [x0, x1] = coreAlong(size.width, plan.tileWidth, plan.overlap, plan.columns, index % plan.columns);
  const [y0, y1] = coreAlong(
    size.height,
    plan.tileHeight,
    rowOverlap(plan),
    plan.rows,
    Math.floor(index / plan.columns),
  );
  return { x: x0, y: y0, width: x1 - x0, height: y1 - y0 };
}

function toLevel0(plan: GridPlan, rect: Rect): Rect {
  return {
    x: rect.x * plan.scaleX,
    y: rect.y * plan.scaleY,
    width: rect.width * plan.scaleX,
    height: rect.height * plan.scaleY,
  };
}

/** What the model sees, in level-0 pixels; may reach beyond a small image. */
export function tileRect(plan: GridPlan, index: number): Rect {
  return toLevel0(plan, tileModelRect(plan, index));
}

/** The cell that the tile owns, in level-0 pixels. */
export function coreRect(plan: GridPlan, index: number): Rect {
  return toLevel0(plan, coreModelRect(plan, index));
}

/** Index of the tile whose core holds a point (level-0 pixels); points outside the image go to the nearest tile. */
export function tileAt(plan: GridPlan, x: number, y: number): number {
  const size = modelSize(plan);
  const along = (at: number, length: number, tile: number, overlap: number, count: number): number => {
    let i = Math.min(count - 1, Math.max(0, Math.floor(at / (tile - overlap))));
    while (i > 0 && at < coreAlong(length, tile, overlap, count, i)[0]) i--;
    while (i < count - 1 && at >= coreAlong(length, tile, overlap, count, i)[1]) i++;
    return i;
  };
  const column = along(x / plan.scaleX, size.width, plan.tileWidth, plan.overlap, plan.columns);
  const row = along(y / plan.scaleY, size.height, plan.tileHeight, rowOverlap(plan), plan.rows);
  return row * plan.columns + column;
}

/** Indexes of the tiles whose cores touch a rectangle (level-0 pixels), row by row. */
export function tilesIn(plan: GridPlan, rect: Rect): number[] {
  if (rect.width <= 0 || rect.height <= 0) return [];
  if (rect.x >= plan.imageWidth || rect.y >= plan.imageHeight) return [];
  if (rect.x + rect.width <= 0 || rect.y + rect.height <= 0) return [];
  const epsilon = 1e-9;
  const first = tileAt(plan, rect.x, rect.y);
  const last = tileAt(plan, rect.x + rect.width - epsilon, rect.y + rect.height - epsilon);
  const tiles: number[] = [];
  for (let row = Math.floor(first / plan.columns); row <= Math.floor(last / plan.columns); row++) {
    for (let column = first % plan.columns; column <= last % plan.columns; column++) {
      tiles.push(row * plan.columns + column);
    }
  }
  return tiles;
}
