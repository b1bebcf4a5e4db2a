/** What there is to say about a case file as a file: how large, how safe, what lies beside it, who has it. */
import { statSync } from 'node:fs';
import { basename } from 'node:path';
import type { CaseFacts } from '../contract/case-facts.ts';
import { backupsOf } from './backups.ts';
import { lockOwner } from './case-lock.ts';
import { freeBytes } from './files.ts';
import type { Db } from './open-database.ts';
import { placeOf } from './place.ts';

function number(db: Db, sql: string): number {
  return db.prepare(sql).pluck().get() as number;
}

export function durabilityAt(path: string): string {
  return placeOf(path).isNetwork
    ? 'safe mode of network shares: rollback journal, synchronous=FULL, held by one program alone'
    : 'write-ahead log, synchronous=FULL';
}

/** @param path where the case lies, which may be a copy's origin @throws SQLite's errors */
export function caseFacts(db: Db, path: string): CaseFacts {
  const pragma = (name: string): number => Number(db.pragma(name, { simple: true }));
  const { isNetwork, fileSystem } = placeOf(path);
  const owner = lockOwner(path);
  return {
    name: basename(path),
    version: pragma('user_version'),
    // Not the file's: much of a case that is worked on lies in the log beside it.
    bytes: pragma('page_count') * pragma('page_size'),
    emptyBytes: pragma('freelist_count') * pragma('page_size'),
    freeBytes: freeBytes(path),
    place: isNetwork ? 'network' : 'local',
    fileSystem,
    durability: durabilityAt(path),
    imageName: (db.prepare('SELECT name FROM image').pluck().get() as string | undefined) ?? null,
    runs: number(db, 'SELECT count(*) FROM run'),
    tiles: number(db, 'SELECT count(*) FROM tile'),
    findings: number(db, 'SELECT count(*) FROM finding'),
    decisions: number(db, 'SELECT count(*) FROM decision'),
    backups: backupsOf(path).map(({ path: backup, at }) => ({
      name: basename(backup),
      at: at.toISOString(),
      bytes: statSync(backup).size,
    })),
    owner: owner && { host: owner.host, pid: owner.pid, since: owner.since },
  };
}
