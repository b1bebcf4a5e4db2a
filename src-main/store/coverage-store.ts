/** What reviewers have looked at, see core/look-coverage.ts. */
import type { Db } from './open-database.ts';

export interface StoredCoverage {
  reviewer: string;
  cells: Uint8Array;
}

export class CoverageStore {
  readonly #db: Db;

  constructor(db: Db) {
    this.#db = db;
  }

  /** By name. */
  list(): StoredCoverage[] {
    return this.#db
      .prepare('SELECT reviewer, cells FROM coverage ORDER BY reviewer')
      .all() as StoredCoverage[];
  }

  /** null where this reviewer has looked at nothing yet. */
  of(reviewer: string): Uint8Array | null {
    const row = this.#db.prepare('SELECT cells FROM coverage WHERE reviewer = ?').get(reviewer);
    return (row as { cells: Uint8Array } | undefined)?.cells ?? null;
  }

  put({ reviewer, cells }: StoredCoverage, at: string): void {
    this.#db
      .prepare(
        `INSERT INTO coverage (reviewer, cells, changed_at) VALUES (?, ?, ?)
         ON CONFLICT (reviewer) DO UPDATE SET cells = excluded.cells, changed_at = excluded.changed_at`,
      )
      .run(reviewer, cells, at);
  }
}
