/** What happened to a case, append-only: the audit trail. */
import type { Db } from './open-database.ts';

export interface CaseEvent {
  seq: number;
  at: string;
  run: number | null;
  kind: string;
  data: unknown;
}

export class EventLog {
  readonly #insert;
  readonly #list;

  constructor(db: Db) {
    this.#insert = db.prepare('INSERT INTO event (at, run, kind, data) VALUES (?, ?, ?, ?)');
    this.#list = db.prepare('SELECT seq, at, run, kind, data FROM event WHERE run IS ? ORDER BY seq');
  }

  append(run: number | null, kind: string, data: unknown = {}): void {
    this.#insert.run(new Date().toISOString(), run, kind, JSON.stringify(data));
  }

  list(run: number | null): CaseEvent[] {
    return (this.#list.all(run) as (Omit<CaseEvent, 'data'> & { data: string })[]).map((row) => ({
      ...row,
      data: JSON.parse(row.data) as unknown,
    }));
  }
}
