/** The steps of the first tour: what each says, and from what is on the screen which of them a person has come to. */
import type { RunView } from '../../src-main/contract/run.ts';

export interface TourStep {
  title: string;
  text: string;
}

export const tourSteps: readonly TourStep[] = [
  {
    title: 'Look around',
    text: 'Drag to move, turn the wheel to zoom. The bar at the lower left says how large things are and jumps to a magnification.',
  },
  {
    title: 'Choose a model and start',
    text: 'This slide is stained with haematoxylin and eosin: choose “Nuclei in H&E” at the right, then press Analyse.',
  },
  {
    title: 'Watch the tiles colour',
    text: 'What you look at is analysed first. Each result is stored before you see it: pause, or close the window, and nothing is lost.',
  },
  {
    title: 'Judge the findings',
    text: 'Under Findings, J goes to the next one, A accepts it, X rejects it, Z takes that back. The question mark shows all keys.',
  },
];

/** The step that a person has reached by what was done; who reads on is ahead of it. */
export function stepReached(run: Pick<RunView, 'state'> | null): number {
  if (run === null) return 0;
  return run.state === 'complete' || run.state === 'complete-with-gaps' ? 3 : 2;
}
