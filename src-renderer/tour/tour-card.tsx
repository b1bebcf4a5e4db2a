/** One step of the tour, over the image. It takes no key and no click from what it explains. */
import { X } from 'lucide-react';
import { useEffect } from 'react';
import { selectedRun, useCase } from '../state/case-store.ts';
import { Button, IconButton } from '../ui/button.tsx';
import { stepReached, tourSteps } from './tour-steps.ts';
import { endTour, goToStep, useTour } from './tour-store.ts';
import { words } from '../words/words.ts';

export function TourCard() {
  const step = useTour((state) => state.step);
  const caseId = useTour((state) => state.caseId);
  const isHere = useCase((state) => state.caseView?.id === caseId);
  const run = useCase(selectedRun);
  const reached = stepReached(run);
  // Who starts a run before being told how has no need of that step any more.
  useEffect(() => {
    const now = useTour.getState().step;
    if (now !== null && reached > now) goToStep(reached);
  }, [reached]);
  if (step === null || !isHere) return null;
  const shown = tourSteps[step];
  if (shown === undefined) return null;
  const isLast = step === tourSteps.length - 1;
  return (
    <section className="tour" aria-label={words.tour.tour}>
      <header className="tour-head">
        <span className="tour-place numeric">{words.tour.of(step + 1, tourSteps.length)}</span>
        <IconButton label={words.tour.endTheTour} size="small" onClick={endTour}>
          <X aria-hidden />
        </IconButton>
      </header>
      <div role="status">
        <h2>{shown.title}</h2>
        <p>{shown.text}</p>
      </div>
      <footer className="tour-foot">
        {step > 0 && (
          <Button tone="quiet" size="small" onClick={() => goToStep(step - 1)}>
            {words.tour.back}
          </Button>
        )}
        <Button tone="primary" size="small" onClick={() => goToStep(step + 1)}>
          {isLast ? words.tour.done : words.tour.next}
        </Button>
      </footer>
    </section>
  );
}
