/** The event log is a full account: replayed, it says of every tile what the tile table says, whatever happened. */
import Database from 'better-sqlite3';
import * as fc from 'fast-check';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { GigatileError } from '../../../src-main/contract/errors.ts';
import { tileStateCode } from '../../../src-main/contract/run.ts';
import { checkLog } from '../../../src-main/engine/check-log.ts';
import { GroupCommit } from '../../../src-main/engine/group-commit.ts';
import { reopenRegion } from '../../../src-main/engine/rerun-region.ts';
import { skippedTiles, tileRanges } from '../../../src-main/engine/tile-moves.ts';
import { replayTiles } from '../../../src-main/engine/tile-replay.ts';
import { CaseFile } from '../../../src-main/store/case-file.ts';
import type { TileChange } from '../../../src-main/store/tile-store.ts';
import { storedRun, tileResult } from '../store/stored-run.ts';

let folder: string;
let path: string;
let file: CaseFile;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'gigatile-log-'));
  path = join(folder, 'a.gigatile');
  file = CaseFile.open(path, 'create');
});
afterEach(() => {
  file.close();
  rmSync(folder, { recursive: true, force: true });
});

const columns = 5;
const rows = 4;
/** Tiles fail for one of two reasons. */
const errorOf = (tile: number) => ({ code: 'io', message: `away ${tile % 2}` }) as const;

/** A run of which the log says what preprocess found, as the conductor writes it. */
function loggedRun(): number {
  const no = storedRun(file, columns, rows);
  const skip = new Uint8Array(columns * rows);
  file.transaction(() =>
    file.events.append(no, 'preprocessed', { tiles: skip.length, skipped: skippedTiles(skip) }),
  );
  return no;
}

type Step =
  | { what: 'move'; kind: Exclude<TileChange['kind'], 'grant'>; tile: number }
  | { what: 'grant'; tile: number }
  | { what: 'flush' }
  | { what: 'crash' }
  | { what: 'retry'; like: number | null }
  | { what: 'region'; column: number };

const tile = fc.nat(columns * rows - 1);
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 8, arbitrary: fc.record({ what: fc.constant('grant'), tile }) },
  {
    weight: 8,
    arbitrary: fc.record({
      what: fc.constant('move'),
      kind: fc.constantFrom('done', 'wait', 'fail', 'release'),
      tile,
    }),
  },
  { weight: 2, arbitrary: fc.record({ what: fc.constantFrom('flush', 'crash') }) },
  {
    weight: 2,
    arbitrary: fc.record({ what: fc.constant('retry'), like: fc.option(fc.nat(1)) }),
  },
  { weight: 1, arbitrary: fc.record({ what: fc.constant('region'), column: fc.nat(columns - 1) }) },
) as fc.Arbitrary<Step>;

/** What an engine would do: tiles that have ended are left alone, attempts are counted. */
function play(no: number, steps: readonly Step[]): void {
  const { pending, waiting } = tileStateCode;
  const newCommit = (): GroupCommit =>
    new GroupCommit(file, no, {
      committed: () => undefined,
      failed: (problem) => {
        throw problem;
      },
    });
  let commit = newCommit();
  let { epoch } = file.runs.get(no);
  let attempts = new Map<number, number>();
  const ended = new Set<number>();
  const reload = (): void => {
    attempts = new Map();
    ended.clear();
    for (const { idx, state, attempts: spent } of file.tiles.load(no)) {
      attempts.set(idx, spent);
      if (state !== pending && state !== waiting) ended.add(idx);
    }
  };
  const takeUp = (): void => {
    file.transaction(() => {
      file.runs.beginEpoch(no);
      file.events.append(no, 'taken-up');
    });
    ({ epoch } = file.runs.get(no));
    commit = newCommit();
    reload();
  };
  reload();
  for (const now of steps) {
    if (now.what === 'flush') commit.flush();
    else if (now.what === 'crash') {
      commit.drop();
      takeUp();
    } else if (now.what === 'retry') {
      commit.flush();
      file.transaction(() => {
        const reason = now.like === null ? undefined : errorOf(now.like);
        const tiles = file.tiles.reopenFailed(no, reason);
        const which = reason === undefined || tiles.length === 0 ? {} : { which: tileRanges(tiles) };
        if (reason === undefined || tiles.length > 0) file.events.append(no, 'retry-failed', which);
      });
      takeUp();
    } else if (now.what === 'region') {
      commit.flush();
      try {
        reopenRegion(file, no, { x: now.column * 50 + 5, y: 0, width: 20, height: 90 });
      } catch (problem) {
        // Nothing there that has ended.
        if (!(problem instanceof GigatileError && problem.code === 'usage')) throw problem;
      }
      takeUp();
    } else if (!ended.has(now.tile)) commit.add(change(now, epoch, attempts, ended));
  }
  commit.flush();
}

