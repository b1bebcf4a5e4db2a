/**
 * Which boxes lie near another one: uniform grids, one for each fourfold range of sizes, so that neither one huge box nor
 * thousands of tiny ones spoil the cells of the rest.
 *
 * A box lies in one cell: that of its centre, in the grid whose cell edge is the smallest power of four that is not below
 * its longer side. A cell is a slot of one hash table for all grids. Cells that share a slot only give candidates more, never
 * less, so no keys are kept; neighbours in a row are neighbours in memory; and the table's size follows the number of boxes and not
 * the area of the image, so a cluster in a corner of a gigapixel image is as fast as an even spread.
 */

/** Places of a box in its record: 32 bytes, so that a candidate costs one cache line. 0 to 5: see ranked.ts. */
export const recordStride = 8;
/** In the index, the links of its lists: id + 1 of the next box, 0 at the end. */
const nextInSlot = 6;
const nextOfSize = 7;

/** Cell edges 4^0 … 4^14 pixels. */
export const cellEdges = Float64Array.from({ length: 15 }, (_, size) => 4 ** size);

/** Which grid holds boxes with this longer side. */
export function sizeClass(side: number): number {
  if (side <= 1) return 0;
  if (side > 2 ** 28) return cellEdges.length - 1;
  // Bits of the smallest power of two that is not below it, halved upwards.
  return (33 - Math.clz32(Math.ceil(side) - 1)) >> 1;
}

export class BoxIndex {
  /** Filled by `near`: its first elements are the ids that were found; an id may be there twice. */
  found = new Int32Array(1024);

  readonly #records: Float32Array;
  readonly #integers: Int32Array;
  readonly #heads: Int32Array;
  readonly #mask: number;
  /** Last inserted id + 1 of each size class, and how many there are. */
  readonly #headOfSize = new Int32Array(cellEdges.length);
  readonly #countOfSize = new Int32Array(cellEdges.length);

  /** @param boxes those that may be inserted; an id is their position. Places 6 and 7 of their records become the index's. */
  constructor(boxes: { records: Float32Array; integers: Int32Array }, count: number) {
    this.#records = boxes.records;
    this.#integers = boxes.integers;
    const slots = 2 ** Math.ceil(Math.log2(Math.max(64, count * 2)));
    this.#heads = new Int32Array(slots);
    this.#mask = slots - 1;
  }

  insert(id: number): void {
    const at = id * recordStride;
    const width = this.#records[at + 2]!;
    const height = this.#records[at + 3]!;
    const size = sizeClass(Math.max(width, height));
    const edge = cellEdges[size]!;
    const column = Math.floor((this.#records[at]! + width / 2) / edge);
    const row = Math.floor((this.#records[at + 1]! + height / 2) / edge);
    const slot = (rowHash(row, size) + column) & this.#mask;
    this.#integers[at + nextInSlot] = this.#heads[slot]!;
    this.#heads[slot] = id + 1;
    this.#integers[at + nextOfSize] = this.#headOfSize[size]!;
    this.#headOfSize[size] = id + 1;
    this.#countOfSize[size]!++;
  }

  /**
   * Collects into `found` at least all boxes with a longer side from `shortest` to `longest` that overlap the rectangle.
   * @returns how many were found
   */
  near(x1: number, y1: number, x2: number, y2: number, shortest: number, longest: number): number {
    const heads = this.#heads;
    const integers = this.#integers;
    const mask = this.#mask;
    const last = sizeClass(longest);
    let found = this.found;
    let count = 0;
    for (let size = sizeClass(shortest); size <= last; size++) {
      const ofSize = this.#countOfSize[size]!;
      if (ofSize === 0) continue;
      const edge = cellEdges[size]!;
      const grow = edge / 2;
      const left = Math.floor((x1 - grow) / edge);
      const right = Math.floor((x2 + grow) / edge);
      const top = Math.floor((y1 - grow) / edge);
      const bottom = Math.floor((y2 + grow) / edge);
      if ((right - left + 1) * (bottom - top + 1) > ofSize + 16) {
        // Large boxes over small cells: going through all boxes of that size is the shorter way.
        if (count + ofSize > found.length) found = this.#enlarge(count + ofSize);
        for (let next = this.#headOfSize[size]!; next !== 0;) {
          found[count++] = next - 1;
          next = integers[(next - 1) * recordStride + nextOfSize]!;
        }
        continue;
      }
      for (let row = top; row <= bottom; row++) {
        const start = rowHash(row, size);
        for (let column = left; column <= right; column++) {
          for (let next = heads[(start + column) & mask]!; next !== 0;) {
            if (count === found.length) found = this.#enlarge(count + 1);
            found[count++] = next - 1;
            next = integers[(next - 1) * recordStride + nextInSlot]!;
          }
        }
      }
    }
    return count;
  }

  #enlarge(least: number): Int32Array<ArrayBuffer> {
    const larger = new Int32Array(Math.max(least, this.found.length * 2));
    larger.set(this.found);
    this.found = larger;
    return larger;
  }
}

/** Where a row of cells starts in the table; rows are scattered, so that few cells share a slot. */
function rowHash(row: number, size: number): number {
  let hash = Math.imul(row, 0x9e3779b1) + Math.imul(size, 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 15), 0xc2b2ae35);
  return hash ^ (hash >>> 13);
}
