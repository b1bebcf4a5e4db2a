/**
 * Where a rectangle of a given size covers the most points: exactly, by a sweep. Positions are swept from top to bottom; a segment
 * tree keeps, for every left edge, what a window there covers, and the largest of them at its root. O(n log n).
 *
 * A window can be moved right and down until its left and its top edge meet a point, the image's far edge or a window that it must not
 * overlap, and loses nothing on the way: only such edges are looked at.
 */
import type { Rect } from '../contract/run.ts';

export interface WeightedPoints {
  /** x, y of each, level-0 pixels. */
  centres: ArrayLike<number>;
  /** Of each, 0 or more; absent: 1 each. */
  weights?: ArrayLike<number>;
}

export interface WindowRequest {
  imageWidth: number;
  imageHeight: number;
  /** At most the image's own. */
  windowWidth: number;
  windowHeight: number;
  /** Windows of the same size that the answer must not overlap. */
  taken: readonly Rect[];
}

/** Windows that touch do not overlap, however their edges were rounded; level-0 pixels. */
export const touching = 1e-6;

/**
 * The window within the image that covers the most; its left and top edge are its own, its right and bottom edge are not.
 * @returns its top left corner, and of equal ones the topmost, then the leftmost; null where none covers anything
 */
export function densestWindow(
  { centres, weights }: WeightedPoints,
  request: WindowRequest,
): { x: number; y: number } | null {
  const { imageWidth, imageHeight, windowWidth, windowHeight, taken } = request;
  const points = byFalling(centres, weights);
  const { count, xs, ys } = points;
  let total = 0;
  for (let i = 0; i < count; i++) total += points.weights[i]!;
  if (total === 0) return null;

  const lefts = edges(
    xs,
    imageWidth - windowWidth,
    taken.map((rect) => rect.x - windowWidth),
  );
  const tops = edges(
    ys,
    imageHeight - windowHeight,
    taken.map((rect) => rect.y - windowHeight),
  );
  const tree = new MaxTree(lefts.length);
  // The left edges from which a window covers a point.
  const from = new Uint32Array(count);
  const to = new Uint32Array(count);
  for (let i = 0; i < count; i++) {
    from[i] = firstWhere(lefts, (left) => xs[i]! - left < windowWidth);
    to[i] = firstWhere(lefts, (left) => left > xs[i]!);
  }
  const barriers = taken.map((rect) => ({
    top: rect.y,
    from: firstWhere(lefts, (left) => left - rect.x > -windowWidth + touching),
    to: firstWhere(lefts, (left) => left - rect.x >= windowWidth - touching),
    isUp: false,
  }));

  let best: { x: number; y: number } | null = null;
  let most = 0;
  let entering = 0;
  let leaving = 0;
  for (const top of tops) {
    for (; entering < count && ys[entering]! - top < windowHeight; entering++) {
      tree.add(from[entering]!, to[entering]!, points.weights[entering]!);
    }
    for (; leaving < entering && ys[leaving]! < top; leaving++) {
      tree.add(from[leaving]!, to[leaving]!, -points.weights[leaving]!);
    }
    for (const barrier of barriers) {
      const isUp = Math.abs(top - barrier.top) < windowHeight - touching;
      if (isUp === barrier.isUp) continue;
      barrier.isUp = isUp;
      // No window can cover as much as a barrier takes away.
      tree.add(barrier.from, barrier.to, isUp ? -2 * total : 2 * total);
    }
    if (tree.most > most) {
      most = tree.most;
      best = { x: lefts[tree.first()]!, y: top };
    }
  }
  return best;
}

/** The points in columns, from the top of the image down. */
function byFalling(centres: ArrayLike<number>, weights: ArrayLike<number> | undefined) {
  const count = centres.length >> 1;
  const order = new Uint32Array(count)
    .map((_, i) => i)
    .sort((a, b) => centres[2 * a + 1]! - centres[2 * b + 1]!);
  const column = (of: (i: number) => number) => new Float64Array(count).map((_, i) => of(order[i]!));
  return {
    count,
    xs: column((i) => centres[2 * i]!),
    ys: column((i) => centres[2 * i + 1]!),
    weights: column((i) => weights?.[i] ?? 1),
  };
}

/** Edges worth looking at along one side, ascending. */
function edges(places: Float64Array, last: number, besides: readonly number[]): Float64Array {
  const all = Float64Array.from([...places, ...besides], (edge) => Math.max(0, Math.min(last, edge)));
  all.sort();
  let kept = 0;
  for (const edge of all) if (kept === 0 || edge !== all[kept - 1]) all[kept++] = edge;
  return all.subarray(0, kept);
}

/** Index of the first of sorted values that fulfils what all after it do too. */
function firstWhere(sorted: Float64Array, isTrue: (value: number) => boolean): number {
  let [from, to] = [0, sorted.length];
  while (from < to) {
    const middle = (from + to) >> 1;
    if (isTrue(sorted[middle]!)) to = middle;
    else from = middle + 1;
  }
  return from;
}

/** Numbers of which ranges grow and shrink together, and their maximum. */
class MaxTree {
  readonly #size: number;
  /** Of each node the maximum beneath it, what was added to it and beneath it included. */
  readonly #most: Float64Array;
  /** What was added to all that is beneath a node. */
  readonly #added: Float64Array;

  constructor(count: number) {
    this.#size = 2 ** Math.ceil(Math.log2(Math.max(1, count)));
    this.#most = new Float64Array(2 * this.#size);
    this.#added = new Float64Array(this.#size);
  }

  get most(): number {
    return this.#most[1]!;
  }

  /** To all from `from` up to and without `to`. */
  add(from: number, to: number, value: number): void {
    if (from >= to) return;
    const [first, last] = [from + this.#size, to - 1 + this.#size];
    for (let left = first, right = last + 1; left < right; left >>= 1, right >>= 1) {
      if (left & 1) this.#addTo(left++, value);
      if (right & 1) this.#addTo(--right, value);
    }
    this.#rebuild(first);
    this.#rebuild(last);
  }

  /** The first index that has the maximum. */
  first(): number {
    let node = 1;
    while (node < this.#size) {
      node *= 2;
      if (this.#most[node + 1]! > this.#most[node]!) node++;
    }
    return node - this.#size;
  }

  #addTo(node: number, value: number): void {
    this.#most[node]! += value;
    if (node < this.#size) this.#added[node]! += value;
  }

  #rebuild(leaf: number): void {
    for (let node = leaf >> 1; node >= 1; node >>= 1) {
      this.#most[node] = Math.max(this.#most[2 * node]!, this.#most[2 * node + 1]!) + this.#added[node]!;
    }
  }
}
