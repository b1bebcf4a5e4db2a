/**
 * Connected regions of one class (pixels that share an edge) and their outlines, from the rows of an image one after the other.
 * What is kept is a row and the regions that are still open in it; a region is handed over when no pixel of it can follow.
 */
import { noLabel } from './segment-mask.ts';
import type { LabelRow } from './segment-blend.ts';
import { Chains } from './segment-chains.ts';
import { cornerIs, Ring, RingSmoother, splitAtCrossings, twiceRingArea } from './segment-ring.ts';

/** Where outlines go until they are wanted: an image may have more of them than fit into memory. */
export interface RingStore {
  /** Ring as x0, y0, x1, y1 … in model pixels, multiples of a half; to be copied. @returns what it is found by again */
  put(points: Float64Array): number;
}

export interface SweptRegion {
  label: number;
  /** Pixels of the class. */
  pixels: number;
  /** Sum over them of their class's probability, 0-255. */
  sum: number;
  /** Model pixels. */
  x: number;
  y: number;
  width: number;
  height: number;
  /** The first pixel, row by row. */
  firstX: number;
  firstY: number;
  /** Outer border. */
  outer: number;
  holes: number[];
}

export interface SweepLimits {
  /** Regions and holes of fewer pixels are left out. */
  smallest: number;
  /** Corners of an outline from which a region is cut where the sweep is, so that none fills the memory. */
  mostCorners: number;
}

/** A region some of whose pixels may still follow; one that was joined with another points to it. */
interface OpenRegion {
  parent: OpenRegion | null;
  label: number;
  pixels: number;
  sum: number;
  minX: number;
  maxX: number;
  minY: number;
  firstX: number;
  lastRow: number;
  corners: number;
  isCut: boolean;
  outer: number;
  holes: number[];
}

/** Runs of a row with their regions, and the open chains at their borders (one more border than runs). */
class SweepRow {
  count = 0;
  ends: Int32Array;
  labels: Uint8Array;
  regions: (OpenRegion | null)[] = [];
  /** Front of the right border of what lies left of border `i`; back of the left border of what lies right of it. */
  fronts: Int32Array;
  backs: Int32Array;

  constructor(width: number) {
    this.ends = new Int32Array(width + 1);
    this.labels = new Uint8Array(width + 1);
    this.fronts = new Int32Array(width + 2);
    this.backs = new Int32Array(width + 2);
  }

  /** Nothing from edge to edge. */
  clear(width: number): void {
    this.count = 1;
    this.ends[0] = width;
    this.labels[0] = noLabel;
    this.regions = [null];
  }
}

export class SegmentSweep {
  /** Regions that were cut for their outline's length. */
  cuts = 0;
  /** Regions that were left out as too small. */
  dropped = 0;
  readonly #width: number;
  readonly #limits: SweepLimits;
  readonly #store: RingStore;
  readonly #emit: (region: SweptRegion) => void;
  readonly #chains = new Chains();
  readonly #ring = new Ring();
  readonly #smoother = new RingSmoother();
  #above: SweepRow;
  #row: SweepRow;
  #y = 0;

  constructor(width: number, limits: SweepLimits, store: RingStore, emit: (region: SweptRegion) => void) {
    this.#width = width;
    this.#limits = limits;
    this.#store = store;
    this.#emit = emit;
    this.#above = new SweepRow(width);
    this.#row = new SweepRow(width);
    this.#above.clear(width);
  }

  /** The next row. */
  push({ count, ends, labels, sums }: LabelRow): void {
    const row = this.#row;
    row.count = count;
    row.ends.set(ends.subarray(0, count));
    row.labels.set(labels.subarray(0, count));
    row.regions.length = count;
    this.#connect(sums);
    this.#trace();
    this.#release();
    for (let j = 0; j < count; j++) {
      const region = row.regions[j];
      if (region && !region.isCut && region.corners > this.#limits.mostCorners) {
        region.isCut = true;
        this.cuts++;
      }
    }
    this.#row = this.#above;
    this.#above = row;
    this.#y++;
  }

  /** After the last row. */
  finish(): void {
    this.#row.clear(this.#width);
    this.#trace();
    this.#release();
  }

