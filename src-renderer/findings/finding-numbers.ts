/** Numbers about the findings from the threshold on, straight from what is painted: they follow a decision in the same frame. */
import type { FindingSet } from '../state/finding-set.ts';
import { verdictCode } from '../state/finding-set.ts';

export interface ClassNumbers {
  accepted: number;
  rejected: number;
  undecided: number;
}

export interface FindingNumbers extends ClassNumbers {
  byClass: ClassNumbers[];
}

/** Room for the values of a finding's `verdicts`: verdictCode, and how those are drawn that may still change. */
const stride = 8;

export function findingNumbers(set: FindingSet, threshold: number, classes: number): FindingNumbers {
  const { scores, verdicts, classes: classOf, count } = set;
  // Counted in one array of integers: a decision waits for hundreds of thousands of them.
  const sums = new Uint32Array(256 * stride);
  for (let i = 0; i < count; i++) {
    if (scores[i]! >= threshold) sums[classOf[i]! * stride + verdicts[i]!]!++;
  }
  const of = (index: number): ClassNumbers => {
    const own = sums.subarray(index * stride, (index + 1) * stride);
    const accepted = own[verdictCode.accepted] ?? 0;
    const rejected = own[verdictCode.rejected] ?? 0;
    return { accepted, rejected, undecided: own.reduce((sum, value) => sum + value) - accepted - rejected };
  };
  const all = { accepted: 0, rejected: 0, undecided: 0 };
  for (let index = 0; index < 256; index++) {
    const own = of(index);
    all.accepted += own.accepted;
    all.rejected += own.rejected;
    all.undecided += own.undecided;
  }
  return { ...all, byClass: Array.from({ length: classes }, (_, index) => of(index)) };
}

/** What counts: all but what was rejected. */
export function counted({ accepted, undecided }: ClassNumbers): number {
  return accepted + undecided;
}

/**
 * The part of positive ones among positive and negative ones (as Ki-67, ER or PR are told), 0-1; null where the model's classes are
 * no such pair, or nothing counts.
 */
export function positiveIndex(
  classes: readonly { name: string }[],
  byClass: readonly ClassNumbers[],
): number | null {
  const of = (word: RegExp) => {
    const found = classes.flatMap(({ name }, i) => (word.test(name) ? [i] : []));
    const own = byClass[found[0] ?? -1];
    return found.length === 1 && own !== undefined ? counted(own) : null;
  };
  const positive = of(/\bpositive\b/i);
  const negative = of(/\bnegative\b/i);
  if (positive === null || negative === null || positive + negative === 0) return null;
  return positive / (positive + negative);
}
