/**
 * What reviewers decided. Rows are only ever added. An undo or redo is a row too, that names the decision it is about; a decision
 * counts unless the newest such row undoes it, and the newest one of a finding that counts is in force.
 */
import type { Verdict } from '../contract/finding.ts';
import type { Db } from './open-database.ts';

export interface Decision {
  finding: string;
  verdict: Verdict | null;
  /** The class that the reviewer gave; null or left out: the model's. */
  classIndex?: number | null;
  note?: string | null;
  reviewer: string;
  modelSha256: string;
  at: string;
}

export interface LoggedDecision extends Required<Decision> {
  seq: number;
  action: 'decide' | 'undo' | 'redo';
  previous: Verdict | null;
  previousClass: number | null;
  previousNote: string | null;
}

export interface InForce {
  seq: number;
  verdict: Verdict | null;
  classIndex: number | null;
  note: string | null;
  reviewer: string;
}

const nothing = { verdict: null, classIndex: null, note: null } as const;

/** SQL: the decision of this row was not taken back by an undo. */
export const counts = (row: string): string =>
  `${row}.action = 'decide' AND (SELECT y.action FROM decision y WHERE y.about = ${row}.seq ORDER BY y.seq DESC LIMIT 1) IS NOT 'undo'`;

export class DecisionStore {
  readonly #db: Db;

  constructor(db: Db) {
    this.#db = db;
  }

  /** What is in force about a finding. @param but a decision that is left out, as if it had not been made */
  inForce(run: number, finding: string, but = -1): InForce | null {
    const row = this.#db
      .prepare(
        `SELECT x.seq, x.verdict, x.class AS classIndex, x.note, x.reviewer FROM decision x
         WHERE x.run = ? AND x.finding = ? AND x.seq <> ? AND ${counts('x')} ORDER BY x.seq DESC LIMIT 1`,
      )
      .get(run, finding, but) as InForce | undefined;
    return row ?? null;
  }

  add(run: number, decision: Decision): void {
    this.#append(run, decision, this.inForce(run, decision.finding), 'decide', null);
  }

  /**
   * Takes back the reviewer's newest decision that counts.
   * @returns the finding that it was about; null where there is nothing to undo
   */
  undo(run: number, by: { reviewer: string; modelSha256: string; at: string }): string | null {
    const last = this.#db
      .prepare(
        `SELECT x.seq, x.finding FROM decision x WHERE x.run = ? AND x.reviewer = ? AND ${counts('x')} ORDER BY x.seq DESC LIMIT 1`,
      )
      .get(run, by.reviewer) as { seq: number; finding: string } | undefined;
    if (last === undefined) return null;
    const before = this.inForce(run, last.finding);
    const after = this.inForce(run, last.finding, last.seq);
    this.#append(run, { ...by, finding: last.finding, ...stand(after) }, before, 'undo', last.seq);
    return last.finding;
  }

  /**
   * Puts back what the reviewer undid last, unless something was decided since.
   * @returns the finding that it is about; null where there is nothing to redo
   */
  redo(run: number, by: { reviewer: string; modelSha256: string; at: string }): string | null {
    const undone = this.#db
      .prepare(
        `SELECT x.seq, x.finding, x.verdict, x.class AS classIndex, x.note, x.reviewer
         FROM decision u JOIN decision x ON x.seq = u.about
         WHERE u.run = ? AND u.reviewer = ? AND u.action = 'undo'
           AND NOT EXISTS (SELECT 1 FROM decision y WHERE y.about = u.about AND y.seq > u.seq)
           AND NOT EXISTS (SELECT 1 FROM decision z WHERE z.run = u.run AND z.reviewer = u.reviewer AND z.action = 'decide' AND z.seq > u.seq)
         ORDER BY u.seq DESC LIMIT 1`,
      )
      .get(run, by.reviewer) as (InForce & { finding: string }) | undefined;
    if (undone === undefined) return null;
    const before = this.inForce(run, undone.finding);
    const after = before === null || undone.seq > before.seq ? undone : before;
    this.#append(run, { ...by, finding: undone.finding, ...stand(after) }, before, 'redo', undone.seq);
    return undone.finding;
  }

  /** Everything that was ever decided about one finding, oldest first. */
  history(run: number, finding: string): LoggedDecision[] {
    return this.#db
      .prepare(
        `SELECT seq, action, finding, verdict, class AS classIndex, note, previous, previous_class AS previousClass,
           previous_note AS previousNote, reviewer, model_sha256 AS modelSha256, at
         FROM decision WHERE run = ? AND finding = ? ORDER BY seq`,
      )
      .all(run, finding) as LoggedDecision[];
  }

  /** Each reviewer's present decision about each finding, with the class that it stands for. */
  stands(run: number): { reviewer: string; finding: string; verdict: Verdict; classIndex: number }[] {
    return this.#db
      .prepare(
        `SELECT x.reviewer, x.finding, x.verdict, coalesce(x.class, f.class) AS classIndex
         FROM decision x JOIN finding f ON f.run = x.run AND f.id = x.finding
         WHERE x.run = ? AND x.verdict IS NOT NULL AND ${counts('x')} AND ${isNewestOfReviewer('x')} ORDER BY x.seq`,
      )
      .all(run) as { reviewer: string; finding: string; verdict: Verdict; classIndex: number }[];
  }

  /** Findings that somebody decided about and that are not there (any more). */
  withoutFinding(run: number): number {
    const row = this.#db
      .prepare(
        `SELECT count(DISTINCT x.finding) AS n FROM decision x
         WHERE x.run = ? AND coalesce(x.verdict, x.class, x.note) IS NOT NULL AND ${counts('x')}
           AND NOT EXISTS (SELECT 1 FROM finding f WHERE f.run = x.run AND f.id = x.finding)`,
      )
      .get(run) as { n: number };
    return row.n;
  }

  #append(
    run: number,
    decision: Decision,
    before: InForce | null,
    action: LoggedDecision['action'],
    about: number | null,
  ): void {
    const previous = before ?? nothing;
    this.#db
      .prepare(
        `INSERT INTO decision (run, finding, verdict, class, note, previous, previous_class, previous_note, reviewer, model_sha256, at, action, about)
         VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
      )
      .run(
        run,
        decision.finding,
        decision.verdict,
        decision.classIndex ?? null,
        decision.note ?? null,
        previous.verdict,
        previous.classIndex,
        previous.note,
        decision.reviewer,
        decision.modelSha256,
        decision.at,
        action,
        about,
      );
  }
}

/** SQL: the reviewer of this row has decided nothing newer about the finding that counts. */
export const isNewestOfReviewer = (row: string): string =>
  `NOT EXISTS (SELECT 1 FROM decision n WHERE n.run = ${row}.run AND n.finding = ${row}.finding AND n.reviewer = ${row}.reviewer AND n.seq > ${row}.seq AND ${counts('n')})`;

function stand(row: InForce | null): Pick<InForce, 'verdict' | 'classIndex' | 'note'> {
  const { verdict, classIndex, note } = row ?? nothing;
  return { verdict, classIndex, note };
}
