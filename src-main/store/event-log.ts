/** What happened to a case, append-only: the audit trail. */
import type { Db } from './open-database.ts';

export interface CaseEvent {
  seq: number;
  at: string;
  run: number | null;
  kind: string;
  data: unknown;
}

/** `data` is the JSON that was written. */
export type StoredEvent = Omit<CaseEvent, 'data'> & { data: string };

export class EventLog {
  readonly #insert;
  readonly #list;
  readonly #last;
  readonly #stored;

  constructor(db: Db) {
    this.#insert = db.prepare('INSERT INTO event (at, run, kind, data) VALUES (?, ?, ?, ?)');
    this.#list = db.prepare('SELECT seq, at, run, kind, data FROM event WHERE run IS ? ORDER BY seq');
    this.#last = db.prepare(
      'SELECT seq, at, run, kind, data FROM event WHERE run IS ? AND kind = ? ORDER BY seq DESC LIMIT 1',
    );
    this.#stored = db.prepare('SELECT seq, at, run, kind, data FROM event ORDER BY seq');
  }

  append(run: number | null, kind: string, data: unknown = {}): void {
    this.#insert.run(new Date().toISOString(), run, kind, JSON.stringify(data));
  }

  list(run: number | null): CaseEvent[] {
    return (this.#list.all(run) as StoredEvent[]).map((row) => ({
      ...row,
      data: JSON.parse(row.data) as unknown,
    }));
  }

  /** The newest of a kind. */
  last(run: number | null, kind: string): CaseEvent | null {
    const row = this.#last.get(run, kind) as StoredEvent | undefined;
    return row === undefined ? null : { ...row, data: JSON.parse(row.data) as unknown };
  }

  /** All of them as they are stored, oldest first, streamed. */
  stored(): IterableIterator<StoredEvent> {
    return this.#stored.iterate() as IterableIterator<StoredEvent>;
  }
}