  /** Gives each run of the row its region: that of the runs of its class above it, or a new one. */
  #connect(sums: Float64Array): void {
    const above = this.#above;
    const row = this.#row;
    const y = this.#y;
    let i = 0;
    for (let j = 0, from = 0; j < row.count; j++) {
      const to = row.ends[j]!;
      const label = row.labels[j]!;
      let region: OpenRegion | null = null;
      if (label !== noLabel) {
        while (above.ends[i]! <= from) i++;
        for (let k = i; k < above.count; k++) {
          if (above.labels[k] === label) {
            const other: OpenRegion = rootOf(above.regions[k]!);
            if (!other.isCut) region = region === null ? other : joined(region, other);
          }
          if (above.ends[k]! >= to) break;
        }
        region ??= newRegion(label, from, y);
        region.pixels += to - from;
        region.sum += sums[j]!;
        region.minX = Math.min(region.minX, from);
        region.maxX = Math.max(region.maxX, to);
        region.lastRow = y;
      }
      row.regions[j] = region;
      from = to;
    }
    for (let j = 0; j < row.count; j++) {
      const region = row.regions[j];
      if (region) row.regions[j] = rootOf(region);
    }
  }

  /** The borders along the line between the row above and this one, from left to right. */
  #trace(): void {
    const above = this.#above;
    const row = this.#row;
    const chains = this.#chains;
    const y = this.#y;
    const width = this.#width;
    /** Borders that come along the line to the current corner: of what lies above it, its back; of what lies below, its front. */
    let alongBack = -1;
    let alongFront = -1;
    let nw: OpenRegion | null = null;
    let sw: OpenRegion | null = null;
    let nwLabel: number = noLabel;
    let swLabel: number = noLabel;
    // Border 0 is the image's left edge, border n its right one.
    for (let i = 0, j = 0; i <= above.count || j <= row.count;) {
      const xAbove = i > above.count ? width + 1 : i === 0 ? 0 : above.ends[i - 1]!;
      const xBelow = j > row.count ? width + 1 : j === 0 ? 0 : row.ends[j - 1]!;
      const x = Math.min(xAbove, xBelow);
      const isAbove = xAbove === x;
      const isBelow = xBelow === x;
      let ne: OpenRegion | null = nw;
      let se: OpenRegion | null = sw;
      let neLabel = nwLabel;
      let seLabel = swLabel;
      if (isAbove) {
        const region = i < above.count ? above.regions[i]! : null;
        ne = region === null ? null : rootOf(region);
        neLabel = i < above.count ? above.labels[i]! : noLabel;
      }
      if (isBelow) {
        se = j < row.count ? row.regions[j]! : null;
        seLabel = j < row.count ? row.labels[j]! : noLabel;
      }
      // Spokes of the corner: is there a border to the north, east, south, west?
      const north = nwLabel !== neLabel;
      const south = swLabel !== seLabel;
      const west = nwLabel !== swLabel || (nw !== null && nw.isCut);
      const east = neLabel !== seLabel || (ne !== null && ne.isCut);
      const degree = Number(north) + Number(south) + Number(west) + Number(east);
      const northFront = isAbove ? above.fronts[i]! : -1;
      const northBack = isAbove ? above.backs[i]! : -1;
      const westBack = alongBack;
      const westFront = alongFront;
      let eastFront = -1;
      let eastBack = -1;
      let southFront = -1;
      let southBack = -1;
      let flags = 0;
      if (degree > 2) {
        flags = cornerIs.node;
        const touches = (nw !== null && nwLabel === seLabel) || (ne !== null && neLabel === swLabel);
        if (degree === 4 && touches) flags |= cornerIs.crossing;
      }
      if (degree > 0) {
        // A region around the corner reaches clockwise from one spoke (where its border goes out) to the next (where it comes in).
        const spokes = [north, east, south, west];
        for (let out = 0; out < 4; out++) {
          if (!spokes[out]) continue;
          const region = out === 0 ? ne : out === 1 ? se : out === 2 ? sw : nw;
          if (region === null) continue;
          let span = 1;
          while (!spokes[(out + span) & 3]) span++;
          const into = (out + span) & 3;
          const front = into === 0 ? northFront : into === 3 ? westFront : -1;
          const back = out === 0 ? northBack : out === 3 ? westBack : -1;
          const isCorner = span !== 2 || degree > 2;
          if (isCorner) region.corners++;
          let newFront = -1;
          let newBack = -1;
          if (front >= 0 && back >= 0) {
            if (isCorner) chains.append(front, x, y, flags);
            if (chains.isRing(front, back)) this.#close(region, front, back);
            else chains.join(front, back);
          } else if (front >= 0) {
            if (isCorner) chains.append(front, x, y, flags);
            newFront = front;
          } else if (back >= 0) {
            if (isCorner) chains.prepend(back, x, y, flags);
            newBack = back;
          } else {
            const chain = chains.start(x, y, flags);
            newFront = chain.front;
            newBack = chain.back;
          }
          if (newFront >= 0) {
            if (out === 1) eastFront = newFront;
            else southFront = newFront;
          }
          if (newBack >= 0) {
            if (into === 1) eastBack = newBack;
            else southBack = newBack;
          }
        }
      }
      alongFront = eastFront;
      alongBack = eastBack;
      if (isBelow) {
        row.fronts[j] = southFront;
        row.backs[j] = southBack;
        j++;
      }
      if (isAbove) i++;
      nw = ne;
      sw = se;
      nwLabel = neLabel;
      swLabel = seLabel;
    }
  }

  #close(region: OpenRegion, front: number, back: number): void {
    const { smallest } = this.#limits;
    this.#chains.close(front, back, this.#ring);
    for (const ring of splitAtCrossings(this.#ring)) {
      const area = twiceRingArea(ring) / 2;
      if (area > 0) {
        // A region of fewer pixels than its outer border encloses is left out when it ends.
        region.outer = area < smallest ? -1 : this.#store.put(this.#smoother.smooth(ring));
      } else if (-area >= smallest) region.holes.push(this.#store.put(this.#smoother.smooth(ring)));
    }
  }

  /** Hands over the regions of the row above that have no pixel in this one. */
  #release(): void {
    const above = this.#above;
    for (let i = 0; i < above.count; i++) {
      const known = above.regions[i];
      if (!known) continue;
      const region = rootOf(known);
      if (region.lastRow >= this.#y || region.lastRow < 0) continue;
      // The last row of the image ends all of them, and each only once.
      const height = region.lastRow + 1 - region.minY;
      region.lastRow = -1;
      if (region.pixels < this.#limits.smallest || region.outer < 0) {
        this.dropped++;
        continue;
      }
      const { label, pixels, sum, minX, maxX, minY, firstX, outer, holes } = region;
      this.#emit({
        label,
        pixels,
        sum,
        x: minX,
        y: minY,
        width: maxX - minX,
        height,
        firstX,
        firstY: minY,
        outer,
        holes,
      });
    }
  }
}

