/** What a queue does now: its runs, chunks and workers, for a person and for a monitor. */
import type { FleetRun, FleetView, FleetWorker } from '../contract/fleet.ts';
import { workerStatusSchema } from '../contract/fleet.ts';
import type { QueueConnection } from './queue/connection.ts';

/** A worker that has not been seen for so long is not there any more. */
export const absentSeconds = 15;
/** Rates are those of the last minute. */
const rateSeconds = 60;

interface RunRow {
  id: string;
  image: string;
  fingerprint: string;
  model: string;
  state: FleetRun['state'];
  priority: number;
  created_at: Date;
  chunks: number;
  chunks_done: number;
  working: number;
  tiles: number;
  tiles_ended: number;
  tiles_failed: number;
  recently: number;
  /** Seconds in which they ended. */
  span: number | null;
}

export async function fleetView({ database, jobs }: QueueConnection): Promise<FleetView> {
  const [runs, workers, dead] = await Promise.all([
    // The chunks' own counts: results of a large queue are millions of rows.
    database.query<RunRow & Record<string, unknown>>(
      `SELECT r.id, r.spec->'image'->>'name' AS image,
         left(r.spec->'image'->>'fingerprint', 12) AS fingerprint, r.spec->'model'->'manifest'->>'name' AS model, r.state, r.priority, r.created_at,
         c.*, (SELECT count(*)::int FROM worker w WHERE w.status->>'state' = 'working' AND w.status->>'run' = r.id
           AND w.seen_at > now() - make_interval(secs => $1)) AS working
       FROM run r
       CROSS JOIN LATERAL (
         SELECT count(*)::int AS chunks, count(done_at)::int AS chunks_done, coalesce(sum(size), 0)::int AS tiles,
           coalesce(sum(size) FILTER (WHERE done_at IS NOT NULL), 0)::int AS tiles_ended,
           coalesce(sum(tiles_failed), 0)::int AS tiles_failed,
           coalesce(sum(size) FILTER (WHERE done_at > now() - make_interval(secs => $2)), 0)::int AS recently,
           least($2, extract(epoch FROM now() - min(taken_at)))::float AS span
         FROM chunk WHERE run = r.id) c
       ORDER BY r.state = 'closed', CASE WHEN r.state = 'closed' THEN 0 ELSE r.priority END DESC,
         extract(epoch FROM r.created_at) * CASE WHEN r.state = 'closed' THEN -1 ELSE 1 END`,
      [absentSeconds, rateSeconds],
    ),
    database.query<{ name: string; host: string; started_at: Date; status: unknown; silent: number }>(
      `SELECT name, host, started_at, status, extract(epoch FROM now() - seen_at)::float AS silent FROM worker ORDER BY name`,
    ),
    jobs.deadChunks(),
  ]);
  const deadOf = new Map<string, number>();
  for (const { run } of dead) deadOf.set(run, (deadOf.get(run) ?? 0) + 1);
  const views = runs.map((row) => runOf(row, deadOf.get(row.id) ?? 0));
  return {
    runs: views,
    workers: workers.map(workerOf),
    totals: {
      runs: views.length,
      open: views.filter(({ state }) => state === 'open').length,
      tilesPerSecond: views.reduce((sum, run) => sum + (run.tilesPerSecond ?? 0), 0),
    },
  };
}

function runOf(row: RunRow, dead: number): FleetRun {
  const open = row.chunks - row.chunks_done;
  // Who was set aside may have been done all the same, by a worker that was only late.
  const isDead = Math.min(dead, open);
  const working = Math.min(row.working, open - isDead);
  const rate = row.recently > 0 && row.span !== null && row.span > 0 ? row.recently / row.span : null;
  const left = row.tiles - row.tiles_ended;
  return {
    id: row.id,
    image: row.image,
    fingerprint: row.fingerprint,
    model: row.model,
    state: row.state,
    priority: row.priority,
    createdAt: row.created_at.toISOString(),
    chunks: {
      total: row.chunks,
      done: row.chunks_done,
      working,
      waiting: open - working - isDead,
      dead: isDead,
    },
    tiles: { total: row.tiles, done: row.tiles_ended - row.tiles_failed, failed: row.tiles_failed },
    tilesPerSecond: rate,
    etaSeconds: rate !== null && left > 0 && row.state === 'open' ? left / rate : null,
  };
}

function workerOf(row: {
  name: string;
  host: string;
  started_at: Date;
  status: unknown;
  silent: number;
}): FleetWorker {
  return {
    ...workerStatusSchema.parse(row.status),
    name: row.name,
    host: row.host,
    startedAt: row.started_at.toISOString(),
    silentSeconds: Math.max(0, row.silent),
    isAbsent: row.silent > absentSeconds,
  };
}
