/** One tile for the inspector. */
import { GigatileError } from '../contract/errors.ts';
import { skipReasons, tileStates } from '../contract/run.ts';
import type { TileView } from '../contract/run.ts';
import { coreRect, tileRect } from '../core/grid.ts';
import { detectionStride } from '../core/worker-protocol.ts';
import type { CaseFile } from '../store/case-file.ts';
import type { StoredRun } from '../store/run-store.ts';

/** Names of the numbers that the model gives a tile: its own, or the classes whose fractions they are. */
export function valueNames(run: StoredRun): string[] {
  const { outputs, classes } = run.manifest;
  const names = [...(outputs.tileValues?.names ?? []), ...(outputs.valueMap?.names ?? [])];
  return names.length > 0 ? names : classes.map(({ name }) => name);
}

/** @throws {GigatileError} run-not-found where the run has no such tile (yet) */
export function tileView(file: CaseFile, no: number, index: number): TileView {
  const run = file.runs.get(no);
  const detail = file.tiles.detail(no, index);
  if (!detail) throw new GigatileError('run-not-found', `This run has no tile ${index} (yet)`);
  const names = valueNames(run);
  const note = run.manifest.remote === undefined ? null : file.tiles.note(no, index);
  return {
    index,
    column: index % run.grid.columns,
    row: Math.floor(index / run.grid.columns),
    rect: tileRect(run.grid, index),
    core: coreRect(run.grid, index),
    state: tileStates[detail.state] ?? 'pending',
    attempts: detail.attempts,
    skipReason: detail.skip === 0 ? null : (skipReasons[detail.skip] ?? 'unknown'),
    score: detail.score,
    values: [...detail.values].map((value, i) => ({ name: names[i] ?? `value ${i + 1}`, value })),
    sharpness: detail.sharpness,
    pen: detail.pen,
    detections: detail.detections.length / detectionStride,
    error: detail.error,
    ...(note !== null && { note }),
    wakesAt: detail.wakeMs === null ? null : new Date(detail.wakeMs).toISOString(),
  };
}