function newRegion(label: number, x: number, y: number): OpenRegion {
  return {
    parent: null,
    label,
    pixels: 0,
    sum: 0,
    minX: x,
    maxX: x,
    minY: y,
    firstX: x,
    lastRow: y,
    corners: 0,
    isCut: false,
    outer: -1,
    holes: [],
  };
}

function rootOf(region: OpenRegion): OpenRegion {
  let root = region;
  while (root.parent !== null) root = root.parent;
  for (let at = region; at !== root;) {
    const next = at.parent!;
    at.parent = root;
    at = next;
  }
  return root;
}

/** The one whose first pixel comes first stays. */
function joined(one: OpenRegion, other: OpenRegion): OpenRegion {
  const [a, b] = [rootOf(one), rootOf(other)];
  if (a === b) return a;
  const isFirst = a.minY < b.minY || (a.minY === b.minY && a.firstX < b.firstX);
  const [root, child] = isFirst ? [a, b] : [b, a];
  child.parent = root;
  root.pixels += child.pixels;
  root.sum += child.sum;
  root.minX = Math.min(root.minX, child.minX);
  root.maxX = Math.max(root.maxX, child.maxX);
  root.lastRow = Math.max(root.lastRow, child.lastRow);
  root.corners += child.corners;
  for (const hole of child.holes) root.holes.push(hole);
  child.holes = [];
  return root;
}
