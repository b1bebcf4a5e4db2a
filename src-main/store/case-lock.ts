/**
 * One writer a case: a lock file beside it names its owner. A lock whose owner no longer lives (same machine, pid gone) is
 * taken over; one of another machine is respected, since its process cannot be seen from here.
 */
import { closeSync, fsyncSync, openSync, readFileSync, rmSync, writeSync } from 'node:fs';
import { hostname } from 'node:os';
import { z } from 'zod';
import { GigatileError } from '../contract/errors.ts';

const ownerSchema = z.object({ pid: z.number().int(), host: z.string(), since: z.string() });
type Owner = z.infer<typeof ownerSchema>;

function readOwner(lockPath: string): Owner | null {
  try {
    return ownerSchema.parse(JSON.parse(readFileSync(lockPath, 'utf8')));
  } catch (error) {
    if (error instanceof SyntaxError || error instanceof z.ZodError) return null; // torn by a crash: nobody's
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

function create(lockPath: string): boolean {
  let handle: number;
  try {
    handle = openSync(lockPath, 'wx');
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    if (code === 'EEXIST') return false;
    throw new GigatileError('not-writable', 'The case file cannot be written here', {
      where: lockPath,
      hint: 'Choose a folder that you may write to with --case.',
      cause: error,
    });
  }
  try {
    const owner: Owner = { pid: process.pid, host: hostname(), since: new Date().toISOString() };
    writeSync(handle, JSON.stringify(owner));
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
  return true;
}

/** The living process of this machine (or any of another one) that has the case open; null where nobody has. */
export function lockOwner(casePath: string): Owner | null {
  const owner = readOwner(`${casePath}.lock`);
  return owner && (owner.host !== hostname() || isAlive(owner.pid)) ? owner : null;
}

/**
 * Takes the lock of the case at `casePath`; returns its release.
 * @throws {GigatileError} case-locked where another living process holds it
 */
export function lockCase(casePath: string): () => void {
  const lockPath = `${casePath}.lock`;
  for (let attempt = 0; attempt < 3; attempt++) {
    if (create(lockPath)) {
      return () => rmSync(lockPath, { force: true });
    }
    const owner = readOwner(lockPath);
    if (owner && owner.host !== hostname()) {
      throw new GigatileError('case-locked', `This case is open on ${owner.host} since ${owner.since}`, {
        where: casePath,
        hint: `Close it there. If that machine is gone for good, remove ${lockPath}.`,
      });
    }
    if (owner && isAlive(owner.pid)) {
      throw new GigatileError(
        'case-locked',
        `This case is open in process ${owner.pid} since ${owner.since}`,
        {
          where: casePath,
          hint: 'Close the other window or wait for the other command to end.',
        },
      );
    }
    rmSync(lockPath, { force: true });
  }
  throw new GigatileError('case-locked', 'The lock of this case could not be taken', { where: casePath });
}
