/**
 * The scheduler's own book of a run's tiles: which are to be done, in which order, who waits until when. Pure bookkeeping in
 * memory; what is durable is in the store, and the two are kept in step by the changes that analyze writes.
 */
import { viewportTiles, workingOrder } from '../core/tile-order.ts';
import { tileStateCode } from '../contract/run.ts';
import type { GridPlan, Rect } from '../contract/run.ts';
import type { TileRow } from '../store/tile-store.ts';

const { pending, running, done, waiting, failed } = tileStateCode;

/** Tiles of the viewport are leased few at a time, so that the next ones follow the person's eyes. */
const viewportLease = 4;
const viewportLimit = 2000;

export class TileLedger {
  readonly #plan: GridPlan;
  readonly #state: Uint8Array;
  readonly #attempts: Uint8Array;
  readonly #crashes: Uint8Array;
  readonly #wakeMs = new Map<number, number>();
  readonly #order: Int32Array;
  readonly #blockStarts: Int32Array;
  /** First block that may still have pending tiles. */
  #block = 0;
  #viewport: Rect | null = null;
  #open = 0;
  #inFlight = 0;

  constructor(plan: GridPlan, rows: Iterable<TileRow>) {
    this.#plan = plan;
    const count = plan.columns * plan.rows;
    this.#state = new Uint8Array(count);
    this.#attempts = new Uint8Array(count);
    this.#crashes = new Uint8Array(count);
    const content = new Float32Array(count);
    for (const row of rows) {
      this.#state[row.idx] = row.state;
      this.#attempts[row.idx] = row.attempts;
      this.#crashes[row.idx] = row.crashes;
      content[row.idx] = row.content;
      if (row.state === waiting) this.#wakeMs.set(row.idx, row.wakeMs ?? 0);
      if (row.state === pending || row.state === waiting) this.#open++;
    }
    const order = workingOrder(plan, content);
    this.#order = order.tiles;
    this.#blockStarts = order.blockStarts;
  }

  /** Nothing left to do and nobody at work. */
  get finished(): boolean {
    return this.#open === 0 && this.#inFlight === 0;
  }

  attempts(tile: number): number {
    return this.#attempts[tile] ?? 0;
  }

  crashes(tile: number): number {
    return this.#crashes[tile] ?? 0;
  }

  setViewport(viewport: Rect | null): void {
    this.#viewport = viewport;
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
   */
  take(size: number, now: number): number[] {
    const tiles =
      this.#takeSuspect(now) ?? this.#takeVisible() ?? this.#takeAwake(size, now) ?? this.#takeBlock(size);
    for (const tile of tiles) {
      this.#state[tile] = running;
      this.#wakeMs.delete(tile);
    }
    this.#open -= tiles.length;
    this.#inFlight += tiles.length;
    return tiles;
  }

  #takeSuspect(now: number): number[] | null {
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

  #takeVisible(): number[] | null {
    if (!this.#viewport) return null;
    const tiles = viewportTiles(this.#plan, this.#viewport, viewportLimit)
      .filter((tile) => this.#state[tile] === pending)
      .slice(0, viewportLease);
    return tiles.length > 0 ? tiles : null;
  }

  #takeBlock(size: number): number[] {
    const tiles: number[] = [];
    for (; this.#block < this.#blockStarts.length; this.#block++) {
      const from = this.#blockStarts[this.#block] ?? 0;
      const to = this.#blockStarts[this.#block + 1] ?? this.#order.length;
      for (let at = from; at < to; at++) {
        const tile = this.#order[at] ?? 0;
        if (this.#state[tile] !== pending) continue;
        tiles.push(tile);
        if (tiles.length >= size) return tiles;
      }
      // A short rest is a lease too, unless it is tiny: sparse bands would make leases of one tile each.
      if (tiles.length >= size / 2) {
        this.#block++;
        return tiles;
      }
    }
    return tiles;
  }

  markDone(tile: number): void {
    this.#end(tile, done);
  }

  markFailed(tile: number, crashed: boolean): void {
    this.#spend(tile, crashed);
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
    // It may lie in a block that was passed already.
    this.#block = 0;
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
