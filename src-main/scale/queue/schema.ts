/**
 * The tables of a queue, beside those of pg-boss. A run that is given to a queue is cut into chunks; each chunk is a job, and its results
 * commit together with the job's completion.
 */
import type { ClientBase } from 'pg';
import { GigatileError } from '../../contract/errors.ts';

/** Never edited after a release: a change is another one at the end. */
const migrations: readonly string[] = [
  `
  CREATE TABLE run (
    id text PRIMARY KEY,
    -- scale/fleet-run.ts
    spec jsonb NOT NULL,
    state text NOT NULL DEFAULT 'open' CHECK (state IN ('open', 'paused', 'closed')),
    -- larger first
    priority integer NOT NULL DEFAULT 0,
    chunks integer NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now()
  );
  CREATE INDEX run_open ON run (priority DESC, created_at) WHERE state = 'open';

  CREATE TABLE chunk (
    run text NOT NULL REFERENCES run (id) ON DELETE CASCADE,
    no integer NOT NULL,
    tiles integer[] NOT NULL,
    done_by text,
    done_at timestamptz,
    -- how often it was taken by a worker
    taken integer NOT NULL DEFAULT 0,
    taken_by text,
    taken_at timestamptz,
    PRIMARY KEY (run, no)
  );
  CREATE INDEX chunk_open ON chunk (run) WHERE done_at IS NULL;

  -- state: 2 done, 4 failed (contract/run.ts); blobs as in the case file
  CREATE TABLE tile_result (
    run text NOT NULL REFERENCES run (id) ON DELETE CASCADE,
    tile integer NOT NULL,
    chunk integer NOT NULL,
    state smallint NOT NULL CHECK (state IN (2, 4)),
    score double precision,
    class integer,
    sharpness double precision,
    tile_values bytea,
    detections bytea,
    shapes bytea,
    mask bytea,
    note text,
    attempts integer NOT NULL DEFAULT 0,
    crashes integer NOT NULL DEFAULT 0,
    error text,
    PRIMARY KEY (run, tile)
  );
  CREATE INDEX tile_result_by_chunk ON tile_result (run, chunk);

  -- by the SHA-256 of the bytes; parts of some megabytes each
  CREATE TABLE model (
    sha256 text PRIMARY KEY,
    bytes bigint NOT NULL
  );
  CREATE TABLE model_part (
    sha256 text NOT NULL REFERENCES model (sha256) ON DELETE CASCADE,
    no integer NOT NULL,
    bytes bytea NOT NULL,
    PRIMARY KEY (sha256, no)
  );

  CREATE TABLE worker (
    name text PRIMARY KEY,
    -- another one each time it is started: two of the same name are told apart
    session text NOT NULL,
    host text NOT NULL,
    started_at timestamptz NOT NULL DEFAULT now(),
    seen_at timestamptz NOT NULL DEFAULT now(),
    -- scale/fleet-view.ts
    status jsonb NOT NULL
  );
  `,
  // Counts where they are asked for every few seconds; and how long a tile takes, which is how large a chunk should be.
  `
  ALTER TABLE chunk ADD COLUMN size integer NOT NULL DEFAULT 0, ADD COLUMN tiles_failed integer NOT NULL DEFAULT 0;
  UPDATE chunk SET size = cardinality(tiles), tiles_failed =
    (SELECT count(*) FROM tile_result t WHERE t.run = chunk.run AND t.chunk = chunk.no AND t.state = 4);
  -- milliseconds of one worker, as the last one measured it
  ALTER TABLE run ADD COLUMN tile_ms double precision;
  `,
  // A chunk's number names its job, and a job that has ended stays: numbers are given out once, also after a chunk was taken
  // along by another one. Of before, some may have been given out beyond those that are left: far away from them.
  `
  ALTER TABLE run ADD COLUMN next_chunk integer;
  UPDATE run SET next_chunk = chunks + 1000000;
  ALTER TABLE run ALTER COLUMN next_chunk SET NOT NULL;
  `,
];

export const newestVersion = migrations.length;

/** One after the other where several machines start together. */
const lockKey = 0x67746c;

/** @throws {GigatileError} queue-refused where a newer version of Gigatile made the tables */
export async function migrate(client: ClientBase, schema: string): Promise<void> {
  await client.query('BEGIN');
  try {
    await client.query('SELECT pg_advisory_xact_lock($1)', [lockKey]);
    await client.query(`CREATE SCHEMA IF NOT EXISTS "${schema}"`);
    await client.query(`SET LOCAL search_path TO "${schema}"`);
    await client.query('CREATE TABLE IF NOT EXISTS version (version integer NOT NULL)');
    const found = await client.query<{ version: number }>('SELECT version FROM version');
    const from = found.rows[0]?.version ?? 0;
    if (from > newestVersion) {
      throw new GigatileError('queue-refused', 'A newer version of Gigatile uses this queue', {
        hint: 'Install that version here too, or use another schema (?schema=…).',
      });
    }
    for (const sql of migrations.slice(from)) await client.query(sql);
    if (from === 0) await client.query('INSERT INTO version VALUES ($1)', [newestVersion]);
    else await client.query('UPDATE version SET version = $1', [newestVersion]);
    await client.query('COMMIT');
  } catch (error) {
    await client.query('ROLLBACK');
    throw error;
  }
}
