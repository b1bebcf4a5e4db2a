/** What can be done with a run that rests, or is to rest. */
import { modelKeyOf, runAgain } from '../../runs/run-draft.ts';
import { runActions } from '../../runs/run-words.ts';
import { selectedRun, useCase } from '../../state/case-store.ts';
import type { Command } from './command.ts';
import { words } from '../../words/words.ts';

type Action = keyof ReturnType<typeof runActions>;

/** Whether the run that is looked at allows it. */
function allows(action: Action): () => boolean {
  return () => {
    const run = selectedRun(useCase.getState());
    return run !== null && runActions(run)[action];
  };
}

/** How many workers the run has, and may have; null where it does not go on. */
function workers(): { wanted: number; most: number } | null {
  const state = useCase.getState();
  const run = selectedRun(state);
  const told = state.live?.workers;
  if (run?.state !== 'running' || told === undefined) return null;
  // The answer to a click is here before the next event.
  return { wanted: run.parameters.workers ?? told.wanted, most: told.most };
}

const workerCommands = (['fewer', 'more'] as const).map((way): Command => ({
  id: `workers-${way}`,
  label: way === 'more' ? words.app.oneWorkerMoreAtThisRun : words.app.oneWorkerFewerAtThisRun,
  group: 'Run',
  keys: [],
  isEnabled: () => {
    const now = workers();
    return now !== null && (way === 'more' ? now.wanted < now.most : now.wanted > 1);
  },
  run: (controller) => {
    const now = workers();
    return now === null ? undefined : controller.setWorkers(now.wanted + (way === 'more' ? 1 : -1));
  },
}));

export const runCommands: readonly Command[] = [
  {
    id: 'retry-failed',
    label: words.app.tryFailedTilesAgain,
    group: 'Run',
    keys: [],
    writes: true,
    isEnabled: allows('retryFailed'),
    run: (controller) => controller.resume({ retryFailed: true }),
  },
  {
    id: 'analyse-rest',
    label: words.app.analyseTheRest,
    group: 'Run',
    keys: [],
    writes: true,
    isEnabled: allows('analyseRest'),
    run: (controller) => controller.resume({ retryFailed: false }),
  },
  {
    id: 'cancel-run',
    label: words.app.cancelTheRun,
    group: 'Run',
    keys: [],
    writes: true,
    isEnabled: allows('cancel'),
    run: (controller) => controller.cancel(),
  },
  ...workerCommands,
  {
    id: 'run-again',
    label: words.app.runAgainAsThisRunWasMade,
    group: 'Run',
    keys: [],
    writes: true,
    isEnabled: () => {
      const run = selectedRun(useCase.getState());
      return run !== null && modelKeyOf(run) !== null;
    },
    run: () => {
      const run = selectedRun(useCase.getState());
      if (run !== null) runAgain(run);
    },
  },
];
