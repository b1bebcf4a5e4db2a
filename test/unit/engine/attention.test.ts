/** What is looked at comes first, then what lies around findings; counted in leases, so that no machine is too slow for it. */
import { describe, expect, it } from 'vitest';
import type { GridPlan, RunOrder } from '../../../src-main/contract/run.ts';
import { tileStateCode } from '../../../src-main/contract/run.ts';
import { planGrid, tilesIn } from '../../../src-main/core/grid.ts';
import { defaultRetryPolicy } from '../../../src-main/core/retry.ts';
import { neighboursOf, viewportTiles } from '../../../src-main/core/tile-order.ts';
import type { WorkerHost, WorkerProcess } from '../../../src-main/core/worker-host.ts';
import type { FromInference, InferenceInit, ToInference } from '../../../src-main/core/worker-protocol.ts';
import { Analyze } from '../../../src-main/engine/analyze.ts';
import { likelyPositive } from '../../../src-main/engine/likely-positive.ts';
import { TileLedger, type LedgerOptions } from '../../../src-main/engine/tile-ledger.ts';
import type { TileRow } from '../../../src-main/store/tile-store.ts';

const gridOf = (columns: number, rows: number): GridPlan =>
  planGrid({
    imageWidth: columns * 10,
    imageHeight: rows * 10,
    scaleX: 1,
    scaleY: 1,
    tileWidth: 10,
    tileHeight: 10,
    overlap: 0,
  });
const rowsOf = (count: number, change: (idx: number) => Partial<TileRow> = () => ({})): TileRow[] =>
  Array.from({ length: count }, (_, idx) => ({
    idx,
    state: tileStateCode.pending,
    attempts: 0,
    crashes: 0,
    wakeMs: null,
    skip: 0,
    content: 1,
    score: null,
    classIndex: null,
    ...change(idx),
  }));
const ledgerOf = (columns: number, rows: number, options?: LedgerOptions): TileLedger =>
  new TileLedger(gridOf(columns, rows), rowsOf(columns * rows), options);
const worker = {};
const sorted = (tiles: Iterable<number>): number[] => [...tiles].sort((a, b) => a - b);

/** Takes and ends leases of 16 until all is done; the order in which tiles were taken. */
function drain(ledger: TileLedger, isPositive: (tile: number) => boolean): number[] {
  const taken: number[] = [];
  for (;;) {
    const tiles = ledger.take(16, 0, worker);
    if (tiles.length === 0) return taken;
    for (const tile of tiles) ledger.markDone(tile, isPositive(tile));
    taken.push(...tiles);
  }
}

describe('tiles around likely findings', () => {
  it('are taken next', () => {
    const ledger = ledgerOf(40, 40);
    // Far from where the worker goes along.
    const far = 30 * 40 + 20;
    ledger.setViewport({ x: 200, y: 300, width: 10, height: 10 });
    expect(ledger.take(16, 0, worker)).toEqual([far]);
    ledger.setViewport(null);
    ledger.markDone(far, true);
    expect(sorted(ledger.take(16, 0, worker))).toEqual(neighboursOf(gridOf(40, 40), far));
    expect(ledger.take(16, 0, worker)).toHaveLength(16);
  });

  it('are taken first when the run is gone on with', () => {
    const found = 5 * 20 + 7;
    const rows = rowsOf(400, (idx) =>
      idx < 100 || idx === found ? { state: tileStateCode.done, score: idx === found ? 0.9 : 0 } : {},
    );
    const ledger = new TileLedger(gridOf(20, 20), rows, { wasPositive: ({ score }) => (score ?? 0) > 0.5 });
    expect(sorted(ledger.take(16, 0, worker))).toEqual(
      neighboursOf(gridOf(20, 20), found).filter((tile) => tile >= 100),
    );
  });

  it('lead nowhere where every tile has findings, and never in native order', () => {
    const native = drain(ledgerOf(24, 24, { order: 'native' }), (tile) => tile % 5 === 0);
    expect(native).toEqual(drain(ledgerOf(24, 24), () => false));
    const everywhere = drain(ledgerOf(24, 24), () => true);
    // But for the first few, when nothing is known yet.
    expect(everywhere.slice(64)).toEqual(native.filter((tile) => !everywhere.slice(0, 64).includes(tile)));
  });

  it('change the order and nothing else', () => {
    const some = drain(ledgerOf(24, 24), (tile) => tile % 31 === 0);
    expect(some).not.toEqual(drain(ledgerOf(24, 24), () => false));
    expect(sorted(some)).toEqual(Array.from({ length: 576 }, (_, i) => i));
  });

  it('are those whose detections reach the threshold, or whose class does', () => {
    const detections = (...scores: number[]) => Float32Array.from(scores.flatMap((s) => [0, 0, 1, 1, 0, s]));
    const detector = likelyPositive({ threshold: 0.5, manifest: { task: 'detect' } as never });
    expect(detector?.result({ score: 1, detections: detections(0.1, 0.4) })).toBe(false);
    expect(detector?.result({ score: 0.1, detections: detections(0.1, 0.7) })).toBe(true);
    const classifier = likelyPositive({ threshold: 0.5, manifest: { task: 'classify' } as never });
    expect(classifier?.result({ score: 0.4, detections: detections() })).toBe(false);
    expect(classifier?.result({ score: 0.6, detections: detections() })).toBe(true);
    expect(likelyPositive({ threshold: 0.5, manifest: { task: 'regress' } as never })).toBeNull();
  });
});

