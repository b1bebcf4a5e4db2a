/** What must hold in every schedule. Each check looks at what was said between the parts, not at what they think. */
import { tileStateCode } from '../../../src-main/contract/run.ts';
import type { TileCounts } from '../../../src-main/contract/run.ts';
import { longestWaitMs, mostAttempts, retryClassOf } from '../../../src-main/core/retry.ts';
import { endsEarly } from '../../../src-main/core/tolerance.ts';
import type { AnalyzeEnd } from '../../../src-main/engine/analyze.ts';
import { replayTiles } from '../../../src-main/engine/tile-replay.ts';
import type { TileChange } from '../../../src-main/store/tile-store.ts';
import { tileOf, type ModelStore } from './model-store.ts';
import type { Scenario } from './scenario.ts';
import type { SimProcess, Workplace } from './sim-worker.ts';

const { pending, running, done, waiting, failed, skipped } = tileStateCode;

/** As in the engine: tiles of the viewport are leased few at a time, whatever else. */
const viewportLease = 4;
export const lookMs = 1000;
/** Timers of the scheduler ring within a second, and messages take a moment. */
const mostLooks = 3;

export class Violation extends Error {
  override readonly name = 'Violation';
}

export function violated(what: string): never {
  throw new Violation(what);
}

/** A tile's history as far as the file tells it. */
export class FileChecks {
  readonly #store: ModelStore;
  readonly #done: Uint8Array;

  constructor(store: ModelStore, tiles: number) {
    this.#store = store;
    this.#done = new Uint8Array(tiles);
  }

  written(change: TileChange, epoch: number): void {
    const tile = tileOf(change);
    if (change.epoch !== epoch) violated(`a change of epoch ${change.epoch} was written in epoch ${epoch}`);
    if (change.kind === 'done' && ++this.#done[tile]! > 1) violated(`tile ${tile} was done twice`);
  }

  /** Told to the screens: it must be in the file. */
  shown(changes: readonly TileChange[]): void {
    for (const change of changes) {
      if (change.kind !== 'done') continue;
      const record = this.#store.records[change.result.tile]!;
      if (record.state !== done || record.results !== 1)
        violated(`tile ${change.result.tile} was shown as done and is not in the file`);
    }
  }
}

/** One engine: what its scheduler said to the commit and to the workers. */
export class SchedulerChecks {
  readonly #scenario: Scenario;
  readonly #place: Workplace;
  readonly #state: Uint8Array;
  /** By the time that passes; a tile that waits must not be leased before. */
  readonly #due: Float64Array;
  /** It was in the hands of a worker that died: it may go alone and before all others. */
  readonly #suspect: Uint8Array;
  readonly #processes = new Set<SimProcess>();
  #viewport: readonly number[] = [];
  #workers: number;
  /** Looks in a row at which it had nothing to do, and had the same leases before. */
  readonly #idle = new Map<SimProcess, { looks: number; leases: number }>();
  /** Looks in a row at which the tile could have been leased. */
  readonly #ready: Uint8Array;
  /** Leased to since the number of workers was last changed. */
  #serving = new Set<SimProcess>();
  isImageChanged: () => boolean = () => false;

  /** Leases of each worker that nobody looks at, since a person looked elsewhere. */
  readonly #toReturn = new Map<SimProcess, ReadonlySet<number>>();
  #looksSince = 0;

  constructor(scenario: Scenario, place: Workplace, store: ModelStore, workers: number) {
    this.#scenario = scenario;
    this.#place = place;
    this.#workers = workers;
    const { records } = store;
    this.#state = Uint8Array.from(records, ({ state }) => state);
    // Where the time of day was set back meanwhile, a tile waits no longer than waits can be.
    const { now, timeOfDay } = place.clock;
    const longest = longestWaitMs(scenario.retry);
    this.#due = Float64Array.from(records, ({ wakeMs }) =>
      wakeMs === null ? 0 : now + Math.min(longest, Math.max(0, wakeMs - timeOfDay)) - 1,
    );
    this.#ready = new Uint8Array(records.length);
    this.#suspect = Uint8Array.from(records, ({ crashes }) => (crashes > 0 ? 1 : 0));
  }

  get processes(): ReadonlySet<SimProcess> {
    return this.#processes;
  }

  forked(process: SimProcess): void {
    this.#processes.add(process);
  }

