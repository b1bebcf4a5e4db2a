/** The run, and the window around it. */
import { saveCopy } from '../../case-file/case-actions.ts';
import { runActions } from '../../runs/run-words.ts';
import { useApp } from '../../state/app-store.ts';
import { selectedRun, useCase } from '../../state/case-store.ts';
import { usePreferences } from '../../state/preferences.ts';
import { panelTabs, useView } from '../../state/view-store.ts';
import { startTour } from '../../tour/tour-store.ts';
import type { Command } from './command.ts';
import { words } from '../../words/words.ts';

const hasCase = () => useCase.getState().caseView !== null;
const hasRun = () => selectedRun(useCase.getState()) !== null;

export const windowCommands: readonly Command[] = [
  {
    id: 'pause',
    label: words.app.pauseOrResumeTheRun,
    group: 'Run',
    keys: ['p'],
    writes: true,
    isEnabled: () => {
      const run = selectedRun(useCase.getState());
      return run !== null && (runActions(run).pause || runActions(run).resume);
    },
    run: (controller) => {
      const run = selectedRun(useCase.getState());
      if (run === null) return undefined;
      return runActions(run).pause ? controller.pause() : controller.resume({ retryFailed: false });
    },
  },
  {
    id: 'new-run',
    label: words.app.chooseAModelForANew,
    group: 'Run',
    keys: [],
    writes: true,
    isEnabled: hasRun,
    run: () => useView.getState().set({ choosingModel: true, tab: 'run' }),
  },
  {
    id: 'rerun-view',
    label: words.app.analyseTheVisiblePartAgain,
    group: 'Run',
    keys: [],
    writes: true,
    isEnabled: () => {
      const run = selectedRun(useCase.getState());
      return run !== null && runActions(run).rerun;
    },
    run: () => useApp.getState().setDialog('rerun'),
  },
  {
    id: 'report',
    label: words.app.composeAndSaveAReport,
    group: 'Run',
    keys: [],
    isEnabled: hasRun,
    run: () => useApp.getState().setDialog('report'),
  },
  ...panelTabs.map((tab): Command => ({
    id: `tab-${tab}`,
    label: words.app.panel(tab),
    group: 'Window',
    keys: [],
    isEnabled: tab === 'annotations' ? hasCase : hasRun,
    run: () => useView.getState().set(tab === 'run' ? { tab, choosingModel: false } : { tab }),
  })),
  {
    id: 'case',
    label: words.app.thisCaseSizeSafetyBackups,
    group: 'Window',
    keys: [],
    isEnabled: hasCase,
    run: () => useApp.getState().setDialog('case'),
  },
  {
    id: 'save-copy',
    label: words.app.saveACopyOfTheCase,
    group: 'Window',
    keys: ['mod+shift+s'],
    isEnabled: hasCase,
    run: (controller) => void saveCopy(controller),
  },
  {
    id: 'palette',
    label: words.app.allCommands,
    group: 'Window',
    keys: ['mod+k'],
    whileTyping: true,
    run: () => useApp.getState().setDialog('palette'),
  },
  {
    id: 'keys',
    label: words.app.keys,
    group: 'Window',
    keys: ['?'],
    run: () => useApp.getState().setDialog('keys'),
  },
  {
    id: 'settings',
    label: words.app.settings,
    group: 'Window',
    keys: ['mod+,'],
    run: () => useApp.getState().setDialog('settings'),
  },
  {
    id: 'tour',
    label: words.app.takeTheTourWithTheSample,
    group: 'Window',
    keys: [],
    run: (controller) => void startTour(controller),
  },
  {
    id: 'doctor',
    label: words.app.whatWorksHere,
    group: 'Window',
    keys: [],
    run: () => useApp.getState().setDialog('doctor'),
  },
  {
    id: 'report-problem',
    label: words.app.reportAProblem,
    group: 'Window',
    keys: [],
    run: () => useApp.getState().setDialog('problem'),
  },
  {
    id: 'notices',
    label: words.ui.noticesSoFar,
    group: 'Window',
    keys: [],
    run: () => useApp.getState().showNotices(),
  },
  {
    id: 'licences',
    label: words.app.licencesOfTheSoftwareInGigatile,
    group: 'Window',
    keys: [],
    run: () => useApp.getState().setDialog('licences'),
  },
  {
    id: 'machines',
    label: words.app.machinesTheQueueItsWorkersAndRuns,
    group: 'Window',
    keys: [],
    run: () => useApp.getState().setDialog('machines'),
  },
  {
    id: 'theme',
    label: words.app.switchBetweenDarkAndLight,
    group: 'Window',
    keys: [],
    run: () => {
      const isLight = document.documentElement.dataset['theme'] === 'light';
      usePreferences.getState().setTheme(isLight ? 'dark' : 'light');
    },
  },
  {
    id: 'home',
    label: words.app.closeTheCase,
    group: 'Window',
    keys: [],
    isEnabled: hasCase,
    run: (controller) => controller.goHome(),
  },
];
