/** Boxes in the order in which they are merged, and the rule by which two of them match. */
export interface Ranked {
  /** Float32: x, y, width, height, class. */
  records: Float32Array;
  /** The same memory; place 5 is the tile. */
  integers: Int32Array;
  count: number;
}

export interface Rule {
  /** Whether two boxes match, given the offsets of their records; symmetric, and never true for boxes that don't overlap. */
  matches(ranked: Ranked, a: number, b: number): boolean;
  /** Longer sides of two boxes that match differ at most by this factor; Infinity where nothing is known. */
  largestRatio: number;
  /** true: boxes that have joined another one are joined by others in their turn. */
  isTransitive: boolean;
  /** Whether the box of rank `a`, matching, may be joined by that of the later rank `b`. */
  mayClaim?(a: number, b: number): boolean;
}
