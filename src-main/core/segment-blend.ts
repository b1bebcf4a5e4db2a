/**
 * Rows of the whole image from the masks of its tiles: each pixel has the class that its core's tile gives it, and in the strips
 * around the borders of cores the class on which the tiles that see it agree, or else the one of the blended probabilities.
 */
import type { GridPlan } from '../contract/run.ts';
import { noLabel } from './segment-mask.ts';
import { maskPlace, type MaskPlace, type SeamRule } from './segment-seams.ts';
import type { MaskRows } from './segment-rows.ts';

/** Runs of one class from the left to the right edge of the image; neighbours differ. */
export interface LabelRow {
  count: number;
  /** Where each run ends, model pixels. */
  ends: Int32Array;
  labels: Uint8Array;
  /** Sum over the run's pixels of the probability (0-255) of their class. */
  sums: Float64Array;
}

/** A tile that sees a pixel of a strip, and how much its word counts there: rising or falling with x, times a weight down. */
interface Voice {
  rows: MaskRows;
  side: 'left' | 'right' | 'alone';
  weight: number;
}

export class SegmentBlend {
  readonly row: LabelRow;
  readonly #plan: GridPlan;
  readonly #rule: SeamRule;
  readonly #threshold: number;
  readonly #background: number;
  readonly #columns: MaskPlace[];
  readonly #sums: Float64Array;
  readonly #runs = new Int32Array(4);
  readonly #voices: Voice[] = [];

  /** @param threshold of a mask whose rule it is; @param background class of which nothing is to be said, or null */
  constructor(plan: GridPlan, rule: SeamRule, threshold: number, background: number | null) {
    this.#plan = plan;
    this.#rule = rule;
    this.#threshold = threshold;
    this.#background = background ?? noLabel;
    this.#columns = Array.from({ length: plan.columns }, (_, column) => maskPlace(plan, column, rule));
    const last = this.#columns.at(-1)!.core;
    const width = last.x + last.width;
    this.#sums = new Float64Array(256);
    this.row = {
      count: 0,
      ends: new Int32Array(width),
      labels: new Uint8Array(width),
      sums: new Float64Array(width),
    };
  }

  /**
   * The rows of a row of tiles, one after the other; `row` is overwritten by the next.
   * @param tiles above, of, and below this row of tiles, by column; null for a tile without a result
   */
  *rows(tileRow: number, tiles: (row: number) => readonly (MaskRows | null)[]): Generator<number> {
    const { core, strips } = maskPlace(this.#plan, tileRow * this.#plan.columns, this.#rule);
    const end = core.y + core.height;
    const own = tiles(tileRow);
    for (let y = core.y; y < end; y++) {
      const inTop = y < core.y + strips.top;
      const inBottom = y >= end - strips.bottom;
      const half = inTop ? strips.top : strips.bottom;
      const border = inTop ? core.y : end;
      const rising = 2 * (y - border + half) + 1;
      const other = inTop ? tiles(tileRow - 1) : inBottom ? tiles(tileRow + 1) : null;
      for (const rows of own) rows?.advanceTo(y);
      if (other !== null) for (const rows of other) rows?.advanceTo(y);
      const falling = 4 * half - rising;
      this.#row(y, own, other, other === null ? 1 : inTop ? rising : falling, inTop ? falling : rising);
      yield y;
    }
  }

  #row(
    y: number,
    own: readonly (MaskRows | null)[],
    other: readonly (MaskRows | null)[] | null,
    ownWeight: number,
    otherWeight: number,
  ): void {
    this.row.count = 0;
    for (const [c, { core, strips }] of this.#columns.entries()) {
      const end = core.x + core.width;
      const left = core.x + strips.left;
      const right = end - strips.right;
      const piece = (from: number, to: number, neighbour: number, border: number, half: number): void => {
        if (from >= to) return;
        const mine = own[c] ?? null;
        // What no tile has been asked about is nobody's, even where a neighbour sees it.
        if (mine === null) {
          this.#push(noLabel, to, 0);
          return;
        }
        const side = neighbour < c ? 'right' : neighbour > c ? 'left' : 'alone';
        const across = side === 'right' ? 'left' : 'right';
        const voices = this.#voices;
        voices.length = 0;
        voices.push({ rows: mine, side, weight: ownWeight });
        const beside = neighbour === c ? null : (own[neighbour] ?? null);
        if (beside !== null) voices.push({ rows: beside, side: across, weight: ownWeight });
        if (other !== null) {
          const above = other[c] ?? null;
          if (above !== null) voices.push({ rows: above, side, weight: otherWeight });
          const corner = neighbour === c ? null : (other[neighbour] ?? null);
          if (corner !== null) voices.push({ rows: corner, side: across, weight: otherWeight });
        }
        if (voices.length === 1) this.#copy(mine, from, to, y);
        else this.#agree(voices, from, to, y, border, half);
      };
      piece(core.x, left, c - 1, core.x, strips.left);
      piece(left, right, c, 0, 0);
      piece(right, end, c + 1, end, strips.right);
    }
  }

