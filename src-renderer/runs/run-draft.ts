/** A new run that begins with what another one was made with. */
import { create } from 'zustand';
import type { RunParameters, RunView } from '../../src-main/contract/run.ts';
import { useApp } from '../state/app-store.ts';
import { modelOf, useCase } from '../state/case-store.ts';
import { useView } from '../state/view-store.ts';
import { optionTexts, type OptionTexts } from './run-option-values.ts';
import { words } from '../words/words.ts';

export interface RunDraft {
  /** The run that it is like. */
  from: string;
  /** What a run of the model is started with. */
  modelKey: string;
  texts: OptionTexts;
  /** Parameters that the form has no field for: they stay as they were. */
  rest: RunParameters;
  /** What could not be taken over, in words. */
  left: readonly string[];
}

export const useRunDraft = create<{ draft: RunDraft | null }>()(() => ({ draft: null }));

/** What a run of the model is started with now; null where the model is not in the list (any more). */
export function modelKeyOf(run: RunView): string | null {
  const card = modelOf(useCase.getState(), run);
  return card === null ? null : (card.fileId ?? card.manifest.id);
}

/** Opens the form for a new run as a run was; nothing is started yet. */
export function runAgain(run: RunView): void {
  const modelKey = modelKeyOf(run);
  if (modelKey === null) return;
  const { gate, queue, ...parameters } = run.parameters;
  const isGateKnown =
    gate !== undefined &&
    useCase.getState().models?.some(({ manifest, fileId }) => (fileId ?? manifest.id) === gate.model) ===
      true;
  const isQueueHere = queue !== undefined && queue === useApp.getState().info?.queue;
  const { texts, rest } = optionTexts({
    ...parameters,
    ...(isGateKnown && { gate }),
    ...(isQueueHere && { queue }),
  });
  const left = [
    ...(gate !== undefined && !isGateKnown ? [words.runs.theContentGate] : []),
    ...(queue !== undefined && !isQueueHere ? [words.runs.theQueue] : []),
  ];
  useRunDraft.setState({ draft: { from: run.id, modelKey, texts, rest, left } });
  useApp.setState({ chosenModel: modelKey });
  useView.getState().set({ choosingModel: true, tab: 'run' });
}

// Once the form was left, the next new run begins afresh.
useView.subscribe(({ choosingModel }, before) => {
  if (before.choosingModel && !choosingModel) useRunDraft.setState({ draft: null });
});
