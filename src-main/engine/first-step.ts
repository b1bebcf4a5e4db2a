/**
 * The first step of a run and its checkpoint: a worker says of each tile whether it holds anything, the content gate and the chosen
 * region say whether it is wanted, and the whole grid is written.
 */
import { GigatileError } from '../contract/errors.ts';
import type { PlainError } from '../contract/errors.ts';
import { skipReasons } from '../contract/run.ts';
import type { GridPlan } from '../contract/run.ts';
import { coreRect, tileCount } from '../core/grid.ts';
import { isInRegion } from '../core/roi.ts';
import type { WorkerHost } from '../core/worker-host.ts';
import { detectionStride } from '../core/worker-protocol.ts';
import type { TileResult } from '../core/worker-protocol.ts';
import type { CaseFile } from '../store/case-file.ts';
import type { StoredGate, StoredRun } from '../store/run-store.ts';
import { applyGate } from './content-gate.ts';
import type { GateAnswer } from './content-gate.ts';
import type { ExecutionPlan } from './execution.ts';
import type { ImageGuard } from './image-guard.ts';
import { preprocessInWorker } from './preprocess.ts';
import { tileTimeoutMs } from './run-execution.ts';
import type { RunExecution } from './run-execution.ts';
import type { RunWorkers } from './run-workers.ts';
import { sidePass } from './side-pass.ts';
import { withStains } from './stain-estimate.ts';
import { skippedTiles } from './tile-moves.ts';

const outsideRegion = skipReasons.indexOf('outside-region');

export interface FirstStepParts {
  caseFile: CaseFile;
  host: WorkerHost;
  image: () => ImageGuard;
  execution: RunExecution;
  workers: RunWorkers;
  /** How many workers the run has for now. */
  claim: (plan: ExecutionPlan) => number;
  /** How far the content gate is; null while there is none at work. */
  onGate: (fraction: number | null) => void;
  /** Nothing more is to be written. */
  isStopped: () => boolean;
  signal: AbortSignal;
}

/** @returns whether the checkpoint was written; it is not where the run was stopped */
export async function preprocessRun(run: StoredRun, parts: FirstStepParts): Promise<boolean> {
  const { caseFile, host, image, execution, workers: runWorkers, isStopped, signal } = parts;
  const plan = await execution.plan(run, 0, signal);
  const init = execution.init(run, plan.threads);
  const workers = parts.claim(plan);
  runWorkers.startEarly(host, init, workers - 1);
  const { stain } = run.parameters;
  const found = await preprocessInWorker(
    host,
    init,
    run.grid,
    run.manifest.background,
    stain === 'macenko' ? stain : undefined,
    signal,
  );
  runWorkers.keep(found.worker);
  await image().check();
  if (isStopped()) return false;
  const count = tileCount(run.grid);
  if (found.skip.length !== count) {
    throw new GigatileError('internal', `Preprocess judged ${found.skip.length} of ${count} tiles`);
  }
  if (run.parameters.roi ?? run.parameters.exclude) {
    for (let tile = 0; tile < count; tile++) {
      if (!isInRegion(coreRect(run.grid, tile), run.parameters)) found.skip[tile] = outsideRegion;
    }
  }
  const gated = run.fit.gate
    ? await passGate(run, run.fit.gate, found.skip, { ...plan, workers }, parts)
    : null;
  if (isStopped()) return false;
  const stains = found.stains === undefined ? null : withStains(run.manifest, found.stains);
  // Workers that were got ready have the model's own.
  if (stains?.manifest) runWorkers.endEarly();
  const wholeImage = run.fit.wholeImage ? await lookAtWholeImage(run, run.fit.wholeImage, plan, parts) : null;
  if (isStopped()) return false;
  caseFile.transaction(() => {
    caseFile.tiles.insertGrid(run.no, found.skip, found.content, found.pen);
    if (wholeImage) caseFile.tiles.setWholeImage(run.no, wholeImage);
    if (stains) {
      if (stains.manifest) caseFile.runs.setManifest(run.no, stains.manifest);
      caseFile.runs.addNotes(run.no, [stains.note]);
    }
    caseFile.runs.setProvider(run.no, found.provider);
    caseFile.runs.advance(run.no, 'preprocess', 'analyze');
    caseFile.events.append(run.no, 'preprocessed', {
      tiles: count,
      skipped: skippedTiles(found.skip),
      ...(gated && { rejectedByGate: gated.rejected }),
      ...(gated && gated.ofImage !== null && { gateOfImage: gated.ofImage }),
      ...(wholeImage && { inWholeImage: wholeImage.detections.length / detectionStride }),
    });
  });
  return true;
}

/** @throws {GigatileError} why the whole image could not be looked at: the run is not what was asked for then, and rests */
async function lookAtWholeImage(
  run: StoredRun,
  plan: GridPlan,
  { threads }: ExecutionPlan,
  { host, execution, image, signal }: FirstStepParts,
): Promise<TileResult> {
  const found: TileResult[] = [];
  const failed: PlainError[] = [];
  await sidePass({
    host,
    init: execution.init(run, threads),
    plan,
    needed: Uint8Array.of(1),
    keepAll: true,
    workers: 1,
    tileTimeoutMs: tileTimeoutMs(run.parameters),
    checkImage: () => image().check(),
    onDone: (result) => found.push(result),
    onFailed: (_tile, error) => failed.push(error),
    onProgress: () => undefined,
    signal,
  });
  const [result] = found;
  if (result !== undefined) return result;
  const error = failed[0] ?? { code: 'internal' as const, message: 'no answer' };
  throw GigatileError.fromPlain({
    ...error,
    message: `The pass over the whole image failed: ${error.message}`,
  });
}

/** What the content gate says; the tiles that it rejects are marked in `skip`. */
async function passGate(
  run: StoredRun,
  gate: StoredGate,
  skip: Uint8Array,
  plan: ExecutionPlan,
  { host, execution, image, onGate, signal }: FirstStepParts,
): Promise<GateAnswer> {
  const { modelPath, modelSha256, manifest, fileIndex, bandIndexes } = gate;
  const ofGate = { modelPath, modelSha256, manifest, fileIndex, bandIndexes };
  onGate(0);
  try {
    return await applyGate({
      host,
      init: { ...execution.init(run, plan.threads), ...ofGate, provider: 'cpu' },
      gate,
      plan: run.grid,
      skip,
      workers: plan.workers,
      tileTimeoutMs: tileTimeoutMs(run.parameters),
      checkImage: () => image().check(),
      onProgress: onGate,
      signal,
    });
  } finally {
    onGate(null);
  }
}
