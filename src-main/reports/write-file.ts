/**
 * A file that is whole or not there: written beside its place under a temporary name, flushed, renamed, and the folder flushed.
 * Whatever goes wrong, an older file of that name stays as it was.
 */
import { randomBytes } from 'node:crypto';
import { open, readdir, rename, rm, stat, type FileHandle } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { GigatileError } from '../contract/errors.ts';
import { Turn } from './turn.ts';

/** Strings are gathered to writes of this size. */
const chunkBytes = 1 << 18;

/** A file that nobody has written to for so long is left over, milliseconds. */
const leftMs = 3_600_000;

const encoder = new TextEncoder();

/**
 * @param chunks text (UTF-8) or bytes; taken only as fast as the disk takes them
 * @throws {GigatileError} disk-full, not-writable, io, cancelled; what `chunks` throws is thrown on
 */
export function writeFileWhole(
  path: string,
  chunks: AsyncIterable<string | Uint8Array> | Iterable<string | Uint8Array>,
  signal?: AbortSignal,
): Promise<void> {
  return writeWhole(path, (temporary, handle) => writeAll(resolve(path), handle, chunks, signal), signal);
}

/** @throws {GigatileError} cancelled */
export function throwIfCancelled(path: string, signal: AbortSignal | undefined): void {
  if (signal?.aborted !== true) return;
  throw new GigatileError('cancelled', 'Writing was cancelled', { where: basename(path) });
}

/**
 * The same for programs that write a file by its name.
 * @param write fills the file at `temporary`, which is there and empty; hears the signal itself
 * @throws {GigatileError} disk-full, not-writable, io, cancelled; what `write` throws is thrown on
 */
export async function writeWhole(
  path: string,
  write: (temporary: string, handle: FileHandle) => Promise<void>,
  signal?: AbortSignal,
): Promise<void> {
  const target = resolve(path);
  const temporary = temporaryFor(target);
  let handle: FileHandle | undefined;
  try {
    handle = await onDisk(target, () => open(temporary, 'wx'));
    await onDisk(target, () => sweepLeft(target, temporary));
    await write(temporary, handle);
    await onDisk(target, () => handle?.sync());
    await onDisk(target, () => handle?.close());
    handle = undefined;
    // A large file takes a while to reach the disk.
    throwIfCancelled(target, signal);
    await onDisk(target, () => rename(temporary, target));
  } catch (error) {
    // What is told is the first error: where closing or removing fails too, the disk is gone.
    await handle?.close().catch(() => undefined);
    await rm(temporary, { force: true }).catch(() => undefined);
    throw error;
  }
  await syncFolder(target, dirname(target));
}

const stemOf = (target: string): string => `.${basename(target).slice(0, 100)}.`;

/** A name for what becomes `target`: hidden, and in the same folder, so that renaming never leaves the file system. */
export function temporaryFor(target: string): string {
  return join(dirname(target), `${stemOf(target)}${randomBytes(6).toString('hex')}.part`);
}

/**
 * Removes what a program that was killed left of the same file; one that is written to now may be another program's.
 * @param made just now: it tells the time of that disk, which need not be this machine's
 */
export async function sweepLeft(target: string, made: string): Promise<void> {
  const folder = dirname(target);
  const stem = stemOf(target);
  const { mtimeMs: now } = await stat(made);
  let names: string[];
  try {
    names = await readdir(folder);
  } catch (error) {
    // A folder that may be written to and not be looked into.
    if (['EACCES', 'EPERM'].includes((error as NodeJS.ErrnoException).code ?? '')) return;
    throw error;
  }
  for (const name of names) {
    if (!name.startsWith(stem) && !name.startsWith(`.${stem}`)) continue;
    // The second form is of a program that writes beside its file in turn.
    if (!/\.[0-9a-f]{12}\.part(?:\.\d+-[0-9a-f]{8}\.part)?$/.test(name)) continue;
    const path = join(folder, name);
    const found = await stat(path, { throwIfNoEntry: false });
    if (found !== undefined && now - found.mtimeMs > leftMs) await rm(path, { force: true, recursive: true });
  }
}

async function writeAll(
  target: string,
  handle: FileHandle,
  chunks: AsyncIterable<string | Uint8Array> | Iterable<string | Uint8Array>,
  signal?: AbortSignal,
): Promise<void> {
  // One buffer for all of it: strings that wait, or a new buffer for each write, would pile up until the garbage is collected.
  const bytes = new Uint8Array(chunkBytes);
  let held = 0;
  let size = 0;
  /** Once the disk is full, what is still to come is only counted: the person has to know how much room it needs. */
  let full: unknown = null;
  const write = async (part: Uint8Array): Promise<void> => {
    size += part.byteLength;
    if (full !== null || part.byteLength === 0) return;
    try {
      await handle.writeFile(part);
    } catch (error) {
      if (!isFull(error)) throw diskError(target, error);
      full = error;
    }
  };
  const flush = async (): Promise<void> => {
    await write(bytes.subarray(0, held));
    held = 0;
  };
  const turn = new Turn();
  for await (const chunk of chunks) {
    if (turn.isOver) await turn.giveWay();
    throwIfCancelled(target, signal);
    if (typeof chunk === 'string') {
      for (let rest = chunk; rest !== '';) {
        const { read, written } = encoder.encodeInto(rest, bytes.subarray(held));
        held += written;
        rest = rest.slice(read);
        if (rest !== '') await flush();
      }
    } else {
      await flush();
      await write(chunk);
    }
  }
  await flush();
  if (full !== null) throw diskError(target, full, size);
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

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : '';
}

function isFull(error: unknown): boolean {
  return ['ENOSPC', 'EDQUOT'].includes(codeOf(error));
}

/** @param size of the whole file, where it is known */
export function diskError(target: string, cause: unknown, size?: number): GigatileError {
  const code = codeOf(cause);
  const where = basename(target);
  switch (code) {
    case 'ENOSPC':
    case 'EDQUOT':
      return new GigatileError('disk-full', 'The disk is full: the file was not written', {
        where,
        hint: `${size === undefined ? 'Free some space' : `It needs ${size.toLocaleString('en')} bytes: free some space`}, or choose another place. An older file of this name is unchanged.`,
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
