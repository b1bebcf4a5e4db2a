/** Holds the tiles of a case against its event log: both are written in the same transactions, so that they say the same. */
import type { CaseFile } from '../store/case-file.ts';
import { runIdOf } from './run-id.ts';
import { replayTiles } from './tile-replay.ts';
import type { ReplayedTiles } from './tile-replay.ts';

/** @returns what differs, one sentence a run; empty where all is well. Runs of versions that logged less are left out. */
export function checkLog(file: CaseFile): string[] {
  return file.runs.list().flatMap(({ no }) => {
    let replayed: ReplayedTiles | null;
    try {
      replayed = replayTiles(file.events.list(no));
    } catch (error) {
      if (!(error instanceof SyntaxError)) throw error;
      return [`the event log of ${runIdOf(no)} cannot be read: ${error.message}`];
    }
    if (replayed === null) return [];
    let differing = 0;
    for (const { idx, state, attempts } of file.tiles.load(no)) {
      if (replayed.state[idx] !== state || replayed.attempts[idx] !== attempts) differing++;
    }
    if (differing === 0) return [];
    return [`${differing} tiles of ${runIdOf(no)} are not in the state that its event log says`];
  });
}
