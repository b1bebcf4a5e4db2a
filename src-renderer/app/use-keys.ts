/** Keys of the whole window. They stay out of the way of text fields, dialogs and what has the focus and a key's own meaning. */
import { useEffect } from 'react';
import type { Controller } from '../state/controller.ts';
import { useApp } from '../state/app-store.ts';
import { chordOf } from './commands/chord.ts';
import type { Command } from './commands/command.ts';
import { chosenKeys, commandFor, isUsable, modeNow } from './commands/registry.ts';

export function useKeys(controller: Controller): void {
  useEffect(() => {
    let held: { command: Command; code: string } | null = null;
    const letGo = () => {
      held?.command.release?.();
      held = null;
    };
    const onDown = (event: KeyboardEvent) => {
      if (event.defaultPrevented || useApp.getState().dialog !== null) return;
      const chord = chordOf(event);
      if (chord === null || means(event.target, chord)) return;
      const command = commandFor(chord, chosenKeys(), modeNow());
      if (command === null || (isTyping(event.target) && command.whileTyping !== true)) return;
      if (!isUsable(command)) return;
      event.preventDefault();
      if (command.release !== undefined) {
        if (event.repeat) return;
        held = { command, code: event.code };
      }
      void command.run(controller);
    };
    const onUp = (event: KeyboardEvent) => {
      if (event.code === held?.code) letGo();
    };
    window.addEventListener('keydown', onDown);
    window.addEventListener('keyup', onUp);
    window.addEventListener('blur', letGo);
    return () => {
      window.removeEventListener('keydown', onDown);
      window.removeEventListener('keyup', onUp);
      window.removeEventListener('blur', letGo);
    };
  }, [controller]);
}

function isTyping(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false;
  if (target instanceof HTMLTextAreaElement || target.isContentEditable) return true;
  return target instanceof HTMLInputElement && target.type !== 'range' && target.type !== 'checkbox';
}

const pressable =
  'button, a, select, summary, [role="switch"], [role="option"], [role="menuitem"], [role="checkbox"]';
const movedByArrows =
  'input, [role="listbox"], [role="grid"], [role="tab"], [role="menu"], [role="radiogroup"]';

/** Whether the key has a meaning of its own where the focus is. */
function means(target: EventTarget | null, chord: string): boolean {
  if (!(target instanceof Element)) return false;
  if (chord === 'space' || chord === 'enter') return target.closest(pressable) !== null;
  return /^(?:shift\+)?arrow/.test(chord) && target.closest(movedByArrows) !== null;
}
