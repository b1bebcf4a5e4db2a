/**
 * The folder of prepared images: a BigTIFF an image, named by what it was made of. Files appear whole or not at all; what was
 * used longest ago makes room. Nothing in it is needed: whoever deletes it loses time only.
 */
import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, rmSync, statSync, utimesSync } from 'node:fs';
import { join } from 'node:path';
import { GigatileError } from '../../contract/errors.ts';
import { writeError } from '../write/atomic-file.ts';
import { isAlive } from './build-lock.ts';
import { cacheLimit } from './settings.ts';
import type { CacheSettings } from './settings.ts';

/** Changes with everything that makes other bytes of the same image: layout, codec, halving. */
export const cacheFormat = 'gigatile-pyramid-1';

/** AtomicFile's temporary names: `.name.pid-random.part`. */
const unfinished = /^\..+\.(\d+)-[0-9a-f]+\.part$/;

export class CacheFolder {
  readonly #settings: CacheSettings;

  constructor(settings: CacheSettings) {
    this.#settings = settings;
  }

  get folder(): string {
    return this.#settings.folder;
  }

  /**
   * @param fingerprint of the image. It samples large files only, so that the key holds the time of the last change too: an
   * image that was edited in place is prepared again.
   */
  static keyOf(fingerprint: string, modifiedMs: number): string {
    return createHash('sha256')
      .update(`${cacheFormat}\n${fingerprint}\n${modifiedMs}`)
      .digest('hex')
      .slice(0, 40);
  }

  pathOf(key: string): string {
    return join(this.folder, `${key}.tif`);
  }

  lockOf(key: string): string {
    return join(this.folder, `${key}.lock`);
  }

  /** @throws {GigatileError} not-writable, disk-full, io */
  make(): void {
    try {
      mkdirSync(this.folder, { recursive: true });
    } catch (error) {
      throw writeError(error, this.folder);
    }
  }

  /** Marks a prepared image as used now. */
  touch(key: string): void {
    const now = new Date();
    try {
      utimesSync(this.pathOf(key), now, now);
    } catch {
      // A cache that may only be read works too; it just does not know what was used last.
    }
  }

  remove(key: string): void {
    rmSync(this.pathOf(key), { force: true });
  }

  /** Removes what processes that have gone left half-written. */
  sweep(): void {
    for (const name of this.#names()) {
      const pid = unfinished.exec(name)?.[1];
      if (pid !== undefined && !isAlive(Number(pid))) rmSync(join(this.folder, name), { force: true });
    }
  }

  /**
   * Makes room for `bytes` of an image that is being prepared, by removing what was used longest ago.
   * @throws {GigatileError} disk-full where the limit is smaller than this image alone
   */
  makeRoom(bytes: number): void {
    const kept = this.#prepared();
    let used = kept.reduce((sum, file) => sum + file.bytes, 0);
    const limit = cacheLimit(this.#settings, used);
    if (bytes > limit) {
      throw new GigatileError(
        'disk-full',
        `The prepared image needs more than the ${inGigabytes(limit)} that prepared images may take`,
        {
          where: this.folder,
          hint: 'Allow more with GIGATILE_CACHE_LIMIT, or name a folder on a larger disk in GIGATILE_CACHE_DIR.',
        },
      );
    }
    for (const file of kept.toSorted((a, b) => a.usedMs - b.usedMs)) {
      if (used + bytes <= limit) break;
      try {
        rmSync(file.path, { force: true });
        used -= file.bytes;
      } catch {
        // In use on a system that keeps open files: the next one has to go instead.
      }
    }
  }

  /** Number and bytes of prepared images, and what they may take. */
  usage(): { images: number; bytes: number; limit: number } {
    const kept = this.#prepared();
    const bytes = kept.reduce((sum, file) => sum + file.bytes, 0);
    return { images: kept.length, bytes, limit: cacheLimit(this.#settings, bytes) };
  }

  #prepared(): { path: string; bytes: number; usedMs: number }[] {
    return this.#names().flatMap((name) => {
      if (!/^[0-9a-f]{40}\.tif$/.test(name)) return [];
      const path = join(this.folder, name);
      const stat = statSync(path, { throwIfNoEntry: false });
      return stat === undefined ? [] : [{ path, bytes: stat.size, usedMs: stat.mtimeMs }];
    });
  }

  #names(): string[] {
    try {
      return readdirSync(this.folder);
    } catch {
      // Not made yet: nothing is in it.
      return [];
    }
  }
}

function inGigabytes(bytes: number): string {
  return bytes < 1e9 ? `${Math.round(bytes / 1e6)} MB` : `${(bytes / 1e9).toFixed(1)} GB`;
}
