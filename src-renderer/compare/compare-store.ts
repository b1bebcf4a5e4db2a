/** The comparison of the run that is looked at (A) with another one of the case (B). */
import { create } from 'zustand';
import {
  comparisonGroups,
  type ComparedFinding,
  type ComparisonGroup,
  type ComparisonOptions,
  type ComparisonSummary,
} from '../../src-main/contract/compare.ts';
import type { PlainError } from '../../src-main/contract/errors.ts';
import { useCase } from '../state/case-store.ts';
import { lineCode, type FindingSet } from '../state/finding-set.ts';
import type { TileStateBuffer } from '../state/tile-state-buffer.ts';

export type ObjectSort = 'score' | 'position';

interface CompareState {
  /** null: nothing is compared. */
  runB: string | null;
  /** Counts up with each wish to compare the same again. */
  turn: number;
  /** What a person chose; the rest is as the engine has it. */
  options: ComparisonOptions;
  /** Shown in the list and in the image. */
  groups: readonly ComparisonGroup[];
  /** null: all classes. */
  className: string | null;
  sort: ObjectSort;
  /** Differences of the tiles' scores are painted, where the tiles are the same. */
  showTiles: boolean;
  summary: ComparisonSummary | null;
  error: PlainError | null;
  /** All objects, as they are painted: their class is their group. */
  objects: FindingSet | null;
  /** Counts up with each change inside `objects`. */
  objectsVersion: number;
  tiles: TileStateBuffer | null;
  selected: { item: ComparedFinding; position: number | null } | null;
}

const differing: readonly ComparisonGroup[] = ['only-a', 'only-b', 'other-class'];

const nothing: CompareState = {
  runB: null,
  turn: 0,
  options: {},
  groups: differing,
  className: null,
  sort: 'score',
  showTiles: true,
  summary: null,
  error: null,
  objects: null,
  objectsVersion: 0,
  tiles: null,
  selected: null,
};

export const useCompare = create<CompareState>()(() => nothing);

export const isComparing = (): boolean => useCompare.getState().runB !== null;

export function leaveComparison(): void {
  useCompare.setState(nothing);
}

/** What was decided since counts then. */
export function compareAgain(): void {
  useCompare.setState(({ turn }) => ({ turn: turn + 1 }));
}

/** Shows or hides a group; one always stays. */
export function toggleGroup(group: ComparisonGroup): void {
  const { groups, objects, objectsVersion } = useCompare.getState();
  const next = comparisonGroups.filter((other) => groups.includes(other) !== (other === group));
  if (next.length === 0) return;
  if (objects !== null) showGroups(objects, next);
  useCompare.setState({ groups: next, objectsVersion: objectsVersion + 1 });
}

const lines = {
  both: lineCode.plain,
  'only-a': lineCode.filled,
  'only-b': lineCode.dashed,
  'other-class': lineCode.dotted,
} as const satisfies Record<ComparisonGroup, number>;

/** How the lines of a group are drawn beside their colour: thin, filled, dashed, dotted. */
export function lineOfGroup(group: ComparisonGroup): (typeof lines)[ComparisonGroup] {
  return lines[group];
}

/** Each object is drawn as its group is; those of other groups get a score that no threshold lets through. */
export function showGroups(objects: FindingSet, groups: readonly ComparisonGroup[]): void {
  for (let i = 0; i < objects.count; i++) {
    const group = comparisonGroups[objects.classes[i] ?? 0] ?? 'both';
    objects.scores[i] = groups.includes(group) ? 1 : -1;
    objects.verdicts[i] = lineOfGroup(group);
  }
}

// Another case has other runs.
useCase.subscribe((state, before) => {
  if (state.caseView?.id !== before.caseView?.id) leaveComparison();
});
