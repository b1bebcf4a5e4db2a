/**
 * Copies beside a case that it can be restored from: `<case>.backup-v2` before a migration from version 2, and `<case>.backup`,
 * the one of the last clean end after decisions were made. A copy counts only after it was read back and checked.
 */
import './require-node.ts';
import Database from 'better-sqlite3';
import { copyFileSync, existsSync, linkSync, readdirSync, renameSync, rmSync, statSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { GigatileError } from '../contract/errors.ts';
import { applicationId } from './application-id.ts';
import { syncFile, syncFolderOf } from './files.ts';

export interface Backup {
  path: string;
  /** When it was made. */
  at: Date;
}

/** What SQLite finds wrong with a file by its quick check; null where nothing. @throws SQLite's errors */
export function damageOf(db: Database.Database): string | null {
  const found = db.pragma('quick_check(3)') as { quick_check: string }[];
  return found.length === 1 && found[0]?.quick_check === 'ok' ? null : (found[0]?.quick_check ?? 'unknown');
}

/** Whether the file is a case from its first page to its last. */
export function isSound(path: string): boolean {
  return isUndamaged(path, (db) => db.pragma('application_id', { simple: true }) === applicationId);
}

/** Whether the file is a database from its first page to its last, and `also` holds of it. */
export function isUndamaged(path: string, also: (db: Database.Database) => boolean = () => true): boolean {
  let db: Database.Database | undefined;
  try {
    db = new Database(path, { readonly: true, fileMustExist: true });
    return also(db) && damageOf(db) === null;
  } catch (error) {
    if (error instanceof Database.SqliteError) return false;
    throw error;
  } finally {
    db?.close();
  }
}

/** Syncs a file that was just written, and reads it back. @throws {GigatileError} io */
export function assertWritten(temporary: string, target: string): void {
  syncFile(temporary);
  if (isSound(temporary)) return;
  throw new GigatileError('io', 'The copy cannot be read back as it was written', {
    where: target,
    hint: 'This disk may be failing: keep a copy of the case on another one.',
  });
}

/** Gives a checked file its name, so that whatever was there before is replaced at once or not at all. */
export function putInPlace(temporary: string, target: string): void {
  renameSync(temporary, target);
  syncFolderOf(target);
}

/** Endings of files that SQLite takes for parts of a database when they lie beside it. */
export const sideFiles = ['-wal', '-shm', '-journal'] as const;

/**
 * Writes all that is committed into a file of its own, as one moment; without the log beside it, and without gaps.
 * @throws SQLite's errors: SQLITE_FULL, SQLITE_CORRUPT …; then `target` is what it was before
 */
export function writeSnapshot(db: Database.Database, target: string): void {
  const temporary = `${target}.part-${process.pid}`;
  rmSync(temporary, { force: true });
  try {
    db.prepare('VACUUM INTO ?').run(temporary);
    assertWritten(temporary, target);
    putInPlace(temporary, target);
  } finally {
    rmSync(temporary, { force: true });
  }
}

/** @throws see writeSnapshot: then the migration must not begin */
export function backupBeforeMigration(db: Database.Database, path: string, version: number): void {
  const target = `${path}.backup-v${version}`;
  writeSnapshot(db, target);
  for (const older of backupsOf(path)) {
    if (older.path !== target && older.path.startsWith(`${path}.backup-v`)) rmSync(older.path);
  }
}

/** Newest first; not checked yet. */
export function backupsOf(path: string): Backup[] {
  const folder = dirname(path);
  if (!existsSync(folder)) return [];
  const start = `${basename(path)}.backup`;
  return readdirSync(folder)
    .filter((name) => name.startsWith(start) && /^(-v\d+)?$/.test(name.slice(start.length)))
    .map((name) => ({ path: join(folder, name), at: statSync(join(folder, name)).mtime }))
    .sort((a, b) => b.at.getTime() - a.at.getTime());
}

export function newestSoundBackup(path: string): Backup | null {
  return backupsOf(path).find((backup) => isSound(backup.path)) ?? null;
}

/** What to do about a damaged case, for the person. */
export function restoreHint(path: string): string {
  const backup = newestSoundBackup(path);
  return backup === null
    ? 'There is no sound backup beside it. Copy it aside before anything else.'
    : `Its backup of ${backup.at.toISOString()} beside it is sound: restore it in the window, or with "gigatile case restore <case>". The damaged file is kept.`;
}

/**
 * Puts the newest sound backup in the place of a case. The file that was there is kept under another name, its log too. The caller
 * holds the case's lock.
 * @returns the backup, which stays where it is, and where the old file is now; null where there was none
 * @throws {GigatileError} file-not-found where there is no sound backup; nothing is changed then
 */
export function restoreBackup(path: string): { backup: Backup; aside: string | null } {
  const backup = newestSoundBackup(path);
  if (backup === null) {
    throw new GigatileError('file-not-found', 'There is no sound backup beside this case', { where: path });
  }
  const temporary = `${path}.part-${process.pid}`;
  try {
    copyDatabase(backup.path, temporary);
    assertWritten(temporary, path);
    const aside = existsSync(path) ? keepAside(path) : null;
    putInPlace(temporary, path);
    return { backup, aside };
  } finally {
    rmSync(temporary, { force: true });
  }
}

function copyDatabase(from: string, to: string): void {
  rmSync(to, { force: true });
  const db = new Database(from, { readonly: true });
  try {
    db.prepare('VACUUM INTO ?').run(to);
  } finally {
    db.close();
  }
}

/** The damaged file under another name as well; its log under that name only, since beside a restored file it would damage that. */
function keepAside(path: string): string {
  const stamp = new Date().toISOString().replaceAll(/[-:]|\.\d+/g, '');
  const aside = `${path}.damaged-${stamp}`;
  try {
    // Not moved: whatever happens now, there is a case under the case's name.
    linkSync(path, aside);
  } catch {
    // Disks for cameras and the like know no second names.
    copyFileSync(path, aside);
  }
  for (const part of sideFiles) if (existsSync(path + part)) renameSync(path + part, aside + part);
  return aside;
}
