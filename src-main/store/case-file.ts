/** One case: the image by reference, its runs, tiles, findings, decisions and events. This room is its only writer. */
import { existsSync, statSync } from 'node:fs';
import { GigatileError } from '../contract/errors.ts';
import type { ImageInfo } from '../contract/image.ts';
import { imageInfoSchema } from '../contract/image.ts';
import { AnnotationStore } from './annotation-store.ts';
import { CoverageStore } from './coverage-store.ts';
import { lockCase, lockOwner } from './case-lock.ts';
import type { CaseFacts } from '../contract/case-facts.ts';
import { caseFacts } from './case-facts.ts';
import { problemsOf } from './check-case.ts';
import { compactIfWorthwhile, compactNow, keepDecisionsSafe } from './closing.ts';
import { DecisionStore } from './decision-store.ts';
import { EventLog } from './event-log.ts';
import { FindingStore } from './finding-store.ts';
import { headerOf } from './file-header.ts';
import { openDatabase, quickCheck } from './open-database.ts';
import { openForReading } from './open-for-reading.ts';
import { restoreBackup } from './backups.ts';
import type { Backup } from './backups.ts';
import { copyCase } from './copy-case.ts';
import type { Db } from './open-database.ts';
import { RunStore } from './run-store.ts';
import { asGigatileError, isBusy, isDiskFull } from './sqlite-errors.ts';
import { TileStore } from './tile-store.ts';

export interface StoredImage {
  path: string;
  name: string;
  fingerprint: string;
  bytes: number;
  modifiedMs: number;
  info: ImageInfo;
  thumbnail: Uint8Array | null;
}

interface ImageRow {
  path: string;
  name: string;
  fingerprint: string;
  bytes: number;
  modified_ms: number;
  info: string;
  thumbnail: Uint8Array | null;
}

export class CaseFile {
  readonly path: string;
  readonly runs: RunStore;
  readonly tiles: TileStore;
  readonly findings: FindingStore;
  readonly decisions: DecisionStore;
  readonly annotations: AnnotationStore;
  readonly coverage: CoverageStore;
  readonly events: EventLog;
  readonly #db: Db;
  readonly #release: () => void;
  readonly #decisionsAtOpen: number;
  #open = true;

  private constructor(path: string, db: Db, release: () => void) {
    this.path = path;
    this.#db = db;
    this.#release = release;
    this.#decisionsAtOpen = lastDecision(db);
    this.events = new EventLog(db);
    this.runs = new RunStore(db);
    this.tiles = new TileStore(db);
    this.findings = new FindingStore(db);
    this.decisions = new DecisionStore(db);
    this.annotations = new AnnotationStore(db);
    this.coverage = new CoverageStore(db);
  }

  /**
   * Opens for writing, alone. A lock or a write-ahead log left behind means that the last owner did not close: then the
   * file is checked before it is used.
   * @param isNetwork see place.ts; found out where left out
   * @throws {GigatileError} see openDatabase and lockCase
   */
  static open(path: string, mode: 'create' | 'write', isNetwork?: boolean): CaseFile {
    // An empty log is what somebody who only looked has left.
    const uncleanExit =
      existsSync(`${path}.lock`) ||
      ['-wal', '-journal'].some((part) => isFilled(path + part)) ||
      isWithoutItsLog(path);
    const release = lockCase(path);
    try {
      const db = openDatabase(path, mode, isNetwork);
      try {
        if (uncleanExit) quickCheck(db);
        return new CaseFile(path, db, release);
      } catch (error) {
        db.close();
        throw asGigatileError(error, path);
      }
    } catch (error) {
      release();
      throw error;
    }
  }

  /**
   * Opens for reading, also while another process writes, and also where nothing can be written: then a copy in the folder for
   * temporary files is read, until close.
   */
  static openReadOnly(path: string): CaseFile {
    const { db, close } = openForReading(path);
    try {
      return new CaseFile(path, db, close);
    } catch (error) {
      db.close();
      close();
      throw asGigatileError(error, path);
    }
  }

