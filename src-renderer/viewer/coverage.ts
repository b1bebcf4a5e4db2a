/** What of an image was looked at, and how closely: a coarse grid that keeps the closest look at each cell. */
import type { Rect } from '../../src-main/contract/run.ts';

/** Cells along the longer side. */
const cellsAlong = 96;
/** Looks are kept in steps of a quarter of a doubling; 0: never looked at. */
const stepsPerDoubling = 4;
const coarsest = 12;

export class Coverage {
  readonly columns: number;
  readonly rows: number;
  readonly #cellWidth: number;
  readonly #cellHeight: number;
  #cells: Uint8Array;

  constructor(image: { width: number; height: number }) {
    const cell = Math.max(image.width, image.height) / cellsAlong;
    this.columns = Math.max(1, Math.round(image.width / cell));
    this.rows = Math.max(1, Math.round(image.height / cell));
    this.#cellWidth = image.width / this.columns;
    this.#cellHeight = image.height / this.rows;
    this.#cells = new Uint8Array(this.columns * this.rows);
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
      for (let column = left; column <= right; column++) {
        const at = row * this.columns + column;
        this.#cells[at] = Math.max(this.#cells[at] ?? 0, code);
      }
    }
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

  /** As text, to be kept; see `restore`. */
  save(): string {
    return btoa(String.fromCharCode(...this.#cells));
  }

  /** Takes up what was saved of the same image; something else is passed over. */
  restore(saved: string): void {
    let bytes: string;
    try {
      bytes = atob(saved);
    } catch (error) {
      if (error instanceof DOMException) return;
      throw error;
    }
    if (bytes.length !== this.#cells.length) return;
    this.#cells = Uint8Array.from(bytes, (char) => char.charCodeAt(0));
  }
}

function encoded(pixels: number): number {
  const steps = Math.round((coarsest - Math.log2(pixels)) * stepsPerDoubling) + 1;
  return Math.min(255, Math.max(1, steps));
}
