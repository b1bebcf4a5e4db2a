/** A chord of the screens (`mod+shift+z`, src-renderer/app/commands/chord.ts) in the words of Electron's menus. */
const names: Record<string, string> = {
  mod: 'CmdOrCtrl',
  alt: 'Alt',
  shift: 'Shift',
  space: 'Space',
  arrowleft: 'Left',
  arrowright: 'Right',
  arrowup: 'Up',
  arrowdown: 'Down',
  escape: 'Esc',
  enter: 'Enter',
  tab: 'Tab',
  backspace: 'Backspace',
  delete: 'Delete',
  insert: 'Insert',
  home: 'Home',
  end: 'End',
  pageup: 'PageUp',
  pagedown: 'PageDown',
  '+': 'Plus',
};

const plainKey = /^([a-z0-9]|f([1-9]|1\d|2[0-4])|[-=[\]\\;',./`?!:<>{}|"~_@#$%^&*()])$/;

/** null where Electron has no word for it: the menu then shows no key, and the screen still listens to it. */
export function acceleratorOf(chord: string): string | null {
  const parts =
    chord === '+' ? ['+'] : chord.endsWith('++') ? [...chord.slice(0, -2).split('+'), '+'] : chord.split('+');
  const words = parts.map((part) => names[part] ?? (plainKey.test(part) ? part.toUpperCase() : null));
  return words.includes(null) ? null : words.join('+');
}
