/** Moving the view, and what is shown in it. */
import { useLook } from '../../look/look-store.ts';
import { useApp } from '../../state/app-store.ts';
import { otherSide, toggleLink, toggleSplit } from '../../split/split-actions.ts';
import { isSplit } from '../../split/split-store.ts';
import { selectedRun, useCase } from '../../state/case-store.ts';
import { useView } from '../../state/view-store.ts';
import { movedViewer } from '../../viewer/current-viewer.ts';
import type { Command } from './command.ts';

const panStep = 0.2;
const opacityStep = 0.1;
const quarterTurn = 90;

function stepOpacity(step: number): void {
  const { tileOpacity, set } = useView.getState();
  set({
    tileOpacity: Math.min(1, Math.max(0, Math.round((tileOpacity + step) * 100) / 100)),
    showTiles: true,
  });
}

function toggleFullscreen(): void {
  if (document.fullscreenElement === null) void document.documentElement.requestFullscreen();
  else void document.exitFullscreen();
}

const hasRun = () => selectedRun(useCase.getState()) !== null;

function pan(id: string, name: string, x: number, y: number): Command {
  return {
    id: `pan-${id}`,
    label: `Pan ${name}`,
    group: 'View',
    keys: [`arrow${id}`],
    run: () => movedViewer()?.panBy(x * panStep, y * panStep),
  };
}

export const viewCommands: readonly Command[] = [
  {
    id: 'zoom-in',
    label: 'Zoom in',
    group: 'View',
    keys: ['+', '='],
    run: () => movedViewer()?.zoomBy(1.5),
  },
  {
    id: 'zoom-out',
    label: 'Zoom out',
    group: 'View',
    keys: ['-'],
    run: () => movedViewer()?.zoomBy(1 / 1.5),
  },
  { id: 'fit', label: 'Whole image', group: 'View', keys: ['0'], run: () => movedViewer()?.fit() },
  {
    id: 'actual',
    label: '1:1, actual pixels',
    group: 'View',
    keys: ['shift+1'],
    run: () => movedViewer()?.actualPixels(),
  },
  pan('left', 'left', -1, 0),
  pan('right', 'right', 1, 0),
  pan('up', 'up', 0, -1),
  pan('down', 'down', 0, 1),
  {
    id: 'rotate-right',
    label: 'Rotate clockwise',
    group: 'View',
    keys: ['r'],
    run: () => movedViewer()?.rotateBy(quarterTurn),
  },
  {
    id: 'rotate-left',
    label: 'Rotate counter-clockwise',
    group: 'View',
    keys: ['shift+r'],
    run: () => movedViewer()?.rotateBy(-quarterTurn),
  },
  {
    id: 'flip',
    label: 'Mirror left and right',
    group: 'View',
    keys: ['shift+f'],
    run: () => movedViewer()?.flip(),
  },
  {
    id: 'go-to',
    label: 'Go to a place',
    group: 'View',
    keys: ['g'],
    run: () => useApp.getState().setDialog('go-to'),
  },
  {
    id: 'tiles',
    label: 'Show or hide tile colours',
    group: 'View',
    keys: ['t'],
    isEnabled: hasRun,
    run: () => useView.getState().set({ showTiles: !useView.getState().showTiles }),
  },
  {
    id: 'findings',
    label: 'Show or hide findings',
    group: 'View',
    keys: ['f'],
    isEnabled: hasRun,
    run: () => useView.getState().set({ showFindings: !useView.getState().showFindings }),
  },
  {
    id: 'coverage',
    label: 'Show or hide what was looked at',
    group: 'View',
    keys: ['c'],
    run: () => useView.getState().set({ showCoverage: !useView.getState().showCoverage }),
  },
  {
    id: 'fainter',
    label: 'Tile colours fainter',
    group: 'View',
    keys: ['['],
    isEnabled: hasRun,
    run: () => stepOpacity(-opacityStep),
  },
  {
    id: 'stronger',
    label: 'Tile colours stronger',
    group: 'View',
    keys: [']'],
    isEnabled: hasRun,
    run: () => stepOpacity(opacityStep),
  },
  {
    id: 'fade-tiles',
    label: 'Tile colours: fade when zoomed in, or stay',
    group: 'View',
    keys: ['shift+t'],
    isEnabled: hasRun,
    run: () => useView.getState().set({ fadeTiles: !useView.getState().fadeTiles }),
  },
  {
    id: 'peek',
    label: 'Hold to see the bare image',
    group: 'View',
    keys: ['space'],
    run: () => useView.getState().set({ peeking: true }),
    release: () => useView.getState().set({ peeking: false }),
  },
  {
    id: 'inspect',
    label: 'Inspect tiles by clicking',
    group: 'View',
    keys: ['i'],
    isEnabled: hasRun,
    run: () => useView.getState().set({ tool: useView.getState().tool === 'inspect' ? 'move' : 'inspect' }),
  },
  {
    id: 'look',
    label: 'Bands and contrast',
    group: 'View',
    keys: ['b'],
    run: () => useLook.getState().setPanelOpen(!useLook.getState().panelOpen),
  },
  {
    id: 'split',
    label: 'Two views side by side',
    group: 'View',
    keys: ['s'],
    run: toggleSplit,
  },
  {
    id: 'link',
    label: 'Move both views together or each by itself',
    group: 'View',
    keys: ['l'],
    isEnabled: isSplit,
    run: toggleLink,
  },
  {
    id: 'other-side',
    label: 'Keys move the other view',
    group: 'View',
    keys: ['shift+s'],
    isEnabled: isSplit,
    run: otherSide,
  },
  { id: 'fullscreen', label: 'Full screen', group: 'View', keys: ['shift+enter'], run: toggleFullscreen },
];
