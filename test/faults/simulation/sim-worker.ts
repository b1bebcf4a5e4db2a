/**
 * Worker processes of the simulation. They speak core/worker-protocol.ts as the real ones do (src-main/workers/inference): a lease's
 * tiles in batches, results of several batches together, failures at once, messages in order and late, and they die as processes die.
 */
import type { PlainError } from '../../../src-main/contract/errors.ts';
import { resultsOf } from '../../../src-main/core/packed-results.ts';
import type { WorkerProcess } from '../../../src-main/core/worker-host.ts';
import type { FromInference, TileResult, ToInference } from '../../../src-main/core/worker-protocol.ts';
import type { Random } from './random.ts';
import type { Owner, VirtualClock } from './virtual-clock.ts';

export type Fate =
  | { kind: 'fine' }
  | { kind: 'corrupt' }
  /** Fails so often with trouble that passes, then not any more. */
  | { kind: 'flaky'; times: number; code: 'io' | 'endpoint-failed'; retryAfterMs?: number }
  /** Ends the worker, or makes it hang, so often. */
  | { kind: 'deadly'; times: number; how: 'crash' | 'hang' };

/** What a schedule's workers share: the tiles' fates, and what each tile may be blamed for. */
export interface Workplace {
  clock: VirtualClock;
  random: Random;
  fates: readonly Fate[];
  /** How often each tile has been tried to its bitter end, whatever the engine made of it. */
  troubles: Uint32Array;
  /** How often an attempt may be charged to it: it failed, or its worker died while it was next or in the making. */
  blamable: Uint32Array;
  computeMs: number;
  latencyMs: number;
  /** Whether processes fail to come up. */
  mayFailToStart: () => boolean;
  onLease: (process: SimProcess, tiles: readonly number[]) => void;
  /** It begins a batch of this lease. */
  onBegin: (process: SimProcess, lease: number) => void;
}

type Lease = Extract<ToInference, { kind: 'lease' }>;

const noValues = new Float32Array(0);
const errors: Record<'corrupt' | 'io' | 'endpoint-failed', PlainError> = {
  corrupt: { code: 'image-corrupt', message: 'These pixels cannot be decoded' },
  io: { code: 'io', message: 'Reading failed' },
  'endpoint-failed': { code: 'endpoint-failed', message: 'The endpoint is busy' },
};

export class SimProcess implements WorkerProcess<ToInference, FromInference>, Owner {
  readonly pid = undefined;
  isAlive = true;
  /** It will say nothing more, whoever waits. */
  hangs = false;
  /** The engine has killed it. */
  isEnded = false;
  /** Who forked it: messages to a dead engine go nowhere. */
  readonly parent: Owner;
  readonly #place: Workplace;
  readonly #queue: Lease[] = [];
  /** Begun, and nothing said of them yet. */
  readonly #begun = new Set<number>();
  #held: TileResult[] = [];
  #heldBatches = 0;
  #together = 1;
  #listener: (message: FromInference) => void = () => undefined;
  #exit: (exit: { code: number | null; signal: string | null }) => void = () => undefined;
  #isBusy = false;
  /** It has told the engine that it can work. */
  isReady = false;
  /** Leases that were given to it. */
  leases = 0;
  /** Those that it has not ended and that were not recalled. */
  readonly #standing = new Map<number, Lease>();
  readonly #cancelled = new Set<number>();
  /** Tiles that were leased and not answered, in their order. */
  readonly #unanswered = new Set<number>();

  constructor(place: Workplace, parent: Owner) {
    this.#place = place;
    this.parent = parent;
  }

  get openLeases(): number {
    return this.#standing.size;
  }