  gone(process: SimProcess): void {
    this.#toReturn.delete(process);
    for (const tile of process.openTiles) this.#suspect[tile] = 1;
    this.#processes.delete(process);
    this.#serving.delete(process);
    this.#idle.delete(process);
  }

  looksAt(tiles: readonly number[]): void {
    this.#viewport = tiles;
    this.#looksSince = this.#place.clock.now;
    this.#toReturn.clear();
    if (this.#scenario.order === 'native') return;
    if (!tiles.some((tile) => this.#state[tile] === pending)) return;
    for (const process of this.#processes) {
      const leases = process.given.filter(
        ({ tiles: given }) => given.length > 1 && !given.some((tile) => tiles.includes(tile)),
      );
      this.#toReturn.set(process, new Set(leases.map(({ lease }) => lease)));
    }
  }

  /** After a sleep all that was on its way arrives late, and in any order. */
  overslept(): void {
    this.#looksSince = this.#place.clock.now;
  }

  /** What a worker has and nobody looks at goes back when a person looks elsewhere, but for what it has begun. */
  begins(process: SimProcess, lease: number): void {
    const { clock, latencyMs } = this.#place;
    const isTold = clock.now > this.#looksSince + latencyMs;
    if (isTold && this.#toReturn.get(process)?.has(lease))
      violated('a worker went on with what it had, though a person looks at other tiles');
  }

  setWorkers(count: number): void {
    this.#workers = count;
    this.#serving = new Set();
  }

  said(change: TileChange): void {
    const tile = tileOf(change);
    const before = this.#state[tile]!;
    const isOpen = before === pending || before === waiting;
    if (change.kind === 'grant' ? !isOpen : before !== running)
      violated(`tile ${tile} in state ${before} cannot be ${change.kind}`);
    this.#state[tile] = after[change.kind];
    if (change.kind === 'grant' || change.kind === 'release') return;
    if (this.isImageChanged()) violated(`tile ${tile} is ${change.kind} though the image is another one`);
    if (change.kind === 'wait' || change.kind === 'fail') this.#charged(change);
  }

  #charged(change: Extract<TileChange, { kind: 'wait' | 'fail' }>): void {
    const { tile, attempts, crashes, error } = change;
    const { retry, fates } = this.#scenario;
    const { clock, blamable } = this.#place;
    const blame = blamable[tile]!;
    if (attempts > blame || crashes > blame)
      violated(`tile ${tile} is charged ${attempts} attempts and ${crashes} crashes, and had ${blame}`);
    if (attempts > mostAttempts(retry)) violated(`tile ${tile} had ${attempts} attempts`);
    const isUsedUp =
      attempts >= retry.rules[retryClassOf(error.code)].maxAttempts || crashes >= retry.maxCrashes;
    const isCorrupt = fates[tile]!.kind === 'corrupt' && error.code === 'image-corrupt';
    if (change.kind === 'fail') {
      if (!isCorrupt && !isUsedUp)
        violated(
          `tile ${tile} failed for good (${error.code}) after ${attempts} attempts, ${crashes} crashes`,
        );
      return;
    }
    if (isCorrupt || isUsedUp)
      violated(`tile ${tile} waits (${error.code}) after ${attempts} attempts, ${crashes} crashes`);
    const wait = change.wakeMs - clock.timeOfDay;
    const fate = fates[tile]!;
    const least = fate.kind === 'flaky' && error.code === fate.code ? (fate.retryAfterMs ?? 0) : 0;
    const most = Math.max(least, retry.rules[retryClassOf(error.code)].capMs);
    if (wait < least - 1 || wait > most + 1)
      violated(`tile ${tile} waits ${wait} ms, not ${least} to ${most}`);
    // The file keeps whole milliseconds.
    this.#due[tile] = clock.now + wait - 1;
  }

  leased(process: SimProcess, tiles: readonly number[]): void {
    if (process.isEnded) violated('a worker that the engine has ended was given a lease');
    for (const tile of tiles) {
      if (this.#state[tile] !== running) violated(`tile ${tile} was leased and not granted`);
      if (this.#due[tile]! > this.#place.clock.now) violated(`tile ${tile} was leased before its time`);
      for (const other of this.#processes) {
        if (other.isAlive && other.openTiles.has(tile)) violated(`tile ${tile} was leased to two workers`);
      }
    }
    if (new Set(tiles).size !== tiles.length) violated('a tile is in a lease twice');
    this.#serving.add(process);
    if (this.#serving.size > this.#workers)
      violated(`${this.#serving.size} workers have leases, and ${this.#workers} are wanted`);
    this.#checkShare(process, tiles);
    this.#checkViewport(tiles);
  }

  /** In flight is never more than workers x leases x the size of a lease; and that shrinks with what is left. */
  #checkShare(process: SimProcess, tiles: readonly number[]): void {
    const { leases = 2, batch } = this.#scenario;
    if (process.openLeases > leases) violated(`a worker has ${process.openLeases} leases, not ${leases}`);
    let open = tiles.length;
    for (const state of this.#state) if (state === pending || state === waiting) open++;
    const share = Math.ceil(open / (this.#workers * leases * 2));
    const most = Math.max(viewportLease, Math.ceil(share / batch) * batch);
    if (tiles.length > most)
      violated(`a lease took ${tiles.length} of ${open} open tiles, more than ${most}`);
  }

  /** To be called every `lookMs`. Nobody starves: no worker has nothing to do while a tile could be leased. */
  look(): void {
    let idlest = 0;
    for (const process of this.#processes) {
      const { isReady, isAlive, isEnded, openLeases, openTiles, leases } = process;
      const before = this.#idle.get(process);
      // What is left of a recalled lease may hang.
      const isIdle = isReady && isAlive && !isEnded && openLeases === 0 && openTiles.size === 0;
      const looks = isIdle && before?.leases === leases ? before.looks + 1 : 0;
      this.#idle.set(process, { looks, leases });
      idlest = Math.max(idlest, looks);
    }
    const { now } = this.#place.clock;
    for (const [tile, state] of this.#state.entries()) {
      const isReady = state === pending || (state === waiting && this.#due[tile]! <= now);
      const looks = (this.#ready[tile] = isReady ? Math.min(255, this.#ready[tile]! + 1) : 0);
      if (looks > mostLooks && idlest > mostLooks)
        violated(`tile ${tile} waits for nothing, and a worker has nothing to do`);
    }
  }

  /** What a person looks at goes first; but for suspects, so that the next death has one culprit. */
  #checkViewport(tiles: readonly number[]): void {
    const [first = -1] = tiles;
    if (tiles.length === 1 && this.#suspect[first] === 1) return;
    if (this.#scenario.order === 'native') return;
    if (!this.#viewport.some((tile) => this.#state[tile] === pending)) return;
    const inside = tiles.filter((tile) => this.#viewport.includes(tile));
    if (inside.length < tiles.length)
      violated('tiles that nobody looks at went before those in the viewport');
  }
}

const after = { grant: running, done, wait: waiting, fail: failed, release: pending } as const;

export function countsOf(store: ModelStore): TileCounts {
  const counts = { total: 0, pending: 0, running: 0, done: 0, waiting: 0, failed: 0, skipped: 0 };
  const names = ['pending', 'running', 'done', 'waiting', 'failed', 'skipped'] as const;
  for (const { state } of store.records) {
    counts[names[state]!]++;
    counts.total++;
  }
  return counts;
}

/** When a run is over. */
export function checkEnd(store: ModelStore, { completion, fates }: Scenario, how: AnalyzeEnd): void {
  const counts = countsOf(store);
  const attempted = counts.total - counts.skipped;
  if (how === 'early') {
    if (!endsEarly(counts, attempted, completion)) violated('the run ended early, and not by its policy');
  } else if (counts.done + counts.failed !== attempted)
    violated(`tiles were lost: ${JSON.stringify(counts)}`);
  for (const [tile, record] of store.records.entries()) {
    if (record.state === running) violated(`tile ${tile} is left running`);
    if ((record.state === done ? 1 : 0) !== record.results)
      violated(`tile ${tile} has ${record.results} results`);
    if (record.state === done && fates[tile]!.kind === 'corrupt') violated(`tile ${tile} cannot be done`);
    if (record.state === failed && fates[tile]!.kind === 'fine' && record.attempts === 0)
      violated(`tile ${tile} failed without an attempt`);
    if (record.state === skipped && record.attempts > 0) violated(`tile ${tile} was not skipped`);
  }
  const replayed = replayTiles(store.log);
  for (const [tile, { state, attempts }] of store.records.entries()) {
    if (replayed?.state[tile] !== state || replayed.attempts[tile] !== attempts)
      violated(`the log does not say of tile ${tile} what the table says`);
  }
}
