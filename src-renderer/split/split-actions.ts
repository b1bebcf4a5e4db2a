/** Opening the second view, choosing what it shows, tying both. */
import type { RecentCase } from '../../src-main/contract/api.ts';
import type { Choice } from '../app/commands/command.ts';
import { plainErrorOf } from '../client/plain-error.ts';
import { notifyError } from '../state/app-store.ts';
import { runToShow, useCase } from '../state/case-store.ts';
import type { Controller } from '../state/controller.ts';
import { useCompare } from '../compare/compare-store.ts';
import { closeSplit, isSplit, useSplit } from './split-store.ts';
import { words } from '../words/words.ts';

/** Beside what is compared, else beside the newest other run, else the same image without results. */
export function toggleSplit(): void {
  if (isSplit()) {
    closeSplit();
    return;
  }
  const { caseView, runId } = useCase.getState();
  if (caseView === null) return;
  const others = caseView.runs
    .filter(({ id }) => id !== runId)
    .toSorted((a, b) => b.createdAt.localeCompare(a.createdAt));
  useSplit.setState({ shown: { caseView, runId: useCompare.getState().runB ?? others[0]?.id ?? null } });
}

export function toggleLink(): void {
  useSplit.setState(({ isLinked }) => ({ isLinked: !isLinked }));
}

export function otherSide(): void {
  useSplit.setState(({ side }) => ({ side: side === 'first' ? 'second' : 'first' }));
}

/** A run of the case that is open; null: the image without results. */
export function showRun(runId: string | null): void {
  const { caseView } = useCase.getState();
  if (caseView !== null) useSplit.setState({ shown: { caseView, runId } });
}

/** Another image, with what was found in it last. */
export async function showFile(controller: Controller, fileId: string, name: string): Promise<void> {
  try {
    const caseView = await controller.connection.api.cases.open({ fileId });
    if (isSplit()) useSplit.setState({ shown: { caseView, runId: runToShow(caseView)?.id ?? null } });
  } catch (error) {
    notifyError(words.split.couldNotBeOpenedBesideThisOne(name), plainErrorOf(error));
  }
}

/** What the second view can show: the runs of the case and its image alone, and other images that were opened before. */
export function choicesBeside(
  controller: Controller,
  recent: readonly RecentCase[],
): (Choice & { hint: string })[] {
  const { caseView } = useCase.getState();
  if (caseView === null) return [];
  const hint = words.split.ofThisImage;
  return [
    ...caseView.runs
      .toSorted((a, b) => b.createdAt.localeCompare(a.createdAt))
      .map(({ id, modelName }) => ({
        id: `run:${id}`,
        label: `${id} · ${modelName}`,
        hint,
        run: () => showRun(id),
      })),
    { id: 'run:', label: words.split.withoutResults, hint, run: () => showRun(null) },
    ...recent
      .filter(({ imageName }) => imageName !== caseView.image.name)
      .map(({ fileId, imageName, name }) => ({
        id: `file:${fileId}`,
        label: imageName,
        hint: name,
        run: () => showFile(controller, fileId, imageName),
      })),
  ];
}
