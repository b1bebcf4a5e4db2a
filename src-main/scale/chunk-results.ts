/** Results of a chunk as rows of the queue, and back: the same numbers, bit for bit. */
import { plainErrorSchema } from '../contract/errors.ts';
import { tileNoteSchema } from '../contract/model-remote.ts';
import { tileStateCode } from '../contract/run.ts';
import type { TileChange } from '../store/tile-store.ts';
import type { Sql } from './queue/database.ts';

/** How a tile ended. */
export type TileOutcome = Extract<TileChange, { kind: 'done' | 'fail' }>;

const { done, failed } = tileStateCode;
export const columns = [
  ['tile', 'integer'],
  ['state', 'smallint'],
  ['score', 'double precision'],
  ['class', 'integer'],
  ['sharpness', 'double precision'],
  ['tile_values', 'bytea'],
  ['detections', 'bytea'],
  ['shapes', 'bytea'],
  ['mask', 'bytea'],
  ['note', 'text'],
  ['attempts', 'integer'],
  ['crashes', 'integer'],
  ['error', 'text'],
] as const;

/** Little-endian, as on every machine that this runs on. */
const asBuffer = ({ buffer, byteOffset, byteLength }: Float32Array | Uint8Array): Buffer =>
  Buffer.from(buffer, byteOffset, byteLength);

function asFloats(bytes: Buffer): Float32Array {
  // A copy of its own: buffers of the driver begin anywhere.
  return new Float32Array(Uint8Array.from(bytes).buffer);
}

/** In the order of the columns. */
export function rowOf(outcome: TileOutcome): unknown[] {
  if (outcome.kind === 'fail') {
    const { tile, attempts, crashes, error } = outcome;
    const none = [null, null, null, null, null, null, null, null];
    return [tile, failed, ...none, attempts, crashes, JSON.stringify(error)];
  }
  const { tile, score, classIndex, sharpness, values, detections, shapes, mask, note } = outcome.result;
  return [
    tile,
    done,
    score,
    classIndex,
    sharpness ?? null,
    asBuffer(values),
    asBuffer(detections),
    shapes === undefined ? null : asBuffer(shapes),
    mask === undefined ? null : asBuffer(mask),
    note === undefined ? null : JSON.stringify(note),
    0,
    0,
    null,
  ];
}

/** By tile: two workers that write the same chunk at the same time wait for each other, and not each for the other. */
export async function writeOutcomes(
  sql: Sql,
  run: string,
  chunk: number,
  outcomes: readonly TileOutcome[],
): Promise<void> {
  const tileOf = (one: TileOutcome): number => (one.kind === 'done' ? one.result.tile : one.tile);
  const rows = outcomes.toSorted((a, b) => tileOf(a) - tileOf(b)).map(rowOf);
  const lists = columns.map((_column, at) => rows.map((row) => row[at]));
  const names = columns.map(([name]) => name).join(', ');
  const unnested = columns.map(([, type], at) => `$${at + 3}::${type}[]`).join(', ');
  await sql.query(
    `INSERT INTO tile_result (run, chunk, ${names}) SELECT $1, $2, * FROM unnest(${unnested})`,
    [run, chunk, ...lists],
  );
}

export interface OutcomeRow {
  tile: number;
  state: number;
  score: number | null;
  class: number | null;
  sharpness: number | null;
  tile_values: Buffer | null;
  detections: Buffer | null;
  shapes: Buffer | null;
  mask: Buffer | null;
  note: string | null;
  attempts: number;
  crashes: number;
  error: string | null;
}

/** By tile. */
export async function readOutcomes(
  query: (text: string, values: unknown[]) => Promise<OutcomeRow[]>,
  run: string,
  chunks: readonly number[],
  epoch: number,
): Promise<TileOutcome[]> {
  const names = columns.map(([name]) => name).join(', ');
  const rows = await query(
    `SELECT ${names} FROM tile_result WHERE run = $1 AND chunk = ANY($2) ORDER BY tile`,
    [run, chunks],
  );
  return rows.map((row) => outcomeOf(row, epoch));
}

/** @param epoch of who takes it */
export function outcomeOf(row: OutcomeRow, epoch: number): TileOutcome {
  if (row.state === failed) {
    const error = plainErrorSchema.parse(JSON.parse(row.error ?? ''));
    return { kind: 'fail', tile: row.tile, epoch, attempts: row.attempts, crashes: row.crashes, error };
  }
  const result = {
    tile: row.tile,
    score: row.score ?? 0,
    classIndex: row.class ?? 255,
    sharpness: row.sharpness,
    values: asFloats(row.tile_values ?? Buffer.alloc(0)),
    detections: asFloats(row.detections ?? Buffer.alloc(0)),
    ...(row.shapes && { shapes: asFloats(row.shapes) }),
    ...(row.mask && { mask: Uint8Array.from(row.mask) }),
    ...(row.note !== null && { note: tileNoteSchema.parse(JSON.parse(row.note)) }),
  };
  return { kind: 'done', epoch, result };
}
