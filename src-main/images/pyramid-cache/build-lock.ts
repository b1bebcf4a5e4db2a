/**
 * Who prepares an image, over all processes of this machine: a file beside the prepared one that names the process and tells
 * how far it is. Only politeness hangs on it: two that prepare the same at once (after a crash, both find the old lock dead)
 * write two files of which either is whole.
 */
import { closeSync, openSync, readFileSync, rmSync, statSync, writeFileSync, writeSync } from 'node:fs';

/** A lock that nobody has renewed for so long belongs to a process that hangs, or to another machine's. */
const deadAfterMs = 60_000;
const renewEveryMs = 1000;

export interface LockHolder {
  pid: number;
  fraction: number;
}

export class BuildLock {
  readonly #path: string;
  #renewed = Date.now();

  private constructor(path: string) {
    this.#path = path;
  }

  /** null: somebody who lives has it. @throws what the file system says */
  static take(path: string): BuildLock | null {
    for (let attempt = 0; attempt < 2; attempt++) {
      try {
        const file = openSync(path, 'wx');
        writeSync(file, JSON.stringify({ pid: process.pid, fraction: 0 }));
        closeSync(file);
        return new BuildLock(path);
      } catch (error) {
        if (!isCode(error, 'EEXIST')) throw error;
        if (holderOf(path) !== null) return null;
        rmSync(path, { force: true });
      }
    }
    return null;
  }

  /** Tells how far the holder is, at most once a second; never fails, because nothing hangs on it. */
  renew(fraction: number): void {
    if (Date.now() - this.#renewed < renewEveryMs) return;
    this.#renewed = Date.now();
    try {
      writeFileSync(this.#path, JSON.stringify({ pid: process.pid, fraction }));
    } catch {
      // A full disk: the one who waits sees an older number.
    }
  }

  release(): void {
    rmSync(this.#path, { force: true });
  }
}

/** The living holder of a lock; null where there is none. */
export function holderOf(path: string): LockHolder | null {
  const stat = statSync(path, { throwIfNoEntry: false });
  if (stat === undefined || Date.now() - stat.mtimeMs > deadAfterMs) return null;
  let holder: Partial<LockHolder>;
  try {
    holder = JSON.parse(readFileSync(path, 'utf8')) as Partial<LockHolder>;
  } catch {
    // Just being written, or left half by a crash: its age decides.
    return Date.now() - stat.mtimeMs < 2 * renewEveryMs ? { pid: 0, fraction: 0 } : null;
  }
  const { pid, fraction } = holder;
  if (typeof pid !== 'number' || typeof fraction !== 'number' || !isAlive(pid)) return null;
  return { pid, fraction };
}

export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // EPERM: it lives and is somebody else's.
    return isCode(error, 'EPERM');
  }
}

function isCode(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code;
}
