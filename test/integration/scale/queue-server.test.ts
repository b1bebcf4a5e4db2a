/** What a real server does to who asks it: refusals, silence, clocks that are wrong, tables that somebody changed. */
import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { WorkerHost } from '../../../src-main/core/worker-host.ts';
import type { Execution } from '../../../src-main/engine/execution.ts';
import type { ImageService } from '../../../src-main/engine/image-service.ts';
import { ModelCache, publishModel } from '../../../src-main/scale/model-parts.ts';
import { queueAddress } from '../../../src-main/scale/queue/address.ts';
import {
  connectQueue,
  disconnectQueue,
  type QueueConnection,
} from '../../../src-main/scale/queue/connection.ts';
import { connectWhenThere } from '../../../src-main/scale/worker/connect-when-there.ts';
import type { FleetRunSpec } from '../../../src-main/scale/fleet-run.ts';
import type { TakenJob } from '../../../src-main/scale/queue/jobs.ts';
import { submit } from '../../../src-main/scale/submit.ts';
import { takeNext } from '../../../src-main/scale/worker/take-chunk.ts';
import { FleetWorker } from '../../../src-main/scale/worker/fleet-worker.ts';
import { postgresByHand } from '../../support/postgres-by-hand.ts';
import { TestPostgres } from '../../support/postgres.ts';

let postgres: TestPostgres;

beforeAll(async () => {
  postgres = await TestPostgres.create({ auth: 'scram-sha-256' });
});
afterAll(() => postgres.remove());

const urlOf = (schema: string, password = 'password'): string =>
  `${postgres.url.replace('gigatile@', `gigatile:${password}@`)}?schema=${schema}`;
const connected = (schema: string): Promise<QueueConnection> =>
  connectQueue(queueAddress(urlOf(schema)), 'test', false, () => undefined);
/** Of parts that are never asked for. */
const unused = {} as unknown;

function workerOf(connection: QueueConnection, name: string, said: string[]): FleetWorker {
  return new FleetWorker({
    ...connection,
    name,
    say: (text) => said.push(text),
    host: unused as WorkerHost,
    images: unused as ImageService,
    execution: unused as Execution,
    models: { path: () => Promise.reject(new Error('not asked for')) },
    slides: [],
  });
}

describe('a connection', () => {
  it.each([
    ['a wrong password', 'wrong', 'gigatile'],
    ['a user that is not there', 'password', 'nobody'],
  ])('%s is refused in one sentence, and waited for by nobody', async (_what, password, user) => {
    const address = queueAddress(urlOf('refused', password).replace('gigatile:', `${user}:`));
    const said: string[] = [];
    const asked = connectWhenThere(address, 'one', (text) => said.push(text), new AbortController().signal);
    await expect(asked).rejects.toMatchObject({
      code: 'queue-refused',
      message: expect.stringMatching(/refuses this user/) as string,
      hint: expect.stringMatching(/password/) as string,
    });
    await expect(asked).rejects.not.toMatchObject({ where: expect.stringContaining(password) as string });
    expect(said).toEqual([]);
  });

  it('a worker that is started before its server waits for it, and can be stopped while it does', async () => {
    const said: string[] = [];
    const nowhere = queueAddress('postgres://127.0.0.1:1/none');
    const stopped = new AbortController();
    const asked = connectWhenThere(nowhere, 'one', (text) => said.push(text), stopped.signal);
    await expect.poll(() => said.length).toBe(1);
    await sleep(2500);
    expect(said).toEqual([expect.stringMatching(/cannot be reached.*Waiting for it/)]);
    stopped.abort();
    expect(await asked).toBe(null);
  });

  it('who is silent in the middle of a transaction loses it, and may try again', async () => {
    const { database, jobs } = await connected('silent');
    await database.query(`ALTER ROLE gigatile SET idle_in_transaction_session_timeout = 300`);
    // What the connection itself asks for goes before what the role has.
    const settings = await database.query<{ idle_in_transaction_session_timeout: string }>(
      'SHOW idle_in_transaction_session_timeout',
    );
    expect(settings).toEqual([{ idle_in_transaction_session_timeout: '10s' }]);
    const asked = database.transaction(async (sql) => {
      await sql.query('SET LOCAL idle_in_transaction_session_timeout = 200');
      await sleep(600);
      await sql.query('SELECT 1');
    });
    await expect(asked).rejects.toMatchObject({ code: 'queue-unreachable' });
    expect(await database.query('SELECT 1 AS one')).toEqual([{ one: 1 }]);
    await disconnectQueue({ database, jobs });
  });

  it('a statement that gets no answer in time is the server’s fault, not the run’s', async () => {
    const { database, jobs } = await connected('slow');
    await expect(database.query('SELECT pg_sleep(5)', [], 200)).rejects.toMatchObject({
      code: 'queue-unreachable',
      message: expect.stringMatching(/does not answer in time/) as string,
    });
    await disconnectQueue({ database, jobs });
  });
});

