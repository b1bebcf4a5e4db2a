/** What a key means where a handle of a drawing has the focus. */
export type HandleMove =
  { kind: 'move'; x: number; y: number } | { kind: 'choose'; step: 1 | -1 } | { kind: 'remove' };

/** CSS pixels of a step, and of one with Shift. */
const step = 1;
const largeStep = 10;

interface Key {
  key: string;
  shiftKey: boolean;
  ctrlKey: boolean;
  metaKey: boolean;
  altKey: boolean;
}

/** null: the key means nothing here. */
export function moveOf({ key, shiftKey, ctrlKey, metaKey, altKey }: Key): HandleMove | null {
  if (ctrlKey || metaKey || altKey) return null;
  const by = shiftKey ? largeStep : step;
  switch (key) {
    case 'ArrowLeft':
      return { kind: 'move', x: -by, y: 0 };
    case 'ArrowRight':
      return { kind: 'move', x: by, y: 0 };
    case 'ArrowUp':
      return { kind: 'move', x: 0, y: -by };
    case 'ArrowDown':
      return { kind: 'move', x: 0, y: by };
    case 'PageDown':
      return { kind: 'choose', step: 1 };
    case 'PageUp':
      return { kind: 'choose', step: -1 };
    case 'Delete':
      return { kind: 'remove' };
    default:
      return null;
  }
}