  /**
   * Puts the newest sound backup in the place of a damaged case, which is kept under another name.
   * @throws {GigatileError} case-locked, not-writable; file-not-found where there is no sound backup
   */
  static restore(path: string): { backup: Backup; aside: string | null } {
    const release = lockCase(path);
    try {
      return restoreBackup(path);
    } finally {
      release();
    }
  }

  /** Nothing can be written: opened for reading. */
  get isReadOnly(): boolean {
    return this.#db.readonly;
  }

  /** @throws {GigatileError} where nothing can be written: for work that would be lost */
  assertWritable(): void {
    if (this.isReadOnly) throw notForWriting(this.path);
  }

  /** How commits are kept over a power cut, as the database says: `WAL, synchronous=FULL` on local disks. */
  get durability(): string {
    const say = (name: string): string => String(this.#db.pragma(name, { simple: true }));
    const held = say('locking_mode') === 'exclusive' ? ', held by this program alone (network share)' : '';
    const level = ['OFF', 'NORMAL', 'FULL', 'EXTRA'][Number(say('synchronous'))] ?? 'unknown';
    const journal =
      say('journal_mode') === 'wal' ? 'WAL' : `rollback journal (${say('journal_mode').toUpperCase()})`;
    return `${journal}, synchronous=${level}${held}`;
  }

  /**
   * Writes a copy of the case to another place, while work on it goes on: what is committed until the copy ends is in it. The copy
   * is a file of its own that nobody has open; a run that goes on here reads as interrupted there.
   * @throws {GigatileError} disk-full, not-writable, cancelled …; what was at `target` before is then left as it was
   */
  async saveCopy(target: string, signal?: AbortSignal): Promise<void> {
    if (lockOwner(target) !== null) {
      throw new GigatileError('case-locked', 'The case at this place is open', { where: target });
    }
    try {
      await copyCase(this.#db, target, signal);
    } catch (error) {
      throw asGigatileError(error, target);
    }
  }

  /** @throws {GigatileError} io, case-corrupt */
  facts(): CaseFacts {
    return this.#reading(() => caseFacts(this.#db, this.path));
  }

  /** Looks through the whole file. @returns what is wrong; empty where all is well */
  check(): string[] {
    return this.#reading(() => problemsOf(this.#db));
  }

  /**
   * Writes the file anew without its gaps. @returns bytes that it is smaller
   * @throws {GigatileError} disk-full, naming the bytes, not-writable
   */
  compact(): number {
    if (this.isReadOnly) throw notForWriting(this.path);
    return this.#reading(() => compactNow(this.#db, this.path));
  }

  /** What is read inside of it is of one moment, also while another program writes. */
  atOneMoment<T>(look: () => T): T {
    return this.#reading(() => this.#db.transaction(look).deferred());
  }

  #reading<T>(look: () => T): T {
    try {
      return look();
    } catch (error) {
      throw asGigatileError(error, this.path);
    }
  }

  image(): StoredImage | null {
    assertSane(this.#db, this.path);
    const row = this.#db.prepare('SELECT * FROM image WHERE id = 1').get() as ImageRow | undefined;
    if (!row) return null;
    return {
      path: row.path,
      name: row.name,
      fingerprint: row.fingerprint,
      bytes: row.bytes,
      modifiedMs: row.modified_ms,
      info: infoOf(row.info, this.path),
      thumbnail: row.thumbnail,
    };
  }

  /** Sets the case's image; a second call moves the reference to a new path (same fingerprint, checked by the caller). */
  setImage(image: StoredImage, at: string): void {
    this.transaction(() => {
      this.#db
        .prepare(
          `INSERT INTO image (id, path, name, fingerprint, bytes, modified_ms, info, thumbnail, added_at)
           VALUES (1, ?, ?, ?, ?, ?, ?, ?, ?)
           ON CONFLICT (id) DO UPDATE SET path = excluded.path, name = excluded.name, bytes = excluded.bytes,
             modified_ms = excluded.modified_ms, info = excluded.info,
             thumbnail = coalesce(excluded.thumbnail, thumbnail)`,
        )
        .run(
          image.path,
          image.name,
          image.fingerprint,
          image.bytes,
          image.modifiedMs,
          JSON.stringify(image.info),
          image.thumbnail,
          at,
        );
    });
  }

  /** Everything in `work` is committed together and durable when this returns, or not at all. */
  transaction<T>(work: () => T): T {
    if (this.isReadOnly) throw notForWriting(this.path);
    try {
      return this.#db.transaction(work).immediate();
    } catch (error) {
      throw asGigatileError(error, this.path);
    }
  }

  /**
   * Flushes the write-ahead log into the file, closes, gives the lock back. Before that, large gaps are given back to the disk, and
   * decisions that were made get a safety copy beside the case. Idempotent.
   */
  close(): void {
    if (!this.#open) return;
    this.#open = false;
    try {
      if (!this.#db.readonly) {
        compactIfWorthwhile(this.#db, this.path);
        if (lastDecision(this.#db) !== this.#decisionsAtOpen)
          keepDecisionsSafe(this.#db, this.path, this.events);
        leaveWhole(this.#db);
      }
    } catch (error) {
      // On a full disk the log stays beside the file: it holds everything, and the next opening takes it in.
      if (!isDiskFull(error)) throw asGigatileError(error, this.path);
    } finally {
      this.#db.close();
      this.#release();
    }
  }
}

/** What is written here is far smaller: a case from elsewhere must not fill the memory when it is only looked at. */
const mostInfoBytes = 4e6;
const mostThumbnailBytes = 32e6;

function assertSane(db: Db, path: string): void {
  const sizes = db
    .prepare(
      'SELECT octet_length(info) AS info, octet_length(thumbnail) AS thumbnail FROM image WHERE id = 1',
    )
    .get() as { info: number; thumbnail: number | null } | undefined;
  if (sizes === undefined) return;
  if (sizes.info > mostInfoBytes || (sizes.thumbnail ?? 0) > mostThumbnailBytes) {
    throw new GigatileError('case-corrupt', 'What the case says of its image is larger than it can be', {
      where: path,
    });
  }
}

function infoOf(text: string, path: string): ImageInfo {
  try {
    return imageInfoSchema.parse(JSON.parse(text));
  } catch (cause) {
    throw new GigatileError('case-corrupt', 'What the case says of its image cannot be understood', {
      where: path,
      cause,
    });
  }
}

/** Copied while it was open: whoever closes a case says so in the file (leaveWhole). What the copy holds may be of several moments. */
function isWithoutItsLog(path: string): boolean {
  return headerOf(path)?.wantsLog === true && !existsSync(`${path}-wal`);
}

/** Without a log, so that the file can be copied by anything, and read where nothing can be written. */
function leaveWhole(db: Db): void {
  db.pragma('wal_checkpoint(TRUNCATE)');
  if (db.pragma('journal_mode', { simple: true }) !== 'wal') return;
  db.pragma('busy_timeout = 0');
  try {
    db.pragma('journal_mode = DELETE');
  } catch (error) {
    // Somebody looks at it at this moment: then the log stays, and costs the next opening a check.
    if (!isBusy(error)) throw error;
  }
}

function isFilled(path: string): boolean {
  return (statSync(path, { throwIfNoEntry: false })?.size ?? 0) > 0;
}

function notForWriting(path: string): GigatileError {
  return new GigatileError('not-writable', 'This case is open for reading only', {
    where: path,
    hint: 'Save a copy of the case in a place that you may write to, and go on there.',
  });
}

function lastDecision(db: Db): number {
  return (db.prepare('SELECT max(seq) AS last FROM decision').get() as { last: number | null }).last ?? 0;
}
