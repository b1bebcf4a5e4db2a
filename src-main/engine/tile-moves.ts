/**
 * What a group of changes did to tiles, for the event log: "grant 0-7,16", "done 0-3" …, in the order in which it happened. Short,
 * because neighbours go together: a million tiles take some megabytes.
 */
import type { TileChange } from '../store/tile-store.ts';

export type TileMove = TileChange['kind'];

const tileOf = (change: TileChange): number => (change.kind === 'done' ? change.result.tile : change.tile);

export function tileMoves(changes: readonly TileChange[]): string[] {
  const moves: string[] = [];
  for (let at = 0; at < changes.length;) {
    const kind = changes[at]!.kind;
    const tiles: number[] = [];
    for (; changes[at]?.kind === kind; at++) tiles.push(tileOf(changes[at]!));
    moves.push(`${kind} ${ranges(tiles)}`);
  }
  return moves;
}

/** The same tiles, one after the other. @throws {SyntaxError} where it is no list of moves */
export function* eachMove(moves: readonly string[]): Generator<{ kind: TileMove; tile: number }> {
  for (const move of moves) {
    const match = /^(grant|done|wait|fail|release) (\d+(?:-\d+)?(?:,\d+(?:-\d+)?)*)$/.exec(move);
    if (!match) throw new SyntaxError(`"${move}" is not what happened to tiles`);
    for (const range of match[2]!.split(',')) {
      const [first = 0, last = first] = range.split('-').map(Number);
      for (let tile = first; tile <= last; tile++) yield { kind: match[1] as TileMove, tile };
    }
  }
}

/** Neighbours that follow each other are written as one range. */
function ranges(tiles: readonly number[]): string {
  const parts: string[] = [];
  for (let at = 0; at < tiles.length;) {
    const first = tiles[at]!;
    let last = first;
    while (tiles[++at] === last + 1) last++;
    parts.push(first === last ? String(first) : `${first}-${last}`);
  }
  return parts.join(',');
}
