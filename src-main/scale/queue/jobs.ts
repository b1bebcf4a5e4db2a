/**
 * Chunks as jobs of pg-boss: who may take which one, what happens to those whose worker went away. Each run has a queue of its own, so
 * that a worker takes only from runs that it can serve, and pausing, priority and clearing away are one row each.
 */
import { PgBoss } from 'pg-boss';
import type { Db, JobWithMetadata } from 'pg-boss';
import { serverVigilance, vigilance, type Sql } from './database.ts';
import type { QueueAddress } from './address.ts';

export interface ChunkJob {
  run: string;
  chunk: number;
}

export type TakenJob = Pick<JobWithMetadata<ChunkJob>, 'id' | 'data' | 'retryCount' | 'priority'>;

/** Where chunks end that no worker could do. */
const deadQueue = 'dead-chunks';
/** A worker that says nothing for so long has gone: the least that pg-boss takes, seconds. */
export const heartbeatSeconds = 10;
/** Of chunks that go before others, which have 0. */
export const urgentPriority = 10;
export const touchMs = 3000;
/** Each worker looks for such ones, seconds; one look a second is enough for all. */
const superviseSeconds = 2;
const lookSeconds = 1;
/** A chunk fails only where machines and networks do; a tile that cannot be computed is a result. */
const retryLimit = 20;
const day = 86_400;
/** For small statements, and the tables of pg-boss when they are made; passed on to node-postgres, and not among pg-boss's types. */
const answering = { query_timeout: 30_000 };

/** Statements of pg-boss as part of somebody's transaction. */
function within(sql: Sql): Db {
  return { executeSql: (text, values) => sql.query(text, values as unknown[]) };
}

/** pg-boss answers with the number, and its types do not say so. */
function affectedOf(answer: object): number {
  if ('affected' in answer && typeof answer.affected === 'number') return answer.affected;
  throw new TypeError('pg-boss does not say how many jobs it changed');
}

/** Somebody took the run out of the queue meanwhile: there is nothing of it left to do. */
async function unlessRemoved<T>(asked: Promise<T>, otherwise: T): Promise<T> {
  try {
    return await asked;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'PGBOSS_QUEUE_NOT_FOUND')
      return otherwise;
    throw error;
  }
}

const queueOf = (run: string): string => `run-${run}`;

/** As pg-boss wants ids, and the same for the same chunk: submitting twice makes no second job. */
export function jobId(run: string, chunk: number, hash: (text: string) => string): string {
  const hex = hash(`${run}\n${chunk}`);
  const variant = ((parseInt(hex[16] ?? '0', 16) & 3) | 8).toString(16);
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-5${hex.slice(13, 16)}-${variant}${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}

export class ChunkJobs {
  readonly #boss: PgBoss;

  private constructor(boss: PgBoss) {
    this.#boss = boss;
  }

  /** @param supervises looks after jobs whose worker went away; every worker does */
  static async start(
    address: QueueAddress,
    supervises: boolean,
    onError: (error: Error) => void,
  ): Promise<ChunkJobs> {
    const boss = new PgBoss({
      connectionString: address.connectionString,
      application_name: 'gigatile jobs',
      schema: `${address.schema}_jobs`,
      max: 2,
      ...vigilance,
      ...answering,
      options: serverVigilance,
      schedule: false,
      supervise: supervises,
      superviseIntervalSeconds: superviseSeconds,
      monitorIntervalSeconds: lookSeconds,
      registerInstance: false,
      monitorVacuum: false,
    });
    boss.on('error', onError);
    await boss.start();
    await boss.createQueue(deadQueue, { retentionSeconds: 30 * day });
    return new ChunkJobs(boss);
  }

  async createQueue(run: string): Promise<void> {
    await this.#boss.createQueue(queueOf(run), {
      retryLimit,
      retryDelay: 1,
      retryBackoff: true,
      retryDelayMax: 30,
      expireInSeconds: day,
      heartbeatSeconds,
      retentionSeconds: 365 * day,
      deleteAfterSeconds: day,
      deadLetter: deadQueue,
    });
  }

  /** @throws where one of them has a job already: it would wait for ever */
  async submit(
    sql: Sql,
    run: string,
    chunks: readonly { chunk: number; id: string; priority: number }[],
  ): Promise<void> {
    const part = 5000;
    for (let at = 0; at < chunks.length; at += part) {
      const jobs = chunks
        .slice(at, at + part)
        .map(({ chunk, id, priority }) => ({ id, priority, data: { run, chunk } satisfies ChunkJob }));
      const inserted = await this.#boss.insert(queueOf(run), jobs, { db: within(sql), returnId: true });
      // One whose id is there already is left out without a word.
      if (inserted?.length !== jobs.length) {
        throw new Error(
          `of ${jobs.length} chunks of the run ${run}, ${inserted?.length ?? 0} were taken by the queue`,
        );
      }
    }
  }

  /** The next chunk of a run, now this worker's; null where there is none for now. */
  async take(run: string): Promise<TakenJob | null> {
    const fetched = this.#boss.fetch<ChunkJob>(queueOf(run), { batchSize: 1, includeMetadata: true });
    const [job] = await unlessRemoved(fetched, []);
    return job ?? null;
  }

  /** The next ones, within a transaction that ends them. */
  takeMore(sql: Sql, run: string, count: number): Promise<TakenJob[]> {
    return this.#boss.fetch<ChunkJob>(queueOf(run), {
      batchSize: count,
      includeMetadata: true,
      db: within(sql),
    });
  }

  /** Says that it is being worked on. @returns false where somebody else has it by now */
  async touch(run: string, { id, retryCount }: TakenJob): Promise<boolean> {
    const touched = this.#boss.touch(queueOf(run), { id, retryCount });
    return affectedOf(await unlessRemoved<object>(touched, { affected: 0 })) === 1;
  }

  /** Within the transaction that holds its results. @returns false where somebody else has it by now */
  async complete(sql: Sql, run: string, { id, retryCount }: TakenJob): Promise<boolean> {
    const done = await this.#boss.complete(queueOf(run), { id, retryCount }, null, { db: within(sql) });
    return affectedOf(done) === 1;
  }

  /** Could not be done here: another worker, or this one later, tries again. */
  async giveBack(run: string, { id, retryCount }: TakenJob, why: string): Promise<void> {
    const failed = this.#boss.fail(queueOf(run), { id, retryCount }, { message: why });
    await unlessRemoved<object>(failed, {});
  }

  /** Chunks in hand stay there. */
  async prioritise(run: string, ids: readonly string[], priority: number): Promise<void> {
    for (const id of ids)
      await unlessRemoved<unknown>(this.#boss.update(queueOf(run), undefined, { id, priority }), null);
  }

  /** Chunks that were given up are tried again, of all runs where none is named. @returns how many */
  async redrive(run?: string): Promise<number> {
    const limit = 1000;
    let count = 0;
    for (let moved = limit; moved === limit; count += moved) {
      moved = await this.#boss.redrive(deadQueue, { limit, ...(run !== undefined && { data: { run } }) });
    }
    return count;
  }

  async deadChunks(): Promise<ChunkJob[]> {
    const jobs = await this.#boss.findJobs<ChunkJob>(deadQueue, { queued: true, limit: 100_000 });
    return jobs.map(({ data }) => data);
  }

  async dropQueue(run: string): Promise<void> {
    await this.#boss.deleteQueue(queueOf(run));
  }

  async stop(): Promise<void> {
    await this.#boss.stop({ graceful: false, close: true });
  }
}