  #copy(rows: MaskRows, from: number, to: number, y: number): void {
    for (let run = rows.runAt(from), x = from; x < to; run++) {
      const end = Math.min(to, rows.ends[run]!);
      this.#pushRun(rows, rows.labels[run]!, x, end, y);
      x = end;
    }
  }

  /** Walks through the runs of all voices at once. */
  #agree(voices: readonly Voice[], from: number, to: number, y: number, border: number, half: number): void {
    const runs = this.#runs;
    for (let v = 0; v < voices.length; v++) runs[v] = voices[v]!.rows.runAt(from);
    for (let x = from; x < to;) {
      let end = to;
      let label = noLabel;
      let first: MaskRows | null = null;
      let isAgreed = true;
      for (let v = 0; v < voices.length; v++) {
        const { rows } = voices[v]!;
        if (rows.ends[runs[v]!]! <= x) runs[v]!++;
        end = Math.min(end, rows.ends[runs[v]!]!);
        const heard = rows.labels[runs[v]!]!;
        if (heard === noLabel) continue;
        if (first === null) {
          first = rows;
          label = heard;
        } else if (heard !== label) isAgreed = false;
      }
      if (first === null) this.#push(noLabel, end, 0);
      else if (isAgreed) this.#pushRun(first, label, x, end, y);
      else this.#blend(voices, x, end, y, border - half, half);
      x = end;
    }
  }

  /** Pixels on which the tiles do not agree. Whole numbers throughout: no order of the tiles gives another sum. */
  #blend(voices: readonly Voice[], from: number, to: number, y: number, start: number, half: number): void {
    const { planes, rule } = voices[0]!.rows.mask;
    const sums = this.#sums;
    for (let x = from; x < to; x++) {
      sums.fill(0, 0, planes);
      let total = 0;
      const rising = 2 * (x - start) + 1;
      for (let v = 0; v < voices.length; v++) {
        const { rows, side, weight: down } = voices[v]!;
        if (rows.labels[this.#runs[v]!] === noLabel) continue;
        const weight = down * (side === 'alone' ? 1 : side === 'right' ? rising : 4 * half - rising);
        total += weight;
        const { stripPlanes } = rows.mask;
        for (let p = 0, at = rows.stripIndex(x, y); p < planes; p++, at += rows.planeLength) {
          sums[p]! += weight * stripPlanes[at]!;
        }
      }
      let best = 0;
      for (let p = 1; p < planes; p++) if (sums[p]! > sums[best]!) best = p;
      const probability = Math.round(sums[best]! / total);
      if (rule === 'highest') this.#push(best, x + 1, probability);
      else if (rule === 'highest-from-threshold') {
        const isReached = sums[best]! >= 255 * total * this.#threshold;
        this.#push(isReached ? best : 0, x + 1, isReached ? probability : Math.round(sums[0]! / total));
      } else if (sums[best]! > 255 * total * this.#threshold) this.#push(best + 1, x + 1, probability);
      else this.#push(0, x + 1, 255 - probability);
    }
  }

  #pushRun(rows: MaskRows, label: number, from: number, to: number, y: number): void {
    const isNothing = label === noLabel || label === this.#background;
    this.#push(label, to, isNothing ? 0 : rows.probabilitySum(label, from, to, y));
  }

  #push(label: number, end: number, sum: number): void {
    const { row } = this;
    const shown = label === this.#background ? noLabel : label;
    const last = row.count - 1;
    if (last >= 0 && row.labels[last] === shown) {
      row.ends[last] = end;
      if (shown !== noLabel) row.sums[last]! += sum;
      return;
    }
    row.ends[row.count] = end;
    row.labels[row.count] = shown;
    row.sums[row.count] = shown === noLabel ? 0 : sum;
    row.count++;
  }
}
