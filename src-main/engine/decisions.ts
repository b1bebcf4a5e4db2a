/** Deciding about findings, taking it back, and what became of all decisions. */
import type { z } from 'zod';
import type {
  Agreement,
  DecisionView,
  decisionReaderSchema,
  newDecisionSchema,
} from '../contract/decision.ts';
import { GigatileError } from '../contract/errors.ts';
import type { FindingView } from '../contract/finding.ts';
import type { ModelManifest } from '../contract/model.ts';
import { reviewOf } from '../reports/review.ts';
import type { CaseSession } from './case-session.ts';
import { classNameOf, shownFinding } from './finding-views.ts';

type NewDecision = z.output<typeof newDecisionSchema>;
type Reader = z.output<typeof decisionReaderSchema>;

/** @throws {GigatileError} run-not-found where the run has no such finding; usage for a class that the model does not have */
export function decide(session: CaseSession, no: number, decision: NewDecision): FindingView {
  const { file } = session;
  const run = file.runs.get(no);
  const { findings } = session.conductor(no);
  const { findingId, verdict, reviewer, by } = decision;
  const { classes } = run.manifest;
  if (decision.classIndex != null && decision.classIndex >= classes.length) {
    throw new GigatileError(
      'usage',
      `The model has ${classes.length} classes: there is no class ${decision.classIndex}`,
    );
  }
  file.transaction(() => {
    const finding = findings.byId(no, findingId, by);
    if (finding === null) {
      throw new GigatileError('run-not-found', 'This run has no such finding (any more)', {
        hint: 'The run was worked on again; reload the list.',
      });
    }
    const kept = finding.classIndex === finding.modelClass ? null : finding.classIndex;
    const wanted = decision.classIndex === undefined ? kept : decision.classIndex;
    file.decisions.add(no, {
      finding: findingId,
      verdict,
      // Without a verdict there is nothing that the other class is said of.
      classIndex: verdict === null || wanted === finding.modelClass ? null : wanted,
      note: decision.note === undefined ? finding.note : decision.note,
      reviewer,
      modelSha256: run.modelSha256,
      at: new Date().toISOString(),
    });
  });
  const decided = findings.byId(no, findingId, by);
  if (decided === null) throw new GigatileError('internal', 'The finding is gone');
  return shownFinding(session, run, decided);
}

/** Undo or redo of what this reviewer did last; null where there is nothing, or its finding is not there any more. */
export function moveDecision(
  session: CaseSession,
  no: number,
  move: 'undo' | 'redo',
  { reviewer, by }: Reader,
): FindingView | null {
  const { file } = session;
  const run = file.runs.get(no);
  const { modelSha256 } = run;
  const id = file.transaction(() =>
    file.decisions[move](no, { reviewer, modelSha256, at: new Date().toISOString() }),
  );
  const finding = id === null ? null : session.conductor(no).findings.byId(no, id, by);
  return finding === null ? null : shownFinding(session, run, finding);
}

export function decisionHistory(session: CaseSession, no: number, findingId: string): DecisionView[] {
  const { manifest } = session.file.runs.get(no);
  return session.file.decisions.history(no, findingId).map((entry) => ({
    seq: entry.seq,
    action: entry.action,
    verdict: entry.verdict,
    className: givenClass(manifest, entry.classIndex),
    note: entry.note,
    previous: {
      verdict: entry.previous,
      className: givenClass(manifest, entry.previousClass),
      note: entry.previousNote,
    },
    reviewer: entry.reviewer,
    at: entry.at,
    modelSha256: entry.modelSha256,
  }));
}

function givenClass(manifest: ModelManifest, classIndex: number | null): string | null {
  return classIndex === null ? null : classNameOf(manifest, classIndex);
}

export function reviewerAgreement(session: CaseSession, no: number): Agreement {
  const stands = session.file.decisions.stands(no);
  const { reviewers, pairs } = reviewOf(stands);
  const said = new Map<string, Set<number>>();
  for (const { finding, verdict, classIndex } of stands) {
    const words = said.get(finding) ?? new Set();
    said.set(finding, words.add(verdict === 'rejected' ? -1 : classIndex));
  }
  return {
    reviewers: reviewers.map(({ name, accepted, rejected }) => ({ name, decided: accepted + rejected })),
    pairs: pairs.map(({ first, second, both, same, kappa }) => ({
      first,
      second,
      both,
      agreed: same,
      kappa,
    })),
    disagreed: [...said.values()].filter((words) => words.size > 1).length,
  };
}
