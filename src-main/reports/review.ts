/** What reviewers decided, and how far two of them agree where both judged the same finding. */
import type { Verdict } from '../contract/finding.ts';
import { cohensKappa } from '../core/kappa.ts';

/** A reviewer's present word on a finding. */
export interface Stand {
  reviewer: string;
  finding: string;
  verdict: Verdict;
  /** The class that it stands for. */
  classIndex: number;
}

export interface Review {
  reviewers: { name: string; accepted: number; rejected: number }[];
  pairs: {
    first: string;
    second: string;
    /** Findings that both judged. */
    both: number;
    same: number;
    /** Cohen's kappa (1960), from -1 to 1; null where chance explains everything: both always said the same one thing. */
    kappa: number | null;
  }[];
}

export function reviewOf(stands: Iterable<Stand>): Review {
  const reviewers = new Map<string, Map<string, string>>();
  const tallies = new Map<string, Review['reviewers'][number]>();
  for (const { reviewer, finding, verdict, classIndex } of stands) {
    const tally = tallies.get(reviewer) ?? { name: reviewer, accepted: 0, rejected: 0 };
    tally[verdict]++;
    tallies.set(reviewer, tally);
    const words = reviewers.get(reviewer) ?? new Map<string, string>();
    // Two who accept a finding as different classes do not agree.
    words.set(finding, verdict === 'accepted' ? `accepted as ${classIndex}` : verdict);
    reviewers.set(reviewer, words);
  }
  const names = [...reviewers.keys()];
  return {
    reviewers: [...tallies.values()],
    pairs: names.flatMap((first, i) =>
      names.slice(i + 1).flatMap((second) => {
        const pair = agreement(reviewers.get(first)!, reviewers.get(second)!);
        return pair.both === 0 ? [] : [{ first, second, ...pair }];
      }),
    ),
  };
}

function agreement(
  first: ReadonlyMap<string, string>,
  second: ReadonlyMap<string, string>,
): { both: number; same: number; kappa: number | null } {
  const shared = [...first].flatMap(([finding, word]) => {
    const other = second.get(finding);
    return other === undefined ? [] : [[word, other] as const];
  });
  const { total, agreed, kappa } = cohensKappa(shared);
  return { both: total, same: agreed, kappa };
}
