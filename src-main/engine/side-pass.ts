/**
 * Tiles of another grid than the run's, looked at on workers of their own before the run's tiles, with the same retries and limits.
 * Nothing of it is durable: its caller writes what came out of it, and an interrupted pass is made again.
 */
import { GigatileError } from '../contract/errors.ts';
import type { PlainError } from '../contract/errors.ts';
import { tileStateCode, type GridPlan } from '../contract/run.ts';
import { defaultRetryPolicy } from '../core/retry.ts';
import type { WorkerHost } from '../core/worker-host.ts';
import type { InferenceInit, TileResult } from '../core/worker-protocol.ts';
import type { TileChange } from '../store/tile-store.ts';
import { Analyze } from './analyze.ts';
import { TileLedger } from './tile-ledger.ts';

export interface SidePassOptions {
  host: WorkerHost;
  init: InferenceInit;
  plan: GridPlan;
  /** 1 for each tile that is to be looked at. */
  needed: Uint8Array;
  keepAll: boolean;
  workers: number;
  tileTimeoutMs: number;
  checkImage: () => Promise<void>;
  onDone: (result: TileResult) => void;
  /** A tile that could not be looked at. */
  onFailed?: (tile: number, error: PlainError) => void;
  onProgress: (fraction: number) => void;
  signal: AbortSignal;
}

/** @throws {GigatileError} why the model cannot work at all; cancelled */
export async function sidePass(options: SidePassOptions): Promise<void> {
  const { host, init, plan, needed, keepAll, workers, tileTimeoutMs, checkImage, signal } = options;
  const total = needed.reduce((sum, one) => sum + one, 0);
  if (total === 0) return;
  let ended = 0;
  const add = (change: TileChange): void => {
    if (change.kind !== 'done' && change.kind !== 'fail') return;
    if (change.kind === 'done') options.onDone(change.result);
    else options.onFailed?.(change.tile, change.error);
    options.onProgress(++ended / total);
  };
  const { pending, skipped } = tileStateCode;
  const rows = Array.from(needed, (one, idx) => ({
    idx,
    state: one === 1 ? pending : skipped,
    attempts: 0,
    crashes: 0,
    wakeMs: null,
    skip: 0,
    content: 1,
    score: null,
    classIndex: null,
  }));
  const analyze = new Analyze({
    plan,
    epoch: 1,
    workers,
    warm: [],
    batch: 1,
    keepAll,
    init,
    host,
    ledger: new TileLedger(plan, rows),
    commit: { add },
    policy: defaultRetryPolicy,
    tileTimeoutMs,
    random: Math.random,
    onProvider: () => undefined,
    onError: () => undefined,
    checkImage,
  });
  const stop = (): void => analyze.stop();
  signal.addEventListener('abort', stop, { once: true });
  try {
    const how = signal.aborted ? 'stopped' : await analyze.run();
    if (how === 'stopped') throw new GigatileError('cancelled', 'Stopped before the tiles of the run began');
  } finally {
    signal.removeEventListener('abort', stop);
  }
}
