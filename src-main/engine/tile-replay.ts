/**
 * The tiles of a run as its event log tells them: what the tile table must say. The log is append-only and written in the same
 * transactions, so that progress can be rebuilt from it, and a table that somebody has tampered with is found out.
 */
import { tileStateCode } from '../contract/run.ts';
import type { CaseEvent } from '../store/event-log.ts';
import { eachMove, eachTile } from './tile-moves.ts';
import type { TileMove } from './tile-moves.ts';

const { pending, done, waiting, failed, skipped } = tileStateCode;
const stateAfter: Record<Exclude<TileMove, 'grant'>, number> = {
  done,
  wait: waiting,
  fail: failed,
  release: pending,
};

export interface ReplayedTiles {
  /** tileStateCode of each tile; one in a worker's hands is what it was before, as in the file. */
  state: Uint8Array;
  /** Attempts that were spent on it since it was last pending with a clean slate. */
  attempts: Uint8Array;
  /** In a worker's hands. */
  granted: Set<number>;
}

/**
 * @param events of one run, in their order
 * @returns null where the log holds no grid: before preprocess has ended, and in files of versions that kept less
 * @throws {SyntaxError} where the log is none
 */
export function replayTiles(events: Iterable<Pick<CaseEvent, 'kind' | 'data'>>): ReplayedTiles | null {
  let tiles: ReplayedTiles | null = null;
  for (const { kind, data } of events) {
    if (kind === 'preprocessed') tiles = gridOf(data as Preprocessed);
    else if (tiles !== null) apply(tiles, kind, data);
  }
  return tiles;
}

interface Preprocessed {
  tiles: number;
  /** "background 0-7,16" … */
  skipped?: readonly string[];
}

function gridOf({ tiles, skipped: groups }: Preprocessed): ReplayedTiles | null {
  if (groups === undefined) return null;
  const state = new Uint8Array(tiles).fill(pending);
  for (const group of groups) {
    eachTile(group.slice(group.indexOf(' ') + 1), (tile) => (state[tile] = skipped));
  }
  return { state, attempts: new Uint8Array(tiles), granted: new Set() };
}

function apply({ state, attempts, granted }: ReplayedTiles, kind: string, data: unknown): void {
  const reopen = (tile: number): void => {
    state[tile] = pending;
    attempts[tile] = 0;
  };
  switch (kind) {
    case 'tiles':
      eachMove((data as { moves: string[] }).moves, (move, tile) => {
        if (move === 'grant') {
          granted.add(tile);
          return;
        }
        granted.delete(tile);
        state[tile] = stateAfter[move];
        if (move === 'wait' || move === 'fail') attempts[tile] = (attempts[tile] ?? 0) + 1;
      });
      break;
    // Whoever takes a run up, or puts it to rest, finds no tile in a worker's hands.
    case 'taken-up':
    case 'paused':
    case 'interrupted':
    case 'cancelled':
      granted.clear();
      break;
    case 'retry-failed': {
      const which = (data as { which?: string } | null | undefined)?.which;
      if (which !== undefined) eachTile(which, reopen);
      else for (const [tile, code] of state.entries()) if (code === failed) reopen(tile);
      break;
    }
    case 'rerun-region':
      eachTile((data as { which: string }).which, reopen);
      break;
    default:
  }
}
