/**
 * One writer a case: a lock file beside it names its owner. A lock whose owner no longer lives (same machine, process gone) is
 * taken over; one of another machine is respected, since its process cannot be seen from here.
 */
import {
  closeSync,
  fsyncSync,
  linkSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  writeSync,
} from 'node:fs';
import { hostname } from 'node:os';
import { z } from 'zod';
import { GigatileError } from '../contract/errors.ts';
import { processSpace, processStart } from './process-identity.ts';

const ownerSchema = z.object({
  pid: z.number().int(),
  host: z.string(),
  since: z.string(),
  /** Absent in locks of earlier versions, and where the system does not say. */
  start: z.string().optional(),
  space: z.string().optional(),
});
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

function exists(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

/** Of another machine or another container: whether it lives cannot be seen from here. */
function isElsewhere(owner: Owner): boolean {
  return owner.host !== hostname() || (owner.space ?? processSpace()) !== processSpace();
}

/** That very process, not one that has its number now. */
function isAlive(owner: Owner): boolean {
  if (!exists(owner.pid)) return false;
  return owner.start === undefined || owner.start === processStart(owner.pid);
}

function noRoom(lockPath: string, cause: unknown): GigatileError {
  return new GigatileError('disk-full', 'The disk is full: the case cannot be opened for work', {
    where: lockPath,
    hint: 'Make room on this disk.',
    cause,
  });
}

function notWritable(lockPath: string, cause: unknown): GigatileError {
  return new GigatileError('not-writable', 'The case file cannot be written here', {
    where: lockPath,
    hint: 'Choose a folder that you may write to with --case.',
    cause,
  });
}

function notKept(lockPath: string, message: string, cause: unknown): GigatileError {
  return new GigatileError('io', message, {
    where: lockPath,
    hint: 'The case itself is safe. The disk or its connection is failing: copy the case to another disk.',
    cause,
  });
}

function create(lockPath: string): Owner | null {
  let handle: number;
  try {
    handle = openSync(lockPath, 'wx');
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    if (code === 'EEXIST') return null;
    if (code === 'ENOSPC') throw noRoom(lockPath, error);
    throw notWritable(lockPath, error);
  }
  try {
    const start = processStart(process.pid);
    const owner: Owner = {
      pid: process.pid,
      host: hostname(),
      since: new Date().toISOString(),
      ...(start !== null && { start }),
      ...(processSpace() !== '' && { space: processSpace() }),
    };
    writeSync(handle, JSON.stringify(owner));
    fsyncSync(handle);
    return owner;
  } catch (error) {
    // A full disk: half a lock would be in everybody's way.
    rmSync(lockPath, { force: true });
    throw (error as NodeJS.ErrnoException).code === 'ENOSPC'
      ? noRoom(lockPath, error)
      : notKept(lockPath, 'The lock beside the case could not be written', error);
  } finally {
    closeSync(handle);
  }
}

/** The living process of this machine (or any of another one) that has the case open; null where nobody has. */
export function lockOwner(casePath: string): Owner | null {
  const owner = readOwner(`${casePath}.lock`);
  return owner && (isElsewhere(owner) || isAlive(owner)) ? owner : null;
}

/**
 * Removes a lock that was found stale. Somebody else may have done so and taken the case since: their lock is put back.
 */
function removeStale(lockPath: string, stale: Owner | null): void {
  const aside = `${lockPath}.stale-${process.pid}`;
  try {
    renameSync(lockPath, aside);
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? '';
    if (code === 'ENOENT') return;
    throw ['EROFS', 'EACCES', 'EPERM'].includes(code) ? notWritable(lockPath, error) : error;
  }
  const moved = readOwner(aside);
  if (JSON.stringify(moved) !== JSON.stringify(stale)) {
    try {
      linkSync(aside, lockPath);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    }
  }
  rmSync(aside, { force: true });
}

/** Locks that this process gave back, and that the disk did not let it remove. */
const left = new Map<string, string>();

/** @throws {GigatileError} io where it cannot be removed; the next to open the case takes it over */
function release(lockPath: string, mine: Owner): void {
  try {
    // Not one that somebody took in the meantime, after a person removed ours.
    if (JSON.stringify(readOwner(lockPath)) === JSON.stringify(mine)) rmSync(lockPath, { force: true });
  } catch (error) {
    left.set(lockPath, JSON.stringify(mine));
    throw notKept(lockPath, 'The lock beside the case could not be removed', error);
  }
}

/**
 * Takes the lock of the case at `casePath`; returns its release.
 * @throws {GigatileError} case-locked where another living process holds it; not-writable
 */
export function lockCase(casePath: string): () => void {
  const lockPath = `${casePath}.lock`;
  for (let attempt = 0; attempt < 3; attempt++) {
    const mine = create(lockPath);
    if (mine) {
      return () => release(lockPath, mine);
    }
    const owner = readOwner(lockPath);
    if (owner && isElsewhere(owner)) {
      const where = owner.host === hostname() ? `in another container of ${owner.host}` : `on ${owner.host}`;
      throw new GigatileError('case-locked', `This case is open ${where} since ${owner.since}`, {
        where: casePath,
        hint: `Close it there. If that machine is gone for good, remove ${lockPath}.`,
      });
    }
    if (owner && isAlive(owner) && left.get(lockPath) !== JSON.stringify(owner)) {
      throw new GigatileError(
        'case-locked',
        `This case is open in process ${owner.pid} since ${owner.since}`,
        {
          where: casePath,
          hint: 'Close the other window or wait for the other command to end.',
        },
      );
    }
    removeStale(lockPath, owner);
  }
  throw new GigatileError('case-locked', 'The lock of this case could not be taken', { where: casePath });
}
