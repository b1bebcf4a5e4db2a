/**
 * The third step of a run: what the tiles said becomes one list of findings for the image. Deterministic: the same results give
 * the same findings with the same ids, whatever the order in which tiles came.
 */
import { coreRect } from '../core/grid.ts';
import { findingId } from '../core/finding-id.ts';
import { mergeDetections } from '../core/merge/merge.ts';
import { detectionStride } from '../core/worker-protocol.ts';
import type { CaseFile } from '../store/case-file.ts';
import type { StoredFinding } from '../store/finding-store.ts';
import type { StoredRun } from '../store/run-store.ts';
import { ownsByCore } from './merge-rule.ts';
import { runKey } from './run-key.ts';

type Raw = Omit<StoredFinding, 'ordinal' | 'id'>;

/** Detections of all done tiles, one packed list (see detectionStride) and the tile of each. */
function collectDetections(caseFile: CaseFile, run: number): { packed: Float32Array; tiles: Int32Array } {
  let packed = new Float32Array(1 << 16);
  let tiles = new Int32Array(Math.ceil(packed.length / detectionStride));
  let count = 0;
  for (const result of caseFile.tiles.results(run)) {
    const more = result.detections.length / detectionStride;
    while ((count + more) * detectionStride > packed.length) {
      const largerPacked = new Float32Array(packed.length * 2);
      largerPacked.set(packed);
      packed = largerPacked;
      const largerTiles = new Int32Array(Math.ceil(packed.length / detectionStride));
      largerTiles.set(tiles);
      tiles = largerTiles;
    }
    packed.set(result.detections, count * detectionStride);
    tiles.fill(result.tile, count, count + more);
    count += more;
  }
  return { packed: packed.subarray(0, count * detectionStride), tiles: tiles.subarray(0, count) };
}

function detectionFindings(caseFile: CaseFile, run: StoredRun): Raw[] {
  const { packed, tiles } = collectDetections(caseFile, run.no);
  const merged = ownsByCore(run)
    ? null
    : mergeDetections(packed, tiles, run.parameters.merge ?? { mode: 'exact' });
  const count = merged ? merged.kept.length : tiles.length;
  const findings: Raw[] = [];
  for (let i = 0; i < count; i++) {
    const source = merged ? (merged.kept[i] ?? 0) : i;
    const at = source * detectionStride;
    const box = merged ? merged.boxes.subarray(i * 4, i * 4 + 4) : packed.subarray(at, at + 4);
    findings.push({
      kind: 'detection',
      x: box[0] ?? 0,
      y: box[1] ?? 0,
      width: box[2] ?? 0,
      height: box[3] ?? 0,
      classIndex: packed[at + 4] ?? 0,
      score: packed[at + 5] ?? 0,
      tile: tiles[source] ?? 0,
    });
  }
  return findings;
}

/** Classifiers and segmenters: a tile is a finding where its strongest class is one of interest. */
function tileFindings(caseFile: CaseFile, run: StoredRun): Raw[] {
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
  return findings;
}

function rawFindings(caseFile: CaseFile, run: StoredRun): Raw[] {
  switch (run.manifest.task) {
    case 'detect':
      return detectionFindings(caseFile, run);
    case 'classify':
    case 'segment':
      return tileFindings(caseFile, run);
    case 'regress':
      // A number a tile is a map, not a list: it is in the tiles' values.
      return [];
  }
}

export function synthesize(caseFile: CaseFile, run: StoredRun, fingerprint: string): StoredFinding[] {
  const raw = rawFindings(caseFile, run);
  raw.sort((a, b) => b.score - a.score || a.y - b.y || a.x - b.x || a.classIndex - b.classIndex);
  const key = runKey(run, fingerprint);
  const seen = new Set<string>();
  return raw.map((finding, ordinal) => {
    let id = findingId(key, finding);
    // A model may give the very same box twice: the second one is told apart by its turn.
    for (let turn = 2; seen.has(id); turn++) id = findingId(`${key}#${turn}`, finding);
    seen.add(id);
    return { ...finding, ordinal, id };
  });
}
