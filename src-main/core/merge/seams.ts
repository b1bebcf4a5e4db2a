/**
 * Objects that a tile's border cuts. Non-maximum suppression alone fails them: the part that one tile sees shares too little with
 * the whole that its neighbour sees, or scores better and takes its place; and of an object larger than the overlap there are
 * parts only.
 *
 * The rule. Two detections of one class from different tiles are compared in what both tiles saw, the overlap of the tiles: cut to
 * that, they must agree with an IoU >= 0.5 (across an overlap too thin to measure areas in: the stretches of border that they take).
 * And what each says must fit what the other tile could see: where one goes on beyond a border of the other's tile, the other must
 * reach that border (within 2 model pixels or a twentieth of its side), else that tile would have seen more of it.
 * - One goes on beyond the border at which the other is cut, and not the other way round: the other is a part of it. The whole one
 *   stays as it is, whatever the part scores.
 * - Each goes on beyond a border of the other's tile: two parts of one object that no tile saw whole. They are joined: the
 *   box around both, the union of their outlines. Parts join those that agree with them best, at most one of each tile, since what one
 *   tile tells apart are different objects.
 * - Neither goes on: nothing is cut, and non-maximum suppression decides (./exact.ts).
 * The score of the object is the best of all its views, so that none that is above a threshold leaves it with the part; but a view with
 * less than a third of the other's score is no evidence for how far the object goes, and neither takes its place nor is joined.
 */
import type { GridPlan } from '../../contract/run.ts';
import { detectionStride as stride } from '../worker-protocol.ts';
import { clipPolygons, stretchWithin } from './clip.ts';
import { rankDetections } from './rank.ts';
import { areasOf } from './scan.ts';
import { SeamPairs, type SharedRegion } from './seam-pairs.ts';
import type { Coverage } from './shape-match.ts';
import { reachOf, TileBorders } from './tile-borders.ts';

export interface Seams {
  /** For each detection the one that stands for it: itself, where it stays. */
  owner: Int32Array;
  /** For those that stand for a joined object: its parts (themselves among them), the best first. */
  parts: Map<number, number[]>;
}

const leastAgreement = 0.5;
const leastScore = 1 / 3;

/** How far two detections agree in what both tiles saw, and which of them goes on beyond the other's tile. */
interface Relation {
  agreement: number;
  firstGoesOn: boolean;
  secondGoesOn: boolean;
}

/**
 * @param packed detections with the boxes around their outlines
 * @returns null where no border cuts anything
 */
export function findSeams(
  packed: Float32Array,
  tiles: Int32Array,
  plan: GridPlan,
  coverage: Coverage | null,
): Seams | null {
  const borders = new TileBorders(plan);
  const near = inOrderOfTiles(nearBorders(packed, borders), tiles);
  if (near.length < 2) return null;
  const found = new SeamFinder(packed, tiles, near, borders, coverage).find();
  if (found.joins.length === 0 && found.whole.every((k) => k < 0)) return null;
  return group(tiles, near, found);
}

/** Indexes of the detections that meet a border. */
function nearBorders(packed: Float32Array, borders: TileBorders): Int32Array {
  const ids = new Int32Array(packed.length / stride);
  let count = 0;
  for (let i = 0, p = 0; p < packed.length; i++, p += stride) {
    if (borders.meets(packed[p]!, packed[p + 1]!, packed[p + 2]!, packed[p + 3]!)) ids[count++] = i;
  }
  return ids.subarray(0, count);
}

function inOrderOfTiles(ids: Int32Array, tiles: Int32Array): Int32Array {
  let isOrdered = true;
  for (let k = 1; k < ids.length && isOrdered; k++) isOrdered = tiles[ids[k - 1]!]! <= tiles[ids[k]!]!;
  return isOrdered ? ids : ids.sort((i, j) => tiles[i]! - tiles[j]! || i - j);
}

interface Partner {
  place: number;
  agreement: number;
}

/** All by place among the detections near borders. */
interface FoundSeams {
  /** The whole that each belongs to as a part, or -1. */
  whole: Int32Array;
  /** Pairs of parts that suit each other best. */
  joins: { first: number; second: number; agreement: number }[];
  rank: Int32Array;
}

class SeamFinder {
  readonly #packed: Float32Array;
  readonly #near: Int32Array;
  /** By place. */
  readonly #tiles: Int32Array;
  readonly #borders: TileBorders;
  readonly #coverage: Coverage | null;

  constructor(
    packed: Float32Array,
    tiles: Int32Array,
    near: Int32Array,
    borders: TileBorders,
    coverage: Coverage | null,
  ) {
    this.#packed = packed;
    this.#near = near;
    this.#tiles = new Int32Array(near.length);
    for (let k = 0; k < near.length; k++) this.#tiles[k] = tiles[near[k]!]!;
    this.#borders = borders;
    this.#coverage = coverage;
  }

