/**
 * The default merge: the same object seen from two tiles counts once.
 *
 * Non-maximum suppression within a class at IoU >= 0.5, between detections of different tiles only: what one tile's model (with
 * its own suppression) tells apart stays apart. Each detection that is dropped has a kept one that stands for it, with at least
 * its score; no box is grown, and none is lost to a second check as in SAHI's merging. All arithmetic is in double precision.
 * The result does not depend on the order of the input: equal scores go by y, x, height, width, class and tile.
 */
import { detectionStride as stride } from '../worker-protocol.ts';

import { checkDetections, type Merged } from './merged.ts';
import { rankBy } from './sort.ts';
import { claims } from './ranked.ts';
import type { Records, Rule } from './rule.ts';

export const exactIou = 0.5;

/** `kept` is sorted by score descending, then y, x: the order of a run's findings. */
export function mergeExact(packed: Float32Array, tiles: Int32Array): Merged {
  const count = checkDetections(packed, tiles);
  const key = (offset: number) => ({ values: packed, stride, offset });
  const order = rankBy(count, [
    { ...key(5), descending: true },
    key(1),
    key(0),
    key(3),
    key(2),
    key(4),
    // Float32 holds tile indexes up to 2^24 exactly; beyond, two detections that agree in all else are interchangeable.
    { values: new Float32Array(tiles), stride: 1, offset: 0 },
  ]);

  const claimers = claims({ packed, tiles, order }, exactRule);
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

/** Same class, different tiles, IoU >= 0.5; IoU <= shorter side / longer side along each axis, hence the ratio. */
export const exactRule: Rule = {
  largestRatio: 1 / exactIou,
  isTransitive: false,
  matches({ records, integers }: Records, a: number, b: number): boolean {
    if (records[a + 4] !== records[b + 4] || integers[a + 5] === integers[b + 5]) return false;
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
  },
};
