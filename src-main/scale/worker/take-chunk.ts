/** A chunk becomes a worker's, at the size that is right for it: what is too much goes back to the queue, what is too little takes more along. */
import { quickMs, type QueueDatabase, type Sql } from '../queue/database.ts';
import { heartbeatSeconds, urgentPriority, type ChunkJobs, type TakenJob } from '../queue/jobs.ts';
import { chunkJobId, insertChunks, workChannel } from '../submit.ts';
import { chunksToTakeAlong, cutToSize } from './chunk-size.ts';

export interface TakeOptions {
  database: QueueDatabase;
  jobs: ChunkJobs;
  /** Of the worker. */
  name: string;
  /** A person fixed the size: it stays. */
  isFixed: boolean;
  /** Milliseconds a tile takes here; null: not known. */
  tileMs: number | null;
}

/** Chunks that were taken long ago and are not done, in one look. */
const mostLate = 16;

/**
 * The next chunk of a run, now this worker's; null where there is none for now. What a worker that went away left behind goes first: it is no
 * younger than the rest, and would come last as likely as not.
 */
export async function takeNext(
  database: QueueDatabase,
  jobs: ChunkJobs,
  run: string,
): Promise<TakenJob | null> {
  const late = await database.query<{ no: number }>(
    `SELECT no FROM chunk WHERE run = $1 AND done_at IS NULL AND taken_at < now() - make_interval(secs => $2) LIMIT $3`,
    [run, heartbeatSeconds, mostLate],
    quickMs,
  );
  const ids = late.map(({ no }) => chunkJobId(run, no));
  await jobs.prioritise(run, ids, urgentPriority);
  return jobs.take(run);
}

/** @returns its tiles; null where they are done already, or the run was taken away: only the job is left then */
export function takeChunk(options: TakeOptions, job: TakenJob): Promise<readonly number[] | null> {
  const { database, jobs, name, isFixed, tileMs } = options;
  const { run, chunk } = job.data;
  return database.transaction(async (sql) => {
    const taken = await sql.query<{ tiles: number[]; done: boolean }>(
      `UPDATE chunk SET taken = taken + 1, taken_by = $3, taken_at = now() WHERE run = $1 AND no = $2
       RETURNING tiles, done_at IS NOT NULL AS done`,
      [run, chunk, name],
    );
    const [plan] = taken.rows;
    if (plan === undefined || plan.done) return null;
    if (isFixed) return plan.tiles;
    const { kept, left } = cutToSize(plan.tiles, tileMs);
    if (left.length > 0) {
      await giveToOthers(sql, options, job, left);
      await resize(sql, run, chunk, kept);
      return kept;
    }
    const count = chunksToTakeAlong(plan.tiles.length, tileMs);
    if (count <= 0) return plan.tiles;
    const more = await takeAlong(sql, jobs, run, count);
    if (more.length === 0) return plan.tiles;
    const tiles = [...plan.tiles, ...more];
    await resize(sql, run, chunk, tiles);
    return tiles;
  });
}

async function resize(sql: Sql, run: string, chunk: number, tiles: readonly number[]): Promise<void> {
  await sql.query(
    'UPDATE chunk SET tiles = $3::integer[], size = cardinality($3::integer[]) WHERE run = $1 AND no = $2',
    [run, chunk, tiles],
  );
}

async function giveToOthers(
  sql: Sql,
  { database, jobs }: TakeOptions,
  { data: { run }, priority }: TakenJob,
  left: readonly (readonly number[])[],
): Promise<void> {
  // A number is given out once, also where the chunk that had it is gone: its job is still there, and would be taken for this one's.
  const found = await sql.query<{ next: number }>(
    'UPDATE run SET next_chunk = next_chunk + $2 WHERE id = $1 RETURNING next_chunk - $2 AS next',
    [run, left.length],
  );
  const next = found.rows[0]?.next;
  if (next === undefined) throw new Error(`the run ${run} is gone, but its chunks are not`);
  await insertChunks(sql, run, left, next);
  await jobs.submit(
    sql,
    run,
    left.map((_tiles, at) => ({ chunk: next + at, id: chunkJobId(run, next + at), priority })),
  );
  await sql.query('SELECT pg_notify($1, $2)', [workChannel(database), run]);
}

/** Their jobs end here and now, and their tiles are this chunk's. */
async function takeAlong(sql: Sql, jobs: ChunkJobs, run: string, count: number): Promise<number[]> {
  const tiles: number[] = [];
  for (const job of await jobs.takeMore(sql, run, count)) {
    const gone = await sql.query<{ tiles: number[] }>(
      'DELETE FROM chunk WHERE run = $1 AND no = $2 AND done_at IS NULL RETURNING tiles',
      [run, job.data.chunk],
    );
    for (const row of gone.rows) tiles.push(...row.tiles);
    await jobs.complete(sql, run, job);
  }
  return tiles;
}