  /** Those of them that stand. */
  get given(): Lease[] {
    return [...this.#standing.values()];
  }

  get openTiles(): ReadonlySet<number> {
    return this.#unanswered;
  }

  onMessage(listener: (message: FromInference) => void): void {
    this.#listener = listener;
  }

  onExit(listener: (exit: { code: number | null; signal: string | null }) => void): void {
    this.#exit = listener;
  }

  post(message: ToInference): void {
    const { clock, latencyMs } = this.#place;
    if (message.kind === 'lease') {
      const tiles = [...message.tiles];
      this.leases++;
      this.#standing.set(message.lease, message);
      this.#place.onLease(this, tiles);
      // The engine does not know yet; the first of them is what it will seem to have died at.
      if (!this.isAlive && this.#unanswered.size === 0) this.#place.blamable[tiles[0]!]!++;
      for (const tile of tiles) this.#unanswered.add(tile);
    } else if (message.kind === 'cancel') this.#standing.delete(message.lease);
    clock.add(this, latencyMs, () => this.#receive(message));
  }

  /** By the engine; one that hangs is ended for what it hung at. */
  kill(): void {
    this.isEnded = true;
    if (!this.isAlive) return;
    if (this.hangs) this.#blame();
    this.#end({ code: null, signal: 'SIGKILL' });
  }

  /** By the system, at any moment. */
  killed(): void {
    if (!this.isAlive) return;
    this.#blame();
    this.#end({ code: null, signal: 'SIGKILL' });
  }

  #end(exit: { code: number | null; signal: string | null }): void {
    this.isAlive = false;
    // What was sent before arrives before the news of the death.
    this.#place.clock.add(this.parent, this.#place.latencyMs, () => this.#exit(exit));
  }

  /** The tiles that it was at; where it was at none, the next one: from outside nobody can tell. */
  #blame(): void {
    const { blamable } = this.#place;
    if (this.#begun.size > 0) for (const tile of this.#begun) blamable[tile]!++;
    else for (const tile of this.#unanswered) return void blamable[tile]!++;
  }

  #say(message: FromInference): void {
    if (message.kind === 'tiles') for (const { tile } of resultsOf(message.results)) this.#answered(tile);
    if (message.kind === 'tile-failed') this.#answered(message.tile);
    this.#place.clock.add(this.parent, this.#place.latencyMs, () => this.#listener(message));
  }

  #answered(tile: number): void {
    this.#begun.delete(tile);
    this.#unanswered.delete(tile);
  }

  #receive(message: ToInference): void {
    if (message.kind === 'init') {
      const { clock, random, mayFailToStart } = this.#place;
      clock.add(this, random.whole(1, 80), () => {
        if (mayFailToStart()) this.#end({ code: 1, signal: null });
        else {
          this.isReady = true;
          this.#say({ kind: 'ready', provider: 'cpu' });
        }
      });
    } else if (message.kind === 'lease') {
      this.#queue.push(message);
      if (!this.#isBusy) this.#next(0);
    } else if (message.kind === 'cancel') {
      if (this.#queue.some(({ lease }) => lease === message.lease)) this.#cancelled.add(message.lease);
    }
  }

  /** The batch that begins at this tile of the first lease. */
  #next(from: number): void {
    const lease = this.#queue[0];
    this.#isBusy = lease !== undefined;
    if (lease === undefined) return;
    const isCancelled = this.#cancelled.has(lease.lease);
    if (from >= lease.tiles.length || isCancelled) {
      this.#flush(lease);
      this.#heldBatches = 0;
      this.#standing.delete(lease.lease);
      for (const tile of lease.tiles.subarray(from)) this.#unanswered.delete(tile);
      this.#say({ kind: 'lease-done', lease: lease.lease, epoch: lease.epoch });
      this.#queue.shift();
      this.#next(0);
      return;
    }
    const batch = [...lease.tiles.subarray(from, from + Math.max(1, lease.batch))];
    this.#place.onBegin(this, lease.lease);
    for (const tile of batch) this.#begun.add(tile);
    const { clock, random, computeMs, fates, troubles } = this.#place;
    if (batch.some((tile) => this.#isDeadly(tile, 'hang'))) {
      for (const tile of batch) if (fates[tile]!.kind === 'deadly') troubles[tile]!++;
      this.hangs = true;
      return;
    }
    clock.add(this, 1 + Math.floor(random.next() * computeMs), () => {
      if (batch.some((tile) => this.#isDeadly(tile, 'crash'))) {
        for (const tile of batch) if (fates[tile]!.kind === 'deadly') troubles[tile]!++;
        this.killed();
        return;
      }
      for (const tile of batch) this.#compute(lease, tile);
      this.#heldBatches++;
      if (this.#heldBatches >= this.#together || lease.tiles.length === 1) this.#flush(lease);
      this.#next(from + batch.length);
    });
  }

  #isDeadly(tile: number, how: 'crash' | 'hang'): boolean {
    const fate = this.#place.fates[tile]!;
    return fate.kind === 'deadly' && fate.how === how && this.#place.troubles[tile]! < fate.times;
  }

  #compute({ lease, epoch }: Lease, tile: number): void {
    const { fates, troubles, blamable } = this.#place;
    const fate = fates[tile]!;
    if (fate.kind === 'corrupt') {
      blamable[tile]!++;
      this.#say({ kind: 'tile-failed', lease, epoch, tile, transient: false, error: errors.corrupt });
    } else if (fate.kind === 'flaky' && troubles[tile]! < fate.times) {
      troubles[tile]!++;
      blamable[tile]!++;
      const { code, retryAfterMs } = fate;
      const after = retryAfterMs === undefined ? {} : { retryAfterMs };
      this.#say({ kind: 'tile-failed', lease, epoch, tile, transient: true, error: errors[code], ...after });
    } else {
      this.#held.push({ tile, score: tile / 1000, classIndex: 0, values: noValues, detections: noValues });
    }
  }

  #flush({ lease, epoch }: Lease): void {
    this.#heldBatches = 0;
    if (this.#held.length === 0) return;
    const results = this.#held;
    this.#held = [];
    this.#together = this.#place.random.whole(1, 3);
    this.#say({ kind: 'tiles', lease, epoch, results, together: this.#together });
  }
}
