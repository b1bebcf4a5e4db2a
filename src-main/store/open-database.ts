/**
 * Opens the SQLite file behind a case, safely: nothing is trusted that is not checked.
 * Facts: better-sqlite3 compiles SQLite so that WAL silently means synchronous=NORMAL, which loses acknowledged commits on a
 * power cut; so FULL is set after WAL and both are read back.
 */
import './require-node.ts';
import Database from 'better-sqlite3';
import { accessSync, constants, existsSync, statSync } from 'node:fs';
import { GigatileError } from '../contract/errors.ts';
import { applicationId } from './application-id.ts';
import { backupBeforeMigration, damageOf, restoreHint } from './backups.ts';
import { asGigatileError } from './sqlite-errors.ts';
import { migrations, newestVersion } from './migrations/index.ts';
import { placeOf } from './place.ts';
import { assertOwnSchema } from './schema-guard.ts';

export type Db = Database.Database;

export { applicationId };

function pragmaNumber(db: Db, name: string): number {
  return Number(db.pragma(name, { simple: true }));
}

function setAndAssert(db: Db, name: string, value: string, expected: string | number): void {
  db.pragma(`${name} = ${value}`);
  const found = db.pragma(name, { simple: true });
  if (String(found).toLowerCase() !== String(expected).toLowerCase()) {
    throw new GigatileError('io', `The case's database refuses ${name}=${value} (it says ${String(found)})`, {
      where: db.name,
      hint: 'Keep cases on a local disk: network shares and some sync folders do not support what keeps them safe.',
    });
  }
}

function checkIdentity(db: Db, path: string): void {
  const id = pragmaNumber(db, 'application_id');
  const isEmpty = pragmaNumber(db, 'schema_version') === 0;
  if (id !== applicationId && !(isEmpty && id === 0)) {
    throw new GigatileError('case-not-a-case', 'This is a database, but not a Gigatile case', {
      where: path,
    });
  }
  const version = pragmaNumber(db, 'user_version');
  if (version > newestVersion) {
    throw new GigatileError(
      'case-newer',
      `This case was written by a newer Gigatile (case version ${version}, this one reads up to ${newestVersion})`,
      { where: path, hint: 'Update Gigatile. The file was not changed.' },
    );
  }
  if (version > 0 || !isEmpty) assertOwnSchema(db, version, path);
}

function migrate(db: Db, path: string): void {
  const from = pragmaNumber(db, 'user_version');
  if (from === newestVersion) return;
  if (from > 0) backupBeforeMigration(db, path, from);
  db.transaction(() => {
    db.pragma(`application_id = ${applicationId}`);
    for (const migration of migrations) {
      if (migration.version > from) db.exec(migration.sql);
    }
    db.pragma(`user_version = ${newestVersion}`);
  }).immediate();
}

/**
 * How acknowledged commits are kept over a power cut. On local disks by a write-ahead log; where several machines can reach the file
 * by a rollback journal, with the file held by this process alone, since a log would need memory that all of them share.
 */
function makeDurable(db: Db, isNetwork: boolean): void {
  if (isNetwork) {
    // First: a log that is there already is then taken in without shared memory.
    setAndAssert(db, 'locking_mode', 'EXCLUSIVE', 'exclusive');
    setAndAssert(db, 'journal_mode', 'TRUNCATE', 'truncate');
  } else {
    setAndAssert(db, 'journal_mode', 'WAL', 'wal');
  }
  setAndAssert(db, 'synchronous', 'FULL', 2);
  if (process.platform === 'darwin') {
    setAndAssert(db, 'fullfsync', 'ON', 1);
    setAndAssert(db, 'checkpoint_fullfsync', 'ON', 1);
  }
  // Taken now, and kept by the locking mode: a machine that does not see our lock file is refused by the file itself.
  if (isNetwork) db.exec('BEGIN EXCLUSIVE; COMMIT');
}

/** SQLite opens a file that may not be written for reading, and says so at the first write: too late. */
function assertWritable(path: string): void {
  try {
    accessSync(path, constants.W_OK);
  } catch (error) {
    throw new GigatileError('not-writable', 'The case file cannot be written', {
      where: path,
      hint: 'It is marked as read-only, belongs to somebody else, or its disk is read-only.',
      cause: error,
    });
  }
}

/**
 * @param path absolute; made where it is missing and `mode` is 'create'
 * @throws {GigatileError} file-not-found, case-not-a-case, case-newer, case-corrupt, not-writable, io
 */
export function openDatabase(
  path: string,
  mode: 'create' | 'write' | 'read',
  isNetwork = placeOf(path).isNetwork,
): Db {
  const exists = existsSync(path);
  if (!exists && mode !== 'create') {
    throw new GigatileError('file-not-found', 'There is no such case file', { where: path });
  }
  if (exists && statSync(path).isDirectory()) {
    throw new GigatileError('case-not-a-case', 'This is a folder, not a case file', { where: path });
  }
  if (exists && mode !== 'read') assertWritable(path);
  let db: Db | undefined;
  try {
    db = new Database(path, { readonly: mode === 'read', fileMustExist: mode !== 'create' });
    db.pragma('trusted_schema = OFF');
    db.pragma('cell_size_check = ON');
    db.pragma('busy_timeout = 5000');
    checkIdentity(db, path);
    if (mode !== 'read') {
      makeDurable(db, isNetwork);
      setAndAssert(db, 'foreign_keys', 'ON', 1);
      db.pragma('wal_autocheckpoint = 1000');
      db.pragma('journal_size_limit = 67108864');
      migrate(db, path);
    } else if (pragmaNumber(db, 'user_version') === 0) {
      throw new GigatileError('case-not-a-case', 'This database is empty', { where: path });
    }
    return db;
  } catch (error) {
    db?.close();
    throw asGigatileError(error, path);
  }
}

/** @throws {GigatileError} case-corrupt where SQLite's quick check finds damage. */
export function quickCheck(db: Db): void {
  let damage: string | null;
  try {
    damage = damageOf(db);
  } catch (error) {
    throw asGigatileError(error, db.name);
  }
  if (damage === null) return;
  throw new GigatileError('case-corrupt', `The case file is damaged: ${damage}`, {
    where: db.name,
    hint: restoreHint(db.name),
  });
}
