/** Drawing by keys: what each of them makes of the points that are set. */
import { expect, it } from 'vitest';
import {
  drawnByKey,
  type KeyStep,
  type Outcome,
  type Point,
} from '../../../src-renderer/annotations/key-drawing.ts';
import { drawingTools, type DrawingTool } from '../../../src-renderer/state/view-store.ts';

/** CSS pixels per level-0 pixel: what is near on the screen is four times as far in the image. */
const scale = 0.25;

/** Keys one after the other, each where the crosshair is then. Returns what the last one did. */
function draw(tool: DrawingTool, keys: readonly (Point | Exclude<KeyStep, 'set'>)[]): Outcome | null {
  let points: readonly Point[] = [];
  let outcome: Outcome | null = null;
  let at: Point = [0, 0];
  for (const key of keys) {
    if (typeof key !== 'string') at = key;
    outcome = drawnByKey(tool, { points, isByKeys: true }, typeof key === 'string' ? key : 'set', {
      at,
      scale,
    });
    if (outcome?.kind === 'set' || outcome?.kind === 'back') points = outcome.points;
    if (outcome?.kind === 'dropped') points = [];
  }
  return outcome;
}

const a: Point = [100, 100];
const b: Point = [500, 100];
const c: Point = [500, 700];

it('a point takes one place, a rectangle, an ellipse and a ruler two', () => {
  expect(draw('point', [a])).toEqual({ kind: 'done', points: [a] });
  for (const tool of ['rectangle', 'ellipse', 'ruler'] as const) {
    expect(draw(tool, [a])).toEqual({ kind: 'set', points: [a] });
    expect(draw(tool, [a, c])).toEqual({ kind: 'done', points: [a, c] });
    expect(draw(tool, [a, 'end'])).toBe(null);
  }
  expect(draw('ruler', [a, b])).toEqual({ kind: 'done', points: [a, b] });
});

it('a polygon takes as many as wanted, until its end or a place near the first one on the screen', () => {
  for (const tool of ['polygon', 'freehand'] as const) {
    expect(draw(tool, [a, b, c])).toEqual({ kind: 'set', points: [a, b, c] });
    expect(draw(tool, [a, b, c, 'end'])).toEqual({ kind: 'done', points: [a, b, c] });
    expect(draw(tool, [a, b, c, [140, 100]])).toEqual({ kind: 'done', points: [a, b, c] });
    expect(draw(tool, [a, b, c, [144, 100]])).toEqual({ kind: 'set', points: [a, b, c, [144, 100]] });
  }
});

it('what would be no shape is refused, and what was set stays', () => {
  expect(draw('polygon', [a, b, 'end'])).toEqual({ kind: 'refused', why: 'too-few' });
  expect(draw('polygon', [a, b, 'end', c, 'end'])).toEqual({ kind: 'done', points: [a, b, c] });
  expect(draw('ruler', [a, [108, 100]])).toEqual({ kind: 'refused', why: 'same-place' });
  expect(draw('polygon', [a, a])).toEqual({ kind: 'refused', why: 'same-place' });
  expect(draw('rectangle', [a, b])).toEqual({ kind: 'refused', why: 'flat' });
  expect(draw('ellipse', [a, b, c])).toEqual({ kind: 'done', points: [a, c] });
});

it('the last point is taken back, all are dropped, and then the tool is put away', () => {
  expect(draw('polygon', [a, b, 'back'])).toEqual({ kind: 'back', points: [a] });
  expect(draw('ellipse', [a, 'back', c, b, a])).toEqual({ kind: 'done', points: [c, a] });
  expect(draw('polygon', ['back'])).toBe(null);
  expect(draw('polygon', [a, b, 'drop'])).toEqual({ kind: 'dropped' });
  for (const tool of drawingTools) expect(draw(tool, ['drop'])).toEqual({ kind: 'left' });
});

it('what the mouse has begun it goes on with: the key that sets points ends its polygon, and no drag', () => {
  const set = (tool: DrawingTool, points: readonly Point[]) =>
    drawnByKey(tool, { points, isByKeys: false }, 'set', { at: [0, 0], scale });
  expect(set('polygon', [a, b, c])).toEqual({ kind: 'done', points: [a, b, c] });
  expect(set('rectangle', [a])).toBe(null);
  expect(set('polygon', [])).toEqual({ kind: 'set', points: [[0, 0]] });
});
