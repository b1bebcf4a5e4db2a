/**
 * Attention first: a person jumps to another part of a slide while it is analysed. How long until the first tiles in view are coloured,
 * and until all of them are, in batches of the run's own: `node test/bench/attention.bench.ts [rounds] [image] [tile px] [batch]`.
 *
 * Real workers, the built-in model for nuclei, the window's call through the contract. In every second round workers keep what they hold,
 * as they would if a jump only led the next leases. A tile is coloured when it is in the case and offered to screens; these ask at
 * most ten times a second, and when they are told is given beside it.
 */
import { call } from '@orpc/server';
import { mkdtempSync, rmSync } from 'node:fs';
import { loadavg, tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { modelsDir } from '../../src-main/cli/environment.ts';
import { tileStateCode, type GridPlan, type Rect } from '../../src-main/contract/run.ts';
import { viewportTiles } from '../../src-main/core/tile-order.ts';
import { ChildWorkerHost } from '../../src-main/engine/child-worker-host.ts';
import { createEngine } from '../../src-main/engine/engine.ts';
import { runIdOf } from '../../src-main/engine/run-id.ts';
import { TileLedger } from '../../src-main/engine/tile-ledger.ts';
import { testData } from '../support/test-data.ts';
import { benchSample } from './bench-sample.ts';
import { record } from './results.ts';

const rounds = Number(process.argv[2] ?? 16);
const tileSize = Number(process.argv[4] ?? 128);
const batch = Number(process.argv[5] ?? 4);
const workers = 2;
/** Batches until the first tile in view is coloured. */
const target = 2;
/** Of the grid, at the jump. */
const doneBefore = 0.2;

const load = loadavg()[0] ?? 0;
const image = resolve(
  process.argv[3] ?? testData('pathology', 'CMU-1-Small-Region.svs') ?? (await benchSample(6000, 4500)),
);
const folder = mkdtempSync(join(tmpdir(), 'gigatile-attention-'));

interface Jump {
  batchMs: number;
  tiles: number;
  /** In batches: until the first tile in view is coloured, until a screen is told of it, until all are coloured. */
  first: number;
  told: number;
  all: number;
  /** All, where the workers do nothing else and lose no time once they have ended the batch that they are at. */
  ideal: number;
}

/** A screenful somewhere with as many tiles to be done as can be. */
function farView(plan: GridPlan, state: Uint8Array): { view: Rect; tiles: number[] } {
  const [width, height] = [plan.imageWidth * 0.3, plan.imageHeight * 0.25];
  let best = { view: { x: 0, y: 0, width, height }, tiles: [] as number[] };
  for (const fx of [0, 0.5, 1]) {
    for (const fy of [0, 0.5, 1]) {
      const view = { x: fx * (plan.imageWidth - width), y: fy * (plan.imageHeight - height), width, height };
      const tiles = viewportTiles(plan, view, 2000).filter((tile) => state[tile] === tileStateCode.pending);
      if (tiles.length > best.tiles.length) best = { view, tiles };
    }
  }
  return best;
}

const engine = await createEngine({
  host: new ChildWorkerHost(),
  shell: { kind: 'web' },
  dataDir: join(folder, 'data'),
  modelsDir,
  version: 'bench',
});

async function jump(no: number): Promise<Jump> {
  const session = await engine.cases.borrow(image, join(folder, `case-${no}`));
  const run = await session.startRun('he-nuclei', { mpp: 0.5, tileSize, workers, threads: 1, batch });
  const { grid } = session.file.runs.get(run.no);
  const doneNow = (): number => run.visibleTiles().counts().done;
  while (doneNow() === 0) await sleep(5);
  const [from, had] = [performance.now(), doneNow()];
  while (doneNow() < doneBefore * run.visibleTiles().counts().total) await sleep(5);
  const { view, tiles } = farView(grid, run.visibleTiles().state);
  const at = performance.now();
  const batchMs = (batch * workers * (at - from)) / (doneNow() - had);
  const coloured = (): number =>
    tiles.filter((tile) => (run.visibleTiles().state[tile] ?? 0) >= tileStateCode.done).length;
  await call(engine.router.runs.setViewport, { caseId: session.id, runId: runIdOf(run.no), rect: view });
  const seen = { first: 0, told: 0, all: 0 };
  const watching = new AbortController();
  const watch = (async () => {
    for await (const event of run.watchable.watch(() => run.event(), watching.signal)) {
      if (event.revision > 0 && seen.told === 0 && coloured() > 0) seen.told = performance.now() - at;
    }
  })();
  while (seen.all === 0 && run.active) {
    const count = coloured();
    if (count > 0) seen.first ||= performance.now() - at;
    if (count === tiles.length) seen.all = performance.now() - at;
    await sleep(1);
  }
  while (seen.told === 0 && run.active) await sleep(5);
  watching.abort();
  await run.stop({ state: 'cancelled', reason: null });
  await watch;
  await engine.cases.giveBack(session);
  const inBatches = (ms: number): number => ms / batchMs;
  return {
    batchMs,
    tiles: tiles.length,
    first: inBatches(seen.first),
    told: inBatches(seen.told),
    all: inBatches(seen.all),
    ideal: 1 + Math.ceil(tiles.length / (batch * workers)),
  };
}

const recalling = Object.getOwnPropertyDescriptor(TileLedger.prototype, 'viewWaits');
if (recalling === undefined) throw new Error('TileLedger has no viewWaits any more');
const kept: Jump[] = [];
const ours: Jump[] = [];
for (let round = 0; round < 2 * rounds; round++) {
  const keeps = round % 2 === 1;
  Object.defineProperty(
    TileLedger.prototype,
    'viewWaits',
    keeps ? { get: () => false, configurable: true } : recalling,
  );
  (keeps ? kept : ours).push(await jump(round));
}
await engine.close();
rmSync(folder, { recursive: true, force: true });

const median = (values: readonly number[]): number =>
  values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? NaN;
const worst = (values: readonly number[]): number => Math.max(...values);
const of = (jumps: readonly Jump[], name: keyof Jump): number[] => jumps.map((each) => each[name]);
const first = median(of(ours, 'first'));
const stretch = median(ours.map(({ all, ideal }) => all / ideal));
const batchMs = median(of(ours, 'batchMs'));
await record(
  'attention',
  [
    {
      what: `After a jump: the first of ${median(of(ours, 'tiles'))} tiles in view is coloured (batches of ${batch} tiles, ${batchMs.toFixed(0)} ms; ${workers} workers; median of ${rounds})`,
      ours: `${(first * batchMs).toFixed(0)} ms, worst ${worst(of(ours, 'first')).toFixed(1)} batches; a screen is told after ${median(of(ours, 'told')).toFixed(1)}`,
      against: `workers that keep what they hold: ${median(of(kept, 'first')).toFixed(1)} batches, worst ${worst(of(kept, 'first')).toFixed(1)}`,
      result: `${first.toFixed(2)} batches`,
      target: `${target} batches`,
      reached: first <= target,
    },
    {
      what: 'Until all of them are coloured',
      ours: `${median(of(ours, 'all')).toFixed(1)} batches`,
      against: `the batch that was going on, then these alone and no time lost: ${median(of(ours, 'ideal'))} batches; workers that keep what they hold: ${median(of(kept, 'all')).toFixed(1)}`,
      result: `${stretch.toFixed(2)} times`,
      target: '1.3 times',
      reached: stretch <= 1.3,
    },
  ],
  { rounds: { ours, kept } },
  load,
);
