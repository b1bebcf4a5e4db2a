/**
 * A fleet at work, end to end: a desktop that submits and imports into a real case, real worker processes whose inference only waits, and
 * what PostgreSQL does for it. `node test/bench/fleet.bench.ts [--tiles 1000000] [--workers 8] [--tile-ms 2] [--boxes 40]`; runs of 10,000
 * and a tenth of the tiles go before, for the cost of a tile to be held against. Needs Debian's postgresql.
 */
import { spawn, type ChildProcess } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { tileStateCode } from '../../src-main/contract/run.ts';
import { GroupCommit } from '../../src-main/engine/group-commit.ts';
import { QueueFleet } from '../../src-main/scale/queue-fleet.ts';
import { queueAddress } from '../../src-main/scale/queue/address.ts';
import type { TileChange } from '../../src-main/store/tile-store.ts';
import { postgresPrograms, TestPostgres } from '../support/postgres.ts';
import { beginMillion } from './million-case.ts';
import { childrenOf } from './process-watch.ts';
import { record } from './results.ts';

const { values } = parseArgs({
  options: {
    tiles: { type: 'string', default: '1000000' },
    workers: { type: 'string', default: '8' },
    'tile-ms': { type: 'string', default: '2' },
    boxes: { type: 'string', default: '40' },
    chunk: { type: 'string', default: '500' },
  },
});
const [most, workers, tileMs, boxes, chunkTiles] = [
  values.tiles,
  values.workers,
  values['tile-ms'],
  values.boxes,
  values.chunk,
].map(Number) as [number, number, number, number, number];
/** What a chunk takes in earnest at least, s (reference: 5 to 30). */
const chunkSeconds = 5;

const folder = mkdtempSync(join(tmpdir(), 'gigatile-bench-fleet-'));
const image = join(folder, 'slide.tif');
writeFileSync(image, 'nobody reads it');
const hasStatements = existsSync(join(postgresPrograms() ?? '', '../lib/pg_stat_statements.so'));
const postgres = await TestPostgres.create({
  settings: hasStatements ? ['shared_preload_libraries=pg_stat_statements'] : [],
});
if (hasStatements) postgres.sql('CREATE EXTENSION pg_stat_statements');

const number = (sql: string): number => Number(postgres.sql(sql) ?? Number.NaN);

/** Processor time of a process, and of its children that have ended, s. One that has just ended counts with its parent's. */
function cpuOf(pid: number): number {
  const path = `/proc/${pid}/stat`;
  if (!existsSync(path)) return 0;
  const stat = readFileSync(path, 'utf8');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return fields.slice(11, 15).reduce((sum, ticks) => sum + Number(ticks), 0) / 100;
}
const serverCpu = (): number =>
  [postgres.pid, ...childrenOf(postgres.pid)].reduce((sum, pid) => sum + cpuOf(pid), 0);
/** Bytes over the loopback, of whomever. */
const loopback = (): number =>
  Number(/^ *lo: *(\d+)/m.exec(readFileSync('/proc/net/dev', 'utf8'))?.[1] ?? Number.NaN);

interface Counted {
  tiles: number;
  chunks: number;
  submitSeconds: number;
  workSeconds: number;
  importSeconds: number;
  serverCpuSeconds: number;
  workersCpuSeconds: number;
  desktopCpuSeconds: number;
  walBytes: number;
  loopbackBytes: number;
  statements: number;
  transactions: number;
  connections: number;
  databaseBytes: number;
}

