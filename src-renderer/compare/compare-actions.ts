/** Comparing two runs, and going through the objects that both or one of them found. */
import type { ComparedFinding, DifferencesFormat } from '../../src-main/contract/compare.ts';
import { bytePaths } from '../../src-main/contract/bytes.ts';
import { decodeFindingFrame } from '../../src-main/contract/finding-frame.ts';
import { decodeTileFrame } from '../../src-main/contract/tile-frame.ts';
import { isAbort, plainErrorOf } from '../client/plain-error.ts';
import { newSelection } from '../findings/selection-turn.ts';
import { notifyError } from '../state/app-store.ts';
import { selectedRun, useCase } from '../state/case-store.ts';
import type { Controller } from '../state/controller.ts';
import { FindingSet } from '../state/finding-set.ts';
import { TileStateBuffer } from '../state/tile-state-buffer.ts';
import { useView } from '../state/view-store.ts';
import { currentViewer } from '../viewer/current-viewer.ts';
import { leaveComparison, showGroups, useCompare } from './compare-store.ts';
import { objectAtLoaded, objectRequest, startObjects, useObjectList } from './object-list-store.ts';
import { tileDifferences } from './tile-differences.ts';
import { words } from '../words/words.ts';

/** The other runs of the case, newest first. */
export function otherRuns() {
  const { caseView, runId } = useCase.getState();
  return (caseView?.runs ?? [])
    .filter((run) => run.id !== runId)
    .toSorted((a, b) => b.createdAt.localeCompare(a.createdAt));
}

/** @param runB the newest other one where left out */
export function startComparison(runB = otherRuns()[0]?.id): void {
  if (runB === undefined) return;
  const { threshold, set } = useView.getState();
  const isMoved = threshold !== selectedRun(useCase.getState())?.threshold;
  leaveComparison();
  set({ selectedFinding: null, choosingModel: false, showFindings: true });
  useCompare.setState({ runB, options: isMoved ? { thresholdA: threshold } : {} });
}

/** What is B is looked at, and what was looked at is B. */
export function swapRuns(controller: Controller): void {
  const { runB } = useCompare.getState();
  const { runId } = useCase.getState();
  if (runB === null || runId === null) return;
  const { iou, classAware, withRejected, thresholdA, thresholdB } = useCompare.getState().options;
  useCompare.setState({
    runB: runId,
    options: {
      ...(iou !== undefined && { iou }),
      ...(classAware !== undefined && { classAware }),
      ...(withRejected !== undefined && { withRejected }),
      ...(thresholdB !== undefined && { thresholdA: thresholdB }),
      ...(thresholdA !== undefined && { thresholdB: thresholdA }),
    },
  });
  controller.selectRun(runB);
}

/** Compares by the options of now: the numbers first, then what is painted. */
export async function renewComparison(controller: Controller, signal: AbortSignal): Promise<void> {
  const run = selectedRun(useCase.getState());
  const { caseView } = useCase.getState();
  const { runB, options } = useCompare.getState();
  if (run === null || caseView === null || runB === null) return;
  const { api } = controller.connection;
  const { caseId } = run;
  try {
    const summary = await api.comparisons.make({ caseId, runA: run.id, runB, options }, { signal });
    if (signal.aborted) return;
    useCompare.setState({ summary, error: null, selected: null });
    useView.getState().set({ selectedFinding: null });
    const frame = await controller.connection.bytes(bytePaths.comparison(caseId, summary.id), signal);
    if (signal.aborted) return;
    const objects = new FindingSet(decodeFindingFrame(frame.data), caseView.image);
    showGroups(objects, useCompare.getState().groups);
    useCompare.setState((state) => ({ objects, objectsVersion: state.objectsVersion + 1 }));
    useCompare.setState({ tiles: summary.tiles === null ? null : await loadTiles(controller, runB, signal) });
  } catch (error) {
    if (signal.aborted || isAbort(error)) return;
    useCompare.setState({ summary: null, objects: null, tiles: null, error: plainErrorOf(error) });
    startObjects(controller.connection, null);
  }
}

/** What is compared now as a file. */
export async function saveDifferences(controller: Controller, format: DifferencesFormat): Promise<void> {
  const { caseView } = useCase.getState();
  const { summary } = useCompare.getState();
  if (caseView === null || summary === null) return;
  const { id: comparisonId } = summary;
  try {
    const answer = await controller.connection.api.comparisons.save({
      caseId: caseView.id,
      comparisonId,
      format,
    });
    controller.tellSaved(words.compare.theDifferences, answer);
  } catch (error) {
    notifyError(words.compare.theDifferencesCouldNotBeSaved, plainErrorOf(error));
  }
}

async function loadTiles(
  controller: Controller,
  runB: string,
  signal: AbortSignal,
): Promise<TileStateBuffer | null> {
  const { caseView, tiles } = useCase.getState();
  const grid = caseView?.runs.find((run) => run.id === runB)?.grid ?? null;
  if (caseView === null || tiles === null || grid === null) return null;
  const frame = await controller.connection.bytes(bytePaths.tileStates(caseView.id, runB, 0), signal);
  const other = new TileStateBuffer(grid);
  other.apply(decodeTileFrame(frame.data), 0);
  return tileDifferences(tiles, other, grid);
}

/** Selects the object at a place of the list, and goes there unless it can be seen where the view is. */
export async function selectObject(controller: Controller, position: number): Promise<void> {
  const isLatest = newSelection();
  const item = await objectAtLoaded(controller.connection, position);
  if (item !== null && isLatest()) select(item, position);
}

function select(item: ComparedFinding, position: number | null): void {
  const { set, fly } = useView.getState();
  useCompare.setState({ selected: { item, position } });
  // A's finding can be decided like any other of the run.
  set({ selectedFinding: item.a === null ? null : { finding: item.a, position: null }, noteOpen: false });
  const box = (item.a ?? item.b)?.box;
  if (box !== undefined && currentViewer()?.isInSight(box) !== true) fly(box);
}

/** Goes one further or back in the list; from nothing to its first. */
export async function stepObject(controller: Controller, step: 1 | -1): Promise<void> {
  const { total } = useObjectList.getState();
  if (total === null || total === 0) return;
  const from = useCompare.getState().selected?.position ?? (step === 1 ? -1 : total);
  await selectObject(controller, Math.min(total - 1, Math.max(0, from + step)));
}

/** Selects an object that was clicked in the image, by its place in the frame. */
export async function selectIndex(controller: Controller, index: number): Promise<void> {
  const { query } = useObjectList.getState();
  if (query === null) return;
  const isLatest = newSelection();
  const { caseId, comparisonId } = query;
  try {
    const [item, position] = await Promise.all([
      controller.connection.api.comparisons.item({ caseId, comparisonId, index }),
      controller.connection.api.comparisons.place({ ...objectRequest(query), index }),
    ]);
    if (isLatest()) select(item, position);
  } catch (error) {
    notifyError(words.compare.thisObjectCouldNotBeRead, plainErrorOf(error));
  }
}

/** The object under a click; null where there is none. */
export function objectUnder(point: { x: number; y: number }, slack: number): number | null {
  return useCompare.getState().objects?.hit(point.x, point.y, slack, 0) ?? null;
}
