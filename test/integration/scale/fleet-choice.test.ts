/** A queue as a person chooses it on a screen, and what its screen is told, with a real PostgreSQL. */
import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  chownSync,
  existsSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { FleetEvent } from '../../../src-main/contract/fleet.ts';
import { FleetChoice } from '../../../src-main/engine/fleet-choice.ts';
import { MemorySecretStore } from '../../../src-main/engine/secret-store.ts';
import { fleetConnector } from '../../../src-main/scale/fleet-connector.ts';
import { openMetrics } from '../../../src-main/scale/open-metrics.ts';
import { queueAddress } from '../../../src-main/scale/queue/address.ts';
import {
  connectQueue,
  disconnectQueue,
  type QueueConnection,
} from '../../../src-main/scale/queue/connection.ts';
import { submit } from '../../../src-main/scale/submit.ts';
import { fleetSpec } from '../../support/fleet-spec.ts';
import { TestPostgres } from '../../support/postgres.ts';

const password = 'a-pass/word:of@anna';
let postgres: TestPostgres;
let folder: string;
const open: FleetChoice[] = [];
const connections: QueueConnection[] = [];

function choice(dataDir = folder, secrets = new MemorySecretStore('a test')): FleetChoice {
  const one = new FleetChoice({ dataDir, connectFleet: fleetConnector({ software: 'test' }), secrets });
  open.push(one);
  return one;
}

async function connection(url: string): Promise<QueueConnection> {
  const one = await connectQueue(queueAddress(url), 'test', false, (error) => {
    throw error;
  });
  connections.push(one);
  return one;
}

/** The first event of which this holds. */
async function eventually(one: FleetChoice, holds: (event: FleetEvent) => boolean): Promise<FleetEvent> {
  const ended = new AbortController();
  try {
    for await (const event of one.follow(ended.signal)) if (holds(event)) return event;
  } finally {
    ended.abort();
  }
  throw new Error('it never came to this');
}

beforeAll(async () => {
  postgres = await TestPostgres.create();
  postgres.sql(`CREATE ROLE anna LOGIN PASSWORD '${password}'`);
  postgres.sql('CREATE DATABASE slides OWNER anna');
  postgres.sql('CREATE ROLE guest LOGIN');
  const hba = postgres.sql('SHOW hba_file') ?? '';
  writeFileSync(hba, `host all anna 127.0.0.1/32 scram-sha-256\n${readFileSync(hba, 'utf8')}`);
  postgres.sql('SELECT pg_reload_conf()');
  folder = mkdtempSync(join(tmpdir(), 'gigatile-fleet-choice-'));
});

afterEach(async () => {
  for (const one of open.splice(0)) await one.close();
  for (const one of connections.splice(0)) await disconnectQueue(one);
});

afterAll(async () => {
  await postgres.remove();
  rmSync(folder, { recursive: true, force: true });
});

const place = (user: string, database = 'slides', query = ''): string =>
  `postgres://${user}@127.0.0.1:${postgres.port}/${database}${query}`;

