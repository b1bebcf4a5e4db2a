/** The viewers that are on the screen, for keys and for flying to a finding. */
import { useSplit } from '../split/split-store.ts';
import type { SlideViewer } from './slide-viewer.ts';

let viewer: SlideViewer | null = null;
let second: SlideViewer | null = null;

/** The one that shows the open case. */
export function currentViewer(): SlideViewer | null {
  return viewer;
}

export function setCurrentViewer(next: SlideViewer | null): void {
  viewer = next;
}

/** The one beside it, where there are two. */
export function setSecondViewer(next: SlideViewer | null): void {
  second = next;
}

/** The one that keys move. */
export function movedViewer(): SlideViewer | null {
  return useSplit.getState().side === 'second' && second !== null ? second : viewer;
}
