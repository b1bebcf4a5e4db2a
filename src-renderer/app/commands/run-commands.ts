/** What can be done with a run that rests, or is to rest. */
import type { RunView } from '../../../src-main/contract/run.ts';
import { otherRuns, startComparison } from '../../compare/compare-actions.ts';
import { chooseResults } from '../../report/import-results.ts';
import { modelKeyOf, runAgain } from '../../runs/run-draft.ts';
import { runActions, stateLabel } from '../../runs/run-words.ts';
import { selectedRun, useCase } from '../../state/case-store.ts';
import { moment } from '../../ui/format.ts';
import { asking } from './asking.ts';
import type { Choice, Command } from './command.ts';
import { words } from '../../words/words.ts';

/** All of the case, newest first. */
function runs(): readonly RunView[] {
  return (useCase.getState().caseView?.runs ?? []).toSorted((a, b) => b.createdAt.localeCompare(a.createdAt));
}

function runChoice(run: RunView): Omit<Choice, 'run'> {
  return {
    id: run.id,
    label: `${run.id} · ${run.modelName}`,
    hint: `${moment(run.createdAt)}, ${stateLabel(run.state)}, ${words.counts.findings(run.findings)}`,
  };
}

type Action = keyof ReturnType<typeof runActions>;

/** Whether the run that is looked at allows it. */
function allows(action: Action): () => boolean {
  return () => {
    const run = selectedRun(useCase.getState());
    return run !== null && runActions(run)[action];
  };
}

const hasOtherRun = () => (useCase.getState().caseView?.runs.length ?? 0) > 1;

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
  asking({
    id: 'run-again-as',
    label: words.commands.runAgainAsARun,
    group: 'Run',
    writes: true,
    isEnabled: () => useCase.getState().caseView?.runs.some((run) => modelKeyOf(run) !== null) === true,
    choices: () =>
      runs()
        .filter((run) => modelKeyOf(run) !== null)
        .map((run) => ({ ...runChoice(run), run: () => runAgain(run) })),
  }),
  asking({
    id: 'select-run',
    label: words.commands.lookAtARun,
    group: 'Run',
    isEnabled: hasOtherRun,
    choices: (controller) =>
      otherRuns().map((run) => ({ ...runChoice(run), run: () => controller.selectRun(run.id) })),
  }),
  asking({
    id: 'compare-with',
    label: words.commands.compareWithARun,
    group: 'Run',
    isEnabled: hasOtherRun,
    choices: () => otherRuns().map((run) => ({ ...runChoice(run), run: () => startComparison(run.id) })),
  }),
  asking({
    id: 'retry-failed-by',
    label: words.commands.retryTilesThatFailedBy,
    group: 'Run',
    writes: true,
    isEnabled: allows('retryFailed'),
    choices: async (controller) => {
      const run = selectedRun(useCase.getState());
      if (run === null) return [];
      const { caseId, id: runId } = run;
      const groups = await controller.connection.api.runs.failures({ caseId, runId });
      return groups.map(({ code, message, count }) => ({
        id: `${code} ${message}`,
        label: message,
        hint: words.counts.tiles(count),
        run: () => controller.resume({ retryFailed: true, reason: { code, message } }),
      }));
    },
  }),
  {
    id: 'import-results',
    label: words.commands.importResults,
    group: 'Run',
    keys: [],
    writes: true,
    isEnabled: () => useCase.getState().caseView !== null,
    run: (controller) => chooseResults(controller),
  },
];
