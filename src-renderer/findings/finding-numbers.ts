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

export function findingNumbers(set: FindingSet, threshold: number, classes: number): FindingNumbers {
  const all = { accepted: 0, rejected: 0, undecided: 0 };
  const byClass = Array.from({ length: classes }, () => ({ ...all }));
  for (let i = 0; i < set.count; i++) {
    if ((set.scores[i] ?? 0) < threshold) continue;
    const verdict = set.verdicts[i];
    const key =
      verdict === verdictCode.accepted
        ? 'accepted'
        : verdict === verdictCode.rejected
          ? 'rejected'
          : 'undecided';
    all[key]++;
    const own = byClass[set.classes[i] ?? 0];
    if (own !== undefined) own[key]++;
  }
  return { ...all, byClass };
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
