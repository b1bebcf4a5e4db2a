/** How the detections of a run are merged, and when they need no merging. */
import type { Merge } from '../contract/run.ts';
import { rowOverlap } from '../core/grid.ts';
import { asSahiDoes } from '../core/merge/sahi-switch.ts';
import type { StoredRun } from '../store/run-store.ts';

/** How detections are merged, and where that is not what the person asked for, what to tell about it. */
export function mergeOf(run: Pick<StoredRun, 'manifest' | 'parameters' | 'threshold'>): {
  merge: Merge;
  note: string | null;
} {
  return asSahiDoes(run.parameters.merge ?? { mode: 'exact' }, {
    confidence: run.threshold,
    oriented: run.manifest.outputs.boxes?.oriented === true,
  });
}

/**
 * Each detection belongs to the one tile whose core holds its centre.
 *
 * Holds for models that state their halo, where the overlap covers it on both sides: then every tile sees what the whole image
 * would show around its core, and taking each core's own detections gives exactly the whole-image result. A person who asks
 * for SAHI's merging gets SAHI's merging. The networks behind `boxes` see all of a tile, or nearly: what is called their halo is an overlap
 * that does well, no proof, and of an object larger than it each tile sees a part; they are always merged.
 */
export function ownsByCore(run: Pick<StoredRun, 'manifest' | 'grid' | 'parameters' | 'fit'>): boolean {
  const merge = run.parameters.merge ?? { mode: 'exact' };
  const overlap = Math.min(run.grid.overlap, rowOverlap(run.grid));
  const { halo, outputs } = run.manifest;
  if (merge.mode !== 'exact' || outputs.boxes !== undefined || run.fit.wholeImage) return false;
  return halo > 0 && overlap >= 2 * halo;
}
