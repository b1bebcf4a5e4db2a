/** Which tiles are worth looking around: those that hold what the run looks for, as far as one tile can say. */
import type { TileResult } from '../core/worker-protocol.ts';
import { detectionStride } from '../core/worker-protocol.ts';
import type { StoredRun } from '../store/run-store.ts';
import type { TileRow } from '../store/tile-store.ts';

type Said = Pick<TileResult, 'score' | 'detections'>;

const scoreAt = 5;

/** null where a tile has a number and nothing to be found (regression). */
export function likelyPositive(
  run: Pick<StoredRun, 'manifest' | 'threshold'>,
): { result: (said: Said) => boolean; row: (row: TileRow) => boolean } | null {
  const { threshold, manifest } = run;
  if (manifest.task === 'regress') return null;
  if (manifest.task !== 'detect') {
    return { result: ({ score }) => score >= threshold, row: ({ score }) => (score ?? 0) >= threshold };
  }
  return {
    result: ({ detections }) => {
      for (let at = scoreAt; at < detections.length; at += detectionStride) {
        if (detections[at]! >= threshold) return true;
      }
      return false;
    },
    // What is kept of all tiles is their colour, which is nothing where there are no detections.
    row: ({ score }) => (score ?? 0) > 0,
  };
}
