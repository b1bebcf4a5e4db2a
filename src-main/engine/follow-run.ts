/** A run that another desktop submitted to a queue: this case takes its results, too. */
import { GigatileError } from '../contract/errors.ts';
import { builtInWith } from '../models/find-same.ts';
import type { CaseFile } from '../store/case-file.ts';
import type { NewRun } from '../store/run-store.ts';
import type { Fleet, FleetAnalysis } from './fleet.ts';

/** The case's run that has its results from there already; null: none. */
export function runThatFollows(file: CaseFile, queueRun: string): number | null {
  const has = (no: number): boolean =>
    file.events
      .list(no)
      .some(
        ({ kind, data }) =>
          (kind === 'submitted' || kind === 'followed') && (data as { id: string }).id === queueRun,
      );
  return file.runs.list().find(({ no, parameters }) => parameters.queue !== undefined && has(no))?.no ?? null;
}

/**
 * @param modelsDir of the built-in models; others come out of the queue into `cacheDir`
 * @throws {GigatileError} image-changed, model-not-found, model-changed
 */
export async function followedPlan(
  fleet: Fleet,
  { image, plan }: FleetAnalysis,
  fingerprint: string,
  folders: { modelsDir: string; cacheDir: string },
  software: string,
): Promise<NewRun> {
  if (image.fingerprint !== fingerprint) {
    throw new GigatileError('image-changed', `That run is of another image (${image.name})`, {
      hint: 'Open the image that it is of, and follow it from there.',
    });
  }
  const { modelSha256 } = plan;
  const modelPath =
    (await builtInWith(modelSha256, folders.modelsDir)) ?? (await fleet.model(modelSha256, folders.cacheDir));
  return { ...plan, modelPath, software };
}
