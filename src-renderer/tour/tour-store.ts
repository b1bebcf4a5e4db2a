/** Where a person is in the first tour. */
import { create } from 'zustand';
import type { Controller } from '../state/controller.ts';
import { plainErrorOf } from '../client/plain-error.ts';
import { notifyError } from '../state/app-store.ts';
import { useCase } from '../state/case-store.ts';
import { usePreferences } from '../state/preferences.ts';
import { tourSteps } from './tour-steps.ts';
import { words } from '../words/words.ts';

interface TourState {
  /** null: no tour goes on. */
  step: number | null;
  /** The case that it goes through. */
  caseId: string | null;
}

export const useTour = create<TourState>()(() => ({ step: null, caseId: null }));

export function goToStep(step: number): void {
  if (step >= tourSteps.length) endTour();
  else useTour.setState({ step: Math.max(0, step) });
}

/** It is not offered again by itself; the command stays. */
export function endTour(): void {
  useTour.setState({ step: null, caseId: null });
  usePreferences.getState().setTourSeen(true);
}

/** Opens the sample slide, and goes through the steps over it. */
export async function startTour(controller: Controller): Promise<void> {
  try {
    const slide = await controller.connection.api.files.sample();
    await controller.openFile(slide.id, slide.name);
    const { caseView } = useCase.getState();
    if (caseView !== null) useTour.setState({ step: 0, caseId: caseView.id });
  } catch (error) {
    notifyError(words.tour.theSampleSlideCouldNotBeOpened, plainErrorOf(error));
  }
}