function change(
  now: Extract<Step, { tile: number }>,
  epoch: number,
  attempts: Map<number, number>,
  ended: Set<number>,
): TileChange {
  if (now.what === 'grant') return { kind: 'grant', tile: now.tile, epoch };
  if (now.kind === 'done' || now.kind === 'fail') ended.add(now.tile);
  if (now.kind === 'done') return { kind: 'done', epoch, result: tileResult(now.tile) };
  if (now.kind === 'release') return { kind: 'release', tile: now.tile, epoch };
  const spent = (attempts.get(now.tile) ?? 0) + 1;
  attempts.set(now.tile, spent);
  const trouble = { tile: now.tile, epoch, attempts: spent, crashes: 0, error: errorOf(now.tile) };
  return now.kind === 'fail' ? { kind: 'fail', ...trouble } : { kind: 'wait', ...trouble, wakeMs: 5 };
}

describe('the event log', () => {
  it('replayed, is the tile table', () => {
    let told = 0;
    fc.assert(
      fc.property(fc.array(step, { minLength: 10, maxLength: 60, size: 'max' }), (steps) => {
        const no = loggedRun();
        play(no, steps);
        expect(checkLog(file)).toEqual([]);
        const counts = file.tiles.counts(no);
        if (counts.done > 0 && counts.failed > 0 && counts.waiting > 0) told++;
      }),
      { numRuns: 25, seed: 20_260_101 },
    );
    // Otherwise too little happened to say anything.
    expect(told).toBeGreaterThan(3);
  });

  it('finds a tile that somebody has changed, and says of which run', () => {
    const no = loggedRun();
    play(no, [{ what: 'move', kind: 'done', tile: 3 }]);
    file.close();
    const db = new Database(path);
    db.prepare('UPDATE tile SET attempts = 3 WHERE run = ? AND idx = 4').run(no);
    db.close();
    file = CaseFile.open(path, 'write');
    expect(checkLog(file)).toEqual([`1 tiles of run-${no} are not in the state that its event log says`]);
  });

  it('knows what is in the hands of workers, which the file does not', () => {
    const no = loggedRun();
    play(no, [{ what: 'grant', tile: 7 }]);
    expect(replayTiles(file.events.list(no))?.granted).toEqual(new Set([7]));
    expect(file.tiles.counts(no).running).toBe(0);
  });

  it('cannot be rewritten, and neither can decisions', () => {
    loggedRun();
    file.close();
    const db = new Database(path);
    expect(() => db.exec("UPDATE event SET kind = 'x'")).toThrow('only ever added');
    expect(() => db.exec('DELETE FROM event')).toThrow('only ever added');
    const triggers = db.prepare("SELECT tbl_name FROM sqlite_master WHERE type = 'trigger'").pluck().all();
    expect(triggers.filter((name) => name === 'decision')).toHaveLength(2);
    db.close();
    file = CaseFile.open(path, 'write');
  });

  it('of a version that kept less is left out', () => {
    const no = storedRun(file, columns, rows);
    file.transaction(() => file.events.append(no, 'preprocessed', { tiles: columns * rows }));
    expect(replayTiles(file.events.list(no))).toBeNull();
    expect(checkLog(file)).toEqual([]);
  });
});
