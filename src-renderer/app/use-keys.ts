/** Keys of the whole window. They stay out of the way of text fields, dialogs and the system's own combinations. */
import { useEffect } from 'react';
import type { Controller } from '../state/controller.ts';
import { useApp } from '../state/app-store.ts';
import { useView } from '../state/view-store.ts';
import { commands } from './commands.ts';

export function useKeys(controller: Controller): void {
  useEffect(() => {
    const onDown = (event: KeyboardEvent) => {
      if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
      const { dialog, screen } = useApp.getState();
      if (dialog !== null || isTyping(event.target)) return;
      if (event.key === ' ') {
        if (screen.at !== 'case' || isPressable(event.target)) return;
        event.preventDefault();
        if (!event.repeat) useView.getState().set({ peeking: true });
        return;
      }
      const key = event.key.toLowerCase();
      if (key.startsWith('arrow') && movesByArrows(event.target)) return;
      const command = commands.find((other) => other.keys.includes(key));
      if (command === undefined || (screen.at !== 'case' && command.group !== 'Window')) return;
      event.preventDefault();
      command.run(controller);
    };
    const endPeek = () => {
      if (useView.getState().peeking) useView.getState().set({ peeking: false });
    };
    const onUp = (event: KeyboardEvent) => {
      if (event.key === ' ') endPeek();
    };
    window.addEventListener('keydown', onDown);
    window.addEventListener('keyup', onUp);
    window.addEventListener('blur', endPeek);
    return () => {
      window.removeEventListener('keydown', onDown);
      window.removeEventListener('keyup', onUp);
      window.removeEventListener('blur', endPeek);
    };
  }, [controller]);
}

function isTyping(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false;
  if (target instanceof HTMLTextAreaElement || target.isContentEditable) return true;
  return target instanceof HTMLInputElement && target.type !== 'range' && target.type !== 'checkbox';
}

/** Space presses these. */
function isPressable(target: EventTarget | null): boolean {
  return (
    target instanceof Element &&
    target.closest('button, a, select, summary, [role="switch"], [role="option"], [role="menuitem"]') !== null
  );
}

/** Arrows already mean something here: sliders, lists, tabs, menus, radio groups. */
function movesByArrows(target: EventTarget | null): boolean {
  return (
    target instanceof Element &&
    target.closest('input, [role="listbox"], [role="tab"], [role="menu"], [role="radiogroup"]') !== null
  );
}
