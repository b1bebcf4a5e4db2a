/** Rows of a `detections` output (float32 [K, 7]) to packed detections of each tile. */
import { GigatileError } from '../contract/errors.ts';
import type { ModelManifest } from '../contract/model.ts';
import type { GridPlan, Rect } from '../contract/run.ts';
import { detectionStride } from '../core/worker-protocol.ts';
import { notFinite, type OutputTensor } from './outputs.ts';

const columns = 7;

/**
 * Row numbers by tile of the batch.
 *
 * @throws {GigatileError} model-invalid where the tensor is no [K, 7]; internal where a row belongs to no tile of the batch
 */
export function detectionsByTile(tensor: OutputTensor, tiles: number): number[][] {
  if (tensor.dims.length !== 2 || tensor.dims[1] !== columns) {
    throw new GigatileError(
      'model-invalid',
      `The detections have the shape ${tensor.dims.join(' x ')} instead of K x ${columns}`,
      { hint: 'They must be tile in the batch, x1, y1, x2, y2, confidence, class.' },
    );
  }
  const byTile: number[][] = Array.from({ length: tiles }, () => []);
  for (let row = 0; row < (tensor.dims[0] ?? 0); row++) {
    const list = byTile[tensor.data[row * columns] ?? -1];
    if (list === undefined) throw notFinite('detections, column tile');
    list.push(row);
  }
  return byTile;
}

export interface TilePlace {
  plan: GridPlan;
  /** What the tile saw, and what it owns; model pixels of the whole image. */
  rect: Rect;
  core: Rect;
  size: { width: number; height: number };
  keepAll: boolean;
}

/**
 * Detections at or above keepFrom in level-0 pixels; those whose centre the tile owns, or all. `counts` are the owned ones at
 * or above the model's threshold, by class: what the tile's colour shows, so that nothing is counted by two tiles.
 */
export function packDetections(
  manifest: ModelManifest,
  { data }: OutputTensor,
  rows: readonly number[],
  { plan, rect, core, size, keepAll }: TilePlace,
): { detections: Float32Array; counts: number[] } {
  const counts = manifest.classes.map(() => 0);
  const packed = new Float32Array(rows.length * detectionStride);
  let used = 0;
  // The model's numbers are float32: so is what they are compared with.
  const [keepFrom, threshold] = [Math.fround(manifest.keepFrom), Math.fround(manifest.threshold)];
  for (const row of rows) {
    const number = (column: number): number => data[row * columns + column] ?? Number.NaN;
    const [x1, y1, x2, y2, score, classIndex] = [1, 2, 3, 4, 5, 6].map(number) as Row;
    if (![x1, y1, x2, y2, score].every(Number.isFinite)) throw notFinite('detections');
    if (counts[classIndex] === undefined) {
      throw new GigatileError('model-invalid', `The model found class ${classIndex}, which has no name`, {
        hint: `Name it under classes in gigatile.json, which has ${counts.length}.`,
      });
    }
    if (score < keepFrom || classIndex === manifest.backgroundClass) continue;
    const owned =
      owns(core.x, core.width, size.width, rect.x + (x1 + x2) / 2) &&
      owns(core.y, core.height, size.height, rect.y + (y1 + y2) / 2);
    if (owned && score >= threshold) counts[classIndex] = (counts[classIndex] ?? 0) + 1;
    if (!owned && !keepAll) continue;
    packed[used] = (rect.x + x1) * plan.scaleX;
    packed[used + 1] = (rect.y + y1) * plan.scaleY;
    packed[used + 2] = (x2 - x1) * plan.scaleX;
    packed[used + 3] = (y2 - y1) * plan.scaleY;
    packed[used + 4] = classIndex;
    packed[used + 5] = score;
    used += detectionStride;
  }
  return { detections: packed.slice(0, used), counts };
}

type Row = [number, number, number, number, number, number];

/** Is `at` in the core? The outermost cores own what lies beyond the image's edge too. */
export function owns(from: number, length: number, whole: number, at: number): boolean {
  return (from === 0 || at >= from) && (from + length >= whole || at < from + length);
}
