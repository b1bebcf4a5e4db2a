/** Moving the view, and what is shown in it. */
import { presetsOf } from '../../look/presets.ts';
import { useLook } from '../../look/look-store.ts';
import { useApp } from '../../state/app-store.ts';
import { chooseFileBeside } from '../../split/open-beside.ts';
import { choicesBeside, otherSide, toggleLink, toggleSplit } from '../../split/split-actions.ts';
import { isSplit } from '../../split/split-store.ts';
import { selectedRun, useCase } from '../../state/case-store.ts';
import { useView } from '../../state/view-store.ts';
import { magnificationSteps, magnify } from '../../viewer/magnification-steps.ts';
import { movedViewer } from '../../viewer/current-viewer.ts';
import { asking } from './asking.ts';
import type { Command } from './command.ts';
import { words } from '../../words/words.ts';

/** Of the view. */
const panStep = 0.2;
const littlePanStep = 0.01;
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

const steps = () => {
  const image = useCase.getState().caseView?.image;
  return image === undefined ? [] : magnificationSteps(image);
};

const hasRun = () => selectedRun(useCase.getState()) !== null;

type Direction = keyof typeof directions;
const directions = { left: [-1, 0], right: [1, 0], up: [0, -1], down: [0, 1] } as const;
const directionNames = ['left', 'right', 'up', 'down'] as const satisfies readonly Direction[];

function pan(to: Direction): Command {
  const [x, y] = directions[to];
  return {
    id: `pan-${to}`,
    label: words.app.pan(words.app.directions[to]),
    group: 'View',
    keys: [`arrow${to}`],
    run: () => movedViewer()?.panBy(x * panStep, y * panStep),
  };
}

function panALittle(to: Direction): Command {
  const [x, y] = directions[to];
  return {
    id: `pan-${to}-a-little`,
    label: words.app.panALittle(words.app.directions[to]),
    group: 'View',
    keys: [`shift+arrow${to}`],
    run: () => movedViewer()?.panBy(x * littlePanStep, y * littlePanStep),
  };
}

