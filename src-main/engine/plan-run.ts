/** What a run will be, before it begins: model, fit, grid and gate, all of it checked. */
import type { ImageInfo } from '../contract/image.ts';
import type { RunParameters } from '../contract/run.ts';
import { fitModel } from '../models/fit.ts';
import { findModel } from '../models/find-models.ts';
import type { CaseFile } from '../store/case-file.ts';
import type { NewRun, StoredGate } from '../store/run-store.ts';
import { acceptedClasses, gateParameters, imageGatePlan } from './content-gate.ts';
import type { Execution } from './execution.ts';
import { checkRemote } from './remote-run.ts';
import { roomFor, roomNote } from './room.ts';

export interface PlanParts {
  file: CaseFile;
  /** Of the image of the case. */
  info: ImageInfo;
  modelsDir: string;
  execution: Execution;
  /** Of the program. */
  version: string;
}

/**
 * Checks that the model fits the image of a case and can be loaded.
 * @throws {GigatileError} model-not-found, model-invalid, model-mismatch, provider-unusable …
 */
export async function planRun(
  { file, info, modelsDir, execution, version }: PlanParts,
  model: string,
  parameters: RunParameters,
): Promise<NewRun> {
  const { card, files } = await findModel(model, modelsDir);
  checkRemote(file, card.manifest, parameters);
  const fit = fitModel(card.manifest, info, parameters);
  const modelPath = files[fit.fileIndex] ?? '';
  const modelSha256 = card.sha256[fit.fileIndex] ?? '';
  const provider = parameters.provider ?? 'cpu';
  // The built-in models are known to load on every processor; auto tries each provider when the run begins.
  if (!(card.builtIn && provider === 'cpu') && card.manifest.remote === undefined) {
    const model = { modelPath, modelSha256, manifest: card.manifest, fileIndex: fit.fileIndex };
    await execution.check(model, provider === 'auto' ? 'cpu' : provider);
  }
  const gate = await gateOf({ info, modelsDir, execution }, parameters);
  const note = roomNote(roomFor(file, card.manifest, modelSha256, fit.grid, parameters));
  return {
    modelPath,
    modelSha256,
    manifest: card.manifest,
    fit: {
      fileIndex: fit.fileIndex,
      bandIndexes: fit.bandIndexes,
      notes: note === null ? fit.notes : [...fit.notes, note],
      ...(fit.wholeImage && { wholeImage: fit.wholeImage }),
      ...(gate && { gate }),
    },
    // A path of this machine is nobody's business later; what the gate is, is in the fit.
    parameters: withoutPath(parameters, gate),
    threshold: parameters.threshold ?? card.manifest.threshold,
    grid: fit.grid,
    software: version,
  };
}

/** @throws {GigatileError} where the content gate's model is not there, does not classify, or does not fit the image */
async function gateOf(
  { info, modelsDir, execution }: Pick<PlanParts, 'info' | 'modelsDir' | 'execution'>,
  parameters: RunParameters,
): Promise<StoredGate | null> {
  const wanted = parameters.gate;
  if (wanted === undefined) return null;
  const { card, files } = await findModel(wanted.model, modelsDir);
  const accept = acceptedClasses(card.manifest, wanted.accept);
  const fit = fitModel(card.manifest, info, gateParameters(parameters));
  const { scope } = wanted;
  const grid = scope === 'image' ? imageGatePlan(card.manifest, fit.grid) : fit.grid;
  const model = {
    modelPath: files[fit.fileIndex] ?? '',
    modelSha256: card.sha256[fit.fileIndex] ?? '',
    manifest: card.manifest,
    fileIndex: fit.fileIndex,
  };
  if (!card.builtIn) await execution.check(model, 'cpu');
  const how = { accept, from: wanted.from ?? 0.5, ...(scope && { scope }) };
  return { ...model, bandIndexes: fit.bandIndexes, grid, ...how };
}

function withoutPath(parameters: RunParameters, gate: StoredGate | null): RunParameters {
  if (gate === null || parameters.gate === undefined) return parameters;
  return { ...parameters, gate: { ...parameters.gate, model: gate.manifest.id } };
}
