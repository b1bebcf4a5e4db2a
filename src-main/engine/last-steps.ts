/** The last two steps of a run, each with its checkpoint: synthesize, then store. Doing one again after a crash changes nothing. */
import type { RemoteUsage } from '../contract/model-remote.ts';
import { completionPolicy, finalState } from '../core/tolerance.ts';
import type { CaseFile } from '../store/case-file.ts';
import type { StoredRun } from '../store/run-store.ts';
import { rejectionOf } from './content-gate.ts';
import { describeScene, factsOf } from './describe-scene.ts';
import { mergeOf } from './merge-rule.ts';
import { synthesize } from './synthesize.ts';
import { collectRegions } from './synthesize-regions.ts';

const decisionsLost =
  'Some findings were judged before all tiles were there, and became parts of others or are gone: those decisions stay in the case, but count for no finding. Look through the undecided ones.';

/** The tiles' results become the run's findings. */
export async function synthesizeRun(
  caseFile: CaseFile,
  run: StoredRun,
  fingerprint: string,
  signal: AbortSignal,
): Promise<void> {
  const { no } = run;
  const regions = await collectRegions(caseFile, run, signal);
  try {
    const { note } = mergeOf(run);
    const { count, findings } = synthesize(caseFile, run, fingerprint, regions);
    const left = regions && { cuts: regions.cuts, tooSmall: regions.tooSmall, tooWeak: regions.tooWeak };
    caseFile.transaction(() => {
      caseFile.findings.replace(no, findings);
      caseFile.runs.addNotes(no, regions?.notes ?? []);
      if (note !== null && run.manifest.task === 'detect') caseFile.runs.addNotes(no, [note]);
      caseFile.runs.advance(no, 'synthesize', 'store');
      const lost = caseFile.decisions.withoutFinding(no);
      if (lost > 0) caseFile.runs.addNotes(no, [decisionsLost]);
      caseFile.events.append(no, 'synthesized', {
        findings: count,
        ...left,
        ...(lost > 0 && { decisionsWithoutFinding: lost }),
      });
    });
  } finally {
    regions?.close();
  }
}

/** Of a remote model, after the findings: what was said of the tiles, as one text. */
export async function describeRun(
  caseFile: CaseFile,
  no: number,
  secrets: Parameters<typeof describeScene>[3],
  onUsage: (cost: RemoteUsage) => void,
  signal: AbortSignal,
): Promise<void> {
  const run = caseFile.runs.get(no);
  const { remote } = run.manifest;
  if (remote === undefined) return;
  const scene = await describeScene(run, remote, factsOf(caseFile, run), secrets, onUsage, signal);
  caseFile.transaction(() => {
    caseFile.runs.setScene(no, scene);
    caseFile.events.append(no, 'described', { by: scene.by, problem: scene.problem });
  });
}

/** Decides what the run has come to (core/tolerance.ts); it is finished then. */
export function storeRun(caseFile: CaseFile, run: StoredRun): void {
  const { no } = run;
  const counts = caseFile.tiles.counts(no);
  const asCounted = finalState(counts, completionPolicy(run.parameters));
  const rejection =
    counts.skipped === counts.total
      ? rejectionOf(run.fit.gate, caseFile.events.last(no, 'preprocessed')?.data)
      : null;
  const end = { ...asCounted, reason: asCounted.reason ?? rejection };
  caseFile.transaction(() => {
    caseFile.runs.setCompletion(no, end.completion);
    caseFile.runs.transition(no, ['running'], {
      ...end,
      step: 'finished',
      finishedAt: new Date().toISOString(),
    });
    caseFile.events.append(no, 'finished', end);
  });
}
