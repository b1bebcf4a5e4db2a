/**
 * Tiles of a run. Results and the change of state commit together; a change is a compare-and-set on the tile's state and the run's
 * epoch, so that a late worker cannot overwrite what a newer attempt wrote.
 */
import type { Statement } from 'better-sqlite3';
import { plainErrorSchema } from '../contract/errors.ts';
import type { PlainError } from '../contract/errors.ts';
import { tileNoteSchema, type TileNote } from '../contract/model-remote.ts';
import { tileStateCode } from '../contract/run.ts';
import type { FailureGroup, TileCounts } from '../contract/run.ts';
import type { TileResult } from '../core/worker-protocol.ts';
import { asBytes, asFloats, nothing } from './floats.ts';
import type { Db } from './open-database.ts';
import { TileTable } from './tile-table.ts';
import type { RawTile, TileRow } from './tile-table.ts';

export type { TileRow } from './tile-table.ts';

export interface TileDetail extends TileRow {
  /** See core/quality/focus.ts; null: not measured, or nothing to measure. */
  sharpness: number | null;
  /** Fraction of the core covered by pen. */
  pen: number;
  error: PlainError | null;
  values: Float32Array;
  detections: Float32Array;
}

/** Numbers of done tiles. */
export interface TileQuality {
  judged: number;
  blurred: number;
  pen: number;
}

/** One change that the group commit writes. */
export type TileChange =
  | { kind: 'grant'; tile: number; epoch: number }
  | { kind: 'done'; epoch: number; result: TileResult }
  | {
      kind: 'wait';
      tile: number;
      epoch: number;
      attempts: number;
      crashes: number;
      wakeMs: number;
      error: PlainError;
    }
  | { kind: 'fail'; tile: number; epoch: number; attempts: number; crashes: number; error: PlainError }
  /** Back to pending without spending an attempt: pause, quit, lost worker with untouched tiles. */
  | { kind: 'release'; tile: number; epoch: number };

const { pending, running, done, waiting, failed, skipped } = tileStateCode;
/** Of tiles that may still get a result; `running` is in files of earlier versions only. */
const unended = `(${[pending, running, waiting].join(', ')})`;

/** Of the tile table, at a time. */
const rowsAPage = 4096;

/** What writes changes: ten times a second while a run goes on, so that it is prepared once. */
function changing(db: Db): Record<'finish' | 'result' | 'remark' | 'stop' | 'release' | 'epoch', Statement> {
  return {
    finish: db.prepare(
      `UPDATE tile SET state = ?, epoch = ?, score = ?, class = ?, sharpness = ?, error = NULL, wake_ms = NULL
       WHERE run = ? AND idx = ? AND state IN ${unended}`,
    ),
    result: db.prepare(
      'INSERT OR REPLACE INTO tile_result (run, idx, tile_values, detections, shapes, mask) VALUES (?, ?, ?, ?, ?, ?)',
    ),
    remark: db.prepare('INSERT OR REPLACE INTO tile_note (run, idx, note) VALUES (?, ?, ?)'),
    stop: db.prepare(
      `UPDATE tile SET state = ?, epoch = ?, attempts = ?, crashes = ?, wake_ms = ?, error = ?
       WHERE run = ? AND idx = ? AND state IN ${unended}`,
    ),
    release: db.prepare(
      `UPDATE tile SET state = ?, wake_ms = NULL WHERE run = ? AND idx = ? AND state IN ${unended}`,
    ),
    epoch: db.prepare('SELECT epoch FROM run WHERE no = ?').pluck(),
  };
}

export class TileStore {
  readonly #db: Db;
  #changing: ReturnType<typeof changing> | null = null;

  constructor(db: Db) {
    this.#db = db;
  }

