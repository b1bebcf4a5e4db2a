/** The merged findings of a run, in the order of their ordinal: score descending, then y, x. */
import { GigatileError } from '../contract/errors.ts';
import type { Shape, Verdict } from '../contract/finding.ts';
import { decodeShape, encodeShape } from '../core/shape.ts';
import { asBytes, asFloats } from './floats.ts';
import { addClassMargin } from './class-margin.ts';
import { filterFindings, orderFindings, selectFindings } from './finding-query.ts';
import type { FindingFilter, FindingSort } from './finding-query.ts';
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
  /** What the model said; `classIndex` is what is in force. */
  modelClass: number;
  verdict: Verdict | null;
  note: string | null;
  reviewer: string | null;
  decidedAt: string | null;
}

export interface FindingQuery extends FindingFilter {
  offset: number;
  limit: number;
  sort: FindingSort;
  /** The other way round. */
  reverse?: boolean | undefined;
}

/** Few enough that their outlines are no burden. */
const pageRows = 256;

const select = selectFindings({ shape: true, by: false });

type Row = Omit<DecidedFinding, 'shape'> & { shape: Uint8Array | null };

function decided(row: Row): DecidedFinding {
  const { shape, ...rest } = row;
  return shape === null ? rest : { ...rest, shape: decodeShape(asFloats(shape)).shape };
}

export class FindingStore {
  readonly #db: Db;
  /** How often a run's findings were replaced. */
  readonly #replaced = new Map<number, number>();

  constructor(db: Db) {
    this.#db = db;
    addClassMargin(db);
  }

  /** Replaces all findings of a run; part of the transaction that ends synthesize. Decisions stay: they hang on the id. */
  replace(run: number, findings: Iterable<NewFinding>): void {
    this.#replaced.set(run, (this.#replaced.get(run) ?? 0) + 1);
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
    const { where, values } = filterFindings(run, query);
    const isPrefix =
      query.verdict === 'all' &&
      query.highest === undefined &&
      query.classes === undefined &&
      query.reviewer === undefined;
    const bare = selectFindings({ shape: false, by: query.by !== undefined });
    const total = isPrefix
      ? this.countFrom(run, query.threshold)
      : (this.#db.prepare(`SELECT count(*) AS n FROM (${bare}${where})`).get(...values) as { n: number }).n;
    const order = orderFindings(query.sort, query.reverse ?? false);
    const findings = this.#db
      .prepare(
        `${selectFindings({ shape: true, by: query.by !== undefined })}${where} ORDER BY ${order} LIMIT ? OFFSET ?`,
      )
      .all(...values, query.limit, query.offset) as Row[];
    return { total, findings: findings.map(decided) };
  }

  /** Where a finding stands in such a list, from 0; null where it is not in it. */
  place(run: number, query: Omit<FindingQuery, 'offset' | 'limit'>, id: string): number | null {
    const { where, values } = filterFindings(run, query);
    const order = orderFindings(query.sort, query.reverse ?? false);
    const list = selectFindings({ shape: false, by: query.by !== undefined }).replace(
      'SELECT f.ordinal,',
      `SELECT row_number() OVER (ORDER BY ${order.replace('classIndex', 'coalesce(d.class, f.class)')}) AS place, f.ordinal,`,
    );
    const row = this.#db.prepare(`SELECT place FROM (${list}${where}) WHERE id = ?`).get(...values, id) as
      { place: number } | undefined;
    return row === undefined ? null : row.place - 1;
  }

  /** @param by only this reviewer's decisions count */
  byId(run: number, id: string, by?: string): DecidedFinding | null {
    const row = this.#db
      .prepare(`${selectFindings({ shape: true, by: by !== undefined })} AND f.id = ?`)
      .get(...(by === undefined ? [] : [by]), run, id) as Row | undefined;
    return row === undefined ? null : decided(row);
  }

  at(run: number, ordinal: number): DecidedFinding | null {
    const row = this.#db.prepare(`${select} AND f.ordinal = ?`).get(run, ordinal) as Row | undefined;
    return row === undefined ? null : decided(row);
  }

  /**
   * What the model said, from a score on, as rows of numbers in the order of their ordinal: ordinal, x, y, width, height, class, score.
   * Several times as quick as `boxes`, which looks for a decision about each of them.
   */
  asFound(run: number, threshold: number): IterableIterator<readonly number[]> {
    return this.#db
      .prepare(
        'SELECT ordinal, x, y, width, height, class, score FROM finding WHERE run = ? AND score >= ? ORDER BY ordinal',
      )
      .raw()
      .iterate(run, threshold) as IterableIterator<readonly number[]>;
  }

  /** Those that somebody decided about at any time, as they are in force. */
  decided(run: number): Omit<DecidedFinding, 'shape'>[] {
    const bare = selectFindings({ shape: false, by: false });
    return this.#db
      .prepare(`${bare} AND f.id IN (SELECT finding FROM decision WHERE run = ?) ORDER BY f.ordinal`)
      .all(run, run) as Omit<DecidedFinding, 'shape'>[];
  }

  /** Outlines of all that have one, packed as in core/shape.ts, streamed in the order of their ordinal. */
  *outlines(run: number): Generator<{ ordinal: number; numbers: Float32Array }> {
    const rows = this.#db
      .prepare('SELECT ordinal, shape FROM finding_shape WHERE run = ? ORDER BY ordinal')
      .iterate(run) as IterableIterator<{ ordinal: number; shape: Uint8Array }>;
    for (const { ordinal, shape } of rows) yield { ordinal, numbers: asFloats(shape) };
  }

  /** All of them without their outlines, streamed in order: for painting them all. @param by see byId */
  boxes(run: number, by?: string): IterableIterator<Omit<DecidedFinding, 'shape'>> {
    return this.#db
      .prepare(`${selectFindings({ shape: false, by: by !== undefined })} ORDER BY f.ordinal`)
      .iterate(...(by === undefined ? [] : [by]), run) as IterableIterator<Omit<DecidedFinding, 'shape'>>;
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

  /**
   * All of them, streamed in order. Exports go through them for a long time, and while a query is open nothing can be written over its
   * connection: no decision, no tile. Where there may be such, they come in pages.
   * @throws {GigatileError} conflict where they were replaced meanwhile
   */
  *all(run: number): Generator<DecidedFinding> {
    if (this.#db.readonly) {
      const rows = this.#db.prepare(`${select} ORDER BY f.ordinal`).iterate(run) as IterableIterator<Row>;
      for (const row of rows) yield decided(row);
      return;
    }
    const began = this.#replaced.get(run);
    const page = this.#db.prepare(`${select} AND f.ordinal > ? ORDER BY f.ordinal LIMIT ${pageRows}`);
    for (let last = -1; ;) {
      if (this.#replaced.get(run) !== began) {
        throw new GigatileError('conflict', 'The findings became others while they were read', {
          hint: 'Try again once the run has ended.',
        });
      }
      const rows = page.all(run, last) as Row[];
      for (const row of rows) yield decided(row);
      if (rows.length < pageRows) return;
      last = rows.at(-1)?.ordinal ?? last;
    }
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
