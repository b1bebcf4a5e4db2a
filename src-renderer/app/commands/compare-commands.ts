/** Two runs against each other. */
import { otherRuns, saveDifferences, startComparison, swapRuns } from '../../compare/compare-actions.ts';
import { compareAgain, isComparing, leaveComparison, useCompare } from '../../compare/compare-store.ts';
import { closeSplit, isSplit } from '../../split/split-store.ts';
import { selectedRun, useCase } from '../../state/case-store.ts';
import type { Command } from './command.ts';
import { words } from '../../words/words.ts';

const isCompared = () => isComparing() && useCompare.getState().summary !== null;

export const compareCommands: readonly Command[] = [
  {
    id: 'compare',
    label: words.app.compareWithAnotherRun,
    group: 'Run',
    keys: ['v'],
    isEnabled: () => selectedRun(useCase.getState()) !== null && otherRuns().length > 0,
    run: () => (isComparing() ? leaveComparison() : startComparison()),
  },
  {
    id: 'swap-runs',
    label: words.app.swapTheComparedRuns,
    group: 'Run',
    keys: [],
    isEnabled: isComparing,
    run: swapRuns,
  },
  {
    id: 'compare-again',
    label: words.app.compareAgainWithWhatWasDecidedSince,
    group: 'Run',
    keys: [],
    isEnabled: isComparing,
    run: compareAgain,
  },
  ...(['csv', 'geojson'] as const).map((format): Command => ({
    id: `save-differences-${format}`,
    label: words.app.saveTheDifferencesAs(format === 'csv' ? 'CSV' : 'GeoJSON'),
    group: 'Run',
    keys: [],
    isEnabled: isCompared,
    run: (controller) => saveDifferences(controller, format),
  })),
  {
    id: 'leave',
    label: words.app.leaveTheSecondViewThenTheComparison,
    group: 'Run',
    keys: ['escape'],
    isEnabled: () => isSplit() || isComparing(),
    run: () => (isSplit() ? closeSplit() : leaveComparison()),
  },
];
