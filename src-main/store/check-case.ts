/** Looks through the whole of a case: what SQLite can say of its pages, and what must hold between its tables. */
import { tileStateCode } from '../contract/run.ts';
import type { Db } from './open-database.ts';

const mostProblems = 20;

/** Sentences that must never be true, as queries for the number of rows where they are. */
const rules: readonly { says: string; sql: string }[] = [
  {
    says: 'done tiles without a result',
    sql: `SELECT count(*) FROM tile t WHERE t.state = ${tileStateCode.done}
      AND NOT EXISTS (SELECT 1 FROM tile_result r WHERE r.run = t.run AND r.idx = t.idx)`,
  },
  {
    says: 'failed tiles without a reason',
    sql: `SELECT count(*) FROM tile WHERE state = ${tileStateCode.failed} AND error IS NULL`,
  },
];

/** @returns what is wrong, one sentence each; empty where all is well @throws SQLite's errors */
export function problemsOf(db: Db): string[] {
  const pages = db.pragma(`integrity_check(${mostProblems})`) as { integrity_check: string }[];
  const damage = pages.map((row) => row.integrity_check).filter((text) => text !== 'ok');
  // What the tables say means nothing where their pages are damaged.
  if (damage.length > 0) return damage;
  const dangling = (db.pragma('foreign_key_check') as { table: string; parent: string }[]).length;
  const broken = rules.flatMap(({ says, sql }) => {
    const rows = db.prepare(sql).pluck().get() as number;
    return rows > 0 ? [`${rows} ${says}`] : [];
  });
  return [...(dangling > 0 ? [`${dangling} rows point to rows that are not there`] : []), ...broken];
}
