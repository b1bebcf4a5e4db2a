/** Two runs against each other. */
import { otherRuns, startComparison } from '../../compare/compare-actions.ts';
import { isComparing, leaveComparison } from '../../compare/compare-store.ts';
import { closeSplit, isSplit } from '../../split/split-store.ts';
import { selectedRun, useCase } from '../../state/case-store.ts';
import type { Command } from './command.ts';
import { words } from '../../words/words.ts';

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
    id: 'leave',
    label: words.app.leaveTheSecondViewThenTheComparison,
    group: 'Run',
    keys: ['escape'],
    isEnabled: () => isSplit() || isComparing(),
    run: () => (isSplit() ? closeSplit() : leaveComparison()),
  },
];
