/** What a queue does now: its runs, chunks and workers, for a person and for a monitor. */
import { z } from 'zod';
import type { QueueDatabase } from './queue/database.ts';
import { fleetRunSpecSchema } from './fleet-run.ts';

/** As a worker writes it every few seconds. */
export const workerStatusSchema = z.object({
  state: z.enum(['idle', 'working']),
  run: z.string().nullable(),
  chunk: z.number().int().nullable(),
  /** Since it was started. */
  chunks: z.number().int(),
  tiles: z.number().int(),
  failed: z.number().int(),
  /** Of its last chunk. */
  tilesPerSecond: z.number().nullable(),
  /** Runs that it cannot serve, and why. */
  refused: z.array(z.object({ run: z.string(), why: z.string() })),
});
export type WorkerStatus = z.infer<typeof workerStatusSchema>;

export interface FleetRunView {
  id: string;
  image: string;
  model: string;
  state: 'open' | 'paused' | 'closed';
  priority: number;
  createdAt: Date;
  chunks: { total: number; done: number; working: number; waiting: number };
  tiles: { done: number; failed: number };
}

export interface FleetWorkerView extends WorkerStatus {
  name: string;
  host: string;
  startedAt: Date;
  /** Seconds since it was last heard of, by the server's clock. */
  silentSeconds: number;
}

export interface FleetView {
  runs: FleetRunView[];
  workers: FleetWorkerView[];
}

/** @param workingSeconds a chunk that was taken longer ago than its worker was heard of counts as waiting */
export async function fleetView(database: QueueDatabase): Promise<FleetView> {
  const runs = await database.query<{
    id: string;
    spec: unknown;
    state: FleetRunView['state'];
    priority: number;
    created_at: Date;
    total: number;
    done: number;
    working: number;
    tiles_done: number;
    tiles_failed: number;
  }>(
    `SELECT r.id, r.spec, r.state, r.priority, r.created_at, c.total, c.done, c.working, t.tiles_done, t.tiles_failed
     FROM run r
     CROSS JOIN LATERAL (
       SELECT count(*)::int AS total, count(done_at)::int AS done,
         count(*) FILTER (WHERE done_at IS NULL AND EXISTS (
           SELECT 1 FROM worker w WHERE w.name = taken_by AND w.status->>'run' = chunk.run
             AND (w.status->>'chunk')::int = chunk.no AND w.seen_at > now() - interval '15 seconds'))::int AS working
       FROM chunk WHERE run = r.id) c
     CROSS JOIN LATERAL (
       SELECT count(*) FILTER (WHERE state = 2)::int AS tiles_done, count(*) FILTER (WHERE state = 4)::int AS tiles_failed
       FROM tile_result WHERE run = r.id) t
     ORDER BY r.priority DESC, r.created_at`,
  );
  const workers = await database.query<{
    name: string;
    host: string;
    started_at: Date;
    status: unknown;
    silent: number;
  }>(
    `SELECT name, host, started_at, status, extract(epoch FROM now() - seen_at)::float AS silent FROM worker ORDER BY name`,
  );
  return {
    runs: runs.map((row) => {
      const { image, model } = fleetRunSpecSchema.parse(row.spec);
      const { total, done, working } = row;
      return {
        id: row.id,
        image: image.name,
        model: model.manifest.name,
        state: row.state,
        priority: row.priority,
        createdAt: row.created_at,
        chunks: { total, done, working, waiting: total - done - working },
        tiles: { done: row.tiles_done, failed: row.tiles_failed },
      };
    }),
    workers: workers.map(({ name, host, started_at: startedAt, status, silent }) => ({
      ...workerStatusSchema.parse(status),
      name,
      host,
      startedAt,
      silentSeconds: silent,
    })),
  };
}
