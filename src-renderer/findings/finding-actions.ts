/** Selecting and judging findings. A decision shows at once and is taken back on the screen where it could not be stored. */
import type { FindingView, Verdict } from '../../src-main/contract/finding.ts';
import { plainErrorOf } from '../client/plain-error.ts';
import { notifyError, useApp } from '../state/app-store.ts';
import { selectedRun, useCase } from '../state/case-store.ts';
import type { Controller } from '../state/controller.ts';
import { verdictToCode } from '../state/finding-set.ts';
import { reviewerName } from '../state/preferences.ts';
import { useView } from '../state/view-store.ts';
import { newSelection } from './selection-turn.ts';
import { findingAt, findingAtLoaded, placeOf, replaceInList, useFindingList } from './finding-list-store.ts';

/** Selects the finding at a place of the list and goes there. */
export async function selectPosition(controller: Controller, position: number): Promise<void> {
  const isLatest = newSelection();
  const finding = await findingAtLoaded(controller.connection, position);
  if (finding === null || !isLatest()) return;
  useView.getState().set({ selectedFinding: { finding, position } });
  useView.getState().fly(finding.box);
}

/** Goes one further or back in the list; from nothing to its first. */
export async function stepFinding(controller: Controller, step: 1 | -1): Promise<void> {
  const { selectedFinding, tab, set } = useView.getState();
  const { total } = useFindingList.getState();
  if (total === null || total === 0) return;
  if (tab !== 'findings') set({ tab: 'findings' });
  const from = selectedFinding?.position ?? (step === 1 ? -1 : total);
  await selectPosition(controller, Math.min(total - 1, Math.max(0, from + step)));
}

/** Selects a finding that was clicked in the image, by its ordinal. */
export async function selectOrdinal(controller: Controller, ordinal: number): Promise<void> {
  const run = selectedRun(useCase.getState());
  if (run === null) return;
  const isLatest = newSelection();
  const { query } = useFindingList.getState();
  // Without a filter the list is the run's own order, of which the threshold cuts the tail.
  const position = query?.verdict === 'all' ? ordinal : null;
  try {
    const known = position === null ? null : findingAt(position);
    const finding =
      known?.ordinal === ordinal ? known : await byOrdinal(controller, run.caseId, run.id, ordinal);
    if (finding === null || !isLatest()) return;
    useView.getState().set({ selectedFinding: { finding, position }, tab: 'findings' });
  } catch (error) {
    notifyError('This finding could not be read', plainErrorOf(error));
  }
}

async function byOrdinal(
  controller: Controller,
  caseId: string,
  runId: string,
  ordinal: number,
): Promise<FindingView | null> {
  const page = await controller.connection.api.findings.page({
    caseId,
    runId,
    threshold: 0,
    offset: ordinal,
    limit: 1,
    sort: 'score',
    verdict: 'all',
  });
  return page.findings[0] ?? null;
}

/** After the list was renewed: the selected finding may stand elsewhere in it now. */
export function placeSelection(): void {
  const { selectedFinding, set } = useView.getState();
  if (selectedFinding === null) return;
  const now = placeOf(selectedFinding.finding.id);
  if (now !== null) set({ selectedFinding: now });
}

/** Judges the selected finding; after a verdict the next one is selected. */
export async function decide(controller: Controller, verdict: Verdict | null): Promise<void> {
  const { selectedFinding } = useView.getState();
  if (selectedFinding === null) {
    useApp
      .getState()
      .notify({ tone: 'info', title: 'Select a finding first', detail: 'J goes to the next one.' });
    return;
  }
  const { finding, position } = selectedFinding;
  const stored = decideFinding(controller, finding, verdict);
  if (verdict !== null && position !== null) await stepFinding(controller, 1);
  await stored;
}

/** Judges any finding. */
export async function decideFinding(
  controller: Controller,
  finding: FindingView,
  verdict: Verdict | null,
): Promise<void> {
  const run = selectedRun(useCase.getState());
  if (run === null) return;
  show({
    ...finding,
    verdict,
    reviewer: verdict === null ? null : reviewerName(),
    decidedAt: verdict === null ? null : new Date().toISOString(),
  });
  try {
    show(
      await controller.connection.api.decisions.set({
        caseId: run.caseId,
        runId: run.id,
        findingId: finding.id,
        verdict,
        reviewer: reviewerName(),
      }),
    );
  } catch (error) {
    show(finding);
    notifyError('The decision could not be stored', plainErrorOf(error));
  }
}

/** In the list, in the image and in the selection. */
function show(finding: FindingView): void {
  replaceInList(finding);
  const { findings } = useCase.getState();
  if (findings !== null && finding.ordinal < findings.count) {
    findings.verdicts[finding.ordinal] = verdictToCode(finding.verdict);
    useCase.setState((state) => ({ findingsVersion: state.findingsVersion + 1 }));
  }
  const { selectedFinding, set } = useView.getState();
  if (selectedFinding?.finding.id === finding.id) set({ selectedFinding: { ...selectedFinding, finding } });
}
