/**
 * All pairs of boxes that match, found cell by cell: boxes are sorted into grids (one for each fourfold range of sizes, see
 * box-index.ts) and compared with those in the neighbouring cells, so that memory is read nearly in sequence.
 */
import { detectionStride } from '../worker-protocol.ts';
import { cellEdges, recordStride, sizeClass } from './box-index.ts';
import type { Boxes, Records, Rule } from './rule.ts';

export interface Pairs {
  /** Matches of rank i among the ranks before it: earlier[starts[i]] … earlier[starts[i + 1] - 1], in no order. */
  starts: Int32Array;
  earlier: Int32Array;
}

/** Comparisons and pairs a box above which the boxes are piled up: the caller has a better way. */
const mostComparisons = 200;
const mostPairs = 12;

interface Grid {
  edge: number;
  columns: number;
  rows: number;
  /** Number of its first cell among the cells of all grids. */
  base: number;
  count: number;
}

interface Cells {
  grids: Grid[];
  left: number;
  top: number;
  /** Records in the order of their cells; place 6 is the rank. */
  sorted: Records;
  count: number;
  /** Cell c holds the sorted records starts[c] … starts[c + 1] - 1. */
  starts: Int32Array;
}

export function matchingPairs(boxes: Boxes, rule: Rule): Pairs | null {
  const cells = sortIntoCells(boxes);
  if (cells === null) return null;
  const found = comparePairs(cells, rule);
  return found === null ? null : byLater(found.pairs, found.count, cells.count);
}

/** Goes through the boxes as they came, tile by tile, which is nearly the order of the cells. */
function sortIntoCells({ packed, tiles, order }: Boxes): Cells | null {
  const count = order.length;
  let left = Infinity;
  let top = Infinity;
  let right = -Infinity;
  let bottom = -Infinity;
  const sizes = new Uint8Array(count);
  const grids: Grid[] = Array.from(cellEdges, (edge) => ({ edge, columns: 0, rows: 0, base: 0, count: 0 }));
  for (let i = 0, p = 0; i < count; i++, p += detectionStride) {
    const width = packed[p + 2]!;
    const height = packed[p + 3]!;
    const x = packed[p]! + width / 2;
    const y = packed[p + 1]! + height / 2;
    left = Math.min(left, x);
    right = Math.max(right, x);
    top = Math.min(top, y);
    bottom = Math.max(bottom, y);
    const size = sizeClass(Math.max(width, height));
    sizes[i] = size;
    grids[size]!.count++;
  }

  let total = 0;
  for (const grid of grids) {
    if (grid.count === 0) continue;
    // Larger cells where the boxes are sparse: never many more cells than boxes.
    const room = Math.sqrt(((right - left + 1) * (bottom - top + 1)) / (2 * grid.count + 16));
    grid.edge = Math.max(grid.edge, room);
    grid.columns = Math.floor((right - left) / grid.edge) + 1;
    grid.rows = Math.floor((bottom - top) / grid.edge) + 1;
    // All in a narrow strip.
    if (grid.columns * grid.rows > 8 * grid.count + 4096) return null;
    grid.base = total;
    total += grid.columns * grid.rows;
  }

  const starts = new Int32Array(total + 2);
  const cellOf = new Int32Array(count);
  for (let i = 0, p = 0; i < count; i++, p += detectionStride) {
    const grid = grids[sizes[i]!]!;
    const column = Math.floor((packed[p]! + packed[p + 2]! / 2 - left) / grid.edge);
    const row = Math.floor((packed[p + 1]! + packed[p + 3]! / 2 - top) / grid.edge);
    const cell = grid.base + row * grid.columns + column;
    cellOf[i] = cell;
    starts[cell + 2]!++;
  }
  let comparisons = 0;
  for (let cell = 2; cell < starts.length; cell++) {
    comparisons += 4.5 * starts[cell]! ** 2;
    starts[cell]! += starts[cell - 1]!;
  }
  if (comparisons > mostComparisons * count) return null;

  const rankOf = new Int32Array(count);
  for (let rank = 0; rank < count; rank++) rankOf[order[rank]!] = rank;
  const records = new Float32Array(count * recordStride);
  const integers = new Int32Array(records.buffer);
  for (let i = 0, p = 0; i < count; i++, p += detectionStride) {
    const to = starts[cellOf[i]! + 1]!++ * recordStride;
    records[to] = packed[p]!;
    records[to + 1] = packed[p + 1]!;
    records[to + 2] = packed[p + 2]!;
    records[to + 3] = packed[p + 3]!;
    records[to + 4] = packed[p + 4]!;
    integers[to + 5] = tiles[i]!;
    integers[to + 6] = rankOf[i]!;
  }
  return { grids, left, top, starts, sorted: { records, integers }, count };
}

