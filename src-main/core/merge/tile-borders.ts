/** Where the tiles of a run begin and end inside the image, in level-0 pixels: the lines at which objects are cut. */
import type { GridPlan } from '../../contract/run.ts';
import { tileCount, tileModelRect } from '../grid.ts';

/** The tile of what was found in the whole image at once (SAHI's full-image pass): it comes after all others and has no borders. */
export function wholeImageTile(plan: GridPlan): number {
  return tileCount(plan);
}

/** Ascending lines, and quickly which of them a stretch meets. */
class Lines {
  readonly #lines: Float64Array;
  readonly #cell: number;
  /** For each cell from the first line on: the first line that is not before it. */
  readonly #first: Int32Array;

  constructor(lines: readonly number[]) {
    this.#lines = Float64Array.from(new Set(lines)).sort();
    const start = this.#lines[0] ?? 0;
    const cells = Math.max(1, this.#lines.length * 2);
    this.#cell = Math.max(1e-9, ((this.#lines.at(-1) ?? 0) - start) / cells);
    this.#first = new Int32Array(cells + 2);
    for (let cell = 0, line = 0; cell < this.#first.length; cell++) {
      while (line < this.#lines.length && this.#lines[line]! < start + cell * this.#cell) line++;
      this.#first[cell] = line;
    }
  }

  meets(from: number, to: number): boolean {
    const lines = this.#lines;
    const start = lines[0];
    if (start === undefined || to < start) return false;
    let line =
      from <= start
        ? 0
        : this.#first[Math.min(this.#first.length - 1, Math.floor((from - start) / this.#cell))]!;
    while (line > 0 && lines[line - 1]! >= from) line--;
    while (line < lines.length && lines[line]! < from) line++;
    return line < lines.length && lines[line]! <= to;
  }
}

export class TileBorders {
  /** Of each column and row, and after the last that of the whole image; infinite at the edge of the image, where nothing is cut. */
  readonly left: Float64Array;
  readonly right: Float64Array;
  readonly top: Float64Array;
  readonly bottom: Float64Array;
  readonly columns: number;
  readonly rows: number;
  /** See wholeImageTile. */
  readonly wholeImage: number;
  /** Two model pixels: models place the edge of what is cut not quite at the border. */
  readonly reachX: number;
  readonly reachY: number;
  readonly #vertical: Lines;
  readonly #horizontal: Lines;

  constructor(plan: GridPlan) {
    const { columns, rows, scaleX, scaleY } = plan;
    this.columns = columns;
    this.rows = rows;
    this.wholeImage = wholeImageTile(plan);
    this.reachX = 2 * scaleX;
    this.reachY = 2 * scaleY;
    const column = Array.from({ length: columns }, (_, i) => tileModelRect(plan, i));
    const row = Array.from({ length: rows }, (_, i) => tileModelRect(plan, i * columns));
    const left = column.map(({ x }, i) => (i === 0 ? -Infinity : x * scaleX));
    const right = column.map(({ x, width }, i) => (i === columns - 1 ? Infinity : (x + width) * scaleX));
    const top = row.map(({ y }, i) => (i === 0 ? -Infinity : y * scaleY));
    const bottom = row.map(({ y, height }, i) => (i === rows - 1 ? Infinity : (y + height) * scaleY));
    this.left = Float64Array.of(...left, -Infinity);
    this.right = Float64Array.of(...right, Infinity);
    this.top = Float64Array.of(...top, -Infinity);
    this.bottom = Float64Array.of(...bottom, Infinity);
    this.#vertical = new Lines([...this.left, ...this.right].filter(Number.isFinite));
    this.#horizontal = new Lines([...this.top, ...this.bottom].filter(Number.isFinite));
  }

  columnOf(tile: number): number {
    return tile === this.wholeImage ? this.columns : tile % this.columns;
  }

  rowOf(tile: number): number {
    return tile === this.wholeImage ? this.rows : Math.floor(tile / this.columns);
  }

  /** Whether a box meets or nearly meets a line: nothing else can be cut, or be the rest of what is. */
  meets(x: number, y: number, width: number, height: number): boolean {
    const rx = reachOf(this.reachX, width);
    const ry = reachOf(this.reachY, height);
    return this.#vertical.meets(x - rx, x + width + rx) || this.#horizontal.meets(y - ry, y + height + ry);
  }
}

/** How near to a border a box counts as cut by it: of a large box, a twentieth of its side. */
export function reachOf(least: number, side: number): number {
  return Math.max(least, side / 20);
}
