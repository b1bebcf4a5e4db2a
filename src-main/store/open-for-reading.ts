/**
 * Opens a case to look at it. SQLite wants to write even for reading where there is a write-ahead log: memory that is shared with
 * the writer. In a folder that cannot be written to, and on a network share, a copy is read instead.
 */
import {
  accessSync,
  constants,
  copyFileSync,
  existsSync,
  mkdtempSync,
  openSync,
  readSync,
  closeSync,
  rmSync,
  statSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { GigatileError } from '../contract/errors.ts';
import { damageOf, restoreHint } from './backups.ts';
import { lockOwner } from './case-lock.ts';
import { freeBytes, megabytes } from './files.ts';
import { openDatabase } from './open-database.ts';
import type { Db } from './open-database.ts';
import { placeOf } from './place.ts';

/** Whether the file says that it is used with a write-ahead log (file format, offset 18: 2). */
function wantsLog(path: string): boolean {
  const header = new Uint8Array(20);
  const handle = openSync(path, 'r');
  try {
    return readSync(handle, header, 0, 20, 0) === 20 && header[18] === 2;
  } finally {
    closeSync(handle);
  }
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
  const isFile = existsSync(path) && statSync(path).isFile();
  const needsCopy = isFile && wantsLog(path) && (placeOf(path).isNetwork || !canWriteIn(dirname(path)));
  if (!needsCopy) return { db: openDatabase(path, 'read'), close: () => undefined };
  const folder = mkdtempSync(join(tmpdir(), 'gigatile-read-'));
  const close = (): void => rmSync(folder, { recursive: true, force: true });
  try {
    const copy = join(folder, 'case.gigatile');
    const log = `${path}-wal`;
    const needed = statSync(path).size + (existsSync(log) ? statSync(log).size : 0);
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
    copyFileSync(path, copy);
    if (existsSync(log)) copyFileSync(log, `${copy}-wal`);
    const db = openDatabase(copy, 'read', false);
    const damage = damageOf(db);
    if (damage !== null) {
      db.close();
      throw torn(path, damage);
    }
    return { db, close };
  } catch (error) {
    close();
    throw error;
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
