/**
 * Merging, the part that all modes share: walk the boxes by rank, and let each one join the first box before it that matches.
 * That is all that non-maximum suppression and SAHI's merging do; the modes differ in what matches and in what joining means.
 */
import { detectionStride } from '../worker-protocol.ts';
import { BoxIndex, recordStride } from './box-index.ts';
import { matchingPairs } from './pairs.ts';
import type { Boxes, Records, Rule } from './rule.ts';

/** For each rank, that of the box which it joins; its own where it joins none. */
export function claims(boxes: Boxes, rule: Rule): Int32Array {
  return claimsByPairs(boxes, rule) ?? claimsByWalk(boxes, rule);
}

/** Those that stand for themselves. As loops: a typed array's own filter takes twenty times as long. */
export function standing(claimers: Int32Array): Int32Array {
  let count = 0;
  for (let i = 0; i < claimers.length; i++) if (claimers[i] === i) count++;
  const ids = new Int32Array(count);
  for (let i = 0, at = 0; i < claimers.length; i++) if (claimers[i] === i) ids[at++] = i;
  return ids;
}

/**
 * All matching pairs first, found in spatial order, which the memory's caches like; then the walk needs no search. Fastest for what
 * images give. null where boxes are piled up so high that the pairs would not fit.
 */
export function claimsByPairs(boxes: Boxes, rule: Rule): Int32Array | null {
  const pairs = matchingPairs(boxes, rule);
  if (pairs === null) return null;
  const count = boxes.order.length;
  const claimers = new Int32Array(count);
  for (let i = 0; i < count; i++) {
    let first = i;
    for (let k = pairs.starts[i]!; k < pairs.starts[i + 1]!; k++) {
      const other = pairs.earlier[k]!;
      if (other >= first || !(rule.isTransitive || claimers[other] === other)) continue;
      if (rule.mayClaim === undefined || rule.mayClaim(other, i)) first = other;
    }
    claimers[i] = first;
  }
  return claimers;
}

/** Searches for each box among those that may be joined: in a pile, these are few. Memory follows the number of boxes alone. */
export function claimsByWalk(boxes: Boxes, rule: Rule): Int32Array {
  const count = boxes.order.length;
  const byRank = recordsByRank(boxes);
  const { records } = byRank;
  const index = new BoxIndex(byRank, count);
  const claimers = new Int32Array(count);
  for (let i = 0; i < count; i++) {
    const at = i * recordStride;
    const x1 = records[at]!;
    const y1 = records[at + 1]!;
    const width = records[at + 2]!;
    const height = records[at + 3]!;
    const side = Math.max(width, height);
    // Float32 rounding of the corners, as SAHI does it, may move them a little.
    const margin = 1e-6 * (Math.abs(x1) + Math.abs(y1) + side);
    const found = index.near(
      x1 - margin,
      y1 - margin,
      x1 + width + margin,
      y1 + height + margin,
      side / rule.largestRatio - margin,
      side * rule.largestRatio + margin,
    );
    let first = i;
    for (let k = 0; k < found; k++) {
      const other = index.found[k]!;
      if (other >= first || !rule.matches(byRank, other * recordStride, at)) continue;
      if (rule.mayClaim === undefined || rule.mayClaim(other, i)) first = other;
    }
    claimers[i] = first;
    if (first === i || rule.isTransitive) index.insert(i);
  }
  return claimers;
}

function recordsByRank({ packed, tiles, order }: Boxes): Records {
  const records = new Float32Array(order.length * recordStride);
  const integers = new Int32Array(records.buffer);
  for (let i = 0, at = 0; i < order.length; i++, at += recordStride) {
    const p = order[i]! * detectionStride;
    for (let k = 0; k < 5; k++) records[at + k] = packed[p + k]!;
    integers[at + 5] = tiles[order[i]!]!;
  }
  return { records, integers };
}