it('a server that is too old is refused by its version', async () => {
  const old = await postgresByHand({ number: '120022', words: '12.22' });
  const asked = connectQueue(queueAddress(`postgres://a@127.0.0.1:${old.port}/b`), 'test', false, () => {
    throw new Error('nothing is asked of it');
  });
  await expect(asked).rejects.toMatchObject({
    code: 'queue-refused',
    message: 'PostgreSQL 12.22 is too old for a queue',
    hint: expect.stringMatching(/13 or newer/) as string,
  });
  old.close();
});

it('a server that dies between two statements of the first connection is unreachable, and ends nobody', async () => {
  const dying = await postgresByHand({ number: '160001', words: '16.1', dies: true });
  const asked = connectQueue(queueAddress(`postgres://a@127.0.0.1:${dying.port}/b`), 'test', false, () => {
    throw new Error('nothing is asked of it');
  });
  // Unheard, its last word would end the process.
  await expect(asked).rejects.toMatchObject({ code: 'queue-unreachable' });
  dying.close();
});

describe('a model from the queue', () => {
  it('is checked each time: a changed copy here is taken anew, a damaged one there is refused', async () => {
    const connection = await connected('models');
    const { database } = connection;
    const folder = mkdtempSync(join(tmpdir(), 'gigatile-models-'));
    const source = join(folder, 'source.onnx');
    writeFileSync(source, 'a model');
    const sha256 = createHash('sha256').update('a model').digest('hex');
    await publishModel(database, sha256, source);
    const cache = new ModelCache(database, join(folder, 'cache'));
    const path = await cache.path(sha256);
    writeFileSync(path, 'another model');
    expect(readFileSync(await cache.path(sha256), 'utf8')).toBe('a model');
    rmSync(path);
    await database.query(`UPDATE model_part SET bytes = 'A model'`);
    await expect(cache.path(sha256)).rejects.toMatchObject({
      code: 'model-changed',
      message: expect.stringContaining(sha256.slice(0, 12)) as string,
    });
    await expect(cache.path('0'.repeat(64))).rejects.toMatchObject({ code: 'model-not-found' });
    await disconnectQueue(connection);
    rmSync(folder, { recursive: true });
  });
});

it('a queue may be named by a word that SQL keeps for itself', async () => {
  const connection = await connected('user');
  expect(await connection.database.query('SELECT id FROM run')).toEqual([]);
  await disconnectQueue(connection);
});

it('what a worker left behind is taken before what nobody had yet, wherever it lies among the others', async () => {
  const { database, jobs } = await connected('behind');
  await submit(
    database,
    jobs,
    'r',
    {} as FleetRunSpec,
    Array.from({ length: 12 }, (_, no) => [no]),
  );
  await database.query(`UPDATE chunk SET taken = 1, taken_at = now() - interval '1 minute' WHERE no >= 6`);
  // Half of them, whatever the order is: in hand until now, and given back.
  const taken: TakenJob[] = [];
  for (let i = 0; i < 12; i++) taken.push((await jobs.take('r'))!);
  for (const job of taken) await jobs.giveBack('r', job, 'silent');
  await expect
    .poll(
      async () => (await database.query(`SELECT 1 FROM behind_jobs.job WHERE start_after > now()`)).length,
    )
    .toBe(0);
  const numbers: number[] = [];
  for (let i = 0; i < 12; i++) numbers.push((await takeNext(database, jobs, 'r'))!.data.chunk);
  expect(numbers.slice(0, 6).toSorted((a, b) => a - b)).toEqual([6, 7, 8, 9, 10, 11]);
  expect(await takeNext(database, jobs, 'r')).toBeNull();
  await disconnectQueue({ database, jobs });
});

describe('what nobody foresaw', () => {
  it('ends a worker with one clear error, also where it happens between two chunks', async () => {
    const connection = await connected('broken');
    const said: string[] = [];
    const worker = workerOf(connection, 'one', said);
    const running = worker.run();
    await expect.poll(() => postgres.sql('SELECT count(*) FROM broken.worker')).toBe('1');
    // Only its timer asks for this.
    postgres.sql('ALTER TABLE broken.worker RENAME COLUMN seen_at TO seen');
    await expect(running).rejects.toThrow(/column "seen_at" .*does not exist/);
    await disconnectQueue(connection);
  });
});