describe('a queue is taken only where it can be used', () => {
  it.each([
    ['no address', 'queue.example', undefined, 'usage', /no address of a queue/],
    [
      'a file of this machine',
      'postgres://h/d?sslrootcert=/etc/passwd',
      undefined,
      'usage',
      /not taken from a screen/,
    ],
    [
      'nobody there',
      'postgres://anna@127.0.0.1:1/slides',
      undefined,
      'queue-unreachable',
      /cannot be reached/,
    ],
    ['a wrong password', () => place('anna'), 'wrong', 'queue-refused', /password authentication failed/],
    ['no such database', () => place('anna', 'nowhere'), password, 'queue-refused', /no such database/],
    ['no rights', () => place('guest'), undefined, 'queue-refused', /may not do that/],
    [
      'no TLS there',
      () => place('anna', 'slides', '?sslmode=verify-full'),
      password,
      'queue-refused',
      /secure/,
    ],
  ])('%s', async (_what, address, secret, code, message) => {
    const one = choice();
    const asked = typeof address === 'string' ? address : address();
    const refused = one.choose({ address: asked, ...(secret !== undefined && { password: secret }) });
    await expect(refused).rejects.toMatchObject({ code, message: expect.stringMatching(message) as string });
    await expect(refused).rejects.not.toThrow(secret ?? password);
    expect((await one.setting()).queue).toBeNull();
    expect(existsSync(join(folder, 'queue.json'))).toBe(false);
  });

  it('and is remembered without its password, which the keychain has', async () => {
    const secrets = new MemorySecretStore('a test');
    const dataDir = mkdtempSync(join(folder, 'data-'));
    const one = choice(dataDir, secrets);
    const label = `postgres://127.0.0.1:${postgres.port}/slides`;
    const setting = await one.choose({ address: place('anna'), password });
    expect(setting).toEqual({ queue: label, fixedBy: null, passwordKept: false });
    const kept = readFileSync(join(dataDir, 'queue.json'), 'utf8');
    expect(kept).toContain('anna@');
    expect(kept).not.toContain('word');
    // The next start of the program, with and without the keychain.
    const again = choice(dataDir, secrets);
    expect(again.label).toBe(label);
    expect(await eventually(again, ({ view }) => view !== null)).toMatchObject({ problem: null });
    const locked = choice(dataDir);
    const { problem } = await eventually(locked, (event) => event.problem !== null);
    expect(problem).toMatchObject({ code: 'queue-refused' });
    // One that does not work leaves the one that does.
    await expect(again.choose({ address: place('anna', 'nowhere'), password })).rejects.toThrow(
      /no such database/,
    );
    expect(again.label).toBe(label);
    await again.leave();
    expect(choice(dataDir, secrets).label).toBeNull();
    expect(await secrets.names()).toEqual([]);
  });

  it('over TLS: a certificate of nobody known is refused, unless that is what was asked for', async () => {
    const data = postgres.sql('SHOW data_directory') ?? '';
    const [key, certificate] = [join(data, 'server.key'), join(data, 'server.crt')];
    const made = ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '2', '-subj', '/CN=127.0.0.1'];
    execFileSync('openssl', [...made, '-keyout', key, '-out', certificate], { stdio: 'ignore' });
    const { uid, gid } = statSync(data);
    for (const path of [key, certificate]) {
      chownSync(path, uid, gid);
      chmodSync(path, 0o600);
    }
    postgres.sql('ALTER SYSTEM SET ssl = on');
    postgres.sql('SELECT pg_reload_conf()');
    const one = choice(mkdtempSync(join(folder, 'data-')));
    const through = (mode: string) => one.choose({ address: `${postgres.url}?schema=tls&sslmode=${mode}` });
    await expect.poll(() => postgres.sql('SHOW ssl')).toBe('on');
    await expect(through('verify-full')).rejects.toMatchObject({
      code: 'queue-refused',
      message: expect.stringMatching(/no secure connection/) as string,
      hint: expect.stringMatching(/verify-full/) as string,
    });
    expect((await through('no-verify')).queue).toContain('?schema=tls');
    const encrypted =
      "SELECT bool_and(ssl) FROM pg_stat_ssl JOIN pg_stat_activity USING (pid) WHERE application_name = 'gigatile desktop'";
    expect(postgres.sql(encrypted)).toBe('t');
  });

  it('is not changed where the program was started with one', async () => {
    const fleet = await fleetConnector({ software: 'test' })(postgres.url);
    const one = new FleetChoice({
      dataDir: folder,
      fleet,
      connectFleet: fleetConnector({ software: 'test' }),
    });
    expect((await one.setting()).fixedBy).toMatch(/--queue/);
    await expect(one.choose({ address: place('anna'), password })).rejects.toMatchObject({
      code: 'conflict',
    });
    await fleet.close();
  });
});

