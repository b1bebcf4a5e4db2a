/** Selecting and judging findings. A decision shows at once and is taken back on the screen where it could not be stored. */
import type { FindingView, Verdict } from '../../src-main/contract/finding.ts';
import { plainErrorOf } from '../client/plain-error.ts';
import { notifyError, useApp } from '../state/app-store.ts';
import { modelOf, selectedRun, useCase } from '../state/case-store.ts';
import type { Controller } from '../state/controller.ts';
import { verdictToCode } from '../state/finding-set.ts';
import { reviewerName } from '../state/preferences.ts';
import { useView } from '../state/view-store.ts';
import { currentViewer } from '../viewer/current-viewer.ts';
import { newSelection } from './selection-turn.ts';
import {
  findingAt,
  findingAtLoaded,
  listRequest,
  placeOf,
  replaceInList,
  useFindingList,
} from './finding-list-store.ts';
import { acts } from '../state/acts.ts';
import { reading } from '../state/reading.ts';
import { words } from '../words/words.ts';

/** Selects the finding at a place of the list, and goes there unless it can be seen where the view is. */
export async function selectPosition(controller: Controller, position: number): Promise<void> {
  const isLatest = newSelection();
  const finding = await findingAtLoaded(controller.connection, position);
  if (finding === null || !isLatest()) return;
  select(finding, position);
}

function select(finding: FindingView, position: number | null): void {
  const { set, fly } = useView.getState();
  set({ selectedFinding: { finding, position }, noteOpen: false });
  if (currentViewer()?.isInSight(finding.box) !== true) fly(finding.box);
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
  try {
    const finding = await byOrdinal(controller, run.caseId, run.id, ordinal);
    if (finding === null || !isLatest()) return;
    const position = await placeInList(controller, finding);
    if (!isLatest()) return;
    useView.getState().set({ selectedFinding: { finding, position }, noteOpen: false, tab: 'findings' });
  } catch (error) {
    notifyError(words.findings.thisFindingCouldNotBeRead, plainErrorOf(error));
  }
}

async function byOrdinal(
  controller: Controller,
  caseId: string,
  runId: string,
  ordinal: number,
): Promise<FindingView | null> {
  const known = findingAt(ordinal);
  if (known?.ordinal === ordinal) return known;
  const page = await controller.connection.api.findings.page({
    caseId,
    runId,
    threshold: 0,
    offset: ordinal,
    limit: 1,
    sort: 'score',
    verdict: 'all',
    ...reading(),
  });
  return page.findings[0] ?? null;
}

/** Where a finding stands in the list as it is filtered and sorted now; null where it is not in it. */
async function placeInList(controller: Controller, finding: FindingView): Promise<number | null> {
  const known = placeOf(finding.id);
  if (known !== null) return known.position;
  const { query } = useFindingList.getState();
  if (query === null) return null;
  return controller.connection.api.findings.place({ ...listRequest(query), findingId: finding.id });
}

/** After the list was renewed: the selected finding may stand elsewhere in it now. */
export function placeSelection(): void {
  const { selectedFinding, set } = useView.getState();
  if (selectedFinding === null) return;
  const now = placeOf(selectedFinding.finding.id);
  if (now !== null) set({ selectedFinding: now });
}

/** What is decided; what is left out stays as it is. */
export interface Change {
  verdict: Verdict | null;
  /** null: the model's class. */
  classIndex?: number | null;
  /** null: no note. */
  note?: string | null;
}

/** Judges the selected finding; after a verdict the next one is selected. */
export async function decide(controller: Controller, verdict: Verdict | null): Promise<void> {
  const selected = selectedOrHint();
  if (selected === null) return;
  const stored = decideFinding(controller, selected.finding, { verdict });
  if (verdict !== null && selected.position !== null) await stepFinding(controller, 1);
  await stored;
}

/** Accepts the selected finding as one of the model's classes, and goes on. */
export async function relabel(controller: Controller, classIndex: number): Promise<void> {
  const selected = selectedOrHint();
  if (selected === null) return;
  const stored = decideFinding(controller, selected.finding, { verdict: 'accepted', classIndex });
  if (selected.position !== null) await stepFinding(controller, 1);
  await stored;
}

