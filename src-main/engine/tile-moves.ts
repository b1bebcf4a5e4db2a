/**
 * What a group of changes did to tiles, for the event log: "grant 0-7,16", "done 0-3" …, in the order in which it happened. Short,
 * because neighbours go together: a million tiles take some megabytes.
 */
import { skipReasons } from '../contract/run.ts';
import type { TileChange } from '../store/tile-store.ts';

export type TileMove = TileChange['kind'];

const tileOf = (change: TileChange): number => (change.kind === 'done' ? change.result.tile : change.tile);

export function tileMoves(changes: readonly TileChange[]): string[] {
  const moves: string[] = [];
  for (let at = 0; at < changes.length;) {
    const kind = changes[at]!.kind;
    const tiles: number[] = [];
    for (; changes[at]?.kind === kind; at++) tiles.push(tileOf(changes[at]!));
    moves.push(`${kind} ${tileRanges(tiles)}`);
  }
  return moves;
}

/** The same tiles, one after the other: of logs that tell of millions. @throws {SyntaxError} where it is no list of moves */
export function eachMove(moves: readonly string[], act: (kind: TileMove, tile: number) => void): void {
  for (const move of moves) {
    const match = /^(grant|done|wait|fail|release) (\d+(?:-\d+)?(?:,\d+(?:-\d+)?)*)$/.exec(move);
    if (!match) throw new SyntaxError(`"${move}" is not what happened to tiles`);
    const kind = match[1] as TileMove;
    eachTile(match[2]!, (tile) => act(kind, tile));
  }
}

/** The tiles of "0-7,16". */
export function eachTile(ranges: string, act: (tile: number) => void): void {
  for (const range of ranges.split(',')) {
    const dash = range.indexOf('-');
    const first = Number(dash < 0 ? range : range.slice(0, dash));
    const last = dash < 0 ? first : Number(range.slice(dash + 1));
    for (let tile = first; tile <= last; tile++) act(tile);
  }
}

/**
 * Tiles that are not looked at, by their reason: "background 0-7,16" …
 * @param skip a number of skipReasons a tile
 */
export function skippedTiles(skip: Uint8Array): string[] {
  const byReason = new Map<number, number[]>();
  for (const [tile, reason] of skip.entries()) {
    if (reason === 0) continue;
    const tiles = byReason.get(reason);
    if (tiles) tiles.push(tile);
    else byReason.set(reason, [tile]);
  }
  return [...byReason].map(([reason, tiles]) => `${skipReasons[reason] ?? reason} ${tileRanges(tiles)}`);
}

/** Neighbours that follow each other are written as one range. */
export function tileRanges(tiles: readonly number[]): string {
  const parts: string[] = [];
  for (let at = 0; at < tiles.length;) {
    const first = tiles[at]!;
    let last = first;
    while (tiles[++at] === last + 1) last++;
    parts.push(first === last ? String(first) : `${first}-${last}`);
  }
  return parts.join(',');
}
