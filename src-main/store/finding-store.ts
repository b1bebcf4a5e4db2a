/** The merged findings of a run, in the order of their ordinal: score descending, then y, x. */
import type { Shape, Verdict } from '../contract/finding.ts';
import { decodeShape, encodeShape } from '../core/shape.ts';
import { asBytes, asFloats } from './floats.ts';
import type { Db } from './open-database.ts';

export interface StoredFinding {
  ordinal: number;
  id: string;
  kind: 'detection' | 'tile' | 'region';
  x: number;
  y: number;
  width: number;
  height: number;
  classIndex: number;
  score: number;
  tile: number;
  /** Outline, where there is more than the box. */
  shape?: Shape;
}

/** A finding that is to be written; where its id is taken already, the id of its next turn is asked for. */
export type NewFinding = Omit<StoredFinding, 'id'> & { id: (turn: number) => string };

export interface DecidedFinding extends StoredFinding {
  verdict: Verdict | null;
  reviewer: string | null;
  decidedAt: string | null;
}

export interface FindingQuery {
  threshold: number;
  offset: number;
  limit: number;
  sort: 'score' | 'position';
  verdict: 'all' | 'undecided' | 'accepted' | 'rejected';
}

const select = `
SELECT f.ordinal, f.id, f.kind, f.x, f.y, f.width, f.height, f.class AS classIndex, f.score, f.tile, s.shape,
  d.verdict AS verdict, d.reviewer AS reviewer, d.at AS decidedAt
FROM finding f
LEFT JOIN finding_shape s ON s.run = f.run AND s.ordinal = f.ordinal
LEFT JOIN decision d ON d.seq = (SELECT max(seq) FROM decision WHERE run = f.run AND finding = f.id) AND d.verdict IS NOT NULL
WHERE f.run = ?`;

const verdictClause = {
  all: '',
  undecided: ' AND d.verdict IS NULL',
  accepted: " AND d.verdict = 'accepted'",
  rejected: " AND d.verdict = 'rejected'",
} as const;

type Row = Omit<DecidedFinding, 'shape'> & { shape: Uint8Array | null };

function decided(row: Row): DecidedFinding {
  const { shape, ...rest } = row;
  return shape === null ? rest : { ...rest, shape: decodeShape(asFloats(shape)).shape };
}

export class FindingStore {
  readonly #db: Db;

  constructor(db: Db) {
    this.#db = db;
  }

  /** Replaces all findings of a run; part of the transaction that ends synthesize. Decisions stay: they hang on the id. */
  replace(run: number, findings: Iterable<NewFinding>): void {
    this.#db.prepare('DELETE FROM finding WHERE run = ?').run(run);
    this.#db.prepare('DELETE FROM finding_shape WHERE run = ?').run(run);
    const outline = this.#db.prepare('INSERT INTO finding_shape (run, ordinal, shape) VALUES (?, ?, ?)');
    const insert = this.#db.prepare(
      `INSERT INTO finding (run, ordinal, id, kind, x, y, width, height, class, score, tile)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (run, id) DO NOTHING`,
    );
    for (const f of findings) {
      for (let turn = 1, written = 0; written === 0; turn++) {
        const { ordinal, kind, x, y, width, height, classIndex, score, tile } = f;
        written = insert.run(
          run,
          ordinal,
          f.id(turn),
          kind,
          x,
          y,
          width,
          height,
          classIndex,
          score,
          tile,
        ).changes;
      }
      if (f.shape) outline.run(run, f.ordinal, asBytes(encodeShape(f.shape)));
    }
  }

  /** Findings at or above a score: a prefix of the ordinals. */
  countFrom(run: number, threshold: number): number {
    const row = this.#db
      .prepare('SELECT count(*) AS n FROM finding WHERE run = ? AND score >= ?')
      .get(run, threshold) as { n: number };
    return row.n;
  }

  page(run: number, query: FindingQuery): { total: number; findings: DecidedFinding[] } {
    const where = `${select} AND f.score >= ?${verdictClause[query.verdict]}`;
    const order = query.sort === 'score' ? 'f.ordinal' : 'f.tile, f.y, f.x';
    const total =
      query.verdict === 'all'
        ? this.countFrom(run, query.threshold)
        : (
            this.#db.prepare(`SELECT count(*) AS n FROM (${where})`).get(run, query.threshold) as {
              n: number;
            }
          ).n;
    const findings = this.#db
      .prepare(`${where} ORDER BY ${order} LIMIT ? OFFSET ?`)
      .all(run, query.threshold, query.limit, query.offset) as Row[];
    return { total, findings: findings.map(decided) };
  }

  byId(run: number, id: string): DecidedFinding | null {
    const row = this.#db.prepare(`${select} AND f.id = ?`).get(run, id) as Row | undefined;
    return row === undefined ? null : decided(row);
  }

  /** All of them without their outlines, streamed in order: for painting them all. */
  boxes(run: number): IterableIterator<Omit<DecidedFinding, 'shape'>> {
    return this.#db
      .prepare(
        `${select.replace(', s.shape', '').replace(/LEFT JOIN finding_shape.*\n/, '')} ORDER BY f.ordinal`,
      )
      .iterate(run) as IterableIterator<Omit<DecidedFinding, 'shape'>>;
  }

  /**
   * Outlines of the findings that a part of the image shows, packed as in core/shape.ts, the strongest first.
   * @returns at most `limit` of them, and how many there are
   */
  shapesIn(
    run: number,
    rect: { x: number; y: number; width: number; height: number },
    threshold: number,
    limit: number,
  ): { shapes: { finding: Omit<DecidedFinding, 'shape'>; numbers: Float32Array }[]; total: number } {
    const inView = `${select} AND f.score >= ? AND s.shape IS NOT NULL AND f.x <= ? AND f.x + f.width >= ? AND f.y <= ? AND f.y + f.height >= ?`;
    const { x, y, width, height } = rect;
    const rows = this.#db
      .prepare(`${inView} ORDER BY f.ordinal LIMIT ?`)
      .all(run, threshold, x + width, x, y + height, y, limit + 1) as Row[];
    const shapes = rows.slice(0, limit).flatMap(({ shape, ...finding }) => {
      return shape === null ? [] : [{ finding, numbers: asFloats(shape) }];
    });
    return { shapes, total: rows.length };
  }

  /** All of them, streamed in order. */
  *all(run: number): Generator<DecidedFinding> {
    const rows = this.#db.prepare(`${select} ORDER BY f.ordinal`).iterate(run) as IterableIterator<Row>;
    for (const row of rows) yield decided(row);
  }

  /** Count per class and verdict at or above a threshold. */
  tally(run: number, threshold: number): { classIndex: number; verdict: Verdict | null; n: number }[] {
    return this.#db
      .prepare(
        `SELECT classIndex, verdict, count(*) AS n FROM (${select} AND f.score >= ?) GROUP BY classIndex, verdict ORDER BY classIndex`,
      )
      .all(run, threshold) as { classIndex: number; verdict: Verdict | null; n: number }[];
  }

  /** Number of findings in each of `bins` equal intervals of score from 0 to 1. */
  histogram(run: number, bins: number): number[] {
    const rows = this.#db
      .prepare(
        'SELECT min(?, cast(score * ? AS INTEGER)) AS bin, count(*) AS n FROM finding WHERE run = ? GROUP BY bin',
      )
      .all(bins - 1, bins, run) as { bin: number; n: number }[];
    const histogram = Array.from({ length: bins }, () => 0);
    for (const row of rows) histogram[row.bin] = row.n;
    return histogram;
  }
}