describe('a view', () => {
  it('of a whole slide is its middle, however many tiles are in it', () => {
    const plan = gridOf(1000, 1000);
    const tiles = viewportTiles(plan, { x: -500, y: -500, width: 11_000, height: 11_000 }, 2000);
    expect(tiles).toHaveLength(2000);
    const columns = tiles.map((tile) => tile % 1000);
    expect(Math.min(...columns)).toBeGreaterThan(470);
    expect(Math.max(...columns)).toBeLessThan(530);
  });

  it('gets a tile back that its worker let go', () => {
    const ledger = ledgerOf(20, 20);
    ledger.setViewport({ x: 100, y: 100, width: 10, height: 10 });
    const [tile = -1] = ledger.take(16, 0, worker);
    expect(tile).toBe(10 * 20 + 10);
    ledger.release(tile);
    expect(ledger.take(16, 0, worker)).toEqual([tile]);
  });
});

/** Workers that answer when they are told to, a lease at a time. */
class Bench {
  readonly workers: { leases: Extract<ToInference, { kind: 'lease' }>[]; say: (m: FromInference) => void }[] =
    [];
  readonly host: WorkerHost = {
    fork: (() => {
      const place: (typeof this.workers)[number] = { leases: [], say: () => undefined };
      this.workers.push(place);
      let exit: Parameters<WorkerProcess<ToInference, FromInference>['onExit']>[0] = () => undefined;
      const process: WorkerProcess<ToInference, FromInference> = {
        pid: undefined,
        post: (message) => {
          if (message.kind === 'init') queueMicrotask(() => place.say({ kind: 'ready', provider: 'cpu' }));
          if (message.kind === 'lease') place.leases.push(message);
        },
        onMessage: (listener) => (place.say = listener),
        onExit: (listener) => (exit = listener),
        kill: () => exit({ code: null, signal: 'SIGKILL' }),
      };
      return process;
    }) as unknown as WorkerHost['fork'],
  };

  /** Each worker ends the lease that it is at. @returns their tiles */
  step(): number[] {
    return this.workers.flatMap(({ leases, say }) => {
      const lease = leases.shift();
      if (lease === undefined) return [];
      const empty = new Float32Array(0);
      const results = [...lease.tiles].map((tile) => ({
        tile,
        score: 0,
        classIndex: 0,
        values: empty,
        detections: empty,
      }));
      say({ kind: 'tiles', lease: lease.lease, epoch: lease.epoch, results });
      say({ kind: 'lease-done', lease: lease.lease, epoch: lease.epoch });
      return [...lease.tiles];
    });
  }
}

/** Tiles that each round of leases ended, after a jump to a view in the midst of the work. */
async function jump(order: RunOrder): Promise<{ rounds: number[][]; seen: Set<number> }> {
  const plan = gridOf(60, 60);
  const bench = new Bench();
  const ledger = new TileLedger(plan, rowsOf(3600), { order });
  const analyze = new Analyze({
    plan,
    epoch: 1,
    workers: 2,
    warm: [],
    batch: 1,
    keepAll: false,
    init: {
      kind: 'init',
      modelPath: 'm',
      imagePath: 'i',
      manifest: {},
      threads: 1,
    } as unknown as InferenceInit,
    host: bench.host,
    ledger,
    commit: { add: () => undefined },
    policy: defaultRetryPolicy,
    tileTimeoutMs: 60_000,
    random: () => 0.5,
    onProvider: () => undefined,
    onError: () => undefined,
    checkImage: () => Promise.resolve(),
  });
  const ended = analyze.run();
  await new Promise((resolve) => setImmediate(resolve));
  for (let round = 0; round < 5; round++) bench.step();
  const view = { x: 400, y: 400, width: 40, height: 40 };
  ledger.setViewport(view);
  analyze.wake();
  const rounds = Array.from({ length: 6 }, () => bench.step());
  analyze.stop();
  await ended;
  return { rounds, seen: new Set(tilesIn(plan, view)) };
}

describe('after a jump', () => {
  it('a worker ends the two leases that it has, and then does nothing but what is looked at', async () => {
    const { rounds, seen } = await jump('attention');
    // 16 tiles in view, two workers, four tiles a lease.
    expect(seen.size).toBe(16);
    expect(rounds[2]?.every((tile) => seen.has(tile))).toBe(true);
    expect(sorted([...rounds[2]!, ...rounds[3]!])).toEqual(sorted(seen));
  });

  it('nothing changes in native order', async () => {
    const { rounds, seen } = await jump('native');
    expect(rounds.flat().some((tile) => seen.has(tile))).toBe(false);
  });
});
