/**
 * All rows of an image from the top, in little memory. libvips decodes and sharp can only hand over a whole picture, or write a
 * file: so it writes one, a PNG without compression, into a pipe (or, where that can't be, an ordinary temporary file that
 * is read while it grows), and the rows are taken out of that.
 */
import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { rmSync } from 'node:fs';
import { open } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import type { Sharp as SharpImage } from 'sharp';
import { GigatileError } from '../../contract/errors.ts';
import type { Raster } from '../../images/image-source.ts';
import { PngRows } from './png-rows.ts';
import { sharpFailure } from './sharp-raster.ts';

export interface RowSource {
  /** Ready to be decoded, in the colours and type that are wanted. */
  image: () => SharpImage;
  /** Whether it can be written into a pipe. */
  intoPipe: boolean;
  width: number;
  height: number;
  bands: number;
  dtype: 'uint8' | 'uint16';
  /** For messages. */
  where: string;
}

const readSize = 512 * 1024;
const growthPollMs = 20;

export async function* streamRows(source: RowSource, signal: AbortSignal): AsyncGenerator<Raster, void> {
  const path = join(tmpdir(), `gigatile-${process.pid}-${randomBytes(6).toString('hex')}.png`);
  const isPipe = source.intoPipe && (await makePipe(path));
  const remove = (): void => rmSync(path, { force: true });
  process.once('exit', remove);
  let ended: { error: unknown } | null = null;
  let writing: Promise<void> = Promise.resolve();
  let reader: FileHandle | null = null;
  try {
    if (!isPipe) await (await open(path, 'w', 0o600)).close();
    writing = source
      .image()
      .png({ compressionLevel: 0, adaptiveFiltering: false, palette: false })
      .toFile(path)
      .then(
        () => void (ended = { error: null }),
        (error: unknown) => void (ended = { error }),
      );
    reader = isPipe ? await openPipe(path, writing) : await open(path, 'r');
    // Both ends are open: a pipe needs its name no more, and nothing is left of it whatever happens.
    if (isPipe) remove();
    const rows = new PngRows(source);
    for await (const piece of piecesOf(reader, isPipe, () => ended !== null)) {
      signal.throwIfAborted();
      yield* rows.push(piece);
    }
    await writing;
    const failure = failureOf(ended);
    // The decoder knows best what is wrong: what it writes just ends.
    if (failure !== null) throw sharpFailure(failure, 'The image cannot be decoded', source.where);
    if (rows.done < source.height) {
      throw new GigatileError('image-corrupt', `The image ends after ${rows.done} of ${source.height} rows`, {
        where: source.where,
      });
    }
  } finally {
    process.removeListener('exit', remove);
    remove();
    if (reader !== null) void drain(reader, isPipe, () => ended !== null);
  }
}

/**
 * libvips can't be stopped, and it holds both ends of the pipe, so that closing ours ends nothing: one that is given up is read
 * to its end, in the background and for nothing (some seconds of one core).
 */
async function drain(reader: FileHandle, isPipe: boolean, hasEnded: () => boolean): Promise<void> {
  try {
    if (isPipe && !hasEnded()) for await (const piece of piecesOf(reader, isPipe, hasEnded)) void piece;
  } finally {
    await reader.close();
  }
}

function failureOf(ended: { error: unknown } | null): unknown {
  return ended?.error ?? null;
}

/** false: this system has no named pipes that a file name can stand for. */
async function makePipe(path: string): Promise<boolean> {
  try {
    await promisify(execFile)('mkfifo', ['-m', '600', path]);
    return true;
  } catch {
    return false;
  }
}

async function openPipe(path: string, writing: Promise<void>): Promise<FileHandle> {
  const opening = open(path, 'r');
  const first = await Promise.race([opening, writing.then(() => null)]);
  if (first !== null) return first;
  // The writer ended without opening the pipe: opening its other end lets our own open return.
  const other = await open(path, 'r+');
  const reader = await opening;
  await other.close();
  return reader;
}

/** The same memory each time. */
async function* piecesOf(
  reader: FileHandle,
  isPipe: boolean,
  hasEnded: () => boolean,
): AsyncGenerator<Buffer, void> {
  const memory = Buffer.allocUnsafeSlow(readSize);
  let position = 0;
  for (;;) {
    const endedBefore = hasEnded();
    const { bytesRead } = await reader.read(memory, 0, readSize, isPipe ? null : position);
    position += bytesRead;
    if (bytesRead > 0) yield memory.subarray(0, bytesRead);
    else if (isPipe || endedBefore) return;
    else await sleep(growthPollMs);
  }
}
