/**
 * The third step of a run: what the tiles said becomes one list of findings for the image. Deterministic: the same results give
 * the same findings with the same ids, whatever the order in which tiles came.
 */
import type { Shape } from '../contract/finding.ts';
import { skipReasons } from '../contract/run.ts';
import { coreRect, tileAt } from '../core/grid.ts';
import { findingId } from '../core/finding-id.ts';
import { mergeDetections } from '../core/merge/merge.ts';
import { shapeOf } from '../core/merge/outlines.ts';
import { wholeImageTile } from '../core/merge/tile-borders.ts';
import { detectionStride } from '../core/worker-protocol.ts';
import type { CaseFile } from '../store/case-file.ts';
import type { NewFinding } from '../store/finding-store.ts';
import type { StoredRun } from '../store/run-store.ts';
import { collectDetections, shapeEnds, type Given } from './collect-detections.ts';
import { mergeOf, ownsByCore } from './merge-rule.ts';
import { runKey } from './run-key.ts';

const leftOut = new Set([skipReasons.indexOf('outside-region'), skipReasons.indexOf('content-gate')]);

type Raw = Omit<NewFinding, 'ordinal' | 'id'>;

/** Findings by number; a million of them are columns of numbers here, not a million objects. */
interface RawFindings {
  count: number;
  /** All but the outline. */
  at(i: number): Raw;
  shape(i: number): Shape | undefined;
}

/** Those of the tiles; then, as in SAHI, those of the whole image at once. */
function* allDetections(caseFile: CaseFile, run: StoredRun): Iterable<Given> {
  yield* caseFile.tiles.results(run.no);
  const whole = run.fit.wholeImage && caseFile.tiles.wholeImage(run.no);
  if (whole) yield { tile: wholeImageTile(run.grid), ...inWantedTiles(caseFile, run, whole) };
}

/** Without those whose centre lies in a tile that the person, or the content gate, left out. */
function inWantedTiles(
  caseFile: CaseFile,
  run: StoredRun,
  { detections, shapes }: NonNullable<ReturnType<CaseFile['tiles']['wholeImage']>>,
): Pick<Given, 'detections' | 'shapes'> {
  const isLeftOut = Uint8Array.from(caseFile.tiles.load(run.no), ({ skip }) => (leftOut.has(skip) ? 1 : 0));
  const count = detections.length / detectionStride;
  const ends = shapes && shapeEnds(shapes, count, wholeImageTile(run.grid));
  const kept = Array.from({ length: count }, (_, i) => i).filter(
    (i) => isLeftOut[centreTile(run, detections, i * detectionStride)] !== 1,
  );
  const join = (list: Float32Array, range: (i: number) => [number, number]): Float32Array =>
    Float32Array.from(kept.flatMap((i) => [...list.subarray(...range(i))]));
  return {
    detections: join(detections, (i) => [i * detectionStride, (i + 1) * detectionStride]),
    shapes: shapes && join(shapes, (i) => [ends?.[i - 1] ?? 0, ends?.[i] ?? 0]),
  };
}

function centreTile(run: StoredRun, boxes: Float32Array | Float64Array, at: number): number {
  const [x = 0, y = 0, width = 0, height = 0] = boxes.subarray(at, at + 4);
  return tileAt(run.grid, x + width / 2, y + height / 2);
}

function detectionFindings(caseFile: CaseFile, run: StoredRun): RawFindings {
  const { merge } = mergeOf(run);
  // SAHI never sees what is below the model's confidence; joined boxes would grow by it.
  const keepFrom = merge.mode === 'sahi' ? run.threshold : 0;
  const { packed, tiles, outlines } = collectDetections(allDetections(caseFile, run), keepFrom);
  const wholeImage = wholeImageTile(run.grid);
  const tileOf = (tile: number, boxes: Float32Array | Float64Array, at: number): number =>
    tile === wholeImage ? centreTile(run, boxes, at) : tile;
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
        tile: tileOf(tiles[source] ?? 0, box, place),
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
