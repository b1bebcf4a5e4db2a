/** The one list of what keys do: the key handler and the dialog of keys both read it. */
import type { Controller } from '../state/controller.ts';
import { selectedRun, useCase } from '../state/case-store.ts';
import { useApp } from '../state/app-store.ts';
import { useView } from '../state/view-store.ts';
import { runActions } from '../runs/run-words.ts';
import { decide, stepFinding } from '../findings/finding-actions.ts';
import { useLook } from '../look/look-store.ts';
import { currentViewer } from '../viewer/current-viewer.ts';

export interface Command {
  id: string;
  label: string;
  group: 'Findings' | 'View' | 'Run' | 'Window';
  /** `event.key` values, lower case. */
  keys: readonly string[];
  /** How the key is written for people. */
  shown: string;
  run(controller: Controller): void;
}

const panStep = 0.2;

export const commands: readonly Command[] = [
  {
    id: 'next',
    label: 'Next finding',
    group: 'Findings',
    keys: ['j'],
    shown: 'J',
    run: (controller) => void stepFinding(controller, 1),
  },
  {
    id: 'previous',
    label: 'Previous finding',
    group: 'Findings',
    keys: ['k'],
    shown: 'K',
    run: (controller) => void stepFinding(controller, -1),
  },
  {
    id: 'accept',
    label: 'Accept and go on',
    group: 'Findings',
    keys: ['a'],
    shown: 'A',
    run: (controller) => void decide(controller, 'accepted'),
  },
  {
    id: 'reject',
    label: 'Reject and go on',
    group: 'Findings',
    keys: ['x'],
    shown: 'X',
    run: (controller) => void decide(controller, 'rejected'),
  },
  {
    id: 'clear',
    label: 'Take the decision back',
    group: 'Findings',
    keys: ['u'],
    shown: 'U',
    run: (controller) => void decide(controller, null),
  },
  {
    id: 'zoom-in',
    label: 'Zoom in',
    group: 'View',
    keys: ['+', '='],
    shown: '+',
    run: () => currentViewer()?.zoomBy(1.5),
  },
  {
    id: 'zoom-out',
    label: 'Zoom out',
    group: 'View',
    keys: ['-'],
    shown: '−',
    run: () => currentViewer()?.zoomBy(1 / 1.5),
  },
  {
    id: 'fit',
    label: 'Whole image',
    group: 'View',
    keys: ['0'],
    shown: '0',
    run: () => currentViewer()?.fit(),
  },
  {
    id: 'actual',
    label: 'Actual pixels',
    group: 'View',
    keys: ['1'],
    shown: '1',
    run: () => currentViewer()?.actualPixels(),
  },
  {
    id: 'left',
    label: 'Pan',
    group: 'View',
    keys: ['arrowleft'],
    shown: '← ↑ → ↓',
    run: () => currentViewer()?.panBy(-panStep, 0),
  },
  {
    id: 'right',
    label: '',
    group: 'View',
    keys: ['arrowright'],
    shown: '',
    run: () => currentViewer()?.panBy(panStep, 0),
  },
  {
    id: 'up',
    label: '',
    group: 'View',
    keys: ['arrowup'],
    shown: '',
    run: () => currentViewer()?.panBy(0, -panStep),
  },
  {
    id: 'down',
    label: '',
    group: 'View',
    keys: ['arrowdown'],
    shown: '',
    run: () => currentViewer()?.panBy(0, panStep),
  },
  {
    id: 'tiles',
    label: 'Show or hide tile colours',
    group: 'View',
    keys: ['t'],
    shown: 'T',
    run: () => useView.getState().set({ showTiles: !useView.getState().showTiles }),
  },
  {
    id: 'findings',
    label: 'Show or hide findings',
    group: 'View',
    keys: ['f'],
    shown: 'F',
    run: () => useView.getState().set({ showFindings: !useView.getState().showFindings }),
  },
  {
    id: 'inspect',
    label: 'Inspect tiles by clicking',
    group: 'View',
    keys: ['i'],
    shown: 'I',
    run: () => useView.getState().set({ tool: useView.getState().tool === 'inspect' ? 'move' : 'inspect' }),
  },
  {
    id: 'look',
    label: 'Bands and contrast',
    group: 'View',
    keys: ['b'],
    shown: 'B',
    run: () => useLook.getState().setPanelOpen(!useLook.getState().panelOpen),
  },
  {
    id: 'pause',
    label: 'Pause or resume the run',
    group: 'Run',
    keys: ['p'],
    shown: 'P',
    run: (controller) => {
      const run = selectedRun(useCase.getState());
      if (run === null) return;
      if (runActions(run).pause) void controller.pause();
      else if (runActions(run).resume) void controller.resume({ retryFailed: false });
    },
  },
  {
    id: 'keys',
    label: 'These keys',
    group: 'Window',
    keys: ['?'],
    shown: '?',
    run: () => useApp.getState().setDialog('keys'),
  },
];
