/** Drawing on the image. */
import {
  annotateView,
  chooseAnnotations,
  removeAnnotation,
  restoreAnnotation,
  showAnnotation,
} from '../../annotations/annotation-actions.ts';
import { drawByKey } from '../../annotations/drawing-actions.ts';
import { isRing, type KeyStep } from '../../annotations/key-drawing.ts';
import { useAnnotations } from '../../state/annotation-store.ts';
import { drawingToolOf, useView, type DrawingTool } from '../../state/view-store.ts';
import { asking } from './asking.ts';
import type { Command } from './command.ts';
import { words } from '../../words/words.ts';

const tools: readonly { tool: DrawingTool; label: string; key: string }[] = [
  { tool: 'rectangle', label: words.app.drawARectangle, key: 'd' },
  { tool: 'ellipse', label: words.app.drawAnEllipse, key: 'o' },
  { tool: 'polygon', label: words.app.drawAPolygon, key: 'y' },
  { tool: 'freehand', label: words.app.drawFreehand, key: 'w' },
  { tool: 'point', label: words.app.setPoints, key: '.' },
  { tool: 'ruler', label: words.app.measureALength, key: 'm' },
];

const drawingKeys: Readonly<Record<KeyStep, string>> = {
  set: 'enter',
  end: 'mod+enter',
  back: 'backspace',
  drop: 'escape',
};

function whileDrawing(step: KeyStep): Command {
  return {
    id: `draw-${step}`,
    mode: 'drawing',
    label: words.app.whileDrawing[step],
    group: 'Annotations',
    keys: [drawingKeys[step]],
    run: (controller) => drawByKey(controller, step),
  };
}

const drawsARing = () => {
  const tool = drawingToolOf(useView.getState().tool);
  return tool !== null && isRing(tool);
};

export const annotationCommands: readonly Command[] = [
  ...tools.map(({ tool, label, key }): Command => ({
    id: `draw-${tool}`,
    writes: true,
    label,
    group: 'Annotations',
    keys: [key],
    run: () => {
      const { tool: before, set } = useView.getState();
      set({ tool: before === tool ? 'move' : tool, showAnnotations: true });
    },
  })),
  { ...whileDrawing('set'), writes: true },
  { ...whileDrawing('end'), writes: true, isEnabled: drawsARing },
  whileDrawing('back'),
  whileDrawing('drop'),
  {
    id: 'annotate-view',
    writes: true,
    label: words.app.markWhatIsInViewAsARegion,
    group: 'Annotations',
    keys: ['shift+d'],
    run: (controller) => void annotateView(controller),
  },
  {
    id: 'remove-annotation',
    writes: true,
    label: words.app.removeTheSelectedAnnotation,
    group: 'Annotations',
    keys: ['delete'],
    isEnabled: () => useAnnotations.getState().selected !== null,
    run: (controller) => {
      const { selected } = useAnnotations.getState();
      if (selected !== null) void removeAnnotation(controller, selected);
    },
  },
  {
    id: 'restore-annotation',
    writes: true,
    label: words.app.putBackTheAnnotationThatWasRemoved,
    group: 'Annotations',
    keys: [],
    isEnabled: () => useAnnotations.getState().removed.length > 0,
    run: (controller) => void restoreAnnotation(controller),
  },
  {
    id: 'import-annotations',
    writes: true,
    label: words.commands.importAnnotations,
    group: 'Annotations',
    keys: [],
    run: (controller) => chooseAnnotations(controller),
  },
  asking({
    id: 'go-to-annotation',
    label: words.commands.goToAnAnnotation,
    group: 'Annotations',
    isEnabled: () => useAnnotations.getState().items.length > 0,
    choices: () =>
      useAnnotations.getState().items.map(({ id, kind, name, className, author }) => ({
        id,
        label: name === '' ? className : `${name} (${className})`,
        hint: `${kind}, ${author}`,
        run: () => {
          useView.getState().set({ tab: 'annotations', showAnnotations: true });
          showAnnotation(id);
        },
      })),
  }),
  {
    id: 'annotations',
    label: words.app.showOrHideAnnotations,
    group: 'Annotations',
    keys: ['h'],
    run: () => useView.getState().set({ showAnnotations: !useView.getState().showAnnotations }),
  },
];
