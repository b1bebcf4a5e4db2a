/**
 * Which findings of two runs are the same object: one-to-one, the pairs with the highest IoU first. Of pairs with the same IoU the one
 * whose findings stand higher in their lists comes first, so that the answer is the same whichever run comes first.
 */
import { GigatileError } from '../../contract/errors.ts';
import { BoxIndex, recordStride } from '../merge/box-index.ts';
import { envelopes, type Outlines } from '../merge/outlines.ts';
import { Coverage } from '../merge/shape-match.ts';
import { detectionStride as stride } from '../worker-protocol.ts';

export interface ComparedSet {
  /** As detections are packed; classes by numbers that mean the same in both sets. Strongest first. */
  packed: Float32Array;
  /** Where the model gives more than boxes. */
  outlines?: Outlines | undefined;
}

export interface Matching {
  /** For each finding of A its partner in B, or -1. */
  ofA: Int32Array;
  ofB: Int32Array;
  /** IoU with the partner by finding of A; 0 where it has none. */
  iou: Float32Array;
}

/** Findings are piled up beyond this, and which of them are the same is anybody's guess. */
const mostPairs = 10_000_000;

interface Pairs {
  a: Int32Array;
  b: Int32Array;
  iou: Float64Array;
  count: number;
}

/**
 * @param iou least IoU of a match, above 0
 * @throws {GigatileError} usage where the findings overlap too much to be matched
 */
export function matchFindings(
  a: ComparedSet,
  b: ComparedSet,
  { iou, classAware }: { iou: number; classAware: boolean },
): Matching {
  const pairs = overlapping(a, b, iou, classAware);
  const countA = a.packed.length / stride;
  const countB = b.packed.length / stride;
  const matching: Matching = {
    ofA: new Int32Array(countA).fill(-1),
    ofB: new Int32Array(countB).fill(-1),
    iou: new Float32Array(countA),
  };
  const take = (p: number): void => {
    const [i, j] = [pairs.a[p]!, pairs.b[p]!];
    if (matching.ofA[i] !== -1 || matching.ofB[j] !== -1) return;
    matching.ofA[i] = j;
    matching.ofB[j] = i;
    matching.iou[i] = pairs.iou[p]!;
  };
  // Most findings have one candidate that has no other: nothing has to be weighed there.
  const [ofA, ofB] = [new Uint32Array(countA), new Uint32Array(countB)];
  for (let p = 0; p < pairs.count; p++) {
    ofA[pairs.a[p]!]!++;
    ofB[pairs.b[p]!]!++;
  }
  const contested: number[] = [];
  for (let p = 0; p < pairs.count; p++) {
    if (ofA[pairs.a[p]!] === 1 && ofB[pairs.b[p]!] === 1) take(p);
    else contested.push(p);
  }
  Uint32Array.from(contested)
    .sort(
      (p, q) =>
        pairs.iou[q]! - pairs.iou[p]! ||
        pairs.a[p]! + pairs.b[p]! - pairs.a[q]! - pairs.b[q]! ||
        Math.min(pairs.a[p]!, pairs.b[p]!) - Math.min(pairs.a[q]!, pairs.b[q]!),
    )
    .forEach(take);
  return matching;
}

