/** The table through the engine's map: the real scheduler and group commit over a real case file; workers and time are made up. */
import { tileStateCode } from '../../../src-main/contract/run.ts';
import { retryClasses, type RetryPolicy } from '../../../src-main/core/retry.ts';
import { endsEarly, finalState } from '../../../src-main/core/tolerance.ts';
import type { WorkerHost, WorkerProcess } from '../../../src-main/core/worker-host.ts';
import type { FromInference, InferenceInit, ToInference } from '../../../src-main/core/worker-protocol.ts';
import { Analyze } from '../../../src-main/engine/analyze.ts';
import { GroupCommit } from '../../../src-main/engine/group-commit.ts';
import { paceOf, type Pace } from '../../../src-main/engine/pace.ts';
import { TileLedger } from '../../../src-main/engine/tile-ledger.ts';
import type { CaseFile } from '../../../src-main/store/case-file.ts';
import { gridOf, storedRun } from '../../unit/store/stored-run.ts';
import { playOut, VirtualClock } from '../simulation/virtual-clock.ts';
import { fatesOf, maxAttempts, policies, resultOf, tryItem, type Outcome, type Row } from './policies.ts';

/** Longer than outcomes are held together: each counts alone. */
const computeMs = 250;
const rule = { maxAttempts, baseMs: 1, capMs: 1 };
const retry: RetryPolicy = {
  rules: Object.fromEntries(retryClasses.map((name) => [name, rule])) as RetryPolicy['rules'],
  maxCrashes: 2,
};
const init = { kind: 'init', modelPath: 'm.onnx', imagePath: 'a.tif', manifest: {}, threads: 1 };
const stateNames = {
  [tileStateCode.done]: 'ok',
  [tileStateCode.failed]: 'failed',
} as const;

export async function mapWithEngine(file: CaseFile, row: Row): Promise<Outcome> {
  const fates = fatesOf(row);
  const policy = policies[row.policy]!.engine;
  const attempts = fates.map(() => 0);
  const no = storedRun(file, fates.length, 1);
  const { epoch } = file.runs.get(no);
  const clock = new VirtualClock();
  // Items take longer than outcomes wait for each other.
  const pace = (): Pace => paceOf({ isWatched: true });
  const commit = new GroupCommit(
    file,
    no,
    {
      committed: () => undefined,
      failed: (error) => {
        throw error;
      },
    },
    { clock: clock.of({ isAlive: true }), pace },
  );
  const plan = gridOf(fates.length, 1);
  const analyze = new Analyze({
    plan,
    epoch,
    workers: row.concurrency,
    warm: [],
    batch: 1,
    leases: 1,
    keepAll: false,
    init: init as unknown as InferenceInit,
    host: hostOf(clock, fates, attempts),
    ledger: new TileLedger(plan, file.tiles.load(no)),
    commit,
    pace,
    policy: retry,
    endsEarly: (ended, attempted) => endsEarly(ended, attempted, policy),
    tileTimeoutMs: 60_000,
    random: () => 0.5,
    clock: clock.of({ isAlive: true }),
    onProvider: () => undefined,
    onError: () => undefined,
    checkImage: () => Promise.resolve(),
  });
  let isOver = false;
  const ended = analyze.run().finally(() => (isOver = true));
  await playOut(clock, () => isOver);
  await ended;
  commit.flush();
  const { state, completion } = finalState(file.tiles.counts(no), policy);
  const items = [...file.tiles.load(no)].map(
    (tile): Outcome['items'][number] => stateNames[tile.state as keyof typeof stateNames] ?? 'open',
  );
  const results = fates.map((): number | null => null);
  for (const { tile, values } of file.tiles.results(no)) results[tile] = values[0] ?? null;
  return { reason: completion, items, results, attempts, status: state };
}

function hostOf(clock: VirtualClock, fates: readonly string[], attempts: number[]): WorkerHost {
  const fork = (): FatedProcess => new FatedProcess(clock, fates, attempts);
  return { fork: fork as unknown as WorkerHost['fork'] };
}

/** A worker that computes one tile after the other. */
class FatedProcess implements WorkerProcess<ToInference, FromInference> {
  readonly pid = undefined;
  isAlive = true;
  readonly #clock: VirtualClock;
  readonly #fates: readonly string[];
  readonly #attempts: number[];
  #listener: (message: FromInference) => void = () => undefined;
  #exit: (exit: { code: number | null; signal: string | null }) => void = () => undefined;

  constructor(clock: VirtualClock, fates: readonly string[], attempts: number[]) {
    this.#clock = clock;
    this.#fates = fates;
    this.#attempts = attempts;
  }

  onMessage(listener: (message: FromInference) => void): void {
    this.#listener = listener;
  }

  onExit(listener: (exit: { code: number | null; signal: string | null }) => void): void {
    this.#exit = listener;
  }

  post(message: ToInference): void {
    if (message.kind === 'init') {
      this.#clock.add(this, 1, () => this.#listener({ kind: 'ready', provider: 'cpu' }));
    } else if (message.kind === 'lease') this.#compute(message, 0);
  }

  #compute(order: Extract<ToInference, { kind: 'lease' }>, at: number): void {
    const { lease, epoch, tiles } = order;
    const tile = tiles[at];
    if (tile === undefined) {
      this.#listener({ kind: 'lease-done', lease, epoch });
      return;
    }
    this.#clock.add(this, computeMs, () => {
      const how = tryItem(this.#fates[tile]!, this.#attempts[tile]!++);
      if (how === 'fine') {
        const values = Float32Array.of(resultOf(tile));
        const result = { tile, score: 1, classIndex: 0, values, detections: new Float32Array(0) };
        this.#listener({ kind: 'tiles', lease, epoch, results: [result] });
      } else {
        const transient = how === 'transient';
        const error = transient
          ? ({ code: 'io', message: 'busy' } as const)
          : ({ code: 'image-corrupt', message: 'corrupt' } as const);
        this.#listener({ kind: 'tile-failed', lease, epoch, tile, transient, error });
      }
      this.#clock.add(this, 0, () => this.#compute(order, at + 1));
    });
  }

  kill(): void {
    if (!this.isAlive) return;
    this.isAlive = false;
    this.#clock.add({ isAlive: true }, 0, () => this.#exit({ code: null, signal: 'SIGKILL' }));
  }
}
