/** The scheduler's book of one chunk, as TileLedger is that of a whole grid: tiles in their order, suspects alone, waits by their time. */
import type { TileBook } from '../../engine/tile-ledger.ts';

export class ChunkLedger implements TileBook {
  readonly #pending: number[];
  readonly #suspects: number[] = [];
  readonly #wakes = new Map<number, number>();
  readonly #attempts = new Map<number, number>();
  readonly #crashes = new Map<number, number>();
  readonly attempted: number;
  #inFlight = 0;
  #done = 0;
  #failed = 0;

  constructor(tiles: readonly number[]) {
    this.#pending = tiles.toReversed();
    this.attempted = tiles.length;
  }

  get open(): number {
    return this.#pending.length + this.#suspects.length + this.#wakes.size;
  }

  get finished(): boolean {
    return this.open === 0 && this.#inFlight === 0;
  }

  get ended(): { done: number; failed: number } {
    return { done: this.#done, failed: this.#failed };
  }

  attempts(tile: number): number {
    return this.#attempts.get(tile) ?? 0;
  }

  crashes(tile: number): number {
    return this.#crashes.get(tile) ?? 0;
  }

  rebaseWakes(convert: (wakeMs: number) => number): void {
    for (const [tile, wake] of this.#wakes) this.#wakes.set(tile, convert(wake));
  }

  nextWake(): number | null {
    return this.#wakes.size === 0 ? null : Math.min(...this.#wakes.values());
  }

  take(size: number, now: number): number[] {
    const tiles = this.#alone(now) ?? this.#awake(size, now) ?? this.#next(size);
    for (const tile of tiles) this.#wakes.delete(tile);
    this.#inFlight += tiles.length;
    return tiles;
  }

  /** One that may have ended its worker goes alone, so that nobody else takes the blame. */
  #alone(now: number): number[] | null {
    const suspect = this.#suspects.shift();
    if (suspect !== undefined) return [suspect];
    for (const [tile, wake] of this.#wakes) if (wake <= now && this.crashes(tile) > 0) return [tile];
    return null;
  }

  #awake(size: number, now: number): number[] | null {
    const tiles = [...this.#wakes].filter(([, wake]) => wake <= now).map(([tile]) => tile);
    const some = tiles.filter((tile) => this.crashes(tile) === 0).slice(0, size);
    return some.length > 0 ? some : null;
  }

  #next(size: number): number[] {
    return this.#pending.splice(-size).toReversed();
  }

  markDone(): void {
    this.#inFlight--;
    this.#done++;
  }

  markFailed(tile: number, crashed: boolean): void {
    this.#spend(tile, crashed);
    this.#inFlight--;
    this.#failed++;
  }

  markWaiting(tile: number, crashed: boolean, wakeMs: number): void {
    this.#spend(tile, crashed);
    this.#inFlight--;
    this.#wakes.set(tile, wakeMs);
  }

  release(tile: number): void {
    this.#inFlight--;
    this.#pending.push(tile);
  }

  releaseSuspect(tile: number): void {
    this.#inFlight--;
    this.#suspects.push(tile);
  }

  #spend(tile: number, crashed: boolean): void {
    this.#attempts.set(tile, this.attempts(tile) + 1);
    if (crashed) this.#crashes.set(tile, this.crashes(tile) + 1);
  }
}
