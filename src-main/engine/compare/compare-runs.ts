/** Two runs of a case against each other: reads what counts in both, matches it, and keeps the result as columns. */
import { usualIou, type ComparisonOptions, type ComparisonSummary } from '../../contract/compare.ts';
import { GigatileError } from '../../contract/errors.ts';
import type { ModelManifest } from '../../contract/model.ts';
import { tileStateCode } from '../../contract/run.ts';
import {
  classOfItem,
  comparisonNumbers,
  compareSets,
  type Comparison,
} from '../../core/compare/comparison.ts';
import { matchFindings } from '../../core/compare/match-findings.ts';
import { isSameGrid, tileAgreement, type TileWords } from '../../core/compare/tile-agreement.ts';
import type { CaseFile } from '../../store/case-file.ts';
import type { FindingStore } from '../../store/finding-store.ts';
import type { StoredRun } from '../../store/run-store.ts';
import { runIdOf } from '../run-id.ts';
import { comparedSet, type OrdinalSet } from './compared-set.ts';

/** A run and where its findings are: those of a paused run are not in the case yet. */
export interface RunFindings {
  run: StoredRun;
  findings: FindingStore;
}

export interface ComparedRuns {
  a: RunFindings & { set: OrdinalSet };
  b: RunFindings & { set: OrdinalSet };
  list: Comparison;
  /** Names of the classes of both runs; their number is that of the columns. */
  classes: readonly string[];
  summary: Omit<ComparisonSummary, 'id'>;
}

/** @throws {GigatileError} conflict while one of the runs goes on, usage where both are the same or cannot be told apart */
export function compareRuns(
  file: CaseFile,
  a: RunFindings,
  b: RunFindings,
  options: ComparisonOptions,
): ComparedRuns {
  checkComparable(a.run, b.run);
  const classes = [...new Set([a, b].flatMap(({ run }) => run.manifest.classes.map(({ name }) => name)))];
  const force = inForce(a.run, b.run, options);
  const setOf = ({ run, findings }: RunFindings, threshold: number): OrdinalSet =>
    comparedSet(
      {
        no: run.no,
        findings,
        threshold,
        classes: run.manifest.classes.map(({ name }) => classes.indexOf(name)),
      },
      force.withRejected,
    );
  const one = setOf(a, force.thresholdA);
  const other = setOf(b, force.thresholdB);
  const list = compareSets(one, other, matchFindings(one, other, force));
  const numbers = comparisonNumbers(list, one, other, classes.length);
  return {
    a: { ...a, set: one },
    b: { ...b, set: other },
    list,
    classes,
    summary: {
      runA: runIdOf(a.run.no),
      runB: runIdOf(b.run.no),
      options: force,
      counts: numbers.counts,
      byClass: classes
        .map((name, c) => ({ name, ...numbers.byClass[c]! }))
        .filter(({ both, onlyA, onlyB, otherClass }) => both + onlyA + onlyB + otherClass > 0),
      reference: numbers.reference,
      meanIou: numbers.meanIou,
      classKappa: force.classAware ? null : numbers.classKappa,
      tiles: tilesOf(file, a.run, b.run, force, classes),
    },
  };
}

/** Name of the class that an object goes under. */
export function classNameOfItem({ list, a, b, classes }: ComparedRuns, item: number): string {
  return classes[classOfItem(list, item, a.set, b.set)] ?? '';
}

function checkComparable(a: StoredRun, b: StoredRun): void {
  if (a.no === b.no) {
    throw new GigatileError('usage', `${runIdOf(a.no)} is one run: a comparison needs two`);
  }
  for (const { no, state } of [a, b]) {
    if (state !== 'running') continue;
    throw new GigatileError('conflict', `${runIdOf(no)} is still going on`, {
      hint: 'Compare when it has ended, or pause it.',
    });
  }
}

function inForce(a: StoredRun, b: StoredRun, options: ComparisonOptions): ComparisonSummary['options'] {
  const names = new Set(a.manifest.classes.map(({ name }) => name));
  return {
    iou: options.iou ?? usualIou,
    classAware: options.classAware ?? b.manifest.classes.some(({ name }) => names.has(name)),
    thresholdA: options.thresholdA ?? a.threshold,
    thresholdB: options.thresholdB ?? b.threshold,
    withRejected: options.withRejected ?? false,
  };
}

/** Whether a tile's score is the same quantity in both: densities are relative to what the model calls dense. */
function isSameScale({ tileColor: a }: ModelManifest, { tileColor: b }: ModelManifest): boolean {
  if (a.by !== b.by) return false;
  return a.by === 'class' || b.by === 'class' || a.full === b.full;
}

function tilesOf(
  file: CaseFile,
  a: StoredRun,
  b: StoredRun,
  { thresholdA, thresholdB }: ComparisonSummary['options'],
  classes: readonly string[],
): ComparisonSummary['tiles'] {
  if (!isSameGrid(a.grid, b.grid) || !isSameScale(a.manifest, b.manifest)) return null;
  const words = ({ no, manifest }: StoredRun): TileWords => {
    const tiles: TileWords[number][] = [];
    for (const { state, score, classIndex } of file.tiles.load(no)) {
      const name = classIndex === null ? undefined : manifest.classes[classIndex]?.name;
      const known = name === undefined ? null : classes.indexOf(name);
      tiles.push(state === tileStateCode.done && score !== null ? { score, classIndex: known } : null);
    }
    return tiles;
  };
  const by =
    a.manifest.tileColor.by === 'class' ? 'class' : a.manifest.task === 'classify' ? 'threshold' : 'none';
  return tileAgreement(
    words(a),
    words(b),
    by === 'threshold' ? { kind: by, a: thresholdA, b: thresholdB } : { kind: by },
  );
}
