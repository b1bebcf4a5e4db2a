/** The connections of one program to a queue's server. */
import { Client, Pool, type ClientBase, type PoolClient, type QueryConfig, type QueryResultRow } from 'pg';
import { GigatileError } from '../../contract/errors.ts';
import type { QueueAddress } from './address.ts';
import { asQueueError, isUnreachable } from './queue-errors.ts';
import { migrate } from './schema.ts';

/** What pg-boss asks for. */
const oldestServer = 130_000;
const connectMs = 10_000;
/** A statement that waits longer than this waits for a server that is not there any more: with much to carry … */
const statementMs = 60_000;
/** … and with little. */
export const quickMs = 10_000;

/**
 * What both ends do about a peer that went without a word (a cable, a laptop's lid, a machine without power): without this the server
 * would keep its locks for hours, and this program would wait as long.
 */
export const vigilance = {
  keepAlive: true,
  keepAliveInitialDelayMillis: 5000,
  connectionTimeoutMillis: connectMs,
};
/** The server's part, in seconds and milliseconds; the least that is longer than a busy machine's pauses. */
export const serverVigilance = [
  'tcp_keepalives_idle=5',
  'tcp_keepalives_interval=3',
  'tcp_keepalives_count=3',
  'tcp_user_timeout=15000',
  // As long as a job's heartbeat (jobs.ts): who is silent in the middle of a transaction has lost its chunk anyway.
  'idle_in_transaction_session_timeout=10000',
]
  .map((setting) => `-c ${setting}`)
  .join(' ');

const deadlockTries = 5;
function isDeadlock(error: unknown): boolean {
  const { cause } = error instanceof GigatileError ? error : { cause: error };
  return cause instanceof Error && 'code' in cause && cause.code === '40P01';
}

export type Sql = Pick<ClientBase, 'query'>;

/** node-postgres takes a limit with each statement; its types do not say so. */
const within = (query: QueryConfig, limitMs: number): QueryConfig =>
  Object.assign(query, { query_timeout: limitMs });

export class QueueDatabase {
  readonly address: QueueAddress;
  readonly #pool: Pool;
  /** What went wrong on connections between their statements; the next one finds out by itself. */
  lastIdleError: Error | null = null;

  private constructor(address: QueueAddress, pool: Pool) {
    this.address = address;
    this.#pool = pool;
    pool.on('error', (error) => {
      this.lastIdleError = error;
    });
    // The pool hears only those that nobody uses: one that breaks between two statements would end the program. The next statement fails.
    pool.on('connect', (client) => {
      client.on('error', (error) => {
        this.lastIdleError = error;
      });
    });
  }

  /**
   * Connects, and makes or brings up to date the tables.
   * @throws {GigatileError} queue-unreachable, queue-refused
   */
  static async connect(address: QueueAddress, name: string): Promise<QueueDatabase> {
    const pool = new Pool({
      connectionString: address.connectionString,
      application_name: `gigatile ${name}`,
      ...vigilance,
      statement_timeout: statementMs,
      query_timeout: statementMs,
      max: 4,
      options: `-c search_path=${address.schema} ${serverVigilance}`,
    });
    const database = new QueueDatabase(address, pool);
    try {
      const client = await pool.connect();
      try {
        const { rows } = await client.query<{ number: string; version: string }>(
          "SELECT current_setting('server_version_num') AS number, current_setting('server_version') AS version",
        );
        if (Number(rows[0]?.number) < oldestServer) {
          throw new GigatileError('queue-refused', `PostgreSQL ${rows[0]?.version} is too old for a queue`, {
            where: address.label,
            hint: 'PostgreSQL 13 or newer is needed.',
          });
        }
        await migrate(client, address.schema);
      } finally {
        client.release();
      }
    } catch (error) {
      await pool.end();
      throw asQueueError(error, address.label);
    }
    return database;
  }

  /** @param limitMs for the answer @throws {GigatileError} see asQueueError */
  async query<Row extends QueryResultRow>(
    text: string,
    values: unknown[] = [],
    limitMs = statementMs,
  ): Promise<Row[]> {
    try {
      return (await this.#pool.query<Row>(within({ text, values }, limitMs))).rows;
    } catch (error) {
      throw asQueueError(error, this.address.label);
    }
  }

  /**
   * Everything in `work` is committed together, or not at all. Two that wait for each other are told apart by the server: the one that it
   * ends is done again, so that `work` may be called more than once.
   */
  async transaction<T>(work: (sql: Sql) => Promise<T>): Promise<T> {
    for (let left = deadlockTries; ; left--) {
      try {
        return await this.#transactionOnce(work);
      } catch (error) {
        if (left === 0 || !isDeadlock(error)) throw error;
      }
    }
  }

  async #transactionOnce<T>(work: (sql: Sql) => Promise<T>): Promise<T> {
    let client: PoolClient;
    try {
      client = await this.#pool.connect();
    } catch (error) {
      throw asQueueError(error, this.address.label);
    }
    let broken: Error | undefined;
    // A connection that breaks between two statements says so here, and the next statement fails.
    const breaks = (error: Error): void => {
      broken = error;
    };
    client.on('error', breaks);
    try {
      await client.query(within({ text: 'BEGIN' }, quickMs));
      const value = await work(client);
      await client.query('COMMIT');
      return value;
    } catch (error) {
      // Where the connection is gone the server rolls back by itself, and nothing more is asked of it.
      if (isUnreachable(error)) broken ??= error instanceof Error ? error : new Error(String(error));
      try {
        if (broken === undefined) await client.query(within({ text: 'ROLLBACK' }, quickMs));
      } catch (rollback) {
        broken = rollback instanceof Error ? rollback : new Error(String(rollback));
      }
      throw asQueueError(error, this.address.label);
    } finally {
      client.off('error', breaks);
      client.release(broken);
    }
  }

  /**
   * A connection that hears of changes; it comes back by itself.
   * @returns ends it
   */
  listen(channel: string, heard: (payload: string) => void): () => Promise<void> {
    let client: Client | null = null;
    let timer: NodeJS.Timeout | null = null;
    let ended = false;
    const again = (): void => {
      client = null;
      if (!ended) timer = setTimeout(() => void connect(), 2000);
    };
    const connect = async (): Promise<void> => {
      const fresh = new Client({
        connectionString: this.address.connectionString,
        application_name: 'gigatile listener',
        ...vigilance,
        options: serverVigilance,
      });
      client = fresh;
      fresh.on('error', (error) => {
        this.lastIdleError = error;
      });
      fresh.on('end', again);
      fresh.on('notification', ({ payload = '' }) => heard(payload));
      try {
        await fresh.connect();
        await fresh.query(`LISTEN ${channel}`);
        // What was said meanwhile was not heard.
        heard('');
      } catch (error) {
        this.lastIdleError = error instanceof Error ? error : new Error(String(error));
        fresh.removeListener('end', again);
        again();
      }
    };
    void connect();
    return async () => {
      ended = true;
      if (timer) clearTimeout(timer);
      client?.removeListener('end', again);
      await client?.end();
    };
  }

  async close(): Promise<void> {
    await this.#pool.end();
  }
}
