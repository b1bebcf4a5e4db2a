/**
 * Findings that are not final yet, in a database of their own: like those of a case to everybody who asks (the same tables, the
 * case's decisions), without a word in the case. Nothing in it is durable; it is made anew as the run goes on.
 */
import './require-node.ts';
import Database from 'better-sqlite3';
import { rmSync } from 'node:fs';
import { FindingStore } from './finding-store.ts';
import type { NewFinding } from './finding-store.ts';
import { asGigatileError } from './sqlite-errors.ts';

/** Both of them and their indexes, as the case has them. */
const schema = `SELECT sql FROM sqlite_master WHERE tbl_name IN ('finding', 'finding_shape') AND sql IS NOT NULL ORDER BY type DESC`;

/**
 * @param path where nothing is yet
 * @throws {GigatileError} disk-full, io
 */
export function writeProvisional(
  path: string,
  casePath: string,
  run: number,
  findings: Iterable<NewFinding>,
): void {
  const db = new Database(path);
  try {
    db.pragma('journal_mode = OFF');
    db.pragma('synchronous = OFF');
    db.pragma('locking_mode = EXCLUSIVE');
    // Ids come in no order: without room for their index each of them would be a page read and written.
    db.pragma('cache_size = -65536');
    // Its runs are in the case.
    db.pragma('foreign_keys = OFF');
    const from = new Database(casePath, { readonly: true, fileMustExist: true });
    try {
      for (const { sql } of from.prepare(schema).all() as { sql: string }[]) db.exec(sql);
    } finally {
      from.close();
    }
    db.transaction(() => new FindingStore(db).replace(run, findings)).immediate();
  } catch (error) {
    throw asGigatileError(error, path);
  } finally {
    db.close();
  }
}

export interface Provisional {
  findings: FindingStore;
  /** The newest decision of the case; another number than before: verdicts have changed. */
  lastDecision(): number;
  /** Closes it; another one reads on. */
  leave(): void;
  /** Removes the file too. */
  close(): void;
}

/** @throws {GigatileError} io */
export function openProvisional(path: string, casePath: string): Provisional {
  let db: Database.Database | undefined;
  try {
    db = new Database(path, { readonly: true, fileMustExist: true });
    db.pragma('trusted_schema = OFF');
    db.pragma('busy_timeout = 5000');
    // What is not here, as the decisions, is looked for there.
    db.prepare('ATTACH ? AS case_file').run(casePath);
    const open = db;
    return {
      findings: new FindingStore(open),
      lastDecision: () =>
        (open.prepare('SELECT max(seq) AS last FROM decision').get() as { last: number | null }).last ?? 0,
      leave: () => {
        open.close();
      },
      close: () => {
        open.close();
        rmSync(path, { force: true });
      },
    };
  } catch (error) {
    db?.close();
    throw asGigatileError(error, path);
  }
}
