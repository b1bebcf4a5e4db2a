/**
 * The scheduler's own book of a run's tiles: which are to be done, in which order, who waits until when. Pure bookkeeping in
 * memory; what is durable is in the store, and the two are kept in step by the changes that analyze writes.
 */
import { bandOf, workingOrder } from '../core/tile-order.ts';
import type { Band } from '../core/tile-order.ts';
import { tileStateCode } from '../contract/run.ts';
import type { GridPlan, Rect, RunOrder } from '../contract/run.ts';
import type { TileRow } from '../store/tile-store.ts';
import { Attention } from './attention.ts';

const { pending, running, done, waiting, failed, skipped } = tileStateCode;

export interface LedgerOptions {
  /** `native`: the working order alone, whatever anybody looks at or has found. `attention` where left out. */
  order?: RunOrder;
  /** Of a tile that was done in an earlier taking-up: whether it holds a likely finding. Never, where absent. */
  wasPositive?: (row: TileRow) => boolean;
}

/** What analyze asks of a book of tiles. */
export type TileBook = Pick<
  TileLedger,
  | 'finished'
  | 'open'
  | 'ended'
  | 'attempted'
  | 'attempts'
  | 'crashes'
  | 'rebaseWakes'
  | 'nextWake'
  | 'take'
  | 'markDone'
  | 'markFailed'
  | 'markWaiting'
  | 'release'
  | 'releaseSuspect'
>;

export class TileLedger {
  readonly #plan: GridPlan;
  /** null: nothing goes before the working order. */
  readonly #attention: Attention | null;
  readonly #state: Uint8Array;
  readonly #attempts: Uint8Array;
  readonly #crashes: Uint8Array;
  readonly #wakeMs = new Map<number, number>();
  /** In the order in which they are begun; `next`: the column that comes next. */
  readonly #bands: { band: Band; next: number }[];
  /** Place in #bands of each band from the top. */
  readonly #placeOf: Int32Array;
  /** The band that each worker goes along. */
  readonly #own = new Map<object, number>();
  /** Pending, and to be leased alone: one of them may have ended its worker. */
  readonly #suspects = new Set<number>();
  #open = 0;
  #inFlight = 0;
  #done = 0;
  #failed = 0;
  #skipped = 0;

