/** What had been promised when the power went, and whether the files that are found afterwards keep it. */
import Database from 'better-sqlite3';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { tileStateCode } from '../../../src-main/contract/run.ts';
import { isSound } from '../../../src-main/store/backups.ts';
import { CaseFile } from '../../../src-main/store/case-file.ts';
import type { Told } from '../support/acknowledge.ts';

export class Promises {
  isOpen = false;
  isStarted = false;
  isFinished = false;
  readonly tiles = new Set<number>();
  readonly decisions = new Map<string, string>();
  readonly exports = new Set<string>();

  add(told: Told): void {
    switch (told.told) {
      case 'opened':
        this.isOpen = true;
        break;
      case 'started':
        this.isStarted = true;
        break;
      case 'tiles':
        for (const tile of told.done) this.tiles.add(tile);
        break;
      case 'finished':
        this.isFinished = true;
        break;
      case 'decision':
        this.decisions.set(told.finding, told.verdict);
        break;
      case 'export':
        this.exports.add(told.name);
        break;
      case 'closed':
        break;
    }
  }
}

/** What an undisturbed end looks like. */
export interface Outcome {
  /** Hash of a done tile's result. */
  tiles: ReadonlyMap<number, string>;
  findings: string;
  exports: ReadonlyMap<string, Buffer>;
}

export const caseName = 'c.gigatile';
const { done } = tileStateCode;

function tilesOf(db: Database.Database): Map<number, string> {
  const rows = db
    .prepare(
      `SELECT t.idx, t.score, t.class, r.tile_values, r.detections FROM tile t
       JOIN tile_result r ON r.run = t.run AND r.idx = t.idx WHERE t.run = 1 AND t.state = ? ORDER BY t.idx`,
    )
    .raw()
    .all(done) as [number, number, number, Buffer, Buffer][];
  const tiles = new Map<number, string>();
  for (const [tile, score, classIndex, values, detections] of rows) {
    if (tiles.has(tile)) throw new Error(`tile ${tile} is there twice`);
    const hash = createHash('sha1').update(`${score} ${classIndex} `).update(values).update(detections);
    tiles.set(tile, hash.digest('base64'));
  }
  return tiles;
}

function findingsOf(db: Database.Database): string {
  const hash = createHash('sha1');
  const rows = db
    .prepare('SELECT ordinal, id, x, y, score FROM finding WHERE run = 1 ORDER BY ordinal')
    .raw();
  for (const row of rows.iterate()) hash.update(JSON.stringify(row));
  return hash.digest('base64');
}

export function outcomeOf(folder: string, exportFolder: string, names: readonly string[]): Outcome {
  const db = new Database(join(folder, caseName), { readonly: true });
  try {
    const exports = new Map(names.map((name) => [name, readFileSync(join(exportFolder, name))]));
    return { tiles: tilesOf(db), findings: findingsOf(db), exports };
  } finally {
    db.close();
  }
}

export type Breach = { what: 'lost' | 'corrupt'; detail: string };

/**
 * Opens what was left as the product does, and compares.
 * @param folder with the files as they were found
 * @returns the first promise that is broken; null where all are kept
 */
export function breachOf(folder: string, promised: Promises, outcome: Outcome): Breach | null {
  const path = join(folder, caseName);
  if (promised.isOpen && !existsSync(path)) return { what: 'lost', detail: 'the case file is not there' };
  try {
    CaseFile.open(path, 'create').close();
  } catch (error) {
    return { what: 'corrupt', detail: `it does not open: ${String(error)}` };
  }
  const db = new Database(path);
  try {
    const [answer] = db.pragma('integrity_check') as { integrity_check: string }[];
    if (answer?.integrity_check !== 'ok') {
      return { what: 'corrupt', detail: `integrity_check: ${answer?.integrity_check ?? 'no answer'}` };
    }
    const lost = missingIn(db, promised, outcome) ?? brokenExport(folder, promised, outcome);
    return lost === null ? null : { what: 'lost', detail: lost };
  } catch (error) {
    if (error instanceof Database.SqliteError) return { what: 'corrupt', detail: String(error) };
    throw error;
  } finally {
    db.close();
  }
}

function missingIn(db: Database.Database, promised: Promises, outcome: Outcome): string | null {
  if (promised.isOpen && db.prepare('SELECT count(*) FROM image').pluck().get() !== 1) return 'the image';
  const run = db.prepare('SELECT state, step FROM run WHERE no = 1').get() as
    { state: string; step: string } | undefined;
  if (promised.isStarted && run === undefined) return 'the run';
  const tiles = tilesOf(db);
  for (const tile of promised.tiles) {
    if (!tiles.has(tile)) return `tile ${tile}, which had been shown as done`;
  }
  for (const [tile, hash] of tiles) {
    if (outcome.tiles.get(tile) !== hash) return `tile ${tile}: its result is another one`;
  }
  if (promised.isFinished) {
    if (run?.state !== 'complete' || run.step !== 'finished') {
      return `the run's end: it is ${run?.state ?? 'gone'} at ${run?.step ?? 'no step'}`;
    }
    if (findingsOf(db) !== outcome.findings) return 'findings';
  }
  const decided = db.prepare('SELECT finding, verdict FROM decision ORDER BY seq').raw().all() as [
    string,
    string,
  ][];
  const verdicts = new Map(decided);
  for (const [finding, verdict] of promised.decisions) {
    if (verdicts.get(finding) !== verdict) return `the decision about ${finding}`;
  }
  return null;
}

/** A file of that name is whole or not there; one that was promised is there. The safety copy is sound. */
function brokenExport(folder: string, promised: Promises, outcome: Outcome): string | null {
  for (const [name, bytes] of outcome.exports) {
    const path = join(folder, name);
    if (!existsSync(path)) {
      if (promised.exports.has(name)) return `the export ${name}`;
    } else if (!readFileSync(path).equals(bytes)) return `the export ${name} is not whole`;
  }
  const copy = join(folder, `${caseName}.backup`);
  if (existsSync(copy) && !isSound(copy)) return 'the safety copy is damaged';
  return null;
}