async function ran(tiles: number): Promise<Counted> {
  const edge = Math.round(Math.sqrt(tiles));
  const count = edge ** 2;
  const schema = `tiles_${count}`;
  const url = `${postgres.url}?schema=${schema}`;
  const { file, run: no } = beginMillion(join(folder, `${schema}.gigatile`), edge);
  const stored = file.runs.get(no);
  // The queue checks what it is given.
  const modelSha256 = createHash('sha256').update(readFileSync(stored.modelPath)).digest('hex');
  const fleet = new QueueFleet({ address: queueAddress(url), software: 'bench', chunkTiles });
  const { database } = await fleet.connection();
  const asked = async (sql: string): Promise<number> =>
    Number((await database.query<{ n: string }>(`SELECT (${sql}) AS n`))[0]?.n);
  const bytesBefore = number('SELECT pg_database_size(current_database())');
  const states = new Uint8Array(count).fill(tileStateCode.pending);
  const commit = new GroupCommit(file, no, {
    committed: (changes: readonly TileChange[]) => {
      for (const change of changes) {
        if (change.kind === 'done') states[change.result.tile] = tileStateCode.done;
        if (change.kind === 'grant') states[change.tile] = tileStateCode.running;
      }
    },
    failed: (error) => {
      throw error;
    },
  });
  const crew: ChildProcess[] = [];
  const entry = join(import.meta.dirname, 'fleet-worker.entry.ts');
  for (let i = 0; i < workers; i++) {
    const args = [entry, url, `w${i}`, String(tileMs), String(boxes)];
    crew.push(spawn(process.execPath, args, { stdio: ['ignore', 'ignore', 'inherit'] }));
  }
  while ((await asked('SELECT count(*) FROM worker')) < workers) await sleep(100);
  const crewCpu = (): number => crew.reduce((sum, { pid }) => sum + (pid === undefined ? 0 : cpuOf(pid)), 0);
  // Counted from here: what comes now is the work.
  const before = {
    cpu: serverCpu(),
    crew: crewCpu(),
    lo: loopback(),
    own: process.cpuUsage(),
  };
  const wal = postgres.sql('SELECT pg_current_wal_insert_lsn()') ?? '';
  if (hasStatements) postgres.sql('SELECT pg_stat_statements_reset()');
  const transactions = (): number =>
    number('SELECT xact_commit + xact_rollback FROM pg_stat_database WHERE datname = current_database()');
  const transactionsBefore = transactions();
  let submittedAt: number | null = null;
  const begun = performance.now();
  const mapper = fleet.map({
    run: { ...stored, modelSha256 },
    image: { path: image, name: 'slide.tif', bytes: 15, fingerprint: 'f'.repeat(64) },
    keepAll: false,
    tileTimeoutMs: 60_000,
    states: () => states,
    content: new Float32Array(count).fill(0.9),
    viewport: () => null,
    add: (change) => commit.add(change),
    flush: () => commit.flush(),
    submissions: () => ({ active: [], stale: [], followed: false }),
    submitting: () => {
      submittedAt = performance.now();
    },
    tileMs: null,
    addUsage: () => undefined,
    endsEarly: () => false,
    onError: (error) => {
      if (error !== null) console.error(error.message);
    },
  });
  const mapped = mapper.run();
  while ((await asked('SELECT count(*) FROM chunk')) < Math.ceil(count / chunkTiles)) await sleep(20);
  const submitSeconds = (performance.now() - (submittedAt ?? begun)) / 1000;
  let connections = 0;
  const over = new AbortController();
  const watching = (async () => {
    for (; !over.signal.aborted; await sleep(1000))
      connections = Math.max(
        connections,
        await asked("SELECT count(*) FROM pg_stat_activity WHERE application_name LIKE 'gigatile%'"),
      );
  })();
  const how = await mapped;
  const endedAt = Date.now();
  over.abort();
  await watching;
  if (how !== 'drained') throw new Error(`the run ended ${how}`);
  const { user, system } = process.cpuUsage(before.own);
  const counted: Counted = {
    tiles: count,
    chunks: number(`SELECT count(*) FROM ${schema}.chunk`),
    submitSeconds,
    // From the first chunk that was taken to the last one that was done, by the server's clock.
    workSeconds: number(`SELECT extract(epoch FROM max(done_at) - min(taken_at)) FROM ${schema}.chunk`),
    importSeconds: endedAt / 1000 - number(`SELECT extract(epoch FROM max(done_at)) FROM ${schema}.chunk`),
    serverCpuSeconds: serverCpu() - before.cpu,
    workersCpuSeconds: crewCpu() - before.crew,
    desktopCpuSeconds: (user + system) / 1e6,
    walBytes: number(`SELECT pg_current_wal_insert_lsn() - '${wal}'::pg_lsn`),
    loopbackBytes: loopback() - before.lo,
    statements: hasStatements ? number('SELECT sum(calls) FROM pg_stat_statements') : Number.NaN,
    transactions: transactions() - transactionsBefore,
    connections,
    databaseBytes: number('SELECT pg_database_size(current_database())') - bytesBefore,
  };
  const { done } = file.tiles.counts(no);
  if (done !== count) throw new Error(`the case has ${done} results of ${count}`);
  for (const one of crew) one.kill('SIGTERM');
  await Promise.all(crew.map((one) => new Promise((done) => one.once('exit', done))));
  await fleet.close();
  file.close();
  console.log(JSON.stringify(counted));
  return counted;
}

