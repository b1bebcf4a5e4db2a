/** SQLite's error codes in words a person can act on. */
import { GigatileError } from '../contract/errors.ts';
import { backupsOf, isUndamaged, restoreHint } from './backups.ts';
import { canBeRead } from './files.ts';

interface SqliteLike {
  code: string;
  message: string;
}

function isSqliteError(error: unknown): error is SqliteLike {
  return (
    error instanceof Error &&
    'code' in error &&
    typeof error.code === 'string' &&
    error.code.startsWith('SQLITE_')
  );
}

const failingDisk =
  'Try again. If it happens again, the disk or its connection is failing: copy the case to another disk.';

/** SQLITE_FULL, or the I/O error that a full file system gives where SQLite needs room for its shared memory. */
export function isDiskFull(error: unknown): boolean {
  return isSqliteError(error) && (error.code === 'SQLITE_FULL' || error.code === 'SQLITE_IOERR_SHMSIZE');
}

/** Somebody else holds the file at this moment. */
export function isBusy(error: unknown): boolean {
  return isSqliteError(error) && /^SQLITE_(BUSY|LOCKED)/.test(error.code);
}

export function asGigatileError(error: unknown, path: string): unknown {
  if (!isSqliteError(error)) {
    if (error instanceof TypeError && /directory does not exist/.test(error.message)) {
      return new GigatileError('not-writable', 'The folder for the case file does not exist', {
        where: path,
        cause: error,
      });
    }
    return error;
  }
  const details = { where: path, cause: error };
  const code = error.code;
  if (code === 'SQLITE_NOTADB') {
    // A case whose first page was destroyed looks like any other file; what lies beside it tells.
    const hint = backupsOf(path).length === 0 ? undefined : restoreHint(path);
    return new GigatileError('case-not-a-case', 'This file is not a Gigatile case', { ...details, hint });
  }
  if (code.startsWith('SQLITE_CORRUPT')) {
    // SQLite says so too where a disk could not read. Nobody is to restore an old backup over a case that is sound.
    if (!canBeRead(path) || isUndamaged(path)) return unreadable(details);
    return new GigatileError('case-corrupt', 'The case file is damaged', {
      ...details,
      hint: restoreHint(path),
    });
  }
  if (isDiskFull(error)) {
    return new GigatileError('disk-full', 'The disk is full: nothing of the case was lost', {
      ...details,
      hint: 'Make room on this disk, then resume.',
    });
  }
  if (code.startsWith('SQLITE_BUSY') || code.startsWith('SQLITE_LOCKED')) {
    return new GigatileError('case-locked', 'Another program holds the case file', {
      ...details,
      hint: 'Close other windows with this case; a virus scanner or a sync folder can be the reason too.',
    });
  }
  if (code.startsWith('SQLITE_READONLY') || code === 'SQLITE_CANTOPEN' || code === 'SQLITE_PERM') {
    return new GigatileError('not-writable', 'The case file cannot be written here', {
      ...details,
      hint: 'Choose a folder that you may write to with --case.',
    });
  }
  if (code.startsWith('SQLITE_IOERR')) {
    return new GigatileError('io', `The disk gave an error while the case was used [${code}]`, {
      ...details,
      hint: failingDisk,
    });
  }
  return new GigatileError('io', `The case file could not be used: ${error.message} [${code}]`, details);
}

function unreadable(details: { where: string; cause: unknown }): GigatileError {
  return new GigatileError('io', 'The disk gave an error while the case was read', {
    ...details,
    hint: failingDisk,
  });
}
