export const overlay = {
  theOutlinesCouldNotBeRead: 'The outlines could not be read',
  legend: 'Legend',
  tileColours: 'Tile colours',
  failed: 'failed',
  toBeTriedAgain: 'to be tried again',
  skipped: 'skipped',
  opacity: 'Opacity',
  fadeWhenZoomedIn: 'Fade when zoomed in',
  hold: 'Hold',
  space: 'Space',
  forTheBareImage: 'for the bare image',
  findingsPer: (area: string) => `Findings per ${area}`,
} as const;
