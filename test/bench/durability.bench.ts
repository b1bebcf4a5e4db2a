/**
 * What durability costs: the same map over tiles with a case file (synchronous=FULL, group commit) and with a store in memory, in
 * turns: `node test/bench/durability.bench.ts [tiles] [pairs]`.
 *
 * Two workers, in threads, with as much work a tile as a model of about 0.3 GFLOP is (2.3 ms of one core); the engine's own code, from
 * leases to the group commit and what screens see. The ratio is the median over the pairs; processor time is told beside it, as it does
 * not depend on who else uses the machine.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import type { WorkerHost, WorkerProcess } from '../../src-main/core/worker-host.ts';
import type { InferenceInit } from '../../src-main/core/worker-protocol.ts';
import { defaultRetryPolicy } from '../../src-main/core/retry.ts';
import { Analyze } from '../../src-main/engine/analyze.ts';
import { GroupCommit, type GroupStore } from '../../src-main/engine/group-commit.ts';
import { TileLedger } from '../../src-main/engine/tile-ledger.ts';
import { VisibleTiles } from '../../src-main/engine/visible-tiles.ts';
import { beginMillion, noStore } from './million-case.ts';
import { record } from './results.ts';

const edge = Math.round(Math.sqrt(Number(process.argv[2] ?? 2500)));
const pairs = Number(process.argv[3] ?? 9);
const tileMs = 2.3;
const load = loadavg()[0] ?? 0;
const folder = mkdtempSync(join(process.env['GIGATILE_BENCH_DIR'] ?? tmpdir(), 'gigatile-durability-'));

/** As in busy-inference.entry.ts: how many rounds take so long on this machine when nobody disturbs. */
function calibrated(ms: number): number {
  let best = Infinity;
  let x = 1.1;
  const rounds = 200_000;
  for (let i = 0; i < 40; i++) {
    const from = performance.now();
    for (let j = 0; j < rounds; j++) x = Math.sqrt(x * 1.000_000_1 + j);
    best = Math.min(best, performance.now() - from);
  }
  return x === 0 ? 0 : Math.round((rounds * ms) / best);
}

const rounds = calibrated(tileMs);

class ThreadHost implements WorkerHost {
  fork<Out, In>(): WorkerProcess<Out, In> {
    const thread = new Worker(new URL('./busy-inference.entry.ts', import.meta.url), {
      workerData: { rounds },
    });
    return {
      pid: undefined,
      post: (message) => thread.postMessage(message, []),
      onMessage: (listener) => void thread.on('message', listener),
      onExit: (listener) => void thread.on('exit', (code) => listener({ code, signal: null })),
      kill: () => void thread.terminate(),
    };
  }
}

interface Run {
  ms: number;
  cpuMs: number;
}

async function run(isDurable: boolean, no: number): Promise<Run> {
  const { file, run: stored } = beginMillion(join(folder, `case-${no}.gigatile`), edge);
  const { grid, manifest } = file.runs.get(stored);
  const store: GroupStore = isDurable ? file : noStore;
  const table = file.tiles.load(stored);
  const visible = new VisibleTiles(table, table.length);
  let begun = 0;
  let cpu = process.cpuUsage();
  const commit = new GroupCommit(store, stored, {
    committed: (changes) => visible.committed(changes),
    failed: (error) => {
      throw error;
    },
  });
  const analyze = new Analyze({
    plan: grid,
    epoch: 1,
    workers: 2,
    warm: [],
    batch: 4,
    keepAll: false,
    init: { kind: 'init', manifest, threads: 1, modelPath: 'm', imagePath: 'i' } as unknown as InferenceInit,
    host: new ThreadHost(),
    ledger: new TileLedger(grid, table),
    commit,
    policy: defaultRetryPolicy,
    tileTimeoutMs: 60_000,
    random: Math.random,
    onProvider: () => {
      // Workers are there: from here on it is the map that is measured.
      if (begun > 0) return;
      begun = performance.now();
      cpu = process.cpuUsage();
    },
    onError: (error) => {
      throw new Error(error.message);
    },
    checkImage: () => Promise.resolve(),
  });
  await analyze.run();
  commit.flush();
  const used = process.cpuUsage(cpu);
  const result = { ms: performance.now() - begun, cpuMs: (used.user + used.system) / 1000 };
  if (visible.counts().done !== edge ** 2) throw new Error('tiles are missing');
  if (isDurable && file.tiles.counts(stored).done !== edge ** 2) throw new Error('tiles are not in the file');
  file.close();
  return result;
}

const median = (values: number[]): number => values.toSorted((a, b) => a - b)[values.length >> 1] ?? NaN;

try {
  await run(true, 0);
  const done: { durable: Run; memory: Run }[] = [];
  for (let pair = 0; pair < pairs; pair++) {
    // Each is first every other time.
    const first = await run(pair % 2 === 0, pair * 2 + 1);
    const second = await run(pair % 2 !== 0, pair * 2 + 2);
    done.push(pair % 2 === 0 ? { durable: first, memory: second } : { durable: second, memory: first });
  }
  const slower = median(done.map(({ durable, memory }) => durable.ms / memory.ms)) - 1;
  const costlier = median(done.map(({ durable, memory }) => durable.cpuMs / memory.cpuMs)) - 1;
  const rate = (pick: (pair: (typeof done)[number]) => Run): string =>
    `${Math.round((edge ** 2 * 1000) / median(done.map((pair) => pick(pair).ms)))} tiles/s`;
  const percent = (part: number): string => `${(part * 100).toFixed(1)} %`;
  await record(
    'durability',
    [
      {
        what: `Durability: analyze over ${edge ** 2} tiles of ${tileMs} ms on 2 workers, synchronous=FULL`,
        ours: rate(({ durable }) => durable),
        against: `the same with a store in memory, ${rate(({ memory }) => memory)}`,
        result: `${percent(slower)} slower`,
        target: 'at most 2 %',
        reached: slower <= 0.02,
      },
      {
        what: 'The same by processor time of engine and workers together',
        ours: `${Math.round(median(done.map(({ durable }) => durable.cpuMs)))} ms`,
        against: `a store in memory, ${Math.round(median(done.map(({ memory }) => memory.cpuMs)))} ms`,
        result: `${percent(costlier)} more`,
        target: 'at most 2 %',
        reached: costlier <= 0.02,
      },
    ],
    { pairs: done },
    load,
  );
} finally {
  rmSync(folder, { recursive: true, force: true });
}