  find(): FoundSeams {
    const near = this.#near;
    const rank = this.#rank();
    const whole = new Int32Array(near.length).fill(-1);
    const agreements = new Float64Array(near.length);
    /** Best other part in each tile. */
    const partners = new Map<number, Map<number, Partner>>();
    const offerWhole = (part: number, place: number, agreement: number): void => {
      const now = whole[part]!;
      if (now >= 0 && agreement < agreements[part]!) return;
      if (now >= 0 && agreement === agreements[part] && rank[place]! > rank[now]!) return;
      whole[part] = place;
      agreements[part] = agreement;
    };
    const offerPart = (to: number, place: number, agreement: number): void => {
      let best = partners.get(to);
      if (!best) partners.set(to, (best = new Map()));
      const tile = this.#tiles[place]!;
      const now = best.get(tile);
      if (now && agreement < now.agreement) return;
      if (now && agreement === now.agreement && rank[place]! > rank[now.place]!) return;
      best.set(tile, { place, agreement });
    };
    const relation: Relation = { agreement: 0, firstGoesOn: false, secondGoesOn: false };
    new SeamPairs(this.#packed, near, this.#tiles, this.#borders).forEach((j, k, region) => {
      if (!this.#relate(j, k, region, relation)) return;
      const { agreement, firstGoesOn, secondGoesOn } = relation;
      if (firstGoesOn && secondGoesOn) {
        offerPart(j, k, agreement);
        offerPart(k, j, agreement);
      } else if (firstGoesOn && this.#area(near[j]!) > this.#area(near[k]!)) offerWhole(k, j, agreement);
      else if (secondGoesOn && this.#area(near[k]!) > this.#area(near[j]!)) offerWhole(j, k, agreement);
    });
    const joins: FoundSeams['joins'] = [];
    for (const [first, best] of partners) {
      for (const { place: second, agreement } of best.values()) {
        const back = partners.get(second)?.get(this.#tiles[first]!);
        if (first < second && back?.place === first) joins.push({ first, second, agreement });
      }
    }
    return { whole, joins, rank };
  }

  #area(i: number): number {
    return this.#packed[i * stride + 2]! * this.#packed[i * stride + 3]!;
  }

  #rank(): Int32Array {
    const near = this.#near;
    const packed = new Float32Array(near.length * stride);
    for (let k = 0; k < near.length; k++) {
      for (let n = 0; n < stride; n++) packed[k * stride + n] = this.#packed[near[k]! * stride + n]!;
    }
    const rank = new Int32Array(near.length);
    const order = rankDetections(packed, this.#tiles);
    for (let r = 0; r < order.length; r++) rank[order[r]!] = r;
    return rank;
  }

  /**
   * How two of them, by their places, belong together.
   * @returns false: they have nothing to do with each other, or nothing is cut
   */
  #relate(first: number, second: number, region: SharedRegion, out: Relation): boolean {
    const packed = this.#packed;
    const [i, j] = [this.#near[first]!, this.#near[second]!];
    const p = i * stride;
    const q = j * stride;
    if (packed[p + 4] !== packed[q + 4]) return false;
    const [score, other] = [packed[p + 5]!, packed[q + 5]!];
    if (Math.min(score, other) < leastScore * Math.max(score, other)) return false;
    const one = this.#goesOn(p, q, this.#tiles[second]!);
    if (one < 0) return false;
    const another = this.#goesOn(q, p, this.#tiles[first]!);
    if (another < 0 || one + another === 0) return false;
    out.agreement = this.#agreement(i, j, region);
    out.firstGoesOn = one > 0;
    out.secondGoesOn = another > 0;
    return out.agreement >= leastAgreement;
  }

  /**
   * Whether a detection goes on beyond the tile of another, at borders that the other reaches.
   * @param p where its numbers are; `q`: those of the other
   * @returns 1 yes, 0 no, -1: beyond a border that the other does not reach
   */
  #goesOn(p: number, q: number, tile: number): number {
    const { left, right, top, bottom, reachX, reachY } = this.#borders;
    const packed = this.#packed;
    const column = this.#borders.columnOf(tile);
    const row = this.#borders.rowOf(tile);
    const rx = reachOf(reachX, packed[q + 2]!);
    const ry = reachOf(reachY, packed[q + 3]!);
    let answer = 0;
    if (packed[p]! < left[column]! - rx) {
      if (packed[q]! > left[column]! + rx) return -1;
      answer = 1;
    }
    if (packed[p]! + packed[p + 2]! > right[column]! + rx) {
      if (packed[q]! + packed[q + 2]! < right[column]! - rx) return -1;
      answer = 1;
    }
    if (packed[p + 1]! < top[row]! - ry) {
      if (packed[q + 1]! > top[row]! + ry) return -1;
      answer = 1;
    }
    if (packed[p + 1]! + packed[p + 3]! > bottom[row]! + ry) {
      if (packed[q + 1]! + packed[q + 3]! < bottom[row]! - ry) return -1;
      answer = 1;
    }
    return answer;
  }

  /** IoU within what both tiles saw. */
  #agreement(i: number, j: number, { x1, y1, x2, y2, isThinX, isThinY }: SharedRegion): number {
    const { reachX, reachY } = this.#borders;
    if (isThinX) return this.#stretchAgreement(i, j, 'y', [x1 - 2 * reachX, x2 + 2 * reachX], [y1, y2]);
    if (isThinY) return this.#stretchAgreement(i, j, 'x', [y1 - 2 * reachY, y2 + 2 * reachY], [x1, x2]);
    return this.#areaAgreement(i, j, x1, y1, x2, y2);
  }

