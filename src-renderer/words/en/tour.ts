export const tour = {
  lookAround: 'Look around',
  dragToMoveTurnTheWheel:
    'Drag to move, turn the wheel to zoom. The bar at the lower left says how large things are and jumps to a magnification.',
  chooseAModelAndStart: 'Choose a model and start',
  thisSlideIsStainedWithHaematoxylin:
    'This slide is stained with haematoxylin and eosin: choose “Nuclei in H&E” at the right, then press Analyse.',
  watchTheTilesColour: 'Watch the tiles colour',
  whatYouLookAtIsAnalysed:
    'What you look at is analysed first. Each result is stored before you see it: pause, or close the window, and nothing is lost.',
  judgeTheFindings: 'Judge the findings',
  underFindingsJGoesToTheNext:
    'Under Findings, J goes to the next one, A accepts it, X rejects it, Z takes that back. The question mark shows all keys.',
  theSampleSlideCouldNotBeOpened: 'The sample slide could not be opened',
  tour: 'Tour',
  of: (step: number, length: number) => `${step} of ${length}`,
  endTheTour: 'End the tour',
  back: 'Back',
  done: 'Done',
  next: 'Next',
} as const;
