/** How many failed tiles a run may have and still count as complete. */
import type { RunState, TileCounts, Tolerance } from '../contract/run.ts';

/** What a person gets who says nothing: gaps are shown, and beyond a twentieth of the tiles the run has failed. */
export const defaultTolerance: Tolerance = { kind: 'percent', value: 5 };

/** The end of a run whose tiles have all ended. Skipped tiles are no gaps; they don't count in the percentage either. */
export function finalState(
  tiles: TileCounts,
  tolerance: Tolerance,
): {
  state: Extract<RunState, 'complete' | 'complete-with-gaps' | 'failed'>;
  reason: string | null;
} {
  if (tiles.failed === 0) return { state: 'complete', reason: null };
  const attempted = tiles.total - tiles.skipped;
  const said = `${tiles.failed} of ${attempted} tiles failed`;
  const allowed = tolerance.kind === 'count' ? tolerance.value : (attempted * tolerance.value) / 100;
  const limit = tolerance.kind === 'count' ? `${tolerance.value} tiles` : `${tolerance.value} %`;
  if (tiles.failed > allowed || tiles.failed === attempted) {
    return { state: 'failed', reason: `${said}, beyond the tolerance of ${limit}` };
  }
  return { state: 'complete-with-gaps', reason: said };
}
