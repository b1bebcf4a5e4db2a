/** What reviewers decided. Rows are only ever added; the newest of a finding is in force. */
import type { Verdict } from '../contract/finding.ts';
import type { Db } from './open-database.ts';

export interface Decision {
  finding: string;
  verdict: Verdict | null;
  reviewer: string;
  modelSha256: string;
  at: string;
}

export class DecisionStore {
  readonly #db: Db;

  constructor(db: Db) {
    this.#db = db;
  }

  add(run: number, decision: Decision): void {
    const previous = this.#db
      .prepare('SELECT verdict FROM decision WHERE run = ? AND finding = ? ORDER BY seq DESC LIMIT 1')
      .get(run, decision.finding) as { verdict: string | null } | undefined;
    this.#db
      .prepare(
        'INSERT INTO decision (run, finding, verdict, previous, reviewer, model_sha256, at) VALUES (?, ?, ?, ?, ?, ?, ?)',
      )
      .run(
        run,
        decision.finding,
        decision.verdict,
        previous?.verdict ?? null,
        decision.reviewer,
        decision.modelSha256,
        decision.at,
      );
  }

  /** Every decision about one finding, oldest first. */
  history(run: number, finding: string): (Decision & { previous: Verdict | null })[] {
    return this.#db
      .prepare(
        'SELECT finding, verdict, previous, reviewer, model_sha256 AS modelSha256, at FROM decision WHERE run = ? AND finding = ? ORDER BY seq',
      )
      .all(run, finding) as (Decision & { previous: Verdict | null })[];
  }
}
