/**
 * A disk that loses its power. What was written and not yet synced is kept, dropped, torn or reordered, sector by sector; names that
 * were made, moved or removed last only when their folder was synced, and in their order (as journaling file systems do it).
 * Stricter than those in one point: syncing a file does not keep its name.
 */
import { dirname } from 'node:path';
import type { Random } from '../simulation/random.ts';
import type { DiskEvent } from './trace.ts';

type Change = { at: number; data: Buffer } | { size: number };

class Inode {
  durable: Buffer = Buffer.alloc(0);
  pending: Change[] = [];
  /** Where the next write without a place goes. */
  cursor = 0;

  sync(): void {
    this.durable = applied(this.durable, this.pending);
    this.pending = [];
  }
}

function applied(content: Buffer, changes: readonly Change[]): Buffer {
  let size = content.length;
  let most = size;
  for (const change of changes) {
    most = Math.max(most, 'size' in change ? change.size : change.at + change.data.length);
  }
  const file = Buffer.alloc(most);
  content.copy(file);
  for (const change of changes) {
    if ('size' in change) {
      if (change.size < size) file.fill(0, change.size, size);
      size = change.size;
    } else {
      change.data.copy(file, change.at);
      size = Math.max(size, change.at + change.data.length);
    }
  }
  return file.subarray(0, size);
}

type NameChange =
  { path: string; inode: Inode } | { path: string; inode: null } | { from: string; to: string; inode: Inode };

function rename(names: Map<string, Inode>, change: NameChange): void {
  if ('from' in change) {
    names.delete(change.from);
    names.set(change.to, change.inode);
  } else if (change.inode === null) names.delete(change.path);
  else names.set(change.path, change.inode);
}

/** How a cut treats what was not synced. `seeded`: each file in another way. */
export type Cut = 'dropped' | 'kept' | 'seeded';

const sectors = [512, 4096] as const;

export class PoweredDisk {
  readonly #names = new Map<string, Inode>();
  readonly #durableNames = new Map<string, Inode>();
  #pendingNames: NameChange[] = [];

  apply(event: DiskEvent): void {
    switch (event.op) {
      case 'open': {
        let inode = this.#names.get(event.path);
        if (inode === undefined) {
          if (!event.creates) throw new Error(`${event.path} was opened, and nobody made it`);
          inode = new Inode();
          this.#rename({ path: event.path, inode });
        } else if (event.empties) inode.pending.push({ size: 0 });
        inode.cursor = 0;
        break;
      }
      case 'write': {
        const inode = this.#inode(event.path);
        const at = event.at ?? inode.cursor;
        inode.cursor = at + event.data.length;
        inode.pending.push({ at, data: event.data });
        break;
      }
      case 'truncate':
        this.#inode(event.path).pending.push({ size: event.size });
        break;
      case 'sync':
        if (this.#names.has(event.path)) this.#inode(event.path).sync();
        else this.#syncFolder(event.path);
        break;
      case 'rename':
        this.#rename({ from: event.from, to: event.to, inode: this.#inode(event.from) });
        break;
      case 'unlink':
        this.#rename({ path: event.path, inode: null });
        break;
      case 'told':
        break;
    }
  }

  /** The files as they are found when there is power again. */
  after(cut: Cut, random: Random): Map<string, Buffer> {
    const names = new Map(this.#durableNames);
    const lasting =
      cut === 'dropped'
        ? 0
        : cut === 'kept'
          ? this.#pendingNames.length
          : random.whole(0, this.#pendingNames.length);
    for (const change of this.#pendingNames.slice(0, lasting)) rename(names, change);
    const files = new Map<string, Buffer>();
    for (const [path, { durable, pending }] of names) {
      const lasted = cut === 'dropped' ? [] : cut === 'kept' ? pending : survivors(pending, random);
      files.set(path, applied(durable, lasted));
    }
    return files;
  }

  #inode(path: string): Inode {
    const inode = this.#names.get(path);
    if (inode === undefined) throw new Error(`${path} is used, and nobody opened it`);
    return inode;
  }

  #rename(change: NameChange): void {
    rename(this.#names, change);
    this.#pendingNames.push(change);
  }

  #syncFolder(folder: string): void {
    const isThere = (change: NameChange): boolean =>
      dirname('from' in change ? change.to : change.path) === folder;
    for (const change of this.#pendingNames.filter(isThere)) rename(this.#durableNames, change);
    this.#pendingNames = this.#pendingNames.filter((change) => !isThere(change));
  }
}

/** In order up to some write that is torn, or any sectors of any writes. */
function survivors(pending: readonly Change[], random: Random): Change[] {
  const sector = random.pick(sectors);
  if (random.chance(0.5)) {
    const whole = random.whole(0, pending.length);
    const torn = pending[whole];
    if (torn === undefined || 'size' in torn) return pending.slice(0, whole);
    const pieces = split(torn, sector);
    return [...pending.slice(0, whole), ...pieces.slice(0, random.whole(0, pieces.length))];
  }
  const chance = random.pick([0.2, 0.5, 0.8]);
  return pending
    .flatMap((change): Change[] => ('size' in change ? [change] : split(change, sector)))
    .filter(() => random.chance(chance));
}

function split({ at, data }: { at: number; data: Buffer }, sector: number): { at: number; data: Buffer }[] {
  const pieces = [];
  for (let from = 0; from < data.length;) {
    const to = Math.min(data.length, from + sector - ((at + from) % sector));
    pieces.push({ at: at + from, data: data.subarray(from, to) });
    from = to;
  }
  return pieces;
}