/** Ranks of the matching pairs, two by two. */
function comparePairs(cells: Cells, rule: Rule): { pairs: Int32Array; count: number } | null {
  const { grids, starts, sorted, count } = cells;
  const { records, integers } = sorted;
  const limit = mostPairs * count + 1024;
  let pairs = new Int32Array(Math.max(1024, count * 2));
  let used = 0;
  let compared = 0;

  for (let size = 0; size < grids.length; size++) {
    const own = grids[size]!;
    if (own.count === 0) continue;
    for (let cell = own.base; cell < own.base + own.columns * own.rows; cell++) {
      for (let a = starts[cell]!; a < starts[cell + 1]!; a++) {
        const at = a * recordStride;
        const x = records[at]!;
        const y = records[at + 1]!;
        const width = records[at + 2]!;
        const height = records[at + 3]!;
        const side = Math.max(width, height);
        const margin = 1e-6 * (Math.abs(x) + Math.abs(y) + side);
        const left = x - margin;
        const top = y - margin;
        const right = x + width + margin;
        const bottom = y + height + margin;
        const largest = sizeClass(side * rule.largestRatio + margin);
        // The smaller of two sizes looks for the larger; within a size, the first in the order of the cells for the others.
        for (let other = size; other <= largest; other++) {
          const grid = grids[other]!;
          if (grid.count === 0) continue;
          // Centres of boxes that overlap this one: half of the longest side of that grid around it.
          const reach = cellEdges[other]! / 2;
          const columnFrom = Math.max(0, Math.floor((left - reach - cells.left) / grid.edge));
          const columnTo = Math.min(grid.columns - 1, Math.floor((right + reach - cells.left) / grid.edge));
          const rowFrom = Math.max(0, Math.floor((top - reach - cells.top) / grid.edge));
          const rowTo = Math.min(grid.rows - 1, Math.floor((bottom + reach - cells.top) / grid.edge));
          for (let row = rowFrom; row <= rowTo; row++) {
            const rowStart = grid.base + row * grid.columns;
            // Cells of a row lie one after another, and so do their boxes.
            let b = starts[rowStart + columnFrom]!;
            const end = starts[rowStart + columnTo + 1]!;
            if (other === size) b = Math.max(b, a + 1);
            compared += Math.max(0, end - b);
            for (; b < end; b++) {
              const bt = b * recordStride;
              if (records[bt]! > right || records[bt + 1]! > bottom) continue;
              if (records[bt]! + records[bt + 2]! < left || records[bt + 1]! + records[bt + 3]! < top)
                continue;
              if (!rule.matches(sorted, at, bt)) continue;
              if (used + 2 > pairs.length) {
                if (used / 2 > limit) return null;
                const larger = new Int32Array(pairs.length * 2);
                larger.set(pairs);
                pairs = larger;
              }
              pairs[used++] = integers[at + 6]!;
              pairs[used++] = integers[bt + 6]!;
            }
          }
        }
      }
      if (compared > mostComparisons * count + 4096) return null;
    }
  }
  return { pairs, count: used / 2 };
}

/** Sorts pairs by their later rank. */
function byLater(pairs: Int32Array, pairCount: number, count: number): Pairs {
  const starts = new Int32Array(count + 2);
  for (let k = 0; k < pairCount; k++) starts[Math.max(pairs[2 * k]!, pairs[2 * k + 1]!) + 2]!++;
  for (let i = 2; i < starts.length; i++) starts[i]! += starts[i - 1]!;
  const earlier = new Int32Array(pairCount);
  for (let k = 0; k < pairCount; k++) {
    const a = pairs[2 * k]!;
    const b = pairs[2 * k + 1]!;
    earlier[starts[Math.max(a, b) + 1]!++] = Math.min(a, b);
  }
  return { starts, earlier };
}
