/**
 * All findings of a run in typed arrays, with a uniform grid over them, so that "which are in view" and "which is under the
 * pointer" cost no more than what is there to see.
 */
import { findingFrameRecordBytes } from '../../src-main/contract/finding-frame.ts';
import type { Verdict } from '../../src-main/contract/finding.ts';
import type { Rect } from '../../src-main/contract/run.ts';

export const verdictCode = { none: 0, accepted: 1, rejected: 2 } as const;

/** What `verdicts` can say of objects that nobody decides about: how they are drawn. */
export const lineCode = { plain: 0, filled: 1, dashed: 3, dotted: 4 } as const;

export function verdictToCode(verdict: Verdict | null): 0 | 1 | 2 {
  return verdict === null ? verdictCode.none : verdictCode[verdict];
}

export class FindingSet {
  readonly count: number;
  /** x, y, width, height by ordinal; level-0 pixels. */
  readonly boxes: Float32Array;
  readonly scores: Float32Array;
  readonly classes: Uint8Array;
  readonly verdicts: Uint8Array;
  readonly #cell: number;
  readonly #across: number;
  readonly #down: number;
  /** Ordinals sorted by cell, and where each cell starts in it. */
  readonly #byCell: Uint32Array;
  readonly #cellStart: Uint32Array;
  /** Half of the longest side: how far a box can reach from the cell of its centre. */
  readonly #reach: number;

  readonly image: { readonly width: number; readonly height: number };

