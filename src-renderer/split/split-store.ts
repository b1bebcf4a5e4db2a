/** The second view beside the first one: of another run, or of another image. */
import { create } from 'zustand';
import type { CaseView } from '../../src-main/contract/api.ts';
import { useCase } from '../state/case-store.ts';
import type { Registration } from './linked-view.ts';

interface SplitState {
  /** null: there is one view. */
  shown: { caseView: CaseView; runId: string | null } | null;
  /** Both move together. */
  isLinked: boolean;
  /** By what they lie on each other. */
  by: Registration;
  /** The side that keys move: the one that was touched last. */
  side: 'first' | 'second';
}

const closed: SplitState = { shown: null, isLinked: true, by: 'same-image', side: 'first' };

export const useSplit = create<SplitState>()(() => closed);

export const isSplit = (): boolean => useSplit.getState().shown !== null;

export function closeSplit(): void {
  useSplit.setState(closed);
}

// Another case begins with one view.
useCase.subscribe((state, before) => {
  if (state.caseView?.id !== before.caseView?.id) closeSplit();
});
