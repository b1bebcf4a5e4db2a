/** What is merged, and by which rule two boxes match. */

/** The boxes to be merged. */
export interface Boxes {
  /** As the tiles gave them: see detectionStride. */
  packed: Float32Array;
  tiles: Int32Array;
  /** Their indexes by rank. */
  order: Int32Array;
}

/** Boxes as rules see them: `recordStride` places each. */
export interface Records {
  /** Float32: x, y, width, height, class. */
  records: Float32Array;
  /** The same memory; place 5 is the tile. */
  integers: Int32Array;
}

export interface Rule {
  /** Whether two boxes match, given the offsets of their records; symmetric, and never true for boxes that don't overlap. */
  matches(boxes: Records, a: number, b: number): boolean;
  /** Longer sides of two boxes that match differ at most by this factor; Infinity where nothing is known. */
  largestRatio: number;
  /** true: boxes that have joined another one are joined by others in their turn. */
  isTransitive: boolean;
  /** Whether the box of rank `a`, matching, may be joined by that of the later rank `b`. */
  mayClaim?(a: number, b: number): boolean;
}