/** Beside the waiting, of all workers, a chunk: with what they wait for at the end of the run. */
const coordination = ({ tiles, chunks, workSeconds }: Counted): number =>
  Math.max(0, workers * workSeconds - (tiles * tileMs) / 1000) / chunks;
const cpuMicros = ({ tiles, serverCpuSeconds }: Counted): number => (serverCpuSeconds / tiles) * 1e6;

try {
  const runs: Counted[] = [];
  for (const tiles of new Set([10_000, Math.max(10_000, most / 10), most])) runs.push(await ran(tiles));
  const [few, many] = [runs.at(0), runs.at(-1)];
  if (few === undefined || many === undefined) throw new Error('nothing was run');
  const spent = coordination(many);
  const share = spent / (chunkSeconds + spent);
  const growth = cpuMicros(many) / cpuMicros(few);
  const kb = (bytes: number): string => `${(bytes / 1000).toFixed(1)} kB`;
  const words = `${many.tiles.toLocaleString('en')} tiles`;
  await record(
    'fleet',
    [
      {
        what: `A fleet, ${words} with ${boxes} boxes each over ${workers} worker processes into a case: submitting`,
        ours: `${many.submitSeconds.toFixed(1)} s`,
        against: 'the design',
        result: `${many.submitSeconds.toFixed(1)} s`,
        target: '10 s',
        reached: many.submitSeconds <= 10,
      },
      {
        what: `The same: a worker's time beside inference, a chunk of ${chunkTiles} tiles`,
        ours: `${(spent * 1000).toFixed(0)} ms`,
        against: `a chunk of ${chunkSeconds} s`,
        result: `${(share * 100).toFixed(2)} %`,
        target: '2 %',
        reached: share <= 0.02,
      },
      {
        what: `The same: the server's processor time a tile`,
        ours: `${cpuMicros(many).toFixed(0)} µs`,
        against: `${few.tiles.toLocaleString('en')} tiles: ${cpuMicros(few).toFixed(0)} µs`,
        result: `${growth.toFixed(2)} times`,
        target: '1.2 times',
        reached: growth <= 1.2,
      },
      {
        what: 'The same: from the last chunk to a case that has it all',
        ours: `${many.importSeconds.toFixed(1)} s`,
        against: `${many.workSeconds.toFixed(0)} s of work`,
        result: `${many.importSeconds.toFixed(1)} s`,
        target: '10 s',
        reached: many.importSeconds <= 10,
      },
      {
        what: 'The same: statements a chunk, write-ahead log and network a tile, connections',
        ours: `${(many.statements / many.chunks).toFixed(1)}, ${kb(many.walBytes / many.tiles)}, ${kb(many.loopbackBytes / many.tiles)}, ${many.connections}`,
        against: 'nothing else',
        result: `${(many.statements / many.chunks).toFixed(1)} statements`,
        target: 'none yet',
        reached: true,
      },
    ],
    { runs, workers, tileMs, boxes, chunkTiles },
    loadavg()[0] ?? 0,
  );
} finally {
  await postgres.remove();
  rmSync(folder, { recursive: true, force: true });
}
