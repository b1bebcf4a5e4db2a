/** What the first page of a database says before anybody opens it (SQLite's file format, 1.3). */
import { closeSync, openSync, readSync } from 'node:fs';

export interface FileHeader {
  /** It is used with a write-ahead log: in our cases, that somebody has it open, or did not close it. */
  wantsLog: boolean;
  version: number;
  application: number;
}

/** null where there is no file, none that is long enough to be one, or none that can be read: who opens it then says why. */
export function headerOf(path: string): FileHeader | null {
  const header = Buffer.alloc(100);
  if (!fill(header, path)) return null;
  return {
    wantsLog: header[18] === 2,
    version: header.readUInt32BE(60),
    application: header.readUInt32BE(68),
  };
}

function fill(bytes: Buffer, path: string): boolean {
  let handle: number | undefined;
  try {
    handle = openSync(path, 'r');
    return readSync(handle, bytes, 0, bytes.length, 0) === bytes.length;
  } catch (error) {
    if (typeof (error as NodeJS.ErrnoException).code === 'string') return false;
    throw error;
  } finally {
    if (handle !== undefined) closeSync(handle);
  }
}
