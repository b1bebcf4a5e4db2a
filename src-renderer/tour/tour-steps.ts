/** The steps of the first tour: what each says, and from what is on the screen which of them a person has come to. */
import type { RunView } from '../../src-main/contract/run.ts';
import { words } from '../words/words.ts';

export interface TourStep {
  title: string;
  text: string;
}

export const tourSteps: readonly TourStep[] = [
  {
    title: words.tour.lookAround,
    text: words.tour.dragToMoveTurnTheWheel,
  },
  {
    title: words.tour.chooseAModelAndStart,
    text: words.tour.thisSlideIsStainedWithHaematoxylin,
  },
  {
    title: words.tour.watchTheTilesColour,
    text: words.tour.whatYouLookAtIsAnalysed,
  },
  {
    title: words.tour.judgeTheFindings,
    text: words.tour.underFindingsJGoesToTheNext,
  },
];

/** The step that a person has reached by what was done; who reads on is ahead of it. */
export function stepReached(run: Pick<RunView, 'state'> | null): number {
  if (run === null) return 0;
  return run.state === 'complete' || run.state === 'complete-with-gaps' ? 3 : 2;
}
