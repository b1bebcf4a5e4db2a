/** Goes on with what is being drawn, and keeps it when it is whole. */
import type { Controller } from '../state/controller.ts';
import { drawingToolOf, useView, type DrawingTool } from '../state/view-store.ts';
import { currentViewer } from '../viewer/current-viewer.ts';
import { addAnnotation } from './annotation-actions.ts';
import { useDrawing } from './drawing-store.ts';
import { drawnByKey, leastPoints, type KeyStep, type Point } from './key-drawing.ts';

/** Too few points are dropped. A tool but that for points is put away after use. */
export function finishDrawing(controller: Controller, tool: DrawingTool, points: readonly Point[]): void {
  useDrawing.setState({ points: [] });
  if (points.length < leastPoints(tool)) return;
  void addAnnotation(controller, tool, points);
  if (tool !== 'point') useView.getState().set({ tool: 'move' });
}

export function drawByKey(controller: Controller, step: KeyStep): void {
  const tool = drawingToolOf(useView.getState().tool);
  const crosshair = currentViewer()?.crosshair() ?? null;
  if (tool === null || crosshair === null) return;
  const outcome = drawnByKey(tool, useDrawing.getState(), step, crosshair);
  switch (outcome?.kind) {
    case undefined:
      return;
    case 'left':
      useView.getState().set({ tool: 'move' });
      return;
    case 'done': {
      const points = outcome.points.map(([x, y]): [number, number] => [x, y]);
      useDrawing.setState({ isByKeys: true, told: { kind: 'done', shape: { kind: tool, points } } });
      finishDrawing(controller, tool, points);
      return;
    }
    case 'dropped':
      useDrawing.setState({ points: [], told: outcome });
      return;
    case 'set':
      useDrawing.setState({ points: outcome.points, isByKeys: true, told: outcome });
      return;
    case 'back':
      useDrawing.setState({ points: outcome.points, told: outcome });
      return;
    case 'refused':
      useDrawing.setState({ told: outcome });
      return;
  }
}
