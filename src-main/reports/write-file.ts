/**
 * A file that is whole or not there: written beside its place under a temporary name, flushed, renamed, and the folder flushed.
 * Whatever goes wrong, an older file of that name stays as it was.
 */
import { randomBytes } from 'node:crypto';
import { open, rename, rm, type FileHandle } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { GigatileError } from '../contract/errors.ts';

/** Strings are gathered to writes of about this size. */
const chunkBytes = 1 << 18;

/**
 * @param chunks text (UTF-8) or bytes; taken only as fast as the disk takes them
 * @throws {GigatileError} disk-full, not-writable, io; what `chunks` throws is thrown on
 */
export async function writeFileWhole(
  path: string,
  chunks: AsyncIterable<string | Uint8Array> | Iterable<string | Uint8Array>,
  signal?: AbortSignal,
): Promise<void> {
  const target = resolve(path);
  const folder = dirname(target);
  // Hidden, and in the same folder: renaming never leaves the file system.
  const temporary = join(folder, `.${basename(target).slice(0, 100)}.${randomBytes(6).toString('hex')}.part`);
  let handle: FileHandle | undefined;
  try {
    handle = await onDisk(target, () => open(temporary, 'wx'));
    await writeAll(target, handle, chunks, signal);
    await onDisk(target, () => handle?.sync());
    await onDisk(target, () => handle?.close());
    handle = undefined;
    await onDisk(target, () => rename(temporary, target));
  } catch (error) {
    // What is told is the first error: where closing or removing fails too, the disk is gone.
    await handle?.close().catch(() => undefined);
    await rm(temporary, { force: true }).catch(() => undefined);
    throw error;
  }
  await syncFolder(target, folder);
}

async function writeAll(
  target: string,
  handle: FileHandle,
  chunks: AsyncIterable<string | Uint8Array> | Iterable<string | Uint8Array>,
  signal?: AbortSignal,
): Promise<void> {
  let text = '';
  const flush = async (): Promise<void> => {
    if (text === '') return;
    const bytes = Buffer.from(text, 'utf8');
    text = '';
    await onDisk(target, () => handle.writeFile(bytes));
  };
  for await (const chunk of chunks) {
    if (signal?.aborted === true)
      throw new GigatileError('cancelled', 'Writing was cancelled', { where: basename(target) });
    if (typeof chunk === 'string') {
      text += chunk;
      if (text.length >= chunkBytes) await flush();
    } else {
      await flush();
      await onDisk(target, () => handle.writeFile(chunk));
    }
  }
  await flush();
}

/** The new name itself must survive a power cut; Windows has no folders to flush. */
async function syncFolder(target: string, folder: string): Promise<void> {
  if (process.platform === 'win32') return;
  const handle = await onDisk(target, () => open(folder, 'r'));
  try {
    await onDisk(target, () => handle.sync());
  } finally {
    await handle.close();
  }
}

/** Runs one call to the disk; its errors in plain words. */
async function onDisk<T>(target: string, call: () => Promise<T>): Promise<T>;
async function onDisk<T>(target: string, call: () => Promise<T> | undefined): Promise<T | undefined>;
async function onDisk<T>(target: string, call: () => Promise<T> | undefined): Promise<T | undefined> {
  try {
    return await call();
  } catch (error) {
    throw diskError(target, error);
  }
}

function diskError(target: string, cause: unknown): GigatileError {
  const code = cause instanceof Error && 'code' in cause ? String(cause.code) : '';
  const where = basename(target);
  switch (code) {
    case 'ENOSPC':
    case 'EDQUOT':
      return new GigatileError('disk-full', 'The disk is full: the file was not written', {
        where,
        hint: 'Free some space, or choose another place. An older file of this name is unchanged.',
        cause,
      });
    case 'EACCES':
    case 'EPERM':
    case 'EROFS':
      return new GigatileError('not-writable', 'This folder cannot be written to', {
        where,
        hint: 'Choose another folder, or change its permissions.',
        cause,
      });
    case 'ENOENT':
    case 'ENOTDIR':
      return new GigatileError('not-writable', 'The folder for this file does not exist', {
        where,
        hint: 'Make the folder first, or choose another one.',
        cause,
      });
    case 'EISDIR':
    case 'ENOTEMPTY':
    case 'EEXIST':
      return new GigatileError('not-writable', 'There is a folder of this name', {
        where,
        hint: 'Give the file another name.',
        cause,
      });
    default:
      return new GigatileError('io', `The file could not be written (${code || String(cause)})`, {
        where,
        cause,
      });
  }
}
