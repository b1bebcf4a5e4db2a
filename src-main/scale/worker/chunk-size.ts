/**
 * How many tiles a chunk should hold: some seconds of work. Smaller ones cost the queue more than they are worth; larger ones are lost
 * whole with their worker, leave others idle at the end of a run, and keep all of them from what a worker that died left behind. How long a tile takes is only known where it is computed, so
 * that a worker cuts what it takes to size, or takes neighbours along. Which tiles lie together changes nothing of what is found.
 */
const leastMs = 5000;
const wantedMs = 6000;
const mostMs = 8000;
/** Of a run of which nobody knows yet how long its tiles take. */
const probeTiles = 32;
/** Jobs that are taken along at once. */
const mostTaken = 64;
export const mostTiles = 20_000;

/** In chunks that nobody took yet; `usual` where it is not known how long a tile takes. */
export const tilesToSubmit = (tileMs: number | null, usual: number): number =>
  tileMs === null ? usual : wantedTiles(tileMs);

const wantedTiles = (tileMs: number): number =>
  Math.max(1, Math.min(mostTiles, Math.round(wantedMs / tileMs)));

/**
 * @param tileMs of this machine; null: not known
 * @returns what is kept, and chunks of what is left over for others; nothing is left where the size is right or too small
 */
export function cutToSize(
  tiles: readonly number[],
  tileMs: number | null,
): { kept: readonly number[]; left: number[][] } {
  const isRight = tileMs === null ? tiles.length <= 2 * probeTiles : tiles.length * tileMs <= mostMs;
  if (isRight) return { kept: tiles, left: [] };
  const size = tileMs === null ? probeTiles : wantedTiles(tileMs);
  // Of a probe's rest nobody knows more than before: it stays in one.
  const rest = tileMs === null ? tiles.length : size;
  const left: number[][] = [];
  for (let at = size; at < tiles.length; at += rest) left.push(tiles.slice(at, at + rest));
  return { kept: tiles.slice(0, size), left };
}

/** How many more chunks like this one make a chunk of the right size; 0 where it is large enough. */
export function chunksToTakeAlong(tiles: number, tileMs: number | null): number {
  if (tileMs === null || tiles === 0 || tiles * tileMs >= leastMs) return 0;
  return Math.min(mostTaken, Math.floor(wantedTiles(tileMs) / tiles) - 1);
}