  #areaAgreement(i: number, j: number, x1: number, y1: number, x2: number, y2: number): number {
    const coverage = this.#coverage;
    if (coverage !== null && !(coverage.isBox(i) && coverage.isBox(j))) {
      const clip = (k: number) => clipPolygons(coverage.polygons(k), x1, y1, x2, y2);
      const { a, b, both } = areasOf(clip(i), clip(j));
      return both > 0 ? both / (a + b - both) : 0;
    }
    const packed = this.#packed;
    const [p, q] = [i * stride, j * stride];
    const ax1 = Math.max(x1, packed[p]!);
    const ay1 = Math.max(y1, packed[p + 1]!);
    const ax2 = Math.min(x2, packed[p]! + packed[p + 2]!);
    const ay2 = Math.min(y2, packed[p + 1]! + packed[p + 3]!);
    const bx1 = Math.max(x1, packed[q]!);
    const by1 = Math.max(y1, packed[q + 1]!);
    const bx2 = Math.min(x2, packed[q]! + packed[q + 2]!);
    const by2 = Math.min(y2, packed[q + 1]! + packed[q + 3]!);
    const w = Math.min(ax2, bx2) - Math.max(ax1, bx1);
    const h = Math.min(ay2, by2) - Math.max(ay1, by1);
    if (w <= 0 || h <= 0) return 0;
    return (w * h) / ((ax2 - ax1) * (ay2 - ay1) + (bx2 - bx1) * (by2 - by1) - w * h);
  }

  /** IoU of the stretches along a border, of what lies within a strip around it. */
  #stretchAgreement(
    i: number,
    j: number,
    along: 'x' | 'y',
    strip: readonly [number, number],
    within: readonly [number, number],
  ): number {
    const stretch = (k: number): readonly [number, number] => {
      const [from, to] =
        this.#coverage === null || this.#coverage.isBox(k)
          ? this.#boxStretch(k, along, strip)
          : stretchWithin(this.#coverage.polygons(k), along, strip);
      return [Math.max(from, within[0]), Math.min(to, within[1])];
    };
    const [a1, a2] = stretch(i);
    const [b1, b2] = stretch(j);
    const shared = Math.min(a2, b2) - Math.max(a1, b1);
    return shared > 0 ? shared / (a2 - a1 + (b2 - b1) - shared) : 0;
  }

  #boxStretch(
    k: number,
    along: 'x' | 'y',
    [low, high]: readonly [number, number],
  ): readonly [number, number] {
    const side = (at: number): [number, number] => {
      const from = this.#packed[k * stride + at]!;
      return [from, from + this.#packed[k * stride + at + 2]!];
    };
    const [from, to] = side(along === 'x' ? 1 : 0);
    return to < low || from > high ? [Infinity, -Infinity] : side(along === 'x' ? 0 : 1);
  }
}

/** Parts into wholes, then the parts that are left into joined ones. */
function group(tiles: Int32Array, near: Int32Array, { whole, joins, rank }: FoundSeams): Seams {
  const owner = new Int32Array(near.length);
  for (let k = 0; k < owner.length; k++) owner[k] = k;
  const members = new Map<number, number[]>();
  const membersOf = (k: number): number[] => members.get(k) ?? [k];
  joins.sort(
    (p, q) =>
      q.agreement - p.agreement ||
      Math.min(rank[p.first]!, rank[p.second]!) - Math.min(rank[q.first]!, rank[q.second]!) ||
      Math.max(rank[p.first]!, rank[p.second]!) - Math.max(rank[q.first]!, rank[q.second]!),
  );
  for (const { first, second } of joins) {
    if (whole[first]! >= 0 || whole[second]! >= 0) continue;
    const [one, other] = [owner[first]!, owner[second]!];
    if (one === other) continue;
    const together = [...membersOf(one), ...membersOf(other)].sort((p, q) => rank[p]! - rank[q]!);
    if (new Set(together.map((k) => tiles[near[k]!])).size < together.length) continue;
    members.delete(one);
    members.delete(other);
    members.set(together[0]!, together);
    for (const each of together) owner[each] = together[0]!;
  }
  const standsFor = new Int32Array(tiles.length);
  for (let i = 0; i < standsFor.length; i++) standsFor[i] = i;
  for (let k = 0; k < near.length; k++) {
    // A whole may be a part of a larger one in its turn; as each is larger than the one before, this ends.
    let root = k;
    while (whole[root]! >= 0) root = whole[root]!;
    standsFor[near[k]!] = near[owner[root]!]!;
  }
  const parts = new Map<number, number[]>();
  for (const [k, together] of members)
    parts.set(
      near[k]!,
      together.map((each) => near[each]!),
    );
  return { owner: standsFor, parts };
}
