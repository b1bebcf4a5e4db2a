/**
 * Opaque ids for the files that a person handed over: by dialog, drag and drop, command line, or below a folder that the
 * server was started with. Screens never see a path of the disk and never send one; what is not registered is not opened.
 *
 * Addresses of images on servers (http, https) are registered like paths. A screen may send one, because a person types it there
 * (`files.openUrl`). That does not make the local server a proxy: it answers on loopback only, to the one who has its token, and
 * what comes back are pictures of an image or one sentence, never the bytes of an answer. Where an address may lead is decided
 * in images/remote/addresses.ts.
 */
import { createHash, randomBytes } from 'node:crypto';
import { realpathSync } from 'node:fs';
import { basename, resolve, sep } from 'node:path';
import { GigatileError } from '../contract/errors.ts';
import { isUrl, parseImageUrl } from '../core/image-address.ts';

export class FileRegistry {
  /** Ids are keyed, so that they cannot be computed from a path by somebody else. */
  readonly #key = randomBytes(32);
  readonly #paths = new Map<string, string>();
  readonly #roots: string[] = [];

  /**
   * Registers an absolute or relative path, or an address; the same one always has the same id within this process.
   * @throws {GigatileError} usage where it is an address that cannot be read
   */
  register(path: string): string {
    const absolute = isUrl(path) ? parseImageUrl(path).href : resolve(path);
    const id = createHash('sha256').update(this.#key).update(absolute).digest('base64url').slice(0, 22);
    this.#paths.set(id, absolute);
    return id;
  }

  /** A folder whose content may be listed and opened (`files.list`). Symbolic links that lead out of it are refused. */
  addRoot(folder: string): void {
    const real = realpathSync(resolve(folder));
    if (!this.#roots.includes(real)) this.#roots.push(real);
  }

  get roots(): readonly string[] {
    return this.#roots;
  }

  /** Registers a path found by listing, after checking that it really lies below a root. */
  registerBelowRoot(path: string): string {
    const real = realpathSync(resolve(path));
    if (
      !this.#roots.some((root) => real === root || real.startsWith(root.endsWith(sep) ? root : root + sep))
    ) {
      throw new GigatileError('file-unreadable', 'This file lies outside the folders that may be opened', {
        where: basename(path),
        hint: 'Start the server with the folder that holds it.',
      });
    }
    return this.register(real);
  }

  knows(id: string): boolean {
    return this.#paths.has(id);
  }

  /** @throws {GigatileError} file-not-found where the id was never handed out. */
  resolve(id: string): string {
    const path = this.#paths.get(id);
    if (path === undefined) {
      throw new GigatileError('file-not-found', 'This file is not known any more', {
        hint: 'Open it again with the dialog, by drag and drop, or from the command line.',
      });
    }
    return path;
  }
}
