/** Keys on a handle of a drawing. */
import { expect, it } from 'vitest';
import { moveOf } from '../../../src-renderer/annotations/handle-keys.ts';

const key = (name: string, with_: object = {}) =>
  moveOf({ key: name, shiftKey: false, ctrlKey: false, metaKey: false, altKey: false, ...with_ });

it('move it by a pixel or ten, choose another, or take it away; all others keep their meaning', () => {
  expect(key('ArrowLeft')).toEqual({ kind: 'move', x: -1, y: 0 });
  expect(key('ArrowDown', { shiftKey: true })).toEqual({ kind: 'move', x: 0, y: 10 });
  expect(key('PageUp')).toEqual({ kind: 'choose', step: -1 });
  expect(key('Delete')).toEqual({ kind: 'remove' });
  expect([key('z'), key('Enter'), key('ArrowUp', { ctrlKey: true })]).toEqual([null, null, null]);
});
