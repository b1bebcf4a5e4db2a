/**
 * Opens a case to look at it. SQLite wants to write even for reading where there is a write-ahead log: memory that is shared with
 * the writer. In a folder that cannot be written to, and on a network share, a copy is read instead. So is a case of an earlier
 * version: the copy is brought up to date, the case stays as it is.
 */
import Database from 'better-sqlite3';
import { accessSync, constants, copyFileSync, existsSync, mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { GigatileError } from '../contract/errors.ts';
import { applicationId } from './application-id.ts';
import { damageOf, restoreHint } from './backups.ts';
import { lockOwner } from './case-lock.ts';
import { headerOf } from './file-header.ts';
import { freeBytes, megabytes } from './files.ts';
import { newestVersion } from './migrations/index.ts';
import { openDatabase } from './open-database.ts';
import type { Db } from './open-database.ts';
import { placeOf } from './place.ts';

function sizeOf(path: string): number {
  return existsSync(path) ? statSync(path).size : 0;
}

/** Left by a program that was killed while it wrote: what it had begun is to be undone first, and who only reads must not do that. */
function hasHotJournal(path: string): boolean {
  return sizeOf(path) > 0 && sizeOf(`${path}-journal`) > 0;
}

function mustBeCopied(path: string): boolean {
  const header = headerOf(path);
  if (header === null) return false;
  if (hasHotJournal(path)) return true;
  const { application, version, wantsLog } = header;
  if (application === applicationId && version > 0 && version < newestVersion) return true;
  return wantsLog && (placeOf(path).isNetwork || !canWriteIn(dirname(path)));
}

function canWriteIn(folder: string): boolean {
  try {
    accessSync(folder, constants.W_OK);
    return true;
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    if (code === 'EACCES' || code === 'EPERM' || code === 'EROFS') return false;
    throw error;
  }
}

/** @throws {GigatileError} as openDatabase; disk-full where a copy is needed and there is no room for it */
export function openForReading(path: string): { db: Db; close: () => void } {
  if (!mustBeCopied(path)) return { db: openDatabase(path, 'read'), close: () => undefined };
  const folder = mkdtempSync(join(tmpdir(), 'gigatile-read-'));
  const close = (): void => rmSync(folder, { recursive: true, force: true });
  try {
    const copy = join(folder, 'case.gigatile');
    const parts = ['', '-wal', '-journal'].filter((part) => existsSync(path + part));
    const needed = parts.reduce((sum, part) => sum + sizeOf(path + part), 0);
    if (freeBytes(copy) < needed) {
      throw new GigatileError(
        'disk-full',
        `Reading this case from there needs ${megabytes(needed)} for temporary files`,
        {
          where: tmpdir(),
          hint: `${megabytes(freeBytes(copy))} are free. Make room, or copy the case to another folder and open it there.`,
        },
      );
    }
    for (const part of parts) copyFileSync(path + part, copy + part);
    if (hasHotJournal(copy)) undo(copy);
    const damage = damageIn(copy);
    if (damage !== null) throw torn(path, damage);
    openDatabase(copy, 'write', false).close();
    return { db: openDatabase(copy, 'read', false), close };
  } catch (error) {
    close();
    const isAboutCopy = error instanceof GigatileError && error.where?.startsWith(folder) === true;
    throw isAboutCopy
      ? new GigatileError(error.code, error.message, { where: path, hint: error.hint, cause: error })
      : error;
  }
}

/** SQLite does it with the first look at the file. @throws SQLite's errors */
function undo(copy: string): void {
  const db = new Database(copy);
  try {
    db.pragma('schema_version');
  } finally {
    db.close();
  }
}

function damageIn(copy: string): string | null {
  const db = openDatabase(copy, 'read', false);
  try {
    return damageOf(db);
  } finally {
    db.close();
  }
}

/** A file that somebody writes to can't be copied as one moment. */
function torn(path: string, damage: string): GigatileError {
  const owner = lockOwner(path);
  return owner === null
    ? new GigatileError('case-corrupt', `The case file is damaged: ${damage}`, {
        where: path,
        hint: restoreHint(path),
      })
    : new GigatileError(
        'case-locked',
        `This case is being worked on by ${owner.host}, and can't be read meanwhile`,
        {
          where: path,
          hint: 'Try again when it is closed there.',
        },
      );
}
