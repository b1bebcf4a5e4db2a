/**
 * One more machine: takes chunks of runs that it can serve, analyses them, and writes what it found together with the job's end. Whatever
 * happens to it, its chunk goes to somebody else.
 */
import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import { formatError, GigatileError, toPlainError } from '../../contract/errors.ts';
import type { WorkerStatus } from '../../contract/fleet.ts';
import { writeOutcomes, type TileOutcome } from '../chunk-results.ts';
import { fleetRunSpecSchema } from '../fleet-run.ts';
import { absentSeconds } from '../fleet-view.ts';
import { quickMs, type QueueDatabase } from '../queue/database.ts';
import { touchMs, type ChunkJobs, type TakenJob } from '../queue/jobs.ts';
import { asQueueError, isUnreachable } from '../queue/queue-errors.ts';
import { doneChannel, workChannel } from '../submit.ts';
import { ServedRun, type ServingParts } from './served-run.ts';
import { takeChunk, takeNext } from './take-chunk.ts';
import { ServerWatch } from './server-watch.ts';

const idleMs = 1000;
/** While the server is not there. */
export const waitMs = 2000;
const presenceMs = 3000;
/** What could not be served may have been mended. */
const againMs = 60_000;

export interface FleetWorkerOptions extends ServingParts {
  database: QueueDatabase;
  jobs: ChunkJobs;
  name: string;
  say: (text: string) => void;
}