export const viewCommands: readonly Command[] = [
  {
    id: 'zoom-in',
    label: words.app.zoomIn,
    group: 'View',
    keys: ['+', '='],
    run: () => movedViewer()?.zoomBy(1.5),
  },
  {
    id: 'zoom-out',
    label: words.app.zoomOut,
    group: 'View',
    keys: ['-'],
    run: () => movedViewer()?.zoomBy(1 / 1.5),
  },
  { id: 'fit', label: words.app.wholeImage, group: 'View', keys: ['0'], run: () => movedViewer()?.fit() },
  {
    id: 'actual',
    label: words.app.of11ActualPixels,
    group: 'View',
    keys: ['shift+1'],
    run: () => movedViewer()?.actualPixels(),
  },
  asking({
    id: 'magnification',
    label: words.commands.zoomToAMagnification,
    group: 'View',
    isEnabled: () => steps().length > 0,
    choices: () => steps().map((step) => ({ id: step.label, label: step.label, run: () => magnify(step) })),
  }),
  ...directionNames.map(pan),
  ...directionNames.map(panALittle),
  {
    id: 'rotate-right',
    label: words.app.rotateClockwise,
    group: 'View',
    keys: ['r'],
    run: () => movedViewer()?.rotateBy(quarterTurn),
  },
  {
    id: 'rotate-left',
    label: words.app.rotateCounterClockwise,
    group: 'View',
    keys: ['shift+r'],
    run: () => movedViewer()?.rotateBy(-quarterTurn),
  },
  {
    id: 'flip',
    label: words.app.mirrorLeftAndRight,
    group: 'View',
    keys: ['shift+f'],
    run: () => movedViewer()?.flip(),
  },
  {
    id: 'go-to',
    label: words.app.goToAPlace,
    group: 'View',
    keys: ['g'],
    run: () => useApp.getState().setDialog('go-to'),
  },
  {
    id: 'tiles',
    label: words.app.showOrHideTileColours,
    group: 'View',
    keys: ['t'],
    isEnabled: hasRun,
    run: () => useView.getState().set({ showTiles: !useView.getState().showTiles }),
  },
  {
    id: 'findings',
    label: words.app.showOrHideFindings,
    group: 'View',
    keys: ['f'],
    isEnabled: hasRun,
    run: () => useView.getState().set({ showFindings: !useView.getState().showFindings }),
  },
  {
    id: 'coverage',
    label: words.app.showOrHideWhatWasLooked,
    group: 'View',
    keys: ['c'],
    run: () => useView.getState().set({ showCoverage: !useView.getState().showCoverage }),
  },
  {
    id: 'fainter',
    label: words.app.tileColoursFainter,
    group: 'View',
    keys: ['['],
    isEnabled: hasRun,
    run: () => stepOpacity(-opacityStep),
  },
  {
    id: 'stronger',
    label: words.app.tileColoursStronger,
    group: 'View',
    keys: [']'],
    isEnabled: hasRun,
    run: () => stepOpacity(opacityStep),
  },
  {
    id: 'fade-tiles',
    label: words.app.tileColoursFadeWhenZoomedInOrStay,
    group: 'View',
    keys: ['shift+t'],
    isEnabled: hasRun,
    run: () => useView.getState().set({ fadeTiles: !useView.getState().fadeTiles }),
  },
  {
    id: 'peek',
    label: words.app.holdToSeeTheBareImage,
    group: 'View',
    keys: ['space'],
    run: () => useView.getState().set({ peeking: true }),
    release: () => useView.getState().set({ peeking: false }),
  },
  {
    id: 'inspect',
    label: words.app.inspectTilesByClicking,
    group: 'View',
    keys: ['i'],
    isEnabled: hasRun,
    run: () => useView.getState().set({ tool: useView.getState().tool === 'inspect' ? 'move' : 'inspect' }),
  },
  {
    id: 'move',
    label: words.app.moveTheImageByDragging,
    group: 'View',
    keys: [],
    run: () => useView.getState().set({ tool: 'move' }),
  },
  {
    id: 'reset-look',
    label: words.app.showTheImageByDefaultAgain,
    group: 'View',
    keys: [],
    run: () => {
      const { caseView } = useCase.getState();
      if (caseView !== null) useLook.getState().setLook(caseView.image.fingerprint, null);
    },
  },
  asking({
    id: 'look-preset',
    label: words.commands.showTheImageAs,
    group: 'View',
    choices: async ({ connection }) => {
      const image = useCase.getState().caseView?.image;
      if (image === undefined) return [];
      const presets = presetsOf(image, await connection.api.images.look({ imageId: image.id }));
      return presets.map(({ id, label, look }) => ({
        id,
        label,
        run: () => useLook.getState().setLook(image.fingerprint, look),
      }));
    },
  }),
  {
    id: 'look',
    label: words.app.bandsAndContrast,
    group: 'View',
    keys: ['b'],
    run: () => useLook.getState().setPanelOpen(!useLook.getState().panelOpen),
  },
  {
    id: 'split',
    label: words.app.twoViewsSideBySide,
    group: 'View',
    keys: ['s'],
    run: toggleSplit,
  },
  {
    id: 'link',
    label: words.app.moveBothViewsTogetherOrEach,
    group: 'View',
    keys: ['l'],
    isEnabled: isSplit,
    run: toggleLink,
  },
  asking({
    id: 'show-beside',
    label: words.commands.showInTheSecondView,
    group: 'View',
    isEnabled: isSplit,
    choices: async (controller) => choicesBeside(controller, await controller.connection.api.cases.recent()),
  }),
  {
    id: 'open-beside',
    label: words.app.openAFileInTheSecondView,
    group: 'View',
    keys: [],
    isEnabled: isSplit,
    run: chooseFileBeside,
  },
  {
    id: 'other-side',
    label: words.app.keysMoveTheOtherView,
    group: 'View',
    keys: ['shift+s'],
    isEnabled: isSplit,
    run: otherSide,
  },
  {
    id: 'fullscreen',
    label: words.app.fullScreen,
    group: 'View',
    keys: ['shift+enter'],
    run: toggleFullscreen,
  },
];
