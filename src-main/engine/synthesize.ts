/**
 * The third step of a run: what the tiles said becomes one list of findings for the image. Deterministic: the same results give
 * the same findings with the same ids, whatever the order in which tiles came.
 */
import type { Shape } from '../contract/finding.ts';
import { coreRect } from '../core/grid.ts';
import { findingId } from '../core/finding-id.ts';
import { mergeDetections } from '../core/merge/merge.ts';
import { shapeOf } from '../core/merge/outlines.ts';
import { detectionStride } from '../core/worker-protocol.ts';
import type { CaseFile } from '../store/case-file.ts';
import type { NewFinding } from '../store/finding-store.ts';
import type { StoredRun } from '../store/run-store.ts';
import { collectDetections } from './collect-detections.ts';
import { mergeOf, ownsByCore } from './merge-rule.ts';
import { runKey } from './run-key.ts';

type Raw = Omit<NewFinding, 'ordinal' | 'id'>;

/** Findings by number; a million of them are columns of numbers here, not a million objects. */
interface RawFindings {
  count: number;
  /** All but the outline. */
  at(i: number): Raw;
  shape(i: number): Shape | undefined;
}

function detectionFindings(caseFile: CaseFile, run: StoredRun): RawFindings {
  const { merge } = mergeOf(run);
  // SAHI never sees what is below the model's confidence; joined boxes would grow by it.
  const keepFrom = merge.mode === 'sahi' ? run.threshold : 0;
  const { packed, tiles, outlines } = collectDetections(caseFile.tiles.results(run.no), keepFrom);
  const merged = ownsByCore(run) ? null : mergeDetections(packed, tiles, merge, { outlines, plan: run.grid });
  return {
    count: merged ? merged.kept.length : tiles.length,
    at(i) {
      const source = merged ? (merged.kept[i] ?? 0) : i;
      const from = source * detectionStride;
      const box = merged?.boxes ?? packed;
      const place = merged ? i * 4 : from;
      return {
        kind: 'detection',
        x: box[place] ?? 0,
        y: box[place + 1] ?? 0,
        width: box[place + 2] ?? 0,
        height: box[place + 3] ?? 0,
        classIndex: packed[from + 4] ?? 0,
        score: merged?.scores?.[i] ?? packed[from + 5] ?? 0,
        tile: tiles[source] ?? 0,
      };
    },
    shape(i) {
      const joined = merged?.shapes?.get(i);
      if (joined !== undefined) return joined ?? undefined;
      return outlines && shapeOf(outlines, merged ? (merged.kept[i] ?? 0) : i);
    },
  };
}

/** Classifiers and segmenters: a tile is a finding where its strongest class is one of interest. */
function tileFindings(caseFile: CaseFile, run: StoredRun): RawFindings {
  const findings: Raw[] = [];
  for (const { tile, values } of caseFile.tiles.results(run.no)) {
    let best = -1;
    for (let c = 0; c < values.length; c++) {
      if (c !== run.manifest.backgroundClass && (best < 0 || (values[c] ?? 0) > (values[best] ?? 0)))
        best = c;
    }
    const score = values[best] ?? 0;
    if (best < 0 || score < run.manifest.keepFrom) continue;
    findings.push({ kind: 'tile', ...coreRect(run.grid, tile), classIndex: best, score, tile });
  }
  return listed(findings);
}

function listed(findings: readonly Raw[]): RawFindings {
  return {
    count: findings.length,
    at(i) {
      const finding = findings[i];
      if (!finding) throw new RangeError(`no finding ${i}`);
      return finding;
    },
    shape: (i) => findings[i]?.shape,
  };
}

function rawFindings(caseFile: CaseFile, run: StoredRun): RawFindings {
  switch (run.manifest.task) {
    case 'detect':
      return detectionFindings(caseFile, run);
    case 'classify':
    case 'segment':
      return tileFindings(caseFile, run);
    case 'regress':
      // A number a tile is a map, not a list: it is in the tiles' values.
      return listed([]);
  }
}

/** Numbers of the findings, score descending, then y, x, class. */
function ordered(raw: RawFindings): Uint32Array {
  const score = new Float64Array(raw.count);
  const x = new Float64Array(raw.count);
  const y = new Float64Array(raw.count);
  const classIndex = new Uint16Array(raw.count);
  for (let i = 0; i < raw.count; i++) {
    const finding = raw.at(i);
    score[i] = finding.score;
    x[i] = finding.x;
    y[i] = finding.y;
    classIndex[i] = finding.classIndex;
  }
  return Uint32Array.from({ length: raw.count }, (_, i) => i).sort(
    (a, b) =>
      score[b]! - score[a]! || y[a]! - y[b]! || x[a]! - x[b]! || classIndex[a]! - classIndex[b]! || a - b,
  );
}

/**
 * The findings of a run in their order, made one by one as they are written.
 * @param regions of a segmenter whose tiles have masks (see synthesize-regions.ts), else null
 */
export function synthesize(
  caseFile: CaseFile,
  run: StoredRun,
  fingerprint: string,
  regions: RawFindings | null = null,
): { count: number; findings: Iterable<NewFinding> } {
  const raw = regions ?? rawFindings(caseFile, run);
  const order = ordered(raw);
  const key = runKey(run, fingerprint);
  function* findings(): Generator<NewFinding> {
    for (let ordinal = 0; ordinal < order.length; ordinal++) {
      const finding = raw.at(order[ordinal] ?? 0);
      const shape = raw.shape(order[ordinal] ?? 0);
      // A model may give the very same box twice: the second one is told apart by its turn.
      const id = (turn: number): string => findingId(key, finding, turn - 1);
      yield { ...finding, ordinal, id, ...(shape && { shape }) };
    }
  }
  return { count: raw.count, findings: findings() };
}
