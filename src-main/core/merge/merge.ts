/** From the detections of all tiles to the findings of a run. */
import type { Merge } from '../../contract/run.ts';
import { mergeExact } from './exact.ts';
import type { MergeContext, Merged } from './merged.ts';
import { mergeSahi } from './sahi.ts';

/**
 * @param packed detections as in core/worker-protocol.ts: x, y, width, height (level-0 pixels), class, score
 * @param tiles the tile that each of them was found in
 * @throws {GigatileError} model-invalid where a detection is no box
 */
export function mergeDetections(
  packed: Float32Array,
  tiles: Int32Array,
  merge: Merge,
  context: MergeContext = {},
): Merged {
  return merge.mode === 'exact'
    ? mergeExact(packed, tiles, context)
    : mergeSahi(packed, tiles, merge, context);
}
