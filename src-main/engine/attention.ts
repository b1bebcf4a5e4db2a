/**
 * What comes before the working order of a run: the tiles that a person looks at, then those around likely findings. Only an order:
 * the results are the same with and without it.
 */
import type { GridPlan, Rect } from '../contract/run.ts';
import { neighboursOf, viewportTiles } from '../core/tile-order.ts';

/** Tiles of the viewport are leased few at a time, so that the next ones follow the person's eyes. */
const viewportLease = 4;
const viewportLimit = 2000;
/**
 * Neighbourhoods lead only while findings are rare: where every second tile has some, they say nothing about where to look, and going
 * after them would cost the file's tiles being decoded in their order.
 */
const rareShare = 0.25;
const firstTiles = 32;

export class Attention {
  readonly #plan: GridPlan;
  readonly #isPending: (tile: number) => boolean;
  /** Nearest to the middle of the view first. */
  #visible: number[] = [];
  #isVisible: ReadonlySet<number> = new Set();
  #nextVisible = 0;
  /** In the order in which their neighbours were found. */
  readonly #near: number[] = [];
  #nextNear = 0;
  #done = 0;
  #positive = 0;

  constructor(plan: GridPlan, isPending: (tile: number) => boolean) {
    this.#plan = plan;
    this.#isPending = isPending;
  }

  look(viewport: Rect | null): void {
    this.#visible = viewport === null ? [] : viewportTiles(this.#plan, viewport, viewportLimit);
    this.#isVisible = new Set(this.#visible);
    this.#nextVisible = 0;
  }

  isVisible(tile: number): boolean {
    return this.#isVisible.has(tile);
  }

  /** Whether something in the view is left to begin. */
  get waits(): boolean {
    return this.#visible.some((tile, i) => i >= this.#nextVisible && this.#isPending(tile));
  }

  /** A run is gone on with, of which so many tiles are done. */
  takenUp(done: number, positive: readonly number[]): void {
    this.#done += done - positive.length;
    for (const tile of positive) this.done(tile, true);
  }

  /** A tile is done. @param isPositive whether it holds a likely finding */
  done(tile: number, isPositive: boolean): void {
    this.#done++;
    if (!isPositive) return;
    this.#positive++;
    for (const near of neighboursOf(this.#plan, tile)) if (this.#isPending(near)) this.#near.push(near);
  }

  /** A tile came back: it may have been passed already. */
  released(): void {
    this.#nextVisible = 0;
  }

  /** Empty where nothing in the view is left to begin. */
  takeVisible(): number[] {
    const tiles: number[] = [];
    while (tiles.length < viewportLease && this.#nextVisible < this.#visible.length) {
      const tile = this.#visible[this.#nextVisible++]!;
      if (this.#isPending(tile)) tiles.push(tile);
    }
    return tiles;
  }

  /** Empty where there are no findings, or too many to be told apart. */
  takeNear(size: number): number[] {
    if (this.#positive > rareShare * Math.max(firstTiles, this.#done)) return [];
    const tiles = new Set<number>();
    while (tiles.size < size && this.#nextNear < this.#near.length) {
      const tile = this.#near[this.#nextNear++]!;
      if (this.#isPending(tile)) tiles.add(tile);
    }
    if (this.#nextNear === this.#near.length) {
      this.#near.length = 0;
      this.#nextNear = 0;
    }
    return [...tiles];
  }
}