export class FleetWorker {
  readonly #options: FleetWorkerOptions;
  readonly #session = randomUUID();
  readonly #refused = new Map<string, { until: number; why: string }>();
  readonly #stop = new AbortController();
  readonly #server: ServerWatch;
  #served: ServedRun | null = null;
  #heard: (() => void) | null = null;
  #status: WorkerStatus = {
    state: 'idle',
    run: null,
    chunk: null,
    chunks: 0,
    tiles: 0,
    failed: 0,
    tilesPerSecond: null,
    refused: [],
  };
  /** What nobody foresaw, in one of the timers. */
  #defect: { error: unknown } | null = null;

  constructor(options: FleetWorkerOptions) {
    this.#options = options;
    this.#server = new ServerWatch(options.say);
  }

  /** Ends what is in hand: the chunk goes back. */
  stop(): void {
    this.#stop.abort();
    this.#served?.stop();
    this.#heard?.();
  }

  /**
   * @throws {GigatileError} usage where another worker has this name; queue-refused and whatever else waiting does not mend: the chunk in
   * hand goes to others
   */
  async run(): Promise<void> {
    await this.#enter();
    const { database, say } = this.#options;
    const stopListening = database.listen(workChannel(database), () => this.#heard?.());
    const endPresence = this.#every(presenceMs, () => this.#tellPresence());
    try {
      while (!this.#stop.signal.aborted) {
        try {
          const worked = await this.#workOnce();
          this.#server.there();
          if (!worked) await this.#rest(idleMs);
        } catch (error) {
          const known = asQueueError(error, database.address.label);
          if (!isUnreachable(known)) throw known;
          await this.#waitForServer(known);
        }
      }
      if (this.#defect !== null) throw this.#defect.error;
    } finally {
      endPresence();
      this.#served?.close();
      await stopListening();
      await database
        .query('DELETE FROM worker WHERE name = $1 AND session = $2', [this.#options.name, this.#session])
        .catch((error: unknown) => say(formatError(toPlainError(error))));
    }
  }

  /**
   * One after the other, never two at once: with a server that does not answer they would pile up. A server that is away is told of by
   * the loop, which needs it too; anything else ends this worker with a word, as it does in the loop.
   * @returns ends it
   */
  #every(ms: number, work: () => Promise<void>): () => void {
    let isBusy = false;
    const once = async (): Promise<void> => {
      if (isBusy) return;
      isBusy = true;
      try {
        await work();
      } catch (error) {
        const known = asQueueError(error, this.#options.database.address.label);
        if (!isUnreachable(known)) {
          this.#defect ??= { error: known };
          this.stop();
        }
      } finally {
        isBusy = false;
      }
    };
    const timer = setInterval(() => void once(), ms);
    return () => clearInterval(timer);
  }

  async #waitForServer(error: unknown): Promise<void> {
    this.#server.away(error);
    await this.#rest(waitMs);
  }

  async #enter(): Promise<void> {
    const { database, name } = this.#options;
    const [taken] = await database.query<{ host: string }>(
      `SELECT host FROM worker WHERE name = $1 AND session <> $2 AND seen_at > now() - make_interval(secs => $3)`,
      [name, this.#session, absentSeconds],
    );
    if (taken) {
      throw new GigatileError('usage', `A worker named "${name}" is at work already, on ${taken.host}`, {
        hint: 'Give this one another name: --name …',
      });
    }
    await database.query(
      `INSERT INTO worker (name, session, host, status) VALUES ($1, $2, $3, $4)
       ON CONFLICT (name) DO UPDATE SET session = $2, host = $3, status = $4, started_at = now(), seen_at = now()`,
      [name, this.#session, hostname(), JSON.stringify(this.#status)],
    );
  }

  async #tellPresence(): Promise<void> {
    const { database, name } = this.#options;
    const now = Date.now();
    for (const [run, { until }] of this.#refused) if (until < now) this.#refused.delete(run);
    const refused = [...this.#refused].map(([run, { why }]) => ({ run, why }));
    await database.query(
      'UPDATE worker SET seen_at = now(), status = $3 WHERE name = $1 AND session = $2',
      [name, this.#session, JSON.stringify({ ...this.#status, refused })],
      quickMs,
    );
  }

  async #rest(ms: number): Promise<void> {
    if (this.#stop.signal.aborted) return;
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, ms);
      this.#heard = () => {
        clearTimeout(timer);
        resolve();
      };
    });
    this.#heard = null;
  }

  /** @returns false where there is nothing to do for this machine */
  async #workOnce(): Promise<boolean> {
    const { database, jobs } = this.#options;
    const runs = await database.query<{ id: string }>(
      `SELECT id FROM run WHERE state = 'open' AND EXISTS (SELECT 1 FROM chunk WHERE run = id AND done_at IS NULL)
       ORDER BY priority DESC, created_at LIMIT 100`,
      [],
      quickMs,
    );
    for (const { id } of runs) {
      if (this.#stop.signal.aborted) return true;
      const refused = this.#refused.get(id);
      if (refused !== undefined && refused.until > Date.now()) continue;
      const served = await this.#serve(id);
      if (served === null) continue;
      const job = await takeNext(database, jobs, id);
      if (job === null) continue;
      await this.#work(served, job);
      return true;
    }
    if (this.#served !== null && runs.length === 0) {
      // Nothing left of it: its processes hold memory that somebody else may need.
      this.#served.close();
      this.#served = null;
    }
    return false;
  }

  /** null: this machine cannot serve it now, which is said and not tried again for a while. */
  async #serve(id: string): Promise<ServedRun | null> {
    if (this.#served?.id === id && !this.#served.isStale) return this.#served;
    const { database } = this.#options;
    const [row] = await database.query<{ spec: unknown; tile_ms: number | null }>(
      'SELECT spec, tile_ms FROM run WHERE id = $1',
      [id],
    );
    if (!row) return null;
    try {
      const served = await ServedRun.prepare(id, fleetRunSpecSchema.parse(row.spec), this.#options);
      this.#served?.close();
      this.#served = served;
      served.tileMs = row.tile_ms;
      return served;
    } catch (error) {
      if (isUnreachable(error)) throw error;
      this.#refuse(id, error);
      return null;
    }
  }

  #refuse(id: string, error: unknown): void {
    const why = formatError(toPlainError(error));
    this.#refused.set(id, { until: Date.now() + againMs, why });
    this.#options.say(`Run ${id} is left to others: ${why}`);
  }

  async #work(served: ServedRun, job: TakenJob): Promise<void> {
    const { database, jobs, name, say } = this.#options;
    const { run, chunk } = job.data;
    const tiles = await takeChunk(
      { database, jobs, name, isFixed: served.spec.fixedChunks === true, tileMs: served.tileMs },
      job,
    );
    if (tiles === null) {
      // The run was taken away, or its results are there: only the job was left.
      await database.transaction((sql) => jobs.complete(sql, run, job));
      return;
    }
    await this.#notify(run);
    this.#status = { ...this.#status, state: 'working', run, chunk };
    const from = Date.now();
    const heartbeat = this.#keep(served, run, job);
    try {
      const outcomes = await served.analyze(tiles);
      if (outcomes === null) {
        if (!heartbeat.lost) await jobs.giveBack(run, job, 'the worker was stopped');
        return;
      }
      if (await this.#store(run, job, outcomes, heartbeat))
        await this.#count(served, outcomes, Date.now() - from);
      else
        say(
          `Chunk ${chunk} of run ${run} was done by another worker meanwhile; this one's results are dropped.`,
        );
    } catch (error) {
      const known = asQueueError(error, database.address.label);
      if (isUnreachable(known)) throw known;
      this.#refuse(run, known);
      this.#served?.close();
      this.#served = null;
      await jobs.giveBack(run, job, formatError(toPlainError(known)));
    } finally {
      heartbeat.stop();
      this.#status = { ...this.#status, state: 'idle', run: null, chunk: null };
    }
  }

  /**
   * Says every few seconds that the chunk is being worked on; stops the work where it is not this worker's any more. While the server is
   * away work goes on: it may be back in time.
   */
  #keep(served: ServedRun, run: string, job: TakenJob): { lost: boolean; stop: () => void } {
    const { jobs, database } = this.#options;
    const beat = { lost: false, stop: (): void => undefined };
    beat.stop = this.#every(touchMs, async () => {
      const [row] = await database.query<{ state: string }>(
        'SELECT state FROM run WHERE id = $1',
        [run],
        quickMs,
      );
      beat.lost = row === undefined || row.state === 'closed' || !(await jobs.touch(run, job));
      if (beat.lost) served.stop();
    });
    return beat;
  }

  /**
   * Results and the end of the job together, or neither; waits for a server that is away. What is long goes first, while nothing is
   * locked: a worker that freezes in the middle of it is in nobody's way.
   * @returns false where the chunk is somebody else's by now
   */
  async #store(
    run: string,
    job: TakenJob,
    outcomes: readonly TileOutcome[],
    heartbeat: { lost: boolean },
  ): Promise<boolean> {
    const { database, jobs, name } = this.#options;
    for (;;) {
      try {
        return await database.transaction(async (sql) => {
          await writeOutcomes(sql, run, job.data.chunk, outcomes);
          const done = await sql.query(
            `UPDATE chunk SET done_by = $3, done_at = now(), tiles_failed = $4
             WHERE run = $1 AND no = $2 AND done_at IS NULL`,
            [run, job.data.chunk, name, failedOf(outcomes)],
          );
          if (done.rowCount !== 1 || !(await jobs.complete(sql, run, job))) throw new LostClaim();
          await sql.query('SELECT pg_notify($1, $2)', [doneChannel(database), run]);
          return true;
        });
      } catch (error) {
        if (error instanceof LostClaim || isUnwanted(error)) return false;
        if (!isUnreachable(error) || this.#stop.signal.aborted || heartbeat.lost) throw error;
        await this.#waitForServer(error);
      }
    }
  }

  async #notify(run: string): Promise<void> {
    const { database } = this.#options;
    await database.query('SELECT pg_notify($1, $2)', [doneChannel(database), run]);
  }

  async #count(served: ServedRun, outcomes: readonly TileOutcome[], ms: number): Promise<void> {
    const { chunks, tiles, failed } = this.#status;
    served.tileMs = ms / outcomes.length;
    // For those who are new to the run.
    await this.#options.database.query('UPDATE run SET tile_ms = $2 WHERE id = $1', [
      served.id,
      served.tileMs,
    ]);
    this.#status = {
      ...this.#status,
      chunks: chunks + 1,
      tiles: tiles + outcomes.length,
      failed: failed + failedOf(outcomes),
      tilesPerSecond: outcomes.length / (ms / 1000),
    };
  }
}

const failedOf = (outcomes: readonly TileOutcome[]): number =>
  outcomes.filter(({ kind }) => kind === 'fail').length;

/** Rolls the transaction back: nothing of a late worker's is kept. */
class LostClaim extends Error {}

/** PostgreSQL's unique_violation: these tiles have results; its foreign_key_violation: the run was taken away. */
const isUnwanted = (error: unknown): boolean =>
  typeof error === 'object' &&
  error !== null &&
  'code' in error &&
  (error.code === '23505' || error.code === '23503');
