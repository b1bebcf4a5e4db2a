/**
 * Positional, read-only access to the image's bytes, with errors that say what was being read: a file of the disk, or one on a
 * server (remote/).
 */
import { closeSync, constants, fstatSync, openSync, readSync } from 'node:fs';
import { basename } from 'node:path';
import { GigatileError } from '../contract/errors.ts';
import { isUrl, urlImageName, withoutSecrets } from '../core/image-address.ts';
import { FetchedFile } from './remote/fetcher.ts';
import { readAheadBytes, RemoteBytes } from './remote/remote-bytes.ts';
import type { ByteRange } from './remote/protocol.ts';

export class ImageFile {
  /** File name without folder, for messages. */
  readonly name: string;
  readonly size: number;
  /** Without secrets where it is an address. */
  readonly #path: string;
  /** -1 where the file is on a server. */
  readonly #fd: number;
  readonly #remote: RemoteBytes | null;
  #open = true;

  private constructor(path: string, size: number, from: number | RemoteBytes) {
    const isRemote = typeof from !== 'number';
    this.#path = isRemote ? withoutSecrets(path) : path;
    this.name = isRemote ? urlImageName(path) : basename(path);
    this.size = size;
    this.#fd = isRemote ? -1 : from;
    this.#remote = isRemote ? from : null;
  }

  /** A file of the disk. @throws {GigatileError} file-not-found, file-unreadable */
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
      return new ImageFile(path, stat.size, fd);
    } catch (error) {
      closeSync(fd);
      throw error;
    }
  }

  /**
   * A path of the disk, or an http(s) address, which is read in parts.
   * @throws {GigatileError} file-not-found, file-unreadable; of an address also what RangeClient.open throws
   */
  static async openAt(address: string): Promise<ImageFile> {
    if (!isUrl(address)) return ImageFile.open(address);
    const { file, head } = await FetchedFile.open(address, readAheadBytes);
    return new ImageFile(address, file.size, new RemoteBytes(file, head));
  }

  /** Read through the network: what is known to be needed is better fetched ahead. */
  get isRemote(): boolean {
    return this.#remote !== null;
  }

  /** For what can only read a file of the disk. @throws {GigatileError} image-unsupported where the image is on a server */
  get path(): string {
    if (this.#remote === null) return this.#path;
    throw new GigatileError('image-unsupported', 'An image of this format can only be read from a disk', {
      where: this.name,
      hint: 'Download it first, and open the copy. From a server, TIFF files (COG, SVS, OME-TIFF …) are read.',
    });
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
    if (this.#remote !== null) {
      this.#remote.readInto(target, at, offset, length);
      return;
    }
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

  /**
   * Of an image on a server: fetches these ranges, all at once, so that reading them does not wait. null: nothing to wait for.
   * What lies outside the file is left to the reader, who says what it was.
   */
  prefetch(ranges: readonly ByteRange[]): Promise<void> | null {
    return this.#open && this.#remote !== null ? this.#remote.prefetch(ranges) : null;
  }

  /** Several ranges that are read once; in parallel where the file is on a server. */
  async readRanges(ranges: readonly (ByteRange & { what: string })[]): Promise<Uint8Array[]> {
    for (const { offset, length, what } of ranges) this.#checkRange(offset, length, what);
    if (this.#remote !== null) return this.#remote.readRanges(ranges);
    return ranges.map(({ offset, length, what }) => this.read(offset, length, what));
  }

  /** Asks the server for bytes that may be known. @throws {GigatileError} image-changed where they are of another version */
  async readAgain(offset: number, length: number): Promise<Uint8Array> {
    this.#checkRange(offset, length, 'The file');
    return this.#remote?.readAgain({ offset, length }) ?? this.read(offset, length, 'The file');
  }

  close(): void {
    if (!this.#open) return;
    this.#open = false;
    if (this.#remote === null) closeSync(this.#fd);
    else this.#remote.close();
  }

  #checkRange(offset: number, length: number, what: string | (() => string)): void {
    if (!this.#open) {
      throw new GigatileError('internal', `${named(what)} was asked for after the image was closed`, {
        where: this.name,
      });
    }
    // A damaged offset can be a fraction (a tag of another type), or larger than numbers are exact.
    const isPlace =
      Number.isSafeInteger(offset) && Number.isSafeInteger(length) && offset >= 0 && length >= 0;
    if (!isPlace || offset + length > this.size) {
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
