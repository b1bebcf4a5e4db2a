/** What is being drawn just now, by the mouse or by keys. */
import { create } from 'zustand';
import type { Annotation } from '../../src-main/contract/annotation.ts';
import type { Outcome, Point } from './key-drawing.ts';

/** What the last key did, to be told. */
export type Told =
  Exclude<Outcome, { kind: 'done' | 'left' }> | { kind: 'done'; shape: Pick<Annotation, 'kind' | 'points'> };

interface DrawingState {
  points: readonly Point[];
  /** The crosshair stands in the middle of the view, and what is drawn goes on there. */
  isByKeys: boolean;
  told: Told | null;
}

const nothingDrawn: DrawingState = { points: [], isByKeys: false, told: null };

export const useDrawing = create<DrawingState>()(() => nothingDrawn);

/** A tool is taken, or was put away: what was set is dropped. How the drawing ended stays to be told. */
export function resetDrawing(isTaken: boolean): void {
  useDrawing.setState(({ told }) => ({
    ...nothingDrawn,
    told: !isTaken && told?.kind === 'done' && told.shape.kind !== 'point' ? told : null,
  }));
}
