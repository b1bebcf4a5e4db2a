/** What two runs have in common, as a list of objects that both or one of them found, and the numbers about it. */
import {
  groupCode,
  type ComparisonGroup,
  type GroupCounts,
  type ReferenceScores,
} from '../../contract/compare.ts';
import { cohensKappa } from '../kappa.ts';
import { detectionStride as stride } from '../worker-protocol.ts';
import type { ComparedSet, Matching } from './match-findings.ts';

/** One entry an object, the strongest first (by A's score, where it has one). */
export interface Comparison {
  count: number;
  /** Positions in A and B; -1: it has none. */
  a: Int32Array;
  b: Int32Array;
  /** 0 where it is not matched. */
  iou: Float32Array;
  /** groupCode. */
  group: Uint8Array;
}

const scoreOf = ({ packed }: ComparedSet, i: number): number => packed[i * stride + 5]!;
const classOf = ({ packed }: ComparedSet, i: number): number => packed[i * stride + 4]!;

/** Both sets come strongest first, and so does the list: they are merged like two piles of cards. */
export function compareSets(a: ComparedSet, b: ComparedSet, matching: Matching): Comparison {
  const [countA, countB] = [matching.ofA.length, matching.ofB.length];
  let onlyB = 0;
  for (const partner of matching.ofB) if (partner === -1) onlyB++;
  const count = countA + onlyB;
  const comparison: Comparison = {
    count,
    a: new Int32Array(count).fill(-1),
    b: new Int32Array(count).fill(-1),
    iou: new Float32Array(count),
    group: new Uint8Array(count),
  };
  let at = 0;
  let j = 0;
  const takeB = (upTo: number): void => {
    for (; j < countB; j++) {
      if (matching.ofB[j] !== -1) continue;
      if (scoreOf(b, j) <= upTo) return;
      comparison.b[at] = j;
      comparison.group[at++] = groupCode['only-b'];
    }
  };
  for (let i = 0; i < countA; i++) {
    takeB(scoreOf(a, i));
    const partner = matching.ofA[i]!;
    comparison.a[at] = i;
    comparison.b[at] = partner;
    comparison.iou[at] = matching.iou[i]!;
    const isSame = partner !== -1 && classOf(a, i) === classOf(b, partner);
    comparison.group[at++] = groupCode[partner === -1 ? 'only-a' : isSame ? 'both' : 'other-class'];
  }
  takeB(-Infinity);
  return comparison;
}

const fields = {
  both: 'both',
  'only-a': 'onlyA',
  'only-b': 'onlyB',
  'other-class': 'otherClass',
} as const satisfies Record<ComparisonGroup, keyof GroupCounts>;
const fieldOfCode: (keyof GroupCounts)[] = [];
for (const [group, code] of Object.entries(groupCode)) fieldOfCode[code] = fields[group as ComparisonGroup];

/** The class that an object goes under: A's, and B's where only B has it. */
export function classOfItem(
  { a, b }: Comparison,
  item: number,
  one: ComparedSet,
  other: ComparedSet,
): number {
  const i = a[item]!;
  return i >= 0 ? classOf(one, i) : classOf(other, b[item]!);
}

export interface ComparisonNumbers {
  counts: GroupCounts;
  /** By class. */
  byClass: GroupCounts[];
  reference: ReferenceScores;
  meanIou: number | null;
  /** Of the classes of the matched; see cohensKappa. */
  classKappa: number | null;
}

export function comparisonNumbers(
  comparison: Comparison,
  one: ComparedSet,
  other: ComparedSet,
  classes: number,
): ComparisonNumbers {
  const none = (): GroupCounts => ({ both: 0, onlyA: 0, onlyB: 0, otherClass: 0 });
  const counts = none();
  const byClass = Array.from({ length: classes }, none);
  const pairs = new Map<number, number>();
  let iouSum = 0;
  for (let item = 0; item < comparison.count; item++) {
    const field = fieldOfCode[comparison.group[item]!]!;
    counts[field]++;
    const row = byClass[classOfItem(comparison, item, one, other)];
    if (row !== undefined) row[field]++;
    const [i, j] = [comparison.a[item]!, comparison.b[item]!];
    if (i < 0 || j < 0) continue;
    iouSum += comparison.iou[item]!;
    const pair = classOf(one, i) * classes + classOf(other, j);
    pairs.set(pair, (pairs.get(pair) ?? 0) + 1);
  }
  const matched = counts.both + counts.otherClass;
  const said = [...pairs].map(
    ([pair, times]) => [Math.floor(pair / classes), pair % classes, times] as const,
  );
  return {
    counts,
    byClass,
    reference: referenceScores(counts),
    meanIou: matched === 0 ? null : iouSum / matched,
    classKappa: cohensKappa(said).kappa,
  };
}

/** With A as the truth: what has another class is found, but wrong, and missed as what it is. */
function referenceScores({ both, onlyA, onlyB, otherClass }: GroupCounts): ReferenceScores {
  const ratio = (part: number, whole: number): number | null => (whole === 0 ? null : part / whole);
  const a = both + onlyA + otherClass;
  const b = both + onlyB + otherClass;
  return { precision: ratio(both, b), recall: ratio(both, a), f1: ratio(2 * both, a + b) };
}
