/**
 * Opens the SQLite file behind a case, safely: nothing is trusted that is not checked.
 * Facts: better-sqlite3 compiles SQLite so that WAL silently means synchronous=NORMAL, which loses acknowledged commits on a
 * power cut; so FULL is set after WAL and both are read back.
 */
import './require-node.ts';
import Database from 'better-sqlite3';
import { copyFileSync, existsSync, statSync } from 'node:fs';
import { GigatileError } from '../contract/errors.ts';
import { asGigatileError } from './sqlite-errors.ts';
import { migrations, newestVersion } from './migrations/index.ts';

export type Db = Database.Database;

/** "GTil" in ASCII: marks our files for `file(1)` and for ourselves. */
export const applicationId = 0x4754696c;

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
}

function migrate(db: Db, path: string): void {
  const from = pragmaNumber(db, 'user_version');
  if (from === newestVersion) return;
  if (from > 0) {
    db.pragma('wal_checkpoint(TRUNCATE)');
    copyFileSync(path, `${path}.backup-v${from}`);
  }
  db.transaction(() => {
    db.pragma(`application_id = ${applicationId}`);
    for (const migration of migrations) {
      if (migration.version > from) db.exec(migration.sql);
    }
    db.pragma(`user_version = ${newestVersion}`);
  }).immediate();
}

/**
 * @param path absolute; made where it is missing and `mode` is 'create'
 * @throws {GigatileError} file-not-found, case-not-a-case, case-newer, case-corrupt, not-writable, io
 */
export function openDatabase(path: string, mode: 'create' | 'write' | 'read'): Db {
  const exists = existsSync(path);
  if (!exists && mode !== 'create') {
    throw new GigatileError('file-not-found', 'There is no such case file', { where: path });
  }
  if (exists && statSync(path).isDirectory()) {
    throw new GigatileError('case-not-a-case', 'This is a folder, not a case file', { where: path });
  }
  let db: Db | undefined;
  try {
    db = new Database(path, { readonly: mode === 'read', fileMustExist: mode !== 'create' });
    db.pragma('trusted_schema = OFF');
    db.pragma('busy_timeout = 5000');
    checkIdentity(db, path);
    if (mode !== 'read') {
      setAndAssert(db, 'journal_mode', 'WAL', 'wal');
      setAndAssert(db, 'synchronous', 'FULL', 2);
      if (process.platform === 'darwin') {
        setAndAssert(db, 'fullfsync', 'ON', 1);
        setAndAssert(db, 'checkpoint_fullfsync', 'ON', 1);
      }
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
  const found = db.pragma('quick_check(3)') as { quick_check: string }[];
  if (found.length === 1 && found[0]?.quick_check === 'ok') return;
  throw new GigatileError('case-corrupt', `The case file is damaged: ${found[0]?.quick_check ?? 'unknown'}`, {
    where: db.name,
    hint: 'Copy it aside before anything else, and open the backup beside it if there is one.',
  });
}