function selectedOrHint() {
  const { selectedFinding } = useView.getState();
  if (selectedFinding !== null) return selectedFinding;
  useApp.getState().notify({
    tone: 'info',
    title: words.findings.selectAFindingFirst,
    detail: words.findings.jGoesToTheNextOne,
  });
  return null;
}

/** Judges any finding. */
export async function decideFinding(
  controller: Controller,
  finding: FindingView,
  change: Change,
): Promise<void> {
  const run = selectedRun(useCase.getState());
  if (run === null) return;
  show(foreseen(finding, change));
  acts.record({ kind: 'decision' });
  try {
    show(
      await controller.connection.api.decisions.set({
        caseId: run.caseId,
        runId: run.id,
        findingId: finding.id,
        ...change,
        reviewer: reviewerName(),
        ...reading(),
      }),
    );
  } catch (error) {
    show(finding);
    notifyError(words.findings.theDecisionCouldNotBeStored, plainErrorOf(error));
  }
}

export function undoDecision(controller: Controller): Promise<void> {
  return moveDecision(
    controller,
    'undo',
    words.findings.nothingToUndo,
    words.findings.youHaveDecidedNothingThatIsStill,
  );
}

export function redoDecision(controller: Controller): Promise<void> {
  return moveDecision(
    controller,
    'redo',
    words.findings.nothingToRedo,
    words.findings.nothingWasUndoneSinceYourLast,
  );
}

async function moveDecision(
  controller: Controller,
  move: 'undo' | 'redo',
  title: string,
  detail: string,
): Promise<void> {
  const run = selectedRun(useCase.getState());
  if (run === null) return;
  const isLatest = newSelection();
  try {
    const finding = await controller.connection.api.decisions[move]({
      caseId: run.caseId,
      runId: run.id,
      reviewer: reviewerName(),
      ...reading(),
    });
    if (finding === null) {
      useApp.getState().notify({ tone: 'info', title, detail });
      return;
    }
    show(finding);
    const position = await placeInList(controller, finding);
    if (isLatest()) select(finding, position);
  } catch (error) {
    notifyError(
      words.findings.theDecisionCouldNotBe(move === 'undo' ? 'undone' : 'redone'),
      plainErrorOf(error),
    );
  }
}

/** The finding as it will be when the engine has stored the change. */
function foreseen(finding: FindingView, { verdict, classIndex, note }: Change): FindingView {
  const { modelClassName, note: noteBefore, ...rest } = finding;
  const state = useCase.getState();
  const classes = modelOf(state, selectedRun(state))?.manifest.classes ?? [];
  const modelClass = modelClassName ?? finding.className;
  const isModels = classIndex === null || verdict === null;
  const className = isModels ? modelClass : (classes[classIndex ?? -1]?.name ?? finding.className);
  const index = classes.findIndex(({ name }) => name === className);
  const nextNote = note === undefined ? noteBefore : (note ?? undefined);
  return {
    ...rest,
    className,
    classIndex: index < 0 ? finding.classIndex : index,
    ...(className !== modelClass && { modelClassName: modelClass }),
    ...(nextNote !== undefined && { note: nextNote }),
    verdict,
    reviewer: verdict === null ? null : reviewerName(),
    decidedAt: verdict === null ? null : new Date().toISOString(),
  };
}

/** In the list, in the image and in the selection. */
function show(finding: FindingView): void {
  replaceInList(finding);
  const { findings } = useCase.getState();
  if (findings !== null && finding.ordinal < findings.count) {
    findings.verdicts[finding.ordinal] = verdictToCode(finding.verdict);
    findings.classes[finding.ordinal] = finding.classIndex;
    useCase.setState((state) => ({ findingsVersion: state.findingsVersion + 1 }));
  }
  const { selectedFinding, set } = useView.getState();
  if (selectedFinding?.finding.id === finding.id) set({ selectedFinding: { ...selectedFinding, finding } });
}
