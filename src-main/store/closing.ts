/** What is done once work on a case has ended, before its file is closed. Nothing of it may make the closing fail. */
import { GigatileError, toPlainError } from '../contract/errors.ts';
import { writeSnapshot } from './backups.ts';
import type { EventLog } from './event-log.ts';
import { freeBytes, megabytes } from './files.ts';
import type { Db } from './open-database.ts';
import { asGigatileError } from './sqlite-errors.ts';

/** Pages that hold nothing any more, of all: from here on the file is written anew without them. */
const mostEmpty = 0.25;
/** Below this it is not worth the time. */
const leastGain = 8e6;
/** A safety copy of more would make people wait at the end; they have `Save a copy`. */
const largestSafetyCopy = 1e9;

function pragma(db: Db, name: string): number {
  return Number(db.pragma(name, { simple: true }));
}

function bytesOf(db: Db): { all: number; empty: number } {
  const page = pragma(db, 'page_size');
  return { all: pragma(db, 'page_count') * page, empty: pragma(db, 'freelist_count') * page };
}

/**
 * Gives large gaps back to the disk. They come from findings that were replaced and results that were taken away.
 * @returns bytes that the file is smaller; 0 where it was not worthwhile or there is no room for it
 */
export function compactIfWorthwhile(db: Db, path: string): number {
  const { all, empty } = bytesOf(db);
  if (empty < leastGain || empty / all < mostEmpty) return 0;
  // Twice: once in the temporary file, once in the log.
  if (freeBytes(path) < (all - empty) * 2 + leastGain) return 0;
  db.exec('VACUUM');
  return all - bytesOf(db).all;
}

/**
 * The same at once, because a person wants it.
 * @throws {GigatileError} disk-full; SQLite's errors
 */
export function compactNow(db: Db, path: string): number {
  const { all, empty } = bytesOf(db);
  const needed = (all - empty) * 2 + leastGain;
  const free = freeBytes(path);
  if (free < needed) {
    throw new GigatileError('disk-full', `Compacting this case needs ${megabytes(needed)} for a while`, {
      where: path,
      hint: `${megabytes(free)} are free on this disk. Nothing was changed.`,
    });
  }
  db.exec('VACUUM');
  db.pragma('wal_checkpoint(TRUNCATE)');
  return all - bytesOf(db).all;
}

/**
 * What a model said can be computed again, what a person decided can't: after decisions were made, one copy lies beside the case. It
 * replaces the one before at once. Why there is none is in the case's events.
 */
export function keepDecisionsSafe(db: Db, path: string, events: EventLog): void {
  const { all, empty } = bytesOf(db);
  const needed = all - empty;
  if (needed > largestSafetyCopy || freeBytes(path) < needed * 2) {
    events.append(null, 'no-safety-copy', { bytes: needed, free: freeBytes(path) });
    return;
  }
  try {
    writeSnapshot(db, `${path}.backup`);
  } catch (error) {
    events.append(null, 'no-safety-copy', toPlainError(asGigatileError(error, `${path}.backup`)));
  }
}
