/**
 * Merging as SAHI's numpy backend does it (obss/sahi 0.12.6, per category), box for box, so that people can compare: matching in
 * float32, then joining in double precision with SAHI's second, strict check, by which it loses boxes. Use `exact` for results.
 *
 * SAHI walks the boxes by score and lets each claim others; here each box joins the first that claims it (./ranked.ts), which
 * gives the same groups:
 * - NMS: a box is dropped where a kept one before it matches.
 * - GREEDYNMM: a box joins the first kept one before it that matches.
 * - NMM: a box joins the group of the first box before it, kept or not, that matches and has a higher score or is its
 *   exact duplicate.
 *
 * A detection with a mask has the mask's extent as its box, and all matching goes by boxes. Joined ones have the union of the masks
 * where all of them have one, else none.
 */
import type { Merge } from '../../contract/run.ts';
import { detectionStride as stride } from '../worker-protocol.ts';
import type { Shape } from '../../contract/finding.ts';
import { checkDetections, type MergeContext, type Merged } from './merged.ts';
import { envelopes, shapeOf, type Outlines } from './outlines.ts';
import { rankBy } from './sort.ts';
import { claims } from './ranked.ts';
import type { Records, Rule } from './rule.ts';
import { unionPolygons } from './shape-union.ts';

export type SahiMerge = Extract<Merge, { mode: 'sahi' }>;

const f32 = Math.fround;

/** For each rank: the box whose group it joins (its own where it is kept), and the one that claimed it. */
interface Groups {
  keeper: Int32Array;
  claimer: Int32Array;
}

/** Order of `kept`: as SAHI's (NMS by score, the others by class, then score). */
export function mergeSahi(
  detections: Float32Array,
  tiles: Int32Array,
  merge: SahiMerge,
  { outlines }: MergeContext = {},
): Merged {
  const count = checkDetections(detections, tiles);
  const packed = outlines === undefined ? detections : envelopes(detections, outlines);
  const right = new Float32Array(count);
  const bottom = new Float32Array(count);
  for (let i = 0, p = 0; i < count; i++, p += stride) {
    right[i] = packed[p]! + packed[p + 2]!;
    bottom[i] = packed[p + 1]! + packed[p + 3]!;
  }
  const key = (offset: number) => ({ values: packed, stride, offset });
  const order = rankBy(count, [
    key(4),
    { ...key(5), descending: true },
    key(0),
    key(1),
    { values: right, stride: 1, offset: 0 },
    { values: bottom, stride: 1, offset: 0 },
  ]);

  const isDuplicate = (a: number, b: number): boolean => {
    const p = order[a]!;
    const q = order[b]!;
    return (
      packed[p * stride] === packed[q * stride] &&
      packed[p * stride + 1] === packed[q * stride + 1] &&
      right[p] === right[q] &&
      bottom[p] === bottom[q] &&
      packed[p * stride + 5] === packed[q * stride + 5]
    );
  };
  /** In NMM a box claims those of a lower score and, as the order of equal scores has it, its exact duplicates. */
  const dominates = (a: number, b: number): boolean =>
    packed[order[a]! * stride + 5]! > packed[order[b]! * stride + 5]! || isDuplicate(a, b);

  let claimer: Int32Array;
  if (merge.threshold <= 0) {
    claimer = claimsOfAll(packed, order, merge.type === 'NMM' ? dominates : () => true);
  } else {
    claimer = claims(
      { packed, tiles, order },
      {
        ...ruleOf(merge),
        ...(merge.type === 'NMM' ? { mayClaim: dominates } : {}),
      },
    );
  }
  const keeper = new Int32Array(count);
  for (let i = 0; i < count; i++) keeper[i] = claimer[i] === i ? i : keeper[claimer[i]!]!;
  const merged = join(packed, order, { keeper, claimer }, merge, outlines);
  return merge.type === 'NMS' ? byScore(merged, packed) : merged;
}

/** SAHI's metric, in float32 as numpy has it: >= threshold; 0 where the denominator is 0. */
function ruleOf(merge: SahiMerge): Rule {
  const threshold = f32(merge.threshold);
  const isIou = merge.metric === 'IOU';
  return {
    // IoU is at most the ratio of the sides (float32: with a margin of 1 in 1,000); IoS says nothing about them.
    largestRatio: isIou ? 1 / (threshold * 0.999) : Infinity,
    isTransitive: merge.type === 'NMM',
    matches({ records }: Records, a: number, b: number): boolean {
      if (records[a + 4] !== records[b + 4]) return false;
      const ax1 = records[a]!;
      const bx1 = records[b]!;
      const ax2 = f32(ax1 + records[a + 2]!);
      const bx2 = f32(bx1 + records[b + 2]!);
      const w = f32(Math.min(ax2, bx2) - Math.max(ax1, bx1));
      if (w <= 0) return false;
      const ay1 = records[a + 1]!;
      const by1 = records[b + 1]!;
      const ay2 = f32(ay1 + records[a + 3]!);
      const by2 = f32(by1 + records[b + 3]!);
      const h = f32(Math.min(ay2, by2) - Math.max(ay1, by1));
      if (h <= 0) return false;
      const overlap = f32(w * h);
      const areaA = f32(f32(ax2 - ax1) * f32(ay2 - ay1));
      const areaB = f32(f32(bx2 - bx1) * f32(by2 - by1));
      const whole = isIou ? f32(f32(areaA + areaB) - overlap) : Math.min(areaA, areaB);
      return whole > 0 && f32(overlap / whole) >= threshold;
    },
  };
}

