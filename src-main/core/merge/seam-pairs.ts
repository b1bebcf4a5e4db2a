/**
 * Which detections of two tiles may be views of one object that a border cuts: tile by tile, as two tiles share something only where they
 * overlap or touch. Detections are read in the order of their tiles, so that neighbours in the image are neighbours in memory.
 */
import { detectionStride as stride } from '../worker-protocol.ts';
import type { TileBorders } from './tile-borders.ts';

/** More pairs than this of two tiles are not all looked at, but sorted first. */
const fewPairs = 512;

/** What two tiles saw both; `isThin`: the sides along which that is too narrow to measure areas in. */
export interface SharedRegion {
  x1: number;
  y1: number;
  x2: number;
  y2: number;
  isThinX: boolean;
  isThinY: boolean;
}

/**
 * What two tiles of a run saw both.
 * @returns false where there is nothing, or a corner only: too little to tell
 */
export function sharedRegion(borders: TileBorders, a: number, b: number, out: SharedRegion): boolean {
  const { left, right, top, bottom, reachX, reachY } = borders;
  const [ca, cb] = [borders.columnOf(a), borders.columnOf(b)];
  const [ra, rb] = [borders.rowOf(a), borders.rowOf(b)];
  out.x1 = Math.max(left[ca]!, left[cb]!);
  out.x2 = Math.min(right[ca]!, right[cb]!);
  out.y1 = Math.max(top[ra]!, top[rb]!);
  out.y2 = Math.min(bottom[ra]!, bottom[rb]!);
  out.isThinX = out.x2 - out.x1 < 4 * reachX;
  out.isThinY = out.y2 - out.y1 < 4 * reachY;
  return out.x2 >= out.x1 && out.y2 >= out.y1 && !(out.isThinX && out.isThinY);
}

/** Of one tile, those in a region: their places, and whether each goes on beyond the other tile. */
class Side {
  places = new Int32Array(64);
  crosses = new Uint8Array(64);
  count = 0;
  longest = 0;

  add(place: number, crosses: boolean): void {
    if (this.count === this.places.length) {
      const [places, flags] = [new Int32Array(this.count * 2), new Uint8Array(this.count * 2)];
      places.set(this.places);
      flags.set(this.crosses);
      this.places = places;
      this.crosses = flags;
    }
    this.places[this.count] = place;
    this.crosses[this.count++] = crosses ? 1 : 0;
  }

  sortBy(low: Float64Array): void {
    const order = Array.from({ length: this.count }, (_, n) => n);
    order.sort((m, n) => low[this.places[m]!]! - low[this.places[n]!]!);
    const places = Int32Array.from(order, (n) => this.places[n]!);
    const crosses = Uint8Array.from(order, (n) => this.crosses[n]!);
    this.places.set(places);
    this.crosses.set(crosses);
  }
}

export class SeamPairs {
  readonly #borders: TileBorders;
  readonly #tiles: Int32Array;
  readonly #x1: Float64Array;
  readonly #y1: Float64Array;
  readonly #x2: Float64Array;
  readonly #y2: Float64Array;
  /** Where each tile that has some begins. */
  readonly #starts: number[] = [];
  /** Place in #starts of each tile, -1 where it has none. */
  readonly #placeOfTile: Int32Array;

  /**
   * @param packed detections
   * @param near indexes of those near borders, in the order of their tiles; a place is a position in it
   * @param tiles their tiles, by place
   */
  constructor(packed: Float32Array, near: Int32Array, tiles: Int32Array, borders: TileBorders) {
    const count = near.length;
    this.#borders = borders;
    this.#tiles = tiles;
    this.#x1 = new Float64Array(count);
    this.#y1 = new Float64Array(count);
    this.#x2 = new Float64Array(count);
    this.#y2 = new Float64Array(count);
    this.#placeOfTile = new Int32Array(borders.wholeImage + 1).fill(-1);
    for (let k = 0; k < count; k++) {
      const p = near[k]! * stride;
      this.#x1[k] = packed[p]!;
      this.#y1[k] = packed[p + 1]!;
      this.#x2[k] = packed[p]! + packed[p + 2]!;
      this.#y2[k] = packed[p + 1]! + packed[p + 3]!;
      if (k > 0 && tiles[k] === tiles[k - 1]) continue;
      this.#placeOfTile[tiles[k]!] = this.#starts.length;
      this.#starts.push(k);
    }
    this.#starts.push(count);
  }

