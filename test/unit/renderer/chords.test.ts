/** Keys as text: what is pressed on which keyboard, and how it is shown. */
import { describe, expect, it } from 'vitest';
import { ariaChord, chordOf, shownChord } from '../../../src-renderer/app/commands/chord.ts';

const press = (key: string, code: string, held = '') => ({
  key,
  code,
  ctrlKey: held.includes('c'),
  metaKey: held.includes('m'),
  altKey: held.includes('a'),
  shiftKey: held.includes('s'),
});

describe('a chord', () => {
  it.each([
    [press('j', 'KeyJ'), 'j'],
    [press('Z', 'KeyZ', 's'), 'shift+z'],
    [press('z', 'KeyZ', 'c'), 'mod+z'],
    [press('z', 'KeyZ', 'm'), 'mod+z'],
    [press('Z', 'KeyZ', 'cs'), 'mod+shift+z'],
    // A sign is a sign, however it is typed.
    [press('?', 'Slash', 's'), '?'],
    [press('?', 'Minus', 's'), '?'],
    [press('+', 'Equal', 's'), '+'],
    [press('[', 'BracketLeft'), '['],
    // Digits by their place: with and without Shift on an American keyboard, and on a French one.
    [press('1', 'Digit1'), '1'],
    [press('!', 'Digit1', 's'), 'shift+1'],
    [press('&', 'Digit1'), '1'],
    [press('1', 'Digit1', 's'), '1'],
    [press('3', 'Numpad3'), '3'],
    [press(' ', 'Space'), 'space'],
    [press('ArrowLeft', 'ArrowLeft'), 'arrowleft'],
    [press('Enter', 'Enter', 's'), 'shift+enter'],
    [press('Shift', 'ShiftLeft', 's'), null],
  ])('of %j is %s', (event, chord) => {
    expect(chordOf(event)).toBe(chord);
  });

  it('is shown as keys are labelled, and told to assistive technology in its own words', () => {
    expect(shownChord('mod+shift+z')).toBe('Ctrl+Shift+Z');
    expect(shownChord('+')).toBe('+');
    expect(shownChord('mod++')).toBe('Ctrl++');
    expect(shownChord('arrowup')).toBe('↑');
    expect(ariaChord('mod+shift+z')).toBe('Control+Shift+Z');
    expect(ariaChord('space')).toBe('Space');
  });
});
