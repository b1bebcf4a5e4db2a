/** Drawing on the image. */
import { annotateView, removeAnnotation, restoreAnnotation } from '../../annotations/annotation-actions.ts';
import { useAnnotations } from '../../state/annotation-store.ts';
import { useView, type DrawingTool } from '../../state/view-store.ts';
import type { Command } from './command.ts';

const tools: readonly { tool: DrawingTool; label: string; key: string }[] = [
  { tool: 'rectangle', label: 'Draw a rectangle', key: 'd' },
  { tool: 'ellipse', label: 'Draw an ellipse', key: 'o' },
  { tool: 'polygon', label: 'Draw a polygon', key: 'y' },
  { tool: 'freehand', label: 'Draw freehand', key: 'w' },
  { tool: 'point', label: 'Set points', key: '.' },
  { tool: 'ruler', label: 'Measure a length', key: 'm' },
];

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
  {
    id: 'annotate-view',
    writes: true,
    label: 'Mark what is in view as a region',
    group: 'Annotations',
    keys: ['shift+d'],
    run: (controller) => void annotateView(controller),
  },
  {
    id: 'remove-annotation',
    writes: true,
    label: 'Remove the selected annotation',
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
    label: 'Put back the annotation that was removed last',
    group: 'Annotations',
    keys: [],
    isEnabled: () => useAnnotations.getState().removed.length > 0,
    run: (controller) => void restoreAnnotation(controller),
  },
  {
    id: 'annotations',
    label: 'Show or hide annotations',
    group: 'Annotations',
    keys: ['h'],
    run: () => useView.getState().set({ showAnnotations: !useView.getState().showAnnotations }),
  },
];
