/**
 * The default merge: the same object seen from two tiles counts once.
 *
 * First, where the run's tiles are known, what a tile's border cuts is put together (./seams.ts). Then non-maximum suppression
 * within a class at IoU >= 0.5, between detections of different tiles only: what one tile's model (with its own suppression)
 * tells apart stays apart. IoU is that of the outlines where there are any: rotated boxes and masks, not the boxes around them.
 * Each detection that is dropped has a kept one that stands for it, with at least its score; no box is lost to a second check as
 * in SAHI's merging. All arithmetic is in double precision. The result does not depend on the order of the input: equal scores
 * go by y, x, height, width, class and tile.
 */
import { detectionStride as stride } from '../worker-protocol.ts';

import { checkDetections, type MergeContext, type Merged } from './merged.ts';
import { envelopes } from './outlines.ts';
import { rankBy } from './sort.ts';
import { claims } from './ranked.ts';
import type { Records, Rule } from './rule.ts';
import { Coverage } from './shape-match.ts';

export const exactIou = 0.5;

/** `kept` is sorted by score descending, then y, x: the order of a run's findings. */
export function mergeExact(packed: Float32Array, tiles: Int32Array, { outlines }: MergeContext = {}): Merged {
  const count = checkDetections(packed, tiles);
  const order = rankDetections(packed, tiles);
  let claimers: Int32Array;
  if (outlines === undefined) claimers = claims({ packed, tiles, order }, exactRule);
  else {
    const around = envelopes(packed, outlines);
    const coverage = new Coverage(packed, outlines);
    // Rules see no indexes, so these stand in the place of the tiles.
    claimers = claims(
      { packed: around, tiles: Int32Array.from(tiles.keys()), order },
      shapeRule(coverage, tiles),
    );
  }
  let keptCount = 0;
  for (let i = 0; i < count; i++) if (claimers[i] === i) keptCount++;
  const kept = new Int32Array(keptCount);
  const boxes = new Float64Array(keptCount * 4);
  for (let i = 0, at = 0; i < count; i++) {
    if (claimers[i] !== i) continue;
    const p = order[i]! * stride;
    for (let k = 0; k < 4; k++) boxes[at * 4 + k] = packed[p + k]!;
    kept[at++] = order[i]!;
  }
  return { kept, boxes };
}

/** By score descending, y, x, height, width, class, tile. */
export function rankDetections(packed: Float32Array, tiles: Int32Array): Int32Array {
  const key = (offset: number) => ({ values: packed, stride, offset });
  return rankBy(tiles.length, [
    { ...key(5), descending: true },
    key(1),
    key(0),
    key(3),
    key(2),
    key(4),
    // Float32 holds tile indexes up to 2^24 exactly; beyond, two detections that agree in all else are interchangeable.
    { values: new Float32Array(tiles), stride: 1, offset: 0 },
  ]);
}

/** Same class, different tiles, IoU >= 0.5; IoU <= shorter side / longer side along each axis, hence the ratio. */
export const exactRule: Rule = {
  largestRatio: 1 / exactIou,
  isTransitive: false,
  matches({ records, integers }: Records, a: number, b: number): boolean {
    return (
      records[a + 4] === records[b + 4] && integers[a + 5] !== integers[b + 5] && boxesMatch(records, a, b)
    );
  },
};

function boxesMatch(records: Float32Array, a: number, b: number): boolean {
  const ax = records[a]!;
  const bx = records[b]!;
  const aw = records[a + 2]!;
  const bw = records[b + 2]!;
  const w = Math.min(ax + aw, bx + bw) - Math.max(ax, bx);
  if (w <= 0) return false;
  const ay = records[a + 1]!;
  const by = records[b + 1]!;
  const ah = records[a + 3]!;
  const bh = records[b + 3]!;
  const h = Math.min(ay + ah, by + bh) - Math.max(ay, by);
  if (h <= 0) return false;
  const overlap = w * h;
  return overlap >= exactIou * (aw * ah + bw * bh - overlap);
}

/** The same for outlines; records hold the boxes around them and, in place of the tile, the index. */
export function shapeRule(coverage: Coverage, tiles: Int32Array): Rule {
  return {
    // Of a mask, a thin tentacle may lie outside what two tiles agree about.
    largestRatio: Infinity,
    isTransitive: false,
    matches({ records, integers }: Records, a: number, b: number): boolean {
      if (records[a + 4] !== records[b + 4]) return false;
      const i = integers[a + 5]!;
      const j = integers[b + 5]!;
      if (tiles[i] === tiles[j]) return false;
      if (coverage.isBox(i) && coverage.isBox(j)) return boxesMatch(records, a, b);
      const w =
        Math.min(records[a]! + records[a + 2]!, records[b]! + records[b + 2]!) -
        Math.max(records[a]!, records[b]!);
      const h =
        Math.min(records[a + 1]! + records[a + 3]!, records[b + 1]! + records[b + 3]!) -
        Math.max(records[a + 1]!, records[b + 1]!);
      return w > 0 && h > 0 && coverage.matches(i, j, exactIou, w * h);
    },
  };
}
