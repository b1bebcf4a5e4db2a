/** `Save a copy`: SQLite's backup interface copies page by page while the case is worked on. */
import Database from 'better-sqlite3';
import { rmSync } from 'node:fs';
import { GigatileError } from '../contract/errors.ts';
import { tileStateCode } from '../contract/run.ts';
import { assertWritten, putInPlace, sideFiles } from './backups.ts';
import type { Db } from './open-database.ts';

/** Pages of 4 KiB a turn: about 10 ms, so that the engine answers screens and workers in between. */
const pagesATurn = 2048;
/** A copy that is read while another process writes starts anew at each commit there: then all in one turn. */
const allAtOnce = 0x7fffffff;

/** In the copy nobody is at work: what was in hand there is to be done again. */
function settle(path: string): void {
  const db = new Database(path, { fileMustExist: true });
  try {
    db.pragma('journal_mode = DELETE');
    db.transaction(() => {
      db.prepare('UPDATE tile SET state = ? WHERE state = ?').run(
        tileStateCode.pending,
        tileStateCode.running,
      );
      const { changes } = db
        .prepare("UPDATE run SET state = 'interrupted', reason = ? WHERE state = 'running'")
        .run('This is a copy of the case, made while the run was going on');
      db.prepare("INSERT INTO event (at, run, kind, data) VALUES (?, NULL, 'copied', ?)").run(
        new Date().toISOString(),
        JSON.stringify({ runsGoingOn: changes }),
      );
    }).immediate();
  } finally {
    db.close();
  }
}

/** @throws SQLite's errors; {GigatileError} cancelled, io */
export async function copyCase(db: Db, target: string, signal?: AbortSignal): Promise<void> {
  const temporary = `${target}.part-${process.pid}`;
  rmSync(temporary, { force: true });
  try {
    await db.backup(temporary, {
      progress: () => {
        if (signal?.aborted === true) throw new GigatileError('cancelled', 'The copy was cancelled');
        return db.readonly ? allAtOnce : pagesATurn;
      },
    });
    settle(temporary);
    assertWritten(temporary, target);
    // A log of what was at this place would be taken for the copy's.
    for (const part of sideFiles) rmSync(target + part, { force: true });
    putInPlace(temporary, target);
  } finally {
    for (const part of ['', ...sideFiles]) rmSync(temporary + part, { force: true });
  }
}