  constructor(frame: { count: number; records: DataView }, image: { width: number; height: number }) {
    const { count, records } = frame;
    this.image = image;
    this.count = count;
    this.boxes = new Float32Array(count * 4);
    this.scores = new Float32Array(count);
    this.classes = new Uint8Array(count);
    this.verdicts = new Uint8Array(count);
    let longest = 1;
    for (let i = 0, at = 0; i < count; i++, at += findingFrameRecordBytes) {
      for (let side = 0; side < 4; side++) this.boxes[i * 4 + side] = records.getFloat32(at + side * 4, true);
      this.scores[i] = records.getFloat32(at + 16, true);
      this.classes[i] = records.getUint8(at + 20);
      this.verdicts[i] = records.getUint8(at + 21);
      longest = Math.max(longest, this.boxes[i * 4 + 2] ?? 0, this.boxes[i * 4 + 3] ?? 0);
    }
    this.#reach = longest / 2;
    // About 16 findings a cell, at most 512 x 512 cells.
    const cells = Math.min(512 * 512, Math.max(1, Math.ceil(count / 16)));
    this.#cell = Math.max(
      Math.sqrt((image.width * image.height) / cells),
      Math.max(image.width, image.height) / 512,
    );
    this.#across = Math.max(1, Math.ceil(image.width / this.#cell));
    this.#down = Math.max(1, Math.ceil(image.height / this.#cell));
    this.#cellStart = new Uint32Array(this.#across * this.#down + 1);
    const cellOf = new Uint32Array(count);
    for (let i = 0; i < count; i++) {
      const cell = this.#cellAt(this.centreX(i), this.centreY(i));
      cellOf[i] = cell;
      this.#cellStart[cell + 1] = (this.#cellStart[cell + 1] ?? 0) + 1;
    }
    for (let c = 0; c < this.#across * this.#down; c++) {
      this.#cellStart[c + 1] = (this.#cellStart[c + 1] ?? 0) + (this.#cellStart[c] ?? 0);
    }
    this.#byCell = new Uint32Array(count);
    const next = this.#cellStart.slice();
    for (let i = 0; i < count; i++) {
      const cell = cellOf[i] ?? 0;
      const at = next[cell] ?? 0;
      this.#byCell[at] = i;
      next[cell] = at + 1;
    }
  }

  /** Half of the longest side of any box, level-0 pixels. */
  get longestHalf(): number {
    return this.#reach;
  }

  centreX(ordinal: number): number {
    return (this.boxes[ordinal * 4] ?? 0) + (this.boxes[ordinal * 4 + 2] ?? 0) / 2;
  }

  centreY(ordinal: number): number {
    return (this.boxes[ordinal * 4 + 1] ?? 0) + (this.boxes[ordinal * 4 + 3] ?? 0) / 2;
  }

  box(ordinal: number): Rect {
    return {
      x: this.boxes[ordinal * 4] ?? 0,
      y: this.boxes[ordinal * 4 + 1] ?? 0,
      width: this.boxes[ordinal * 4 + 2] ?? 0,
      height: this.boxes[ordinal * 4 + 3] ?? 0,
    };
  }

  /** Calls back with each ordinal whose centre's cell is within reach of the rectangle (a superset of those that touch it). */
  forEachNear(rect: Rect, visit: (ordinal: number) => void): void {
    this.#forEachRow(rect, (from, to) => {
      for (let at = from; at < to; at++) visit(this.#byCell[at] ?? 0);
    });
  }

  /** How many forEachNear would visit, without visiting them. */
  countNear(rect: Rect): number {
    let count = 0;
    this.#forEachRow(rect, (from, to) => {
      count += to - from;
    });
    return count;
  }

  /** What forEachNear visits, rising. */
  ordinalsNear(rect: Rect): Uint32Array {
    const ordinals = new Uint32Array(this.countNear(rect));
    let end = 0;
    this.#forEachRow(rect, (from, to) => {
      ordinals.set(this.#byCell.subarray(from, to), end);
      end += to - from;
    });
    return ordinals.sort();
  }

  /** The stretches of #byCell, one a row of cells, within reach of a rectangle. */
  #forEachRow(rect: Rect, visit: (from: number, to: number) => void): void {
    const reach = this.#reach;
    const x0 = this.#clampColumn(rect.x - reach);
    const x1 = this.#clampColumn(rect.x + rect.width + reach);
    const y0 = this.#clampRow(rect.y - reach);
    const y1 = this.#clampRow(rect.y + rect.height + reach);
    for (let row = y0; row <= y1; row++) {
      visit(this.#cellStart[row * this.#across + x0] ?? 0, this.#cellStart[row * this.#across + x1 + 1] ?? 0);
    }
  }

  /** The smallest box at or above the threshold under a point, else the nearest centre within `slack`; null where none. */
  hit(x: number, y: number, slack: number, threshold: number): number | null {
    let best: number | null = null;
    let bestRank = Infinity;
    this.forEachNear({ x: x - slack, y: y - slack, width: 2 * slack, height: 2 * slack }, (ordinal) => {
      if ((this.scores[ordinal] ?? 0) < threshold) return;
      const box = this.box(ordinal);
      const inside = x >= box.x && x <= box.x + box.width && y >= box.y && y <= box.y + box.height;
      const distance = Math.hypot(x - this.centreX(ordinal), y - this.centreY(ordinal));
      if (!inside && distance > slack) return;
      // Boxes around the point come before centres near it; among boxes the smallest.
      const rank = inside ? box.width * box.height : 1e12 + distance;
      if (rank < bestRank) {
        best = ordinal;
        bestRank = rank;
      }
    });
    return best;
  }

  /** Number of findings at or above a threshold. */
  countFrom(threshold: number): number {
    let count = 0;
    for (const score of this.scores) if (score >= threshold) count++;
    return count;
  }

  /** Findings in equal bins of score from `from` to 1. */
  histogram(bins: number, from: number): Uint32Array {
    const result = new Uint32Array(bins);
    for (const score of this.scores) {
      const bin = Math.min(bins - 1, Math.max(0, Math.floor(((score - from) / (1 - from)) * bins)));
      result[bin] = (result[bin] ?? 0) + 1;
    }
    return result;
  }

  #cellAt(x: number, y: number): number {
    return this.#clampRow(y) * this.#across + this.#clampColumn(x);
  }

  #clampColumn(x: number): number {
    return Math.min(this.#across - 1, Math.max(0, Math.floor(x / this.#cell)));
  }

  #clampRow(y: number): number {
    return Math.min(this.#down - 1, Math.max(0, Math.floor(y / this.#cell)));
  }
}
