/**
 * What of an image was looked at, and how closely: a coarse grid that keeps the closest look at each cell, a byte each. Looks only add
 * to it, in whatever order they come; so two windows of one reviewer cannot lose anything to each other.
 */
import type { Rect } from '../contract/run.ts';

/** Cells along the longer side. */
const cellsAlong = 96;
/** Looks are kept in steps of a quarter of a doubling; 0: never looked at. */
const stepsPerDoubling = 4;
const coarsest = 12;

/** By the convention that 40x is 0.25 µm per pixel, 10x is 1 µm; without a scale a quarter of the full resolution. */
const closeMicrometres = 1;
const closePixels = 4;
/** A little farther is as close: who chooses 10x on the screen lands beside it. */
const closeSlack = 1.1;

/** How many level-0 pixels one CSS pixel may show where a look counts as close (10x), at most. */
export function closeLook(mpp: { x: number } | null): number {
  return (mpp === null ? closePixels : closeMicrometres / mpp.x) * closeSlack;
}

export class LookCoverage {
  readonly columns: number;
  readonly rows: number;
  readonly #cellWidth: number;
  readonly #cellHeight: number;
  readonly #cells: Uint8Array;

  /** @param cells of the same image, as `cells` gave them; others (of an image of another shape) are not taken */
  constructor(image: { width: number; height: number }, cells?: Uint8Array) {
    const cell = Math.max(image.width, image.height) / cellsAlong;
    this.columns = Math.max(1, Math.round(image.width / cell));
    this.rows = Math.max(1, Math.round(image.height / cell));
    this.#cellWidth = image.width / this.columns;
    this.#cellHeight = image.height / this.rows;
    const count = this.columns * this.rows;
    this.#cells = cells?.length === count ? cells.slice() : new Uint8Array(count);
  }

  /** Row by row, to be kept. */
  get cells(): Uint8Array {
    return this.#cells.slice();
  }

  /**
   * Cells whose centre was in view.
   * @param pixels level-0 pixels that one CSS pixel showed
   */
  add({ x, y, width, height }: Rect, pixels: number): void {
    const code = encoded(pixels);
    const inside = (from: number, length: number, cell: number, count: number): [number, number] => [
      Math.max(0, Math.ceil(from / cell - 0.5)),
      Math.min(count - 1, Math.floor((from + length) / cell - 0.5)),
    ];
    const [left, right] = inside(x, width, this.#cellWidth, this.columns);
    const [top, bottom] = inside(y, height, this.#cellHeight, this.rows);
    for (let row = top; row <= bottom; row++) {
      for (let column = left; column <= right; column++) this.#raise(row * this.columns + column, code);
    }
  }

  /** Takes in what else is known of the same image. */
  merge(other: LookCoverage): void {
    for (const [at, code] of other.#cells.entries()) if (at < this.#cells.length) this.#raise(at, code);
  }

  /** The closest look at a cell: level-0 pixels a CSS pixel; null where there was none. */
  at(column: number, row: number): number | null {
    const code = this.#cells[row * this.columns + column] ?? 0;
    return code === 0 ? null : 2 ** (coarsest - (code - 1) / stepsPerDoubling);
  }

  /** Part of the image that was looked at so closely or closer, 0-1. */
  share(pixels: number): number {
    const least = encoded(pixels);
    return this.#cells.reduce((sum, code) => sum + (code >= least ? 1 : 0), 0) / this.#cells.length;
  }

  #raise(at: number, code: number): void {
    this.#cells[at] = Math.max(this.#cells[at] ?? 0, code);
  }
}

function encoded(pixels: number): number {
  const steps = Math.round((coarsest - Math.log2(pixels)) * stepsPerDoubling) + 1;
  return Math.min(255, Math.max(1, steps));
}