  /** Calls for each pair of places whose tiles share a region in which both lie, and of which one goes on beyond the other's tile. */
  forEach(visit: (first: number, second: number, region: SharedRegion) => void): void {
    const { left, right, top, bottom, columns, rows, wholeImage } = this.#borders;
    const besides = overlaps(left.subarray(0, columns), right.subarray(0, columns));
    const below = overlaps(top.subarray(0, rows), bottom.subarray(0, rows));
    const region: SharedRegion = { x1: 0, y1: 0, x2: 0, y2: 0, isThinX: false, isThinY: false };
    const [a, b] = [new Side(), new Side()];
    const compare = (n: number, tile: number, other: number): void => {
      const m = this.#placeOfTile[other]!;
      if (m < 0 || !sharedRegion(this.#borders, tile, other, region)) return;
      this.#collect(n, other, region, a);
      if (a.count === 0) return;
      this.#collect(m, tile, region, b);
      if (b.count > 0) this.#pair(a, b, region, visit);
    };
    for (let n = 0; n + 1 < this.#starts.length; n++) {
      const tile = this.#tiles[this.#starts[n]!]!;
      // The last of all: each tile before has been compared with it.
      if (tile === wholeImage) break;
      compare(n, tile, wholeImage);
      const column = tile % columns;
      const row = Math.floor(tile / columns);
      for (let otherRow = row; otherRow <= below.last[row]!; otherRow++) {
        // Each pair of tiles once: the later one of a row is to the right.
        const from = otherRow === row ? column + 1 : besides.first[column]!;
        for (let otherColumn = from; otherColumn <= besides.last[column]!; otherColumn++) {
          compare(n, tile, otherRow * columns + otherColumn);
        }
      }
    }
  }

  /** Those of the n-th tile that lie in the region, or beside it where it is thin. */
  #collect(n: number, other: number, region: SharedRegion, side: Side): void {
    const { left, right, top, bottom, reachX, reachY } = this.#borders;
    const column = this.#borders.columnOf(other);
    const row = this.#borders.rowOf(other);
    const [low, high] = [left[column]! - reachX, right[column]! + reachX];
    const [upper, lower] = [top[row]! - reachY, bottom[row]! + reachY];
    const x1 = region.x1 - 2 * reachX;
    const x2 = region.x2 + 2 * reachX;
    const y1 = region.y1 - 2 * reachY;
    const y2 = region.y2 + 2 * reachY;
    side.count = 0;
    for (let k = this.#starts[n]!; k < this.#starts[n + 1]!; k++) {
      const [bx1, bx2, by1, by2] = [this.#x1[k]!, this.#x2[k]!, this.#y1[k]!, this.#y2[k]!];
      if (bx2 < x1 || bx1 > x2 || by2 < y1 || by1 > y2) continue;
      // With the least reach: what crosses by less than its partner's reach is told later.
      side.add(k, bx1 < low || bx2 > high || by1 < upper || by2 > lower);
    }
  }

  #pair(a: Side, b: Side, region: SharedRegion, visit: Parameters<SeamPairs['forEach']>[0]): void {
    // Across a thin region only the stretches along the border have to meet.
    const alongX = region.isThinY || (!region.isThinX && region.x2 - region.x1 >= region.y2 - region.y1);
    const low = alongX ? this.#x1 : this.#y1;
    const high = alongX ? this.#x2 : this.#y2;
    const areMany = a.count * b.count > fewPairs;
    let longest = 0;
    if (areMany) {
      a.sortBy(low);
      b.sortBy(low);
      for (let n = 0; n < b.count; n++) longest = Math.max(longest, high[b.places[n]!]! - low[b.places[n]!]!);
    }
    let start = 0;
    for (let m = 0; m < a.count; m++) {
      const first = a.places[m]!;
      const [from, to] = [low[first]!, high[first]!];
      if (areMany) while (start < b.count && low[b.places[start]!]! + longest < from) start++;
      for (let n = start; n < b.count; n++) {
        const second = b.places[n]!;
        if (low[second]! > to) {
          if (areMany) break;
          continue;
        }
        if (high[second]! < from || (a.crosses[m] === 0 && b.crosses[n] === 0)) continue;
        visit(first, second, region);
      }
    }
  }
}

/** For each stretch the first and the last one that overlap or touch it; stretches ascend with both of their ends. */
function overlaps(from: Float64Array, to: Float64Array): { first: Int32Array; last: Int32Array } {
  const first = new Int32Array(from.length);
  const last = new Int32Array(from.length);
  for (let i = 0, low = 0, high = 0; i < from.length; i++) {
    while (to[low]! < from[i]!) low++;
    high = Math.max(high, i);
    while (high + 1 < from.length && from[high + 1]! <= to[i]!) high++;
    first[i] = low;
    last[i] = high;
  }
  return { first, last };
}
