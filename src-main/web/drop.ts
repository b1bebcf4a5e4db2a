/**
 * `PUT /drop?name=<file name>`: a file dropped onto the browser's window, whose path the browser does not tell. It is copied
 * below the data folder by its content, so that the same file is kept once and two different ones of the same name and size
 * are never taken for each other.
 */
import { createHash, randomBytes } from 'node:crypto';
import { mkdirSync, readdirSync, rmSync, statSync } from 'node:fs';
import { mkdir, open, rename, rm, stat, statfs } from 'node:fs/promises';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { join } from 'node:path';
import { GigatileError } from '../contract/errors.ts';
import type { FileRegistry } from '../engine/file-registry.ts';
import { answer, answerError } from './headers.ts';

/** Left free on the disk after a drop, for the case file and its journal. */
const reserveBytes = 256 * 1024 * 1024;
/** Larger files are opened by path, with the command line or below a served folder. */
export const maxDropBytes = 64 * 1024 ** 3;

/** An upload of which nothing has come for so long is given up. */
const quietMs = 60_000;

const windowsReserved = /^(con|prn|aux|nul|com\d|lpt\d)(\.|$)/i;

/**
 * A name that is safe as one component of a path on every system, with its extension kept.
 *
 * @throws {GigatileError} usage where the name is none, or means a folder.
 */
export function safeFileName(name: string): string {
  const refuse = (why: string): never => {
    throw new GigatileError('usage', `This file name cannot be used: ${why}`, {
      hint: 'Rename the file and drop it again.',
    });
  };
  if (name.trim() === '') return refuse('it is empty');
  if (/[/\\\0]/.test(name)) return refuse('it contains a path');
  const clean = name
    .normalize('NFC')
    .replaceAll(/[^\p{L}\p{M}\p{N} ._()+,=@-]/gu, '_')
    .replaceAll(/^[. ]+|[. ]+$/g, '');
  if (clean === '') return refuse('nothing is left of it');
  if (windowsReserved.test(clean)) return refuse('the name is reserved');
  if (Buffer.byteLength(clean) > 200) return refuse('it is longer than 200 bytes');
  return clean;
}

export class DropFolder {
  readonly #folder: string;
  readonly #files: FileRegistry;
  readonly #maxBytes: number;

  /** `dataDir` absolute; dropped files lie in `dropped/<hash>/<name>` below it. */
  constructor(dataDir: string, files: FileRegistry, maxBytes = maxDropBytes) {
    this.#folder = join(dataDir, 'dropped');
    this.#files = files;
    this.#maxBytes = maxBytes;
    removeStaleUploads(this.#folder);
  }

  /** Reads the request's body to its end, answers `{fileId}`; leaves nothing behind where the upload fails. */
  async receive(
    request: IncomingMessage,
    query: URLSearchParams,
    response: ServerResponse,
    signal: AbortSignal,
  ): Promise<void> {
    const size = Number(request.headers['content-length'] ?? Number.NaN);
    if (!Number.isSafeInteger(size) || size < 0) {
      discardRest(request);
      answerError(response, { code: 'usage', message: 'The size of the file is not given' }, 411);
      return;
    }
    request.setTimeout(quietMs, () => request.destroy());
    try {
      const name = safeFileName(query.get('name') ?? '');
      await this.#checkRoom(size, name);
      const path = await this.#store(request, name, size, signal);
      answer(response, 200, 'application/json', JSON.stringify({ fileId: this.#files.register(path) }));
    } catch (error) {
      discardRest(request);
      throw error;
    }
  }

  async #checkRoom(size: number, name: string): Promise<void> {
    if (size > this.#maxBytes) {
      throw new GigatileError('image-too-large', 'This file is too large to be dropped', {
        where: name,
        hint: `The limit is ${Math.floor(this.#maxBytes / 1024 ** 2)} MB; open it by its path instead: gigatile serve <image>.`,
      });
    }
    await mkdir(this.#folder, { recursive: true });
    const disk = await statfs(this.#folder);
    if (disk.bavail * disk.bsize < size + reserveBytes) {
      throw new GigatileError('disk-full', 'There is not enough room on the disk for a copy of this file', {
        where: name,
        hint: `Free ${Math.ceil((size + reserveBytes) / 1024 ** 2)} MB, or open the file by its path: gigatile serve <image>.`,
      });
    }
  }

  async #store(request: IncomingMessage, name: string, size: number, signal: AbortSignal): Promise<string> {
    const upload = join(this.#folder, `.${randomBytes(9).toString('base64url')}.upload`);
    try {
      const hash = createHash('sha256');
      const file = await open(upload, 'wx');
      try {
        let received = 0;
        // The request outlives an error here, so that the error can be answered.
        const chunks: AsyncIterable<Buffer> = request.iterator({ destroyOnReturn: false });
        for await (const chunk of chunks) {
          signal.throwIfAborted();
          received += chunk.length;
          hash.update(chunk);
          await file.appendFile(chunk);
        }
        if (received !== size) {
          throw new GigatileError('io', `The upload ended after ${received} of ${size} bytes`, {
            where: name,
            hint: 'Drop the file again.',
          });
        }
        await file.sync();
      } finally {
        await file.close();
      }
      const folder = join(this.#folder, hash.digest('hex').slice(0, 32));
      const path = join(folder, name);
      await mkdir(folder, { recursive: true });
      const known = await stat(path).catch(() => null);
      if (known?.isFile() !== true || known.size !== size) await rename(upload, path);
      return path;
    } finally {
      await rm(upload, { force: true });
    }
  }
}

/**
 * After a refusal: a client that is still sending reads the answer only if its connection is not reset at once; ten seconds
 * of what it sends are thrown away, then it is cut off.
 */
function discardRest(request: IncomingMessage): void {
  request.resume();
  const timer = setTimeout(() => {
    if (!request.complete) request.destroy();
  }, 10_000);
  timer.unref();
  request.once('close', () => clearTimeout(timer));
}

/** Uploads that a crash left behind more than a day ago. */
function removeStaleUploads(folder: string): void {
  mkdirSync(folder, { recursive: true });
  for (const name of readdirSync(folder)) {
    if (!name.endsWith('.upload')) continue;
    const path = join(folder, name);
    const age = Date.now() - (statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? Date.now());
    if (age > 24 * 3600 * 1000) rmSync(path, { force: true });
  }
}
