/** The run, and the window around it. */
import { saveCopy } from '../../case-file/case-actions.ts';
import { runActions } from '../../runs/run-words.ts';
import { useApp } from '../../state/app-store.ts';
import { selectedRun, useCase } from '../../state/case-store.ts';
import { usePreferences } from '../../state/preferences.ts';
import { panelTabs, useView } from '../../state/view-store.ts';
import { startTour } from '../../tour/tour-store.ts';
import type { Command } from './command.ts';

const hasCase = () => useCase.getState().caseView !== null;
const hasRun = () => selectedRun(useCase.getState()) !== null;

export const windowCommands: readonly Command[] = [
  {
    id: 'pause',
    label: 'Pause or resume the run',
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
    label: 'Choose a model for a new run',
    group: 'Run',
    keys: [],
    writes: true,
    isEnabled: hasRun,
    run: () => useView.getState().set({ choosingModel: true }),
  },
  {
    id: 'rerun-view',
    label: 'Analyse the visible part again',
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
    label: 'Compose and save a report',
    group: 'Run',
    keys: [],
    isEnabled: hasRun,
    run: () => useApp.getState().setDialog('report'),
  },
  ...panelTabs.map((tab): Command => ({
    id: `tab-${tab}`,
    label: `Panel: ${tab}`,
    group: 'Window',
    keys: [],
    isEnabled: hasRun,
    run: () => useView.getState().set({ tab, choosingModel: false }),
  })),
  {
    id: 'case',
    label: 'This case: size, safety, backups',
    group: 'Window',
    keys: [],
    isEnabled: hasCase,
    run: () => useApp.getState().setDialog('case'),
  },
  {
    id: 'save-copy',
    label: 'Save a copy of the case',
    group: 'Window',
    keys: ['mod+shift+s'],
    isEnabled: hasCase,
    run: (controller) => void saveCopy(controller),
  },
  {
    id: 'palette',
    label: 'All commands',
    group: 'Window',
    keys: ['mod+k'],
    whileTyping: true,
    run: () => useApp.getState().setDialog('palette'),
  },
  {
    id: 'keys',
    label: 'Keys',
    group: 'Window',
    keys: ['?'],
    run: () => useApp.getState().setDialog('keys'),
  },
  {
    id: 'settings',
    label: 'Settings',
    group: 'Window',
    keys: ['mod+,'],
    run: () => useApp.getState().setDialog('settings'),
  },
  {
    id: 'tour',
    label: 'Take the tour with the sample slide',
    group: 'Window',
    keys: [],
    run: (controller) => void startTour(controller),
  },
  {
    id: 'doctor',
    label: 'What works here',
    group: 'Window',
    keys: [],
    run: () => useApp.getState().setDialog('doctor'),
  },
  {
    id: 'report-problem',
    label: 'Report a problem',
    group: 'Window',
    keys: [],
    run: () => useApp.getState().setDialog('problem'),
  },
  {
    id: 'licences',
    label: 'Licences of the software in Gigatile',
    group: 'Window',
    keys: [],
    run: () => useApp.getState().setDialog('licences'),
  },
  {
    id: 'machines',
    label: 'Machines: the queue, its workers and runs',
    group: 'Window',
    keys: [],
    run: () => useApp.getState().setDialog('machines'),
  },
  {
    id: 'theme',
    label: 'Switch between dark and light',
    group: 'Window',
    keys: [],
    run: () => {
      const isLight = document.documentElement.dataset['theme'] === 'light';
      usePreferences.getState().setTheme(isLight ? 'dark' : 'light');
    },
  },
  {
    id: 'home',
    label: 'Close the case',
    group: 'Window',
    keys: [],
    isEnabled: hasCase,
    run: (controller) => controller.goHome(),
  },
];
