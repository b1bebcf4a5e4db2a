/** Gives tiles to a queue: cut into chunks of neighbours, jobs and plan in one transaction. */
import { createHash } from 'node:crypto';
import type { FleetRunSpec } from './fleet-run.ts';
import type { QueueDatabase, Sql } from './queue/database.ts';
import { jobId, type ChunkJobs } from './queue/jobs.ts';
import { workingOrder } from '../core/tile-order.ts';
import type { GridPlan } from '../contract/run.ts';

/** Tiles of a chunk where nothing else is said: some seconds of work, a fraction of a percent of it for the queue. */
export const usualChunk = 256;

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');

export const chunkJobId = (run: string, chunk: number): string => jobId(run, chunk, sha256);

/** Neighbours together, along the bands in which a worker goes through an image, fullest first. */
export function chunksOf(
  grid: GridPlan,
  content: ArrayLike<number>,
  isWanted: (tile: number) => boolean,
  size: number,
): number[][] {
  const chunks: number[][] = [];
  let chunk: number[] = [];
  for (const { band } of workingOrder(grid, content)) {
    for (const tile of band.tiles) {
      if (!isWanted(tile)) continue;
      chunk.push(tile);
      if (chunk.length < size) continue;
      chunks.push(chunk);
      chunk = [];
    }
  }
  if (chunk.length > 0) chunks.push(chunk);
  return chunks;
}

/** @param first number of the first one */
export async function insertChunks(
  sql: Sql,
  run: string,
  chunks: readonly (readonly number[])[],
  first: number,
): Promise<void> {
  const part = 1000;
  for (let at = 0; at < chunks.length; at += part) {
    const some = chunks.slice(at, at + part);
    // One array literal a row: unnest would flatten a list of lists.
    await sql.query(
      `INSERT INTO chunk (run, no, tiles, size) SELECT $1, no, tiles::integer[], cardinality(tiles::integer[])
       FROM unnest($2::integer[], $3::text[]) AS c (no, tiles)`,
      [run, some.map((_tiles, i) => first + at + i), some.map((tiles) => `{${tiles.join(',')}}`)],
    );
  }
}

export async function submit(
  database: QueueDatabase,
  jobs: ChunkJobs,
  id: string,
  spec: FleetRunSpec,
  chunks: readonly (readonly number[])[],
  priority = 0,
): Promise<void> {
  await jobs.createQueue(id);
  await database.transaction(async (sql) => {
    await sql.query('INSERT INTO run (id, spec, chunks, next_chunk, priority) VALUES ($1, $2, $3, $3, $4)', [
      id,
      JSON.stringify(spec),
      chunks.length,
      priority,
    ]);
    await insertChunks(sql, id, chunks, 0);
    await jobs.submit(
      sql,
      id,
      chunks.map((_tiles, chunk) => ({ chunk, id: chunkJobId(id, chunk), priority: 0 })),
    );
    await sql.query('SELECT pg_notify($1, $2)', [workChannel(database), id]);
  });
}

/** Workers hear on it that there is something to do, desktops on the other that something was done; the payload is the run's id. */
export const workChannel = ({ address }: QueueDatabase): string => `${address.schema}_work`;
export const doneChannel = ({ address }: QueueDatabase): string => `${address.schema}_done`;
