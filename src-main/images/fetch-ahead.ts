/**
 * Of an image on a server: the bytes of tiles before they are decoded, as many at once as fit into the cache, so that a region
 * costs the time of one request and not of one a tile. Backends of files of the disk have no `prefetch`; nothing here runs then.
 */
import type { DisplayLevel } from './display-levels.ts';
import type { NativeLevel, PixelBackend, TileAt } from './pixel-backend.ts';

interface Rectangle {
  x: number;
  y: number;
  width: number;
  height: number;
}

/** More tiles than this are fetched when their turn comes. */
const mostTilesBelow = 1024;

/** Tiles that a rectangle of a level touches, row by row. */
export function tilesOf(level: NativeLevel, rect: Rectangle): TileAt[] {
  const { tileWidth, tileHeight } = level;
  const right = Math.min(rect.x + rect.width, level.width);
  const bottom = Math.min(rect.y + rect.height, level.height);
  const tiles: TileAt[] = [];
  for (let row = Math.floor(Math.max(0, rect.y) / tileHeight); row * tileHeight < bottom; row++) {
    for (let column = Math.floor(Math.max(0, rect.x) / tileWidth); column * tileWidth < right; column++) {
      tiles.push({ column, row });
    }
  }
  return tiles;
}

/**
 * For a reader that goes through `tiles` in order and asks before each one: fetches it and those after it, where it is not
 * there yet.
 */
export function fetchedAhead(
  backend: PixelBackend,
  level: number,
  tiles: readonly TileAt[],
): (index: number) => Promise<void> | null {
  let fetched = 0;
  return (index) => {
    if (index < fetched || backend.prefetch === undefined) return null;
    const { count, done } = backend.prefetch(level, tiles.slice(index));
    fetched = index + count;
    return done;
  };
}

/** What a part of a derived level is made from, where that is no more than fits; null where nothing is to be fetched. */
export function fetchBelow(
  backend: PixelBackend,
  levels: readonly DisplayLevel[],
  index: number,
  rect: Rectangle,
): Promise<void> | null {
  const from = levels.slice(0, index + 1).findLast(({ native }) => native !== null);
  const made = levels[index];
  const level = from?.native ?? null;
  const native = level === null ? undefined : backend.levels[level];
  if (backend.prefetch === undefined || made === undefined || level === null || native === undefined)
    return null;
  const [stepX, stepY] = [native.width / made.width, native.height / made.height];
  const x = Math.floor(rect.x * stepX);
  const y = Math.floor(rect.y * stepY);
  const width = Math.ceil((rect.x + rect.width) * stepX) - x;
  const height = Math.ceil((rect.y + rect.height) * stepY) - y;
  const count = (width / native.tileWidth + 1) * (height / native.tileHeight + 1);
  if (count > mostTilesBelow) return null;
  return backend.prefetch(level, tilesOf(native, { x, y, width, height })).done;
}
