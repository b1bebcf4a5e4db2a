/**
 * A file that appears whole or not at all: written under another name in the same folder, forced to the disk, then renamed.
 * What was at the target before stays readable until the rename.
 */
import { randomBytes } from 'node:crypto';
import { open, rename, rm, type FileHandle } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { GigatileError } from '../../contract/errors.ts';

/** A system error as a person can act on it. */
export function writeError(error: unknown, path: string): GigatileError {
  if (error instanceof GigatileError) return error;
  const code = (error as NodeJS.ErrnoException | null)?.code;
  switch (code) {
    case 'ENOENT':
    case 'ENOTDIR':
      return new GigatileError('not-writable', 'The folder to write into does not exist', {
        where: dirname(path),
        hint: 'Make the folder, or name another place for the file.',
        cause: error,
      });
    case 'EACCES':
    case 'EPERM':
    case 'EROFS':
    case 'EISDIR':
      return new GigatileError('not-writable', 'This place may not be written to', {
        where: path,
        hint: 'Name another place for the file, or ask for permission to write there.',
        cause: error,
      });
    case 'ENOSPC':
    case 'EDQUOT':
      return new GigatileError('disk-full', 'There is no space left on the disk', {
        where: path,
        hint: 'Free some space or name a place on another disk, then try again.',
        cause: error,
      });
    default:
      return new GigatileError(
        'io',
        `Writing failed: ${error instanceof Error ? error.message : 'unknown'}`,
        {
          where: path,
          cause: error,
        },
      );
  }
}

export class AtomicFile {
  readonly path: string;
  readonly #temporary: string;
  readonly #handle: FileHandle;
  #state: 'open' | 'committed' | 'discarded' = 'open';

  private constructor(path: string, temporary: string, handle: FileHandle) {
    this.path = path;
    this.#temporary = temporary;
    this.#handle = handle;
  }

  /** @throws {GigatileError} not-writable, disk-full, io. */
  static async create(path: string): Promise<AtomicFile> {
    const target = resolve(path);
    const temporary = join(
      dirname(target),
      `.${basename(target)}.${process.pid}-${randomBytes(4).toString('hex')}.part`,
    );
    try {
      return new AtomicFile(target, temporary, await open(temporary, 'wx+'));
    } catch (error) {
      throw writeError(error, target);
    }
  }

  /** Writes all of `bytes` at `position`; calls may overlap in time as long as their ranges don't overlap in the file. */
  async write(bytes: Uint8Array, position: number): Promise<void> {
    try {
      let done = 0;
      while (done < bytes.byteLength) {
        const { bytesWritten } = await this.#handle.write(
          bytes,
          done,
          bytes.byteLength - done,
          position + done,
        );
        done += bytesWritten;
      }
    } catch (error) {
      throw writeError(error, this.path);
    }
  }

  /** Reads back `length` bytes that were written before. */
  async read(position: number, length: number): Promise<Uint8Array> {
    const bytes = new Uint8Array(length);
    let done = 0;
    while (done < length) {
      const { bytesRead } = await this.#handle.read(bytes, done, length - done, position + done);
      if (bytesRead === 0) {
        throw new GigatileError(
          'io',
          `The file ends ${length - done} bytes before what was written into it`,
          {
            where: this.path,
          },
        );
      }
      done += bytesRead;
    }
    return bytes;
  }

  /** Forces the content to the disk and gives the file its name. */
  async commit(): Promise<void> {
    try {
      await this.#handle.sync();
      await this.#handle.close();
      await rename(this.#temporary, this.path);
      this.#state = 'committed';
      // A rename is only durable with its folder; Windows has no such call on folders.
      if (process.platform !== 'win32') {
        const folder = await open(dirname(this.path), 'r');
        try {
          await folder.sync();
        } finally {
          await folder.close();
        }
      }
    } catch (error) {
      throw writeError(error, this.path);
    }
  }

  /** Removes what was written. Does nothing after `commit`. Idempotent. */
  async discard(): Promise<void> {
    if (this.#state !== 'open') return;
    this.#state = 'discarded';
    await this.#handle.close();
    await rm(this.#temporary, { force: true });
  }
}