/**
 * Threshold 0: every pair matches, overlapping or not, and SAHI takes a path of its own: the first box of a class claims all (in
 * NMM those that it dominates; the others with the highest score stay, even duplicates of each other).
 */
function claimsOfAll(
  packed: Float32Array,
  order: Int32Array,
  mayClaim: (a: number, b: number) => boolean,
): Int32Array {
  const claimer = new Int32Array(order.length);
  let first = 0;
  for (let i = 0; i < order.length; i++) {
    if (packed[order[i]! * stride + 4] !== packed[order[first]! * stride + 4]) first = i;
    claimer[i] = i > first && mayClaim(first, i) ? first : i;
  }
  return claimer;
}

/** The kept boxes, joined with what they claimed, in SAHI's order of joining. */
function join(
  packed: Float32Array,
  order: Int32Array,
  groups: Groups,
  merge: SahiMerge,
  outlines: Outlines | undefined,
): Merged {
  const shapes = new Map<number, Shape | null>();
  const count = order.length;
  const kept = new Int32Array(count);
  const boxes = new Float64Array(count * 4);
  let keptCount = 0;
  const { starts, members } = membersOf(groups);
  for (let i = 0; i < count; i++) {
    if (groups.keeper[i] !== i) continue;
    const p = order[i]! * stride;
    let x1 = packed[p]!;
    let y1 = packed[p + 1]!;
    let x2 = x1 + packed[p + 2]!;
    let y2 = y1 + packed[p + 3]!;
    const together = [order[i]!];
    if (merge.type !== 'NMS') {
      const joined = members.subarray(starts[i], starts[i + 1]);
      if (merge.type === 'NMM' && joined.length > 1) {
        // Claims come in the order of the walk of those who claim; the claims of one in the order of the input.
        joined.sort((a, b) => groups.claimer[a]! - groups.claimer[b]! || order[a]! - order[b]!);
      }
      for (const member of joined) {
        const q = order[member]! * stride;
        const mx1 = packed[q]!;
        const my1 = packed[q + 1]!;
        const mx2 = mx1 + packed[q + 2]!;
        const my2 = my1 + packed[q + 3]!;
        const overlap =
          Math.max(0, Math.min(x2, mx2) - Math.max(x1, mx1)) *
          Math.max(0, Math.min(y2, my2) - Math.max(y1, my1));
        const area = (x2 - x1) * (y2 - y1);
        const memberArea = (mx2 - mx1) * (my2 - my1);
        const whole = merge.metric === 'IOU' ? area + memberArea - overlap : Math.min(area, memberArea);
        // 0 / 0 is no match, as in numpy. What fails here is in no list any more: SAHI's fault, kept on purpose.
        if (!(overlap / whole > merge.threshold)) continue;
        x1 = Math.min(x1, mx1);
        y1 = Math.min(y1, my1);
        x2 = Math.max(x2, mx2);
        y2 = Math.max(y2, my2);
        if (outlines) together.push(order[member]!);
      }
    }
    if (outlines && together.length > 1) shapes.set(keptCount, unionOfMasks(outlines, together));
    const at = keptCount * 4;
    kept[keptCount++] = order[i]!;
    boxes[at] = x1;
    boxes[at + 1] = y1;
    boxes[at + 2] = x2 - x1;
    boxes[at + 3] = y2 - y1;
  }
  return { kept: kept.slice(0, keptCount), boxes: boxes.slice(0, keptCount * 4), shapes };
}

/** null where one of them has no mask. */
function unionOfMasks(outlines: Outlines, together: readonly number[]): Shape | null {
  const shapes = together.map((i) => shapeOf(outlines, i));
  const masks = shapes.map((shape) => shape?.polygons ?? []);
  if (masks.some((polygons) => polygons.length === 0)) return null;
  return { polygons: unionPolygons(masks), keypoints: shapes[0]?.keypoints ?? [] };
}

/** The claimed boxes of each keeper k: members[starts[k]] … members[starts[k + 1] - 1], in the order of the walk. */
function membersOf(groups: Groups): { starts: Int32Array; members: Int32Array } {
  const count = groups.keeper.length;
  const starts = new Int32Array(count + 2);
  for (let i = 0; i < count; i++) if (groups.keeper[i] !== i) starts[groups.keeper[i]! + 2]!++;
  for (let k = 2; k < starts.length; k++) starts[k]! += starts[k - 1]!;
  const members = new Int32Array(starts[count + 1]!);
  // starts[k + 1] runs from the start of k's members to their end, which is the start of the next.
  for (let i = 0; i < count; i++) {
    if (groups.keeper[i] !== i) members[starts[groups.keeper[i]! + 1]!++] = i;
  }
  return { starts, members };
}

/** NMS: all classes by score; equal scores stay in the order of the classes. */
function byScore(merged: Merged, packed: Float32Array): Merged {
  const count = merged.kept.length;
  const scores = new Float32Array(count);
  for (let i = 0; i < count; i++) scores[i] = packed[merged.kept[i]! * stride + 5]!;
  const order = rankBy(count, [{ values: scores, stride: 1, offset: 0, descending: true }]);
  const kept = new Int32Array(count);
  const boxes = new Float64Array(count * 4);
  for (let to = 0; to < count; to++) {
    const from = order[to]!;
    kept[to] = merged.kept[from]!;
    for (let k = 0; k < 4; k++) boxes[to * 4 + k] = merged.boxes[from * 4 + k]!;
  }
  return { kept, boxes };
}
