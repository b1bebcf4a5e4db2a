/** Which findings of a run, in which order: the SQL of it. */
import type { Verdict } from '../contract/finding.ts';
import { counts, isNewestOfReviewer } from './decision-store.ts';

export const findingSorts = ['score', 'uncertainty', 'class', 'area', 'position'] as const;
export type FindingSort = (typeof findingSorts)[number];
export type FindingState = 'all' | 'undecided' | Verdict | 'relabelled' | 'noted' | 'disagreed';

export interface FindingFilter {
  /** Lowest score. */
  threshold: number;
  /** Highest score; none where left out. */
  highest?: number | undefined;
  verdict: FindingState;
  /** Classes in force; all where left out. */
  classes?: readonly number[] | undefined;
  /** Those that this reviewer's decision is in force of. */
  reviewer?: string | undefined;
  /** Only this reviewer's decisions count: a second reading that does not see the first. */
  by?: string | undefined;
}

const classInForce = 'coalesce(d.class, f.class)';

/** @param parts `shape`: with the outline; `by`: see FindingFilter, its name is the statement's first parameter then */
export function selectFindings(parts: { shape: boolean; by: boolean }): string {
  return `
SELECT f.ordinal, f.id, f.kind, f.x, f.y, f.width, f.height, ${classInForce} AS classIndex, f.class AS modelClass, f.score, f.tile,
  ${parts.shape ? 's.shape,' : ''} d.verdict AS verdict, d.note AS note,
  CASE WHEN d.verdict IS NULL THEN NULL ELSE d.reviewer END AS reviewer, CASE WHEN d.verdict IS NULL THEN NULL ELSE d.at END AS decidedAt
FROM finding f
${parts.shape ? 'LEFT JOIN finding_shape s ON s.run = f.run AND s.ordinal = f.ordinal' : ''}
LEFT JOIN decision d ON d.seq = (SELECT x.seq FROM decision x WHERE x.run = f.run AND x.finding = f.id
  ${parts.by ? 'AND x.reviewer = ?' : ''} AND ${counts('x')} ORDER BY x.seq DESC LIMIT 1)
WHERE f.run = ?`;
}

const states: Record<FindingState, string> = {
  all: '',
  undecided: 'd.verdict IS NULL',
  accepted: "d.verdict = 'accepted'",
  rejected: "d.verdict = 'rejected'",
  relabelled: 'd.class IS NOT NULL AND d.class <> f.class',
  noted: 'd.note IS NOT NULL',
  disagreed: `(SELECT count(DISTINCT CASE x.verdict WHEN 'rejected' THEN -1 ELSE coalesce(x.class, f.class) END) FROM decision x
    WHERE x.run = f.run AND x.finding = f.id AND x.verdict IS NOT NULL AND ${counts('x')} AND ${isNewestOfReviewer('x')}) > 1`,
};

/** The part after selectFindings, and the parameters of both. */
export function filterFindings(run: number, filter: FindingFilter): { where: string; values: unknown[] } {
  const parts = ['f.score >= ?', states[filter.verdict]];
  const values: unknown[] = [...(filter.by === undefined ? [] : [filter.by]), run, filter.threshold];
  if (filter.highest !== undefined) {
    parts.push('f.score <= ?');
    values.push(filter.highest);
  }
  if (filter.classes !== undefined) {
    parts.push(`${classInForce} IN (${filter.classes.map(() => '?').join(',')})`);
    values.push(...filter.classes);
  }
  if (filter.reviewer !== undefined) {
    parts.push('d.verdict IS NOT NULL AND d.reviewer = ?');
    values.push(filter.reviewer);
  }
  const where = parts.filter((part) => part !== '').map((part) => ` AND ${part}`);
  return { where: where.join(''), values };
}

/**
 * How sure the model is: of a tile that it put in one of several classes, what this one has before the next; of everything else, how
 * far the score is from the run's threshold, on either side.
 */
const certainty = `coalesce(
  CASE f.kind WHEN 'tile' THEN class_margin((SELECT t.tile_values FROM tile_result t WHERE t.run = f.run AND t.idx = f.tile)) END,
  abs(f.score - (SELECT r.threshold FROM run r WHERE r.no = f.run)))`;

/** The closest calls come first by `uncertainty`; the ordinal (score, then place) decides between equals. */
export function orderFindings(sort: FindingSort, reverse: boolean): string {
  const [first, second] = reverse ? ['DESC', 'ASC'] : ['ASC', 'DESC'];
  switch (sort) {
    case 'score':
      return `f.ordinal ${first}`;
    case 'uncertainty':
      return `${certainty} ${first}, f.ordinal`;
    case 'class':
      return `classIndex ${first}, f.ordinal`;
    case 'area':
      return `f.width * f.height ${second}, f.ordinal`;
    case 'position':
      return `f.tile ${first}, f.y, f.x, f.ordinal`;
  }
}
