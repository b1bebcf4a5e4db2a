/**
 * Findings around a view, gathered once: frames draw these and not all, until the view leaves their surroundings. A graphics card
 * skips what is outside quickly, a processor that paints in its place does not.
 */
import type { Rect } from '../../src-main/contract/run.ts';
import type { FindingSet } from '../state/finding-set.ts';
import { visibleRect, type ViewTransform } from './view-transform.ts';

/** Fewer are drawn whole: gathering them would gain nothing. */
const fewest = 5000;
/** More near the view are drawn with all others: to gather them would take longer than a frame. */
const most = 60_000;
/** How far beyond the view is gathered, as a part of its size. */
const margin = 0.5;
/** Lines and points reach so far beyond their findings, CSS pixels. */
const reach = 16;
/** A view of so much less than what was gathered is worth gathering anew; as a length. */
const muchCloser = 6;

export interface FindingsNear {
  /** Where none of them is missing, level-0 pixels. */
  rect: Rect;
  /** Rising: what is drawn over what stays as it is among all. */
  ordinals: Uint32Array;
}

/** null where all are to be drawn. */
export function findingsNear(findings: FindingSet, view: ViewTransform): FindingsNear | null {
  if (findings.count < fewest) return null;
  const { x, y, width, height } = drawnRect(view);
  const rect = {
    x: x - width * margin,
    y: y - height * margin,
    width: width * (1 + 2 * margin),
    height: height * (1 + 2 * margin),
  };
  if (findings.countNear(rect) > Math.min(most, findings.count / 2)) return null;
  return { rect, ordinals: findings.ordinalsNear(rect) };
}

/** Whether a view shows nothing beyond what was gathered, and not far less. */
export function isStillNear({ rect }: FindingsNear, view: ViewTransform): boolean {
  const drawn = drawnRect(view);
  return (
    drawn.x >= rect.x &&
    drawn.y >= rect.y &&
    drawn.x + drawn.width <= rect.x + rect.width &&
    drawn.y + drawn.height <= rect.y + rect.height &&
    drawn.width * muchCloser > rect.width
  );
}

/** The place of an ordinal among rising ones; -1 where it is not there. */
export function placeAmong(ordinals: Uint32Array, ordinal: number): number {
  let [from, to] = [0, ordinals.length];
  while (from < to) {
    const middle = (from + to) >> 1;
    if ((ordinals[middle] ?? 0) < ordinal) from = middle + 1;
    else to = middle;
  }
  return ordinals[from] === ordinal ? from : -1;
}

function drawnRect(view: ViewTransform): Rect {
  const { x, y, width, height } = visibleRect(view);
  const around = reach / view.scale;
  return { x: x - around, y: y - around, width: width + 2 * around, height: height + 2 * around };
}
