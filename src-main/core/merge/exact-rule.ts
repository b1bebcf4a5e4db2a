/** When two detections are the same object seen from two tiles, for exact merging. */
import type { Records, Rule } from './rule.ts';
import type { Coverage } from './shape-match.ts';

export const exactIou = 0.5;

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

/**
 * The same for outlines; records hold the boxes around them and, in place of the tile, the index.
 * @param shareTile whether two detections, by their indexes, were seen by one tile
 */
export function shapeRule(coverage: Coverage, shareTile: (i: number, j: number) => boolean): Rule {
  return {
    // Of a mask, a thin tentacle may lie outside what two tiles agree about.
    largestRatio: Infinity,
    isTransitive: false,
    matches({ records, integers }: Records, a: number, b: number): boolean {
      if (records[a + 4] !== records[b + 4]) return false;
      const i = integers[a + 5]!;
      const j = integers[b + 5]!;
      if (shareTile(i, j)) return false;
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