/** All pairs whose IoU is high enough. */
function overlapping(a: ComparedSet, b: ComparedSet, least: number, classAware: boolean): Pairs {
  const countA = a.packed.length / stride;
  const countB = b.packed.length / stride;
  const boxesA = a.outlines === undefined ? a.packed : envelopes(a.packed, a.outlines);
  const boxesB = b.outlines === undefined ? b.packed : envelopes(b.packed, b.outlines);
  const hasOutlines = a.outlines !== undefined || b.outlines !== undefined;
  const coverage = hasOutlines ? bothCovered(a, b) : null;
  const index = indexOf(boxesB, countB);
  const pairs: Pairs = {
    a: new Int32Array(Math.max(1024, countA * 2)),
    b: new Int32Array(Math.max(1024, countA * 2)),
    iou: new Float64Array(Math.max(1024, countA * 2)),
    count: 0,
  };
  for (let i = 0, p = 0; i < countA; i++, p += stride) {
    const [x, y, width, height] = [boxesA[p]!, boxesA[p + 1]!, boxesA[p + 2]!, boxesA[p + 3]!];
    const side = Math.max(width, height);
    // Of boxes, the IoU is at most the ratio of their widths, and of their heights; outlines can be of any extent.
    const reach = hasOutlines ? 0 : least * (1 - 1e-6);
    const found = index.near(
      x,
      y,
      x + width,
      y + height,
      side * reach,
      hasOutlines ? Infinity : side / reach,
    );
    for (let k = 0; k < found; k++) {
      const j = index.found[k]!;
      const q = j * stride;
      if (classAware && a.packed[p + 4] !== b.packed[q + 4]) continue;
      const shared = sharedArea(boxesA, p, boxesB, q);
      if (shared === 0 && width * height > 0) continue;
      const iou =
        coverage === null ? iouOfBoxes(boxesA, p, boxesB, q, shared) : coverage.iou(i, countA + j, least);
      if (iou < least) continue;
      // Cells that share a slot of the index can give a box twice.
      let known = false;
      for (let before = pairs.count - 1; before >= 0 && pairs.a[before] === i && !known; before--) {
        known = pairs.b[before] === j;
      }
      if (!known) push(pairs, i, j, iou);
    }
  }
  return pairs;
}

function push(pairs: Pairs, i: number, j: number, iou: number): void {
  if (pairs.count === pairs.a.length) {
    if (pairs.count >= mostPairs) {
      throw new GigatileError('usage', 'Too many findings lie on top of each other to be told apart', {
        hint: 'Compare with a higher IoU, or from a higher score on.',
      });
    }
    for (const column of ['a', 'b', 'iou'] as const) {
      const larger = column === 'iou' ? new Float64Array(pairs.count * 2) : new Int32Array(pairs.count * 2);
      larger.set(pairs[column]);
      Object.assign(pairs, { [column]: larger });
    }
  }
  pairs.a[pairs.count] = i;
  pairs.b[pairs.count] = j;
  pairs.iou[pairs.count++] = iou;
}

function indexOf(boxes: Float32Array, count: number): BoxIndex {
  const records = new Float32Array(count * recordStride);
  const index = new BoxIndex({ records, integers: new Int32Array(records.buffer) }, count);
  for (let j = 0; j < count; j++) {
    records.set(boxes.subarray(j * stride, j * stride + 4), j * recordStride);
    index.insert(j);
  }
  return index;
}

function sharedArea(a: Float32Array, p: number, b: Float32Array, q: number): number {
  const width = Math.min(a[p]! + a[p + 2]!, b[q]! + b[q + 2]!) - Math.max(a[p]!, b[q]!);
  const height = Math.min(a[p + 1]! + a[p + 3]!, b[q + 1]! + b[q + 3]!) - Math.max(a[p + 1]!, b[q + 1]!);
  return width > 0 && height > 0 ? width * height : 0;
}

function iouOfBoxes(a: Float32Array, p: number, b: Float32Array, q: number, shared: number): number {
  const union = a[p + 2]! * a[p + 3]! + b[q + 2]! * b[q + 3]! - shared;
  if (union > 0) return Math.min(1, shared / union);
  // Points: the same one or another one.
  return a[p] === b[q] && a[p + 1] === b[q + 1] ? 1 : 0;
}

/** A's findings, and B's after them. */
function bothCovered(a: ComparedSet, b: ComparedSet): Coverage {
  const packed = new Float32Array(a.packed.length + b.packed.length);
  packed.set(a.packed);
  packed.set(b.packed, a.packed.length);
  const [one, other] = [outlinesOf(a), outlinesOf(b)];
  const numbers = new Float32Array(one.numbers.length + other.numbers.length);
  numbers.set(one.numbers);
  numbers.set(other.numbers, one.numbers.length);
  const starts = new Uint32Array(packed.length / stride + 1);
  starts.set(one.starts);
  other.starts.forEach((start, j) => (starts[a.packed.length / stride + j] = one.numbers.length + start));
  return new Coverage(packed, { numbers, starts });
}

function outlinesOf({ packed, outlines }: ComparedSet): Outlines {
  return outlines ?? { numbers: new Float32Array(0), starts: new Uint32Array(packed.length / stride + 1) };
}
