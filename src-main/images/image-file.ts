/** Positional, read-only access to the image's file, with errors that say what was being read. */
import { closeSync, constants, fstatSync, openSync, readSync } from 'node:fs';
import { basename } from 'node:path';
import { GigatileError } from '../contract/errors.ts';

export class ImageFile {
  readonly path: string;
  /** File name without folder, for messages. */
  readonly name: string;
  readonly size: number;
  readonly #fd: number;
  #open = true;

  private constructor(path: string, fd: number, size: number) {
    this.path = path;
    this.name = basename(path);
    this.size = size;
    this.#fd = fd;
  }

  /** @throws {GigatileError} file-not-found, file-unreadable */
  static open(path: string): ImageFile {
    const where = basename(path);
    let fd: number;
    try {
      fd = openSync(path, constants.O_RDONLY);
    } catch (cause) {
      const code = cause instanceof Error && 'code' in cause ? cause.code : undefined;
      if (code === 'ENOENT' || code === 'ENOTDIR') {
        throw new GigatileError('file-not-found', 'There is no such file', { where: path, cause });
      }
      throw new GigatileError('file-unreadable', `The file cannot be opened: ${String(code ?? cause)}`, {
        where,
        hint: 'Check its permissions and whether the disk is there.',
        cause,
      });
    }
    try {
      const stat = fstatSync(fd);
      if (!stat.isFile()) {
        throw new GigatileError('file-unreadable', 'This is a folder or a device, not a file', {
          where: path,
        });
      }
      if (stat.size === 0) {
        throw new GigatileError('image-corrupt', 'The file is empty', { where });
      }
      return new ImageFile(path, fd, stat.size);
    } catch (error) {
      closeSync(fd);
      throw error;
    }
  }

  /** `length` bytes from `offset`. `what` names them in the error. @throws {GigatileError} image-corrupt, io */
  read(offset: number, length: number, what: string | (() => string)): Buffer {
    this.#checkRange(offset, length, what);
    const target = Buffer.allocUnsafe(length);
    this.readInto(target, 0, offset, length, what);
    return target;
  }

  /** The same into `target` from `at` on. */
  readInto(
    target: Uint8Array,
    at: number,
    offset: number,
    length: number,
    what: string | (() => string),
  ): void {
    this.#checkRange(offset, length, what);
    let done = 0;
    while (done < length) {
      let count: number;
      try {
        count = readSync(this.#fd, target, at + done, length - done, offset + done);
      } catch (cause) {
        throw new GigatileError('io', `Reading ${named(what)} failed: ${String(cause)}`, {
          where: this.name,
          cause,
        });
      }
      if (count === 0) {
        throw new GigatileError(
          'io',
          `The file became shorter while it was open: ${named(what)} cannot be read`,
          {
            where: this.name,
            hint: 'Open it again.',
          },
        );
      }
      done += count;
    }
  }

  close(): void {
    if (!this.#open) return;
    this.#open = false;
    closeSync(this.#fd);
  }

  #checkRange(offset: number, length: number, what: string | (() => string)): void {
    if (!this.#open) {
      throw new GigatileError('internal', `${named(what)} was asked for after the image was closed`, {
        where: this.name,
      });
    }
    if (!(offset >= 0) || !(length >= 0) || offset + length > this.size) {
      throw new GigatileError(
        'image-corrupt',
        `${named(what)} would lie at bytes ${offset} to ${offset + length}, beyond the end of the file (${this.size} bytes)`,
        { where: this.name, hint: 'The file is damaged or was not copied completely.' },
      );
    }
  }
}

/** Names are made only for errors: a display tile is read in microseconds. */
function named(what: string | (() => string)): string {
  return typeof what === 'string' ? what : what();
}