  /** Writes the whole grid; part of the transaction that ends preprocess. */
  insertGrid(run: number, skip: Uint8Array, content: Float32Array, pen?: Float32Array): void {
    const insert = this.#db.prepare(
      'INSERT INTO tile (run, idx, state, skip, content, pen) VALUES (?, ?, ?, ?, ?, ?)',
    );
    for (let tile = 0; tile < skip.length; tile++) {
      const reason = skip[tile] ?? 0;
      insert.run(run, tile, reason === 0 ? pending : skipped, reason, content[tile] ?? 0, pen?.[tile] ?? 0);
    }
  }

  /** All tiles in the order of their index, as they are now. */
  load(run: number): TileTable {
    const last = this.#db.prepare('SELECT max(idx) FROM tile WHERE run = ?').pluck().get(run) as
      number | null;
    const table = new TileTable((last ?? -1) + 1);
    const page = this.#db
      .prepare(
        `SELECT idx, state, attempts, crashes, wake_ms, skip, content, score, class FROM tile
         WHERE run = ? AND idx >= ? AND idx < ?`,
      )
      .raw();
    // Page by page: going from SQLite to here and back for each row costs twice as much.
    for (let from = 0; from < table.length; from += rowsAPage) {
      for (const row of page.all(run, from, from + rowsAPage) as RawTile[]) table.set(row);
    }
    return table;
  }

  /** Of each tile its index and score, some at a time. */
  *scorePages(run: number): Generator<[tile: number, score: number | null][]> {
    const page = this.#db
      .prepare(`SELECT idx, score FROM tile WHERE run = ? AND idx > ? ORDER BY idx LIMIT ${rowsAPage}`)
      .raw();
    for (let last = -1; ;) {
      const rows = page.all(run, last) as [number, number | null][];
      yield rows;
      if (rows.length < rowsAPage) return;
      last = rows.at(-1)?.[0] ?? last;
    }
  }

  counts(run: number): TileCounts {
    // One pass without sorting: twice as quick as GROUP BY.
    const found = this.#db
      .prepare(
        `SELECT ${[pending, running, waiting, done, skipped, failed]
          .map((state) => `count(*) FILTER (WHERE state = ${state})`)
          .join(', ')} FROM tile WHERE run = ?`,
      )
      .raw()
      .get(run) as [number, number, number, number, number, number];
    const [pendingTiles, runningTiles, waitingTiles, doneTiles, skippedTiles, failedTiles] = found;
    return {
      total: found.reduce((sum, count) => sum + count, 0),
      pending: pendingTiles,
      running: runningTiles,
      waiting: waitingTiles,
      done: doneTiles,
      skipped: skippedTiles,
      failed: failedTiles,
    };
  }

  /** Tiles that were running when their engine went away become pending again, no attempt spent. Returns how many. */
  releaseRunning(run: number): number {
    return this.#db
      .prepare('UPDATE tile SET state = ? WHERE run = ? AND state = ?')
      .run(pending, run, running).changes;
  }

  /**
   * Failed tiles become pending with a clean slate; the reason they failed stays in the event log.
   * @param reason only those that failed like this
   * @returns them, ascending
   */
  reopenFailed(run: number, reason?: Pick<FailureGroup, 'code' | 'message'>): number[] {
    const isLike = reason === undefined ? '' : " AND error ->> '$.code' = ? AND error ->> '$.message' = ?";
    const values = reason === undefined ? [] : [reason.code, reason.message];
    const tiles = this.#db
      .prepare(
        `UPDATE tile SET state = ?, attempts = 0, crashes = 0, error = NULL WHERE run = ? AND state = ?${isLike} RETURNING idx`,
      )
      .pluck()
      .all(pending, run, failed, ...values) as number[];
    return tiles.toSorted((a, b) => a - b);
  }

  /**
   * Tiles that have ended, or wait, become pending as if nobody had tried them; skipped ones stay. What was said of them before is not
   * read any more, and is replaced when they are done. Returns those that were reopened.
   */
  reopen(run: number, tiles: readonly number[]): number[] {
    const reset = this.#db.prepare(
      `UPDATE tile SET state = ?, attempts = 0, crashes = 0, wake_ms = NULL, error = NULL, score = NULL, class = NULL, sharpness = NULL
       WHERE run = ? AND idx = ? AND state IN (?, ?, ?)`,
    );
    const forget = this.#db.prepare('DELETE FROM tile_note WHERE run = ? AND idx = ?');
    return tiles.filter((tile) => {
      if (reset.run(pending, run, tile, done, failed, waiting).changes === 0) return false;
      forget.run(run, tile);
      return true;
    });
  }

  /**
   * Writes changes in order; inside the caller's transaction. A change of another epoch than the run's, or of a tile that has ended, is
   * not written; those are returned, so that nobody takes them for durable. A grant changes no row: it promises nothing that would have
   * to be kept, and a tile that was granted when its engine went away is as it was before.
   */
  apply(run: number, changes: readonly TileChange[]): Set<TileChange> {
    const { finish, result, remark, stop, release, epoch } = (this.#changing ??= changing(this.#db));
    // Taking a run up raises its epoch in a transaction of its own: within this one it stays what it is.
    const epochNow = epoch.get(run) as number;
    const refused = new Set<TileChange>();
    for (const change of changes) {
      if (change.epoch !== epochNow) {
        refused.add(change);
        continue;
      }
      let written = 1;
      switch (change.kind) {
        case 'grant':
          break;
        case 'done': {
          const { tile, score, classIndex, values, detections, shapes, mask, sharpness, note } =
            change.result;
          written = finish.run(done, change.epoch, score, classIndex, sharpness ?? null, run, tile).changes;
          if (written === 1) {
            const outlines = shapes === undefined ? null : asBytes(shapes);
            result.run(run, tile, asBytes(values), asBytes(detections), outlines, mask ?? null);
            if (note !== undefined) remark.run(run, tile, JSON.stringify(note));
          }
          break;
        }
        case 'wait':
        case 'fail':
          written = stop.run(
            change.kind === 'wait' ? waiting : failed,
            change.epoch,
            change.attempts,
            change.crashes,
            change.kind === 'wait' ? change.wakeMs : null,
            JSON.stringify(change.error),
            run,
            change.tile,
          ).changes;
          break;
        case 'release':
          written = release.run(pending, run, change.tile).changes;
          break;
      }
      if (written !== 1) refused.add(change);
    }
    return refused;
  }

  /** Results of all done tiles in the order of their index; `shapes` only where the model gives outlines. */
  *results(run: number): Generator<{
    tile: number;
    values: Float32Array;
    detections: Float32Array;
    shapes: Float32Array | null;
  }> {
    const rows = this.#db
      .prepare(
        `SELECT r.idx, r.tile_values, r.detections, r.shapes FROM tile_result r JOIN tile t ON t.run = r.run AND t.idx = r.idx
         WHERE r.run = ? AND t.state = ? ORDER BY r.idx`,
      )
      .raw()
      .iterate(run, done) as IterableIterator<[number, Uint8Array, Uint8Array, Uint8Array | null]>;
    for (const [tile, values, detections, shapes] of rows) {
      yield {
        tile,
        values: asFloats(values),
        detections: asFloats(detections),
        shapes: shapes === null ? null : asFloats(shapes),
      };
    }
  }

  /** What the model said of each done tile, in pages in the order of their index, so that others have their turn between them. */
  *valuePages(run: number): Generator<{ tile: number; values: Float32Array }[]> {
    const page = this.#db
      .prepare(
        `SELECT r.idx, r.tile_values FROM tile_result r JOIN tile t ON t.run = r.run AND t.idx = r.idx
         WHERE r.run = ? AND t.state = ? AND r.idx > ? ORDER BY r.idx LIMIT ${rowsAPage}`,
      )
      .raw();
    for (let last = -1; ;) {
      const rows = page.all(run, done, last) as [number, Uint8Array][];
      yield rows.map(([tile, values]) => ({ tile, values: asFloats(values) }));
      if (rows.length < rowsAPage) return;
      last = rows.at(-1)?.[0] ?? last;
    }
  }

  /** What done tiles take in the file, of so many of them at most; to tell what others will take. */
  sizes(run: number, most = 2000): { tiles: number; resultBytes: number; detections: number } {
    return this.#db
      .prepare(
        `SELECT count(*) AS tiles,
           coalesce(sum(length(tile_values) + length(detections) + coalesce(length(shapes), 0) + coalesce(length(mask), 0)), 0)
             AS resultBytes,
           coalesce(sum(length(detections) / 24), 0) AS detections
         FROM (SELECT tile_values, detections, shapes, mask FROM tile_result WHERE run = ? LIMIT ?)`,
      )
      .get(run, most) as { tiles: number; resultBytes: number; detections: number };
  }

  /** What was found in the whole image at once; part of the transaction that ends preprocess. */
  setWholeImage(run: number, { detections, shapes }: Pick<TileResult, 'detections' | 'shapes'>): void {
    this.#db
      .prepare('INSERT OR REPLACE INTO whole_image_result (run, detections, shapes) VALUES (?, ?, ?)')
      .run(run, asBytes(detections), shapes === undefined ? null : asBytes(shapes));
  }

  /** null where the whole image was not looked at. */
  wholeImage(run: number): { detections: Float32Array; shapes: Float32Array | null } | null {
    const row = this.#db
      .prepare('SELECT detections, shapes FROM whole_image_result WHERE run = ?')
      .get(run) as { detections: Uint8Array; shapes: Uint8Array | null } | undefined;
    if (row === undefined) return null;
    return {
      detections: asFloats(row.detections),
      shapes: row.shapes === null ? null : asFloats(row.shapes),
    };
  }

  /** What a segmenter said about a done tile's pixels, as the worker packed it; null where it said nothing. */
  mask(run: number, tile: number): Uint8Array | null {
    const row = this.#db
      .prepare(
        `SELECT r.mask FROM tile_result r JOIN tile t ON t.run = r.run AND t.idx = r.idx
         WHERE r.run = ? AND r.idx = ? AND t.state = ?`,
      )
      .get(run, tile, done) as { mask: Uint8Array | null } | undefined;
    return row?.mask ?? null;
  }

  /** Whether there are done tiles, and each of them has a mask. */
  hasMasks(run: number): boolean {
    const row = this.#db
      .prepare(
        `SELECT count(*) AS tiles, count(r.mask) AS masks FROM tile_result r
         JOIN tile t ON t.run = r.run AND t.idx = r.idx WHERE r.run = ? AND t.state = ?`,
      )
      .get(run, done) as { tiles: number; masks: number };
    return row.tiles > 0 && row.masks === row.tiles;
  }

  detail(run: number, tile: number): TileDetail | null {
    const row = this.#db
      .prepare(
        `SELECT t.idx, t.state, t.attempts, t.crashes, t.wake_ms, t.skip, t.content, t.score, t.class, t.error,
           t.sharpness, t.pen,
           r.tile_values AS tile_values, r.detections AS detections
         FROM tile t LEFT JOIN tile_result r ON r.run = t.run AND r.idx = t.idx WHERE t.run = ? AND t.idx = ?`,
      )
      .get(run, tile) as
      | {
          idx: number;
          state: number;
          attempts: number;
          crashes: number;
          wake_ms: number | null;
          skip: number;
          content: number;
          score: number | null;
          class: number | null;
          error: string | null;
          sharpness: number | null;
          pen: number;
          tile_values: Uint8Array | null;
          detections: Uint8Array | null;
        }
      | undefined;
    if (!row) return null;
    return {
      idx: row.idx,
      state: row.state,
      attempts: row.attempts,
      crashes: row.crashes,
      wakeMs: row.wake_ms,
      skip: row.skip,
      content: row.content,
      score: row.score,
      classIndex: row.class,
      sharpness: row.sharpness,
      pen: row.pen,
      error: row.error === null ? null : plainErrorSchema.parse(JSON.parse(row.error)),
      values: asFloats(row.tile_values ?? nothing),
      detections: asFloats(row.detections ?? nothing),
    };
  }

  /** What a remote model said of the done tiles. */
  notes(run: number): Map<number, TileNote> {
    const rows = this.#db
      .prepare(
        `SELECT n.idx, n.note FROM tile_note n JOIN tile t ON t.run = n.run AND t.idx = n.idx
         WHERE n.run = ? AND t.state = ? ORDER BY n.idx`,
      )
      .all(run, done) as { idx: number; note: string }[];
    return new Map(rows.map((row) => [row.idx, tileNoteSchema.parse(JSON.parse(row.note))]));
  }

  /** The same of one tile; null where nothing was said. */
  note(run: number, tile: number): TileNote | null {
    const row = this.#db
      .prepare(
        `SELECT n.note FROM tile_note n JOIN tile t ON t.run = n.run AND t.idx = n.idx
         WHERE n.run = ? AND n.idx = ? AND t.state = ?`,
      )
      .get(run, tile, done) as { note: string } | undefined;
    return row === undefined ? null : tileNoteSchema.parse(JSON.parse(row.note));
  }

  /** Failed tiles grouped by what went wrong, the largest group first. */
  failures(run: number): FailureGroup[] {
    const rows = this.#db
      .prepare('SELECT idx, error FROM tile WHERE run = ? AND state = ? ORDER BY idx')
      .all(run, failed) as { idx: number; error: string }[];
    const groups = new Map<string, FailureGroup>();
    for (const row of rows) {
      const error = plainErrorSchema.parse(JSON.parse(row.error));
      const key = `${error.code}\n${error.message}`;
      const { code, message, hint } = error;
      const group = groups.get(key) ?? { code, message, ...(hint && { hint }), count: 0, tiles: [] };
      group.count++;
      if (group.tiles.length < 20) group.tiles.push(row.idx);
      groups.set(key, group);
    }
    return [...groups.values()].sort((a, b) => b.count - a.count || (a.message < b.message ? -1 : 1));
  }

  /** How good the pixels of the done tiles are: how many could be judged, are blurred, are partly covered by pen. */
  quality(run: number, leastSharpness: number, leastPen: number): TileQuality {
    return this.#db
      .prepare(
        `SELECT count(sharpness) AS judged, count(*) FILTER (WHERE sharpness < ?) AS blurred,
           count(*) FILTER (WHERE pen >= ?) AS pen FROM tile WHERE run = ? AND state = ?`,
      )
      .get(leastSharpness, leastPen, run, done) as TileQuality;
  }

  /** Tiles skipped, by reason code. */
  skippedByReason(run: number): Map<number, number> {
    const rows = this.#db
      .prepare('SELECT skip, count(*) AS n FROM tile WHERE run = ? AND state = ? GROUP BY skip')
      .all(run, skipped) as { skip: number; n: number }[];
    return new Map(rows.map((row) => [row.skip, row.n]));
  }
}
