/** Files that must be on the disk when it is said that they are. */
import { closeSync, fsyncSync, openSync, readSync, statfsSync } from 'node:fs';
import { dirname } from 'node:path';

export function syncFile(path: string): void {
  const handle = openSync(path, 'r+');
  try {
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
}

/** A new name, or one that is gone, lasts only with its folder. Windows has no such call and needs none. */
export function syncFolderOf(path: string): void {
  if (process.platform === 'win32') return;
  const handle = openSync(dirname(path), 'r');
  try {
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
}

/** Whether the disk gives every byte of a file. */
export function canBeRead(path: string): boolean {
  const part = Buffer.allocUnsafe(1 << 20);
  let handle: number | undefined;
  try {
    handle = openSync(path, 'r');
    for (let at = 0, read = -1; read !== 0; at += read) read = readSync(handle, part, 0, part.length, at);
    return true;
  } catch (error) {
    if (typeof (error as NodeJS.ErrnoException).code === 'string') return false;
    throw error;
  } finally {
    if (handle !== undefined) closeSync(handle);
  }
}

/** Bytes that this user may still write where `path` is or will be. */
export function freeBytes(path: string): number {
  const { bavail, bsize } = statfsSync(dirname(path));
  return bavail * bsize;
}

/** For people: `312 MB`. */
export function megabytes(bytes: number): string {
  const mega = bytes / 1e6;
  if (mega >= 1000) return `${(mega / 1000).toFixed(1)} GB`;
  return mega >= 10 ? `${Math.round(mega)} MB` : `${mega.toFixed(1)} MB`;
}