  constructor(
    plan: GridPlan,
    rows: Iterable<TileRow>,
    { order: wanted = 'attention', wasPositive }: LedgerOptions = {},
  ) {
    this.#plan = plan;
    const count = plan.columns * plan.rows;
    this.#state = new Uint8Array(count);
    this.#attempts = new Uint8Array(count);
    this.#crashes = new Uint8Array(count);
    const content = new Float32Array(count);
    const isPending = (tile: number): boolean => this.#state[tile] === pending;
    this.#attention = wanted === 'native' ? null : new Attention(plan, isPending);
    const positive: number[] = [];
    for (const row of rows) {
      this.#state[row.idx] = row.state;
      this.#attempts[row.idx] = row.attempts;
      this.#crashes[row.idx] = row.crashes;
      content[row.idx] = row.content;
      if (row.state === done && wasPositive?.(row)) positive.push(row.idx);
      if (row.state === waiting) this.#wakeMs.set(row.idx, row.wakeMs ?? 0);
      else if (row.state === done) this.#done++;
      else if (row.state === failed) this.#failed++;
      else if (row.state === skipped) this.#skipped++;
      if (row.state === pending || row.state === waiting) this.#open++;
    }
    this.#attention?.takenUp(this.#done, positive);
    const order = workingOrder(plan, content);
    this.#bands = order.map(({ band }) => ({ band, next: 0 }));
    this.#placeOf = new Int32Array(order.length);
    order.forEach(({ index }, place) => (this.#placeOf[index] = place));
  }

  /** Nothing left to do and nobody at work. */
  get finished(): boolean {
    return this.#open === 0 && this.#inFlight === 0;
  }

  /** Tiles that nobody has and that are still to be done. */
  get open(): number {
    return this.#open;
  }

  /** Tiles that have ended, those of earlier takings-up of the run included. */
  get ended(): { done: number; failed: number } {
    return { done: this.#done, failed: this.#failed };
  }

  /** Tiles of the grid that are not skipped. */
  get attempted(): number {
    return this.#state.length - this.#skipped;
  }

  attempts(tile: number): number {
    return this.#attempts[tile] ?? 0;
  }

  crashes(tile: number): number {
    return this.#crashes[tile] ?? 0;
  }

  setViewport(viewport: Rect | null): void {
    this.#attention?.look(viewport);
  }

  /** Whether a person looks at it now, and that counts. */
  isInView(tile: number): boolean {
    return this.#attention?.isVisible(tile) ?? false;
  }

  /** Whether something that a person looks at is left to begin. */
  get viewWaits(): boolean {
    return this.#attention?.waits ?? false;
  }

  /** Says anew when waiting tiles wake: the file keeps the time of day, which may have been set since. */
  rebaseWakes(convert: (wakeMs: number) => number): void {
    for (const [tile, wake] of this.#wakeMs) this.#wakeMs.set(tile, convert(wake));
  }

  /** When the next waiting tile may be tried; null where none waits. */
  nextWake(): number | null {
    let earliest: number | null = null;
    for (const wake of this.#wakeMs.values()) {
      if (earliest === null || wake < earliest) earliest = wake;
    }
    return earliest;
  }

  /**
   * Takes the next tiles to be leased, marks them running. Empty where nothing is ready now.
   * A tile whose worker crashed before is leased alone, so that poison costs nobody else an attempt.
   * @param worker who asks: goes on along its own band while that has tiles
   */
  take(size: number, now: number, worker: object): number[] {
    const tiles =
      this.#takeSuspect(now) ??
      some(this.#attention?.takeVisible()) ??
      this.#takeAwake(size, now) ??
      some(this.#attention?.takeNear(size)) ??
      this.#takeAlong(size, worker);
    for (const tile of tiles) {
      this.#state[tile] = running;
      this.#wakeMs.delete(tile);
    }
    this.#open -= tiles.length;
    this.#inFlight += tiles.length;
    return tiles;
  }

  #takeSuspect(now: number): number[] | null {
    for (const tile of this.#suspects) {
      this.#suspects.delete(tile);
      if (this.#state[tile] === pending) return [tile];
    }
    for (const [tile, wake] of this.#wakeMs) {
      if (wake <= now && this.crashes(tile) > 0) return [tile];
    }
    return null;
  }

  #takeAwake(size: number, now: number): number[] | null {
    const awake: number[] = [];
    for (const [tile, wake] of this.#wakeMs) {
      if (wake <= now && this.crashes(tile) === 0) awake.push(tile);
      if (awake.length >= size) break;
    }
    return awake.length > 0 ? awake : null;
  }

  #takeAlong(size: number, worker: object): number[] {
    const own = this.#own.get(worker);
    if (own !== undefined) {
      const tiles = this.#takeOfBand(own, size);
      if (tiles.length > 0) return tiles;
      this.#own.delete(worker);
    }
    const taken = new Set(this.#own.values());
    // A band that nobody goes along; where all have somebody, help in the first that has tiles left.
    for (const free of [true, false]) {
      for (let place = 0; place < this.#bands.length; place++) {
        if (free && taken.has(place)) continue;
        const tiles = this.#takeOfBand(place, size);
        if (tiles.length === 0) continue;
        if (free) this.#own.set(worker, place);
        return tiles;
      }
    }
    return [];
  }

  #takeOfBand(place: number, size: number): number[] {
    const tiles: number[] = [];
    const entry = this.#bands[place];
    if (!entry) return tiles;
    const { height, tiles: along } = entry.band;
    for (; entry.next * height < along.length; entry.next++) {
      const to = (entry.next + 1) * height;
      for (let at = entry.next * height; at < to; at++) {
        const tile = along[at] ?? 0;
        if (this.#state[tile] !== pending) continue;
        tiles.push(tile);
        if (tiles.length >= size) return tiles;
      }
      // A short rest is a lease too, unless it is tiny: sparse bands would make leases of one tile each.
      if (tiles.length >= size / 2) {
        entry.next++;
        return tiles;
      }
    }
    return tiles;
  }

  /** @param isPositive whether it holds a likely finding */
  markDone(tile: number, isPositive = false): void {
    this.#done++;
    this.#end(tile, done);
    this.#attention?.done(tile, isPositive);
  }

  markFailed(tile: number, crashed: boolean): void {
    this.#spend(tile, crashed);
    this.#failed++;
    this.#end(tile, failed);
  }

  markWaiting(tile: number, crashed: boolean, wakeMs: number): void {
    this.#spend(tile, crashed);
    this.#state[tile] = waiting;
    this.#wakeMs.set(tile, wakeMs);
    this.#inFlight--;
    this.#open++;
  }

  /** Back to pending, no attempt spent. */
  release(tile: number): void {
    this.#state[tile] = pending;
    this.#inFlight--;
    this.#open++;
    // It may lie in a column that was passed already.
    const entry = this.#bands[this.#placeOf[bandOf(this.#plan, tile)] ?? 0];
    if (entry) entry.next = 0;
    this.#attention?.released();
  }

  /** Back to pending, no attempt spent; it is leased alone the next time, so that nobody else takes the blame for it. */
  releaseSuspect(tile: number): void {
    this.release(tile);
    this.#suspects.add(tile);
  }

  #spend(tile: number, crashed: boolean): void {
    this.#attempts[tile] = this.attempts(tile) + 1;
    if (crashed) this.#crashes[tile] = this.crashes(tile) + 1;
  }

  #end(tile: number, state: number): void {
    this.#state[tile] = state;
    this.#inFlight--;
  }
}

function some(tiles: number[] | undefined): number[] | null {
  return tiles === undefined || tiles.length === 0 ? null : tiles;
}