describe('what its machines do', () => {
  const run = 'aaaa0000-0000-4000-8000-000000000001';
  const url = (schema: string): string => `${postgres.url}?schema=${schema}`;

  it('is told in one set of figures: chunks by state, rates, machines, what was given up', async () => {
    const queue = await connection(url('figures'));
    const one = choice();
    await one.choose({ address: url('figures') });
    expect(await eventually(one, ({ view }) => view !== null)).toMatchObject({
      view: { runs: [], workers: [] },
    });
    await submit(queue.database, queue.jobs, run, fleetSpec('a.svs'), [[0, 1, 2], [3, 4, 5], [6, 7], [8]]);
    postgres.sql(`UPDATE figures.chunk SET taken_at = now() - interval '10 seconds', done_at = now(), done_by = 'one', tiles_failed = 1
      WHERE no = 0`);
    const status = {
      state: 'working',
      run,
      chunk: 1,
      chunks: 1,
      tiles: 3,
      failed: 1,
      tilesPerSecond: 0.3,
      refused: [],
    };
    postgres.sql(`INSERT INTO figures.worker (name, session, host, status, seen_at) VALUES
      ('one', 's', 'gpu-1', '${JSON.stringify(status)}', now()),
      ('gone', 's', 'gpu-2', '${JSON.stringify({ ...status, chunk: 2 })}', now() - interval '1 minute')`);
    // A chunk that no worker could do, for the last time that it is tried.
    postgres.sql('UPDATE figures_jobs.job_common SET retry_count = retry_limit');
    const job = await queue.jobs.take(run);
    if (job === null) throw new Error('no job');
    await queue.jobs.giveBack(run, job, 'the machine has no room');
    // Whatever is done is looked at at once.
    await one.act({ act: 'priority', run, priority: 0 });
    const { view } = await eventually(one, (event) => event.view?.runs[0]?.chunks.dead === 1);
    expect(view?.runs[0]).toMatchObject({
      id: run,
      image: 'a.svs',
      state: 'open',
      chunks: { total: 4, done: 1, working: 1, waiting: 1, dead: 1 },
      tiles: { total: 9, done: 2, failed: 1 },
    });
    const { tilesPerSecond, etaSeconds } = view!.runs[0]!;
    expect(view?.totals).toEqual({ runs: 1, open: 1, tilesPerSecond });
    expect(tilesPerSecond).toBeGreaterThan(0.03);
    expect(tilesPerSecond).toBeLessThanOrEqual(0.3);
    expect(etaSeconds).toBeCloseTo(6 / tilesPerSecond!, 5);
    expect(view?.workers.map(({ name, isAbsent }) => [name, isAbsent])).toEqual([
      ['gone', true],
      ['one', false],
    ]);
    expect(openMetrics(view!)).toContain(`gigatile_chunks{run="${run}",state="dead"} 1\n`);

    expect(await one.act({ act: 'redrive', run })).toBe(1);
    expect((await eventually(one, ({ view: now }) => now !== null)).view?.runs[0]?.chunks.dead).toBe(0);
    await one.act({ act: 'pause', run });
    await one.act({ act: 'priority', run, priority: 7 });
    const paused = await eventually(one, ({ view: now }) => now?.runs[0]?.priority === 7);
    expect(paused.view?.runs[0]).toMatchObject({ state: 'paused', etaSeconds: null });
    await expect(one.act({ act: 'pause', run: 'zzz' })).rejects.toMatchObject({ code: 'run-not-found' });
    await one.act({ act: 'remove', run });
    expect((await eventually(one, ({ view: now }) => now !== null)).view?.runs).toEqual([]);
  });

  it('stays on the screen while the server is away, with since when, and goes on by itself', async () => {
    const one = choice();
    await one.choose({ address: url('away') });
    const before = await eventually(one, ({ view }) => view !== null);
    await postgres.kill();
    const away = await eventually(one, ({ problem }) => problem !== null);
    expect(away).toMatchObject({ problem: { code: 'queue-unreachable' }, view: { runs: [] } });
    expect(Date.parse(away.since ?? '')).toBeGreaterThan(Date.parse(before.seenAt ?? ''));
    await postgres.start();
    const back = await eventually(one, ({ problem }) => problem === null);
    expect(back).toMatchObject({ since: null, view: { runs: [] } });
  });
});
