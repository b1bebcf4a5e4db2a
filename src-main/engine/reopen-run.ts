/** A run that rests or has ended goes on: what is wanted of it now is written down before it does. */
import { GigatileError } from '../contract/errors.ts';
import type { Budget } from '../contract/model-remote.ts';
import type { FailureGroup } from '../contract/run.ts';
import type { CaseFile } from '../store/case-file.ts';
import { checkRemote } from './remote-run.ts';
import { runIdOf } from './run-id.ts';
import { tileRanges } from './tile-moves.ts';

export interface ReopenOptions {
  retryFailed: boolean;
  budget?: Budget | undefined;
  /** Of the failed tiles only those that failed like this. */
  reason?: Pick<FailureGroup, 'code' | 'message'> | undefined;
}

/** @throws {GigatileError} conflict where there is nothing to go on with; see checkRemote */
export function reopenRun(file: CaseFile, no: number, { retryFailed, budget, reason }: ReopenOptions): void {
  const run = file.runs.get(no);
  checkRemote(file, run.manifest, budget === undefined ? run.parameters : { ...run.parameters, budget });
  const { failed, pending, waiting } = file.tiles.counts(no);
  // Ended with tiles that nobody wanted then: to go on is to want them now.
  const wantsRest = run.completion === 'minimum-reached' && pending + waiting > 0;
  const resting = run.state === 'paused' || run.state === 'interrupted' || run.state === 'running';
  if (!resting && !wantsRest && !(retryFailed && failed > 0)) {
    throw new GigatileError('conflict', `${runIdOf(no)} is ${run.state}: there is nothing to go on with`, {
      hint: failed > 0 ? `Its ${failed} failed tiles can be tried again with --retry-failed.` : undefined,
    });
  }
  file.transaction(() => {
    if (budget !== undefined) {
      file.runs.setBudget(no, budget);
      file.events.append(no, 'budget', budget);
    }
    if (wantsRest) {
      file.runs.setParameters(no, { minSuccessful: undefined });
      file.events.append(no, 'rest-wanted', { tiles: pending + waiting });
    }
    file.runs.setCompletion(no, null);
    if (retryFailed && failed > 0) {
      const tiles = file.tiles.reopenFailed(no, reason);
      if (tiles.length === 0) {
        throw new GigatileError('conflict', 'No tile failed like this any more', {
          hint: 'Look at the reasons again.',
        });
      }
      const which = reason === undefined ? {} : { which: tileRanges(tiles) };
      file.events.append(no, 'retry-failed', { tiles: tiles.length, ...which });
    }
    const step = run.step === 'preprocess' ? 'preprocess' : retryFailed || !resting ? 'analyze' : run.step;
    file.runs.transition(no, [run.state], { state: 'running', step });
  });
}
