/** One case: the image by reference, its runs, tiles, findings, decisions and events. This room is its only writer. */
import { existsSync } from 'node:fs';
import type { ImageInfo } from '../contract/image.ts';
import { imageInfoSchema } from '../contract/image.ts';
import { lockCase } from './case-lock.ts';
import { DecisionStore } from './decision-store.ts';
import { EventLog } from './event-log.ts';
import { FindingStore } from './finding-store.ts';
import { openDatabase, quickCheck } from './open-database.ts';
import type { Db } from './open-database.ts';
import { RunStore } from './run-store.ts';
import { asGigatileError, isDiskFull } from './sqlite-errors.ts';
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
  readonly events: EventLog;
  readonly #db: Db;
  readonly #release: () => void;
  #open = true;

  private constructor(path: string, db: Db, release: () => void) {
    this.path = path;
    this.#db = db;
    this.#release = release;
    this.events = new EventLog(db);
    this.runs = new RunStore(db);
    this.tiles = new TileStore(db);
    this.findings = new FindingStore(db);
    this.decisions = new DecisionStore(db);
  }

  /**
   * Opens for writing, alone. A lock or a write-ahead log left behind means that the last owner did not close: then the
   * file is checked before it is used.
   * @throws {GigatileError} see openDatabase and lockCase
   */
  static open(path: string, mode: 'create' | 'write'): CaseFile {
    const uncleanExit = existsSync(`${path}.lock`) || existsSync(`${path}-wal`);
    const release = lockCase(path);
    try {
      const db = openDatabase(path, mode);
      try {
        if (uncleanExit) quickCheck(db);
      } catch (error) {
        db.close();
        throw error;
      }
      return new CaseFile(path, db, release);
    } catch (error) {
      release();
      throw error;
    }
  }

  /** Opens for reading, also while another process writes. */
  static openReadOnly(path: string): CaseFile {
    return new CaseFile(path, openDatabase(path, 'read'), () => undefined);
  }

  image(): StoredImage | null {
    const row = this.#db.prepare('SELECT * FROM image WHERE id = 1').get() as ImageRow | undefined;
    if (!row) return null;
    return {
      path: row.path,
      name: row.name,
      fingerprint: row.fingerprint,
      bytes: row.bytes,
      modifiedMs: row.modified_ms,
      info: imageInfoSchema.parse(JSON.parse(row.info)),
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
    try {
      return this.#db.transaction(work).immediate();
    } catch (error) {
      throw asGigatileError(error, this.path);
    }
  }

  /** Flushes the write-ahead log into the file, closes, gives the lock back. Idempotent. */
  close(): void {
    if (!this.#open) return;
    this.#open = false;
    try {
      if (!this.#db.readonly) this.#db.pragma('wal_checkpoint(TRUNCATE)');
    } catch (error) {
      // On a full disk the log stays beside the file: it holds everything, and the next opening takes it in.
      if (!isDiskFull(error)) throw asGigatileError(error, this.path);
    } finally {
      this.#db.close();
      this.#release();
    }
  }
}
