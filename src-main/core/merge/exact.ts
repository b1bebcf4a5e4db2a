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
import { tileCount } from '../grid.ts';
import { detectionStride as stride } from '../worker-protocol.ts';
import { exactRule, shapeRule } from './exact-rule.ts';
import { checkDetections, type MergeContext, type Merged } from './merged.ts';
import { envelopes } from './outlines.ts';
import { rankDetections } from './rank.ts';
import { claims, standing } from './ranked.ts';
import { findSeams } from './seams.ts';
import { Coverage } from './shape-match.ts';
import { mergeWholes } from './wholes.ts';

/** `kept` is sorted by score descending, then y, x: the order of a run's findings. */
export function mergeExact(
  packed: Float32Array,
  tiles: Int32Array,
  { outlines, plan }: MergeContext = {},
): Merged {
  checkDetections(packed, tiles);
  const coverage = outlines === undefined ? null : new Coverage(packed, outlines);
  const around = outlines === undefined ? packed : envelopes(packed, outlines);
  if (plan !== undefined && tileCount(plan) > 1) {
    const seams = findSeams(around, tiles, plan, coverage);
    if (seams !== null) return mergeWholes({ packed, around, tiles, outlines, coverage }, seams);
  }

  const order = rankDetections(packed, tiles);
  const claimers =
    coverage === null
      ? claims({ packed, tiles, order }, exactRule)
      : claims(
          // Rules see no indexes, so these stand in the place of the tiles.
          { packed: around, tiles: Int32Array.from(tiles.keys()), order },
          shapeRule(coverage, (i, j) => tiles[i] === tiles[j]),
        );
  const ranks = standing(claimers);
  const kept = new Int32Array(ranks.length);
  const boxes = new Float64Array(ranks.length * 4);
  for (let at = 0; at < ranks.length; at++) {
    const i = order[ranks[at]!]!;
    const p = i * stride;
    for (let k = 0; k < 4; k++) boxes[at * 4 + k] = packed[p + k]!;
    kept[at] = i;
  }
  return { kept, boxes };
}
