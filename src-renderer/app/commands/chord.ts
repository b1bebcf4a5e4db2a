/**
 * A key with its modifiers as text, `mod+shift+z`: how keys are bound, stored and shown. `mod` is Ctrl, or Command on a Mac. Letters
 * and signs go by what is printed on the key, so that they are the same on every keyboard; digits by their place, because many
 * keyboards have other signs there and give digits only with Shift.
 */

const isMac = /Mac|iPhone|iPad/.test(globalThis.navigator?.userAgent ?? '');

type KeyPress = Pick<KeyboardEvent, 'key' | 'code' | 'ctrlKey' | 'metaKey' | 'altKey' | 'shiftKey'>;

const modifiers = new Set(['Control', 'Shift', 'Alt', 'Meta', 'AltGraph', 'CapsLock', 'Dead', 'Process']);

/** null for a modifier alone. */
export function chordOf(event: KeyPress): string | null {
  if (modifiers.has(event.key)) return null;
  const digit = /^(?:Digit|Numpad)(\d)$/.exec(event.code)?.[1];
  const isDigitKey = /^\d$/.test(event.key);
  const key = isDigitKey ? event.key : (digit ?? (event.key === ' ' ? 'space' : event.key.toLowerCase()));
  // Shift is part of a sign that is typed with it, and of a digit where the keyboard wants it.
  const shifts = digit !== undefined ? !isDigitKey && event.shiftKey : event.shiftKey && !isSign(key);
  return [
    event.ctrlKey || event.metaKey ? 'mod+' : '',
    event.altKey ? 'alt+' : '',
    shifts ? 'shift+' : '',
    key,
  ].join('');
}

function isSign(key: string): boolean {
  return key.length === 1 && key.toLowerCase() === key.toUpperCase();
}

const names: Record<string, string> = {
  mod: isMac ? '⌘' : 'Ctrl',
  alt: isMac ? '⌥' : 'Alt',
  shift: isMac ? '⇧' : 'Shift',
  space: 'Space',
  arrowleft: '←',
  arrowright: '→',
  arrowup: '↑',
  arrowdown: '↓',
  escape: 'Esc',
  '-': '−',
};

/** The parts of a chord as they are written on keys. */
export function chordKeys(chord: string): string[] {
  const parts = chord.endsWith('++')
    ? [...chord.slice(0, -2).split('+'), '+']
    : chord === '+'
      ? ['+']
      : chord.split('+');
  return parts.map((part) => names[part] ?? part.charAt(0).toUpperCase() + part.slice(1));
}

export function shownChord(chord: string): string {
  return chordKeys(chord).join(isMac ? '' : '+');
}

/** As `aria-keyshortcuts` wants it. */
export function ariaChord(chord: string): string {
  return chord
    .split('+')
    .map((part) => ({ mod: isMac ? 'Meta' : 'Control', space: 'Space', '': 'Plus' })[part] ?? part)
    .map((part) => part.charAt(0).toUpperCase() + part.slice(1))
    .join('+');
}
