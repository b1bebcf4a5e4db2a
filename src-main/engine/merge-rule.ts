/** When tiles need no merging: each detection belongs to the one tile whose core holds its centre. */
import type { StoredRun } from '../store/run-store.ts';

/**
 * Holds for models that state their halo, where the overlap covers it on both sides: then every tile sees what the whole image
 * would show around its core, and taking each core's own detections gives exactly the whole-image result. A person who asks
 * for SAHI's merging gets SAHI's merging.
 */
export function ownsByCore(run: Pick<StoredRun, 'manifest' | 'grid' | 'parameters'>): boolean {
  const merge = run.parameters.merge ?? { mode: 'exact' };
  return merge.mode === 'exact' && run.manifest.halo > 0 && run.grid.overlap >= 2 * run.manifest.halo;
}
