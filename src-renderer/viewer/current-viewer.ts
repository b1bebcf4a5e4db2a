/** The viewer that is on the screen, for keys and for flying to a finding. */
import type { SlideViewer } from './slide-viewer.ts';

let viewer: SlideViewer | null = null;

export function currentViewer(): SlideViewer | null {
  return viewer;
}

export function setCurrentViewer(next: SlideViewer | null): void {
  viewer = next;
}
