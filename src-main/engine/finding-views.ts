/** Findings as the screens see them, and the numbers about them. */
import type { FindingSummary, FindingView } from '../contract/finding.ts';
import type { ModelManifest } from '../contract/model.ts';
import { leastPen, leastSharpness } from '../core/quality/focus.ts';
import { areaMeasure } from '../core/areas.ts';
import { areaFractions, areaOfTiles } from '../core/statistics.ts';
import type { CaseFile } from '../store/case-file.ts';
import type { DecidedFinding } from '../store/finding-store.ts';
import type { StoredRun } from '../store/run-store.ts';
import type { CaseSession } from './case-session.ts';

const bins = 20;

export function classNameOf(manifest: ModelManifest, classIndex: number): string {
  return manifest.classes[classIndex]?.name ?? `class ${classIndex}`;
}

export function findingView(manifest: ModelManifest, row: DecidedFinding): FindingView {
  return {
    id: row.id,
    ordinal: row.ordinal,
    kind: row.kind,
    box: { x: row.x, y: row.y, width: row.width, height: row.height },
    classIndex: row.classIndex,
    className: classNameOf(manifest, row.classIndex),
    ...(row.modelClass !== row.classIndex && { modelClassName: classNameOf(manifest, row.modelClass) }),
    score: row.score,
    tile: row.tile,
    verdict: row.verdict,
    ...(row.note !== null && { note: row.note }),
    reviewer: row.reviewer,
    decidedAt: row.decidedAt,
    ...(row.shape && { shape: row.shape }),
  };
}

/** The same of a run that may be going on: then it says whether tiles are to come that may change it. */
export function shownFinding(session: CaseSession, run: StoredRun, row: DecidedFinding): FindingView {
  const mayChange = session.conductor(run.no).mayChange(row);
  return { ...findingView(run.manifest, row), ...(mayChange && { provisional: true }) };
}

/** Class fractions of all tiles, as core/statistics.ts takes them; read for segmenters only, since it goes through all results. */
function classFractions(file: CaseFile, run: StoredRun, tiles: number): Float32Array {
  const classes = run.manifest.classes.length;
  const fractions = new Float32Array(tiles * classes);
  for (const { tile, values } of file.tiles.results(run.no)) {
    fractions.set(values.subarray(0, classes), tile * classes);
  }
  return fractions;
}

/** The numbers beside the findings, from the same rules as the report's. */
export function findingSummary(session: CaseSession, no: number, threshold: number): FindingSummary {
  const { file, image } = session;
  const run = file.runs.get(no);
  const { classes, task } = run.manifest;
  const { findings } = session.conductor(no);
  const tally = findings.tally(no, threshold);
  const count = (keep: (row: (typeof tally)[number]) => boolean): number =>
    tally.filter(keep).reduce((sum, row) => sum + row.n, 0);
  const { state } = session.conductor(no).visibleTiles();
  const measure = areaMeasure(image.info, run.parameters.mpp);
  const planned = state.length > 0;
  const fractions =
    task === 'segment' && planned
      ? areaFractions(run.grid, state, classFractions(file, run, state.length), classes.length, measure)
      : null;
  return {
    total: count(() => true),
    accepted: count((row) => row.verdict === 'accepted'),
    rejected: count((row) => row.verdict === 'rejected'),
    undecided: count((row) => row.verdict === null),
    byClass: classes.map(({ name }, c) => ({ name, count: count((row) => row.classIndex === c) })),
    histogram: findings.histogram(no, bins),
    quality: file.tiles.quality(no, leastSharpness, leastPen),
    analysedArea: planned ? areaOfTiles(run.grid, state, measure) : null,
    areaFractions: fractions ? classes.map(({ name }, c) => ({ name, fraction: fractions[c] ?? 0 })) : [],
  };
}
