/**
 * Opaque ids for the files that a person handed over: by dialog, drag and drop, command line, or below a folder that the
 * server was started with. Screens never see a path of the disk and never send one; what is not registered is not opened.
 */
import { createHash, randomBytes } from 'node:crypto';
import { realpathSync } from 'node:fs';
import { basename, resolve, sep } from 'node:path';
import { GigatileError } from '../contract/errors.ts';

export class FileRegistry {
  /** Ids are keyed, so that they cannot be computed from a path by somebody else. */
  readonly #key = randomBytes(32);
  readonly #paths = new Map<string, string>();
  readonly #roots: string[] = [];

  /** Registers an absolute or relative path; the same path always has the same id within this process. */
  register(path: string): string {
    const absolute = resolve(path);
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
