/**
 * A drawing tool that was chosen by a key gets the focus, so that the keys are about drawing and not about whatever had it; it gives it
 * back at the end. One that was chosen with the mouse leaves the focus alone.
 */
import { useLayoutEffect, type RefObject } from 'react';

/** @param onTaken the focus came by a key */
export function useKeyboardFocus(surface: RefObject<HTMLElement | null>, onTaken: () => void): void {
  useLayoutEffect(() => {
    const element = surface.current;
    const before = document.activeElement;
    if (element === null || !(before instanceof HTMLElement)) return undefined;
    element.focus({ preventScroll: true });
    // The browser knows by what the person came here.
    if (!element.matches(':focus-visible')) {
      before.focus({ preventScroll: true });
      return undefined;
    }
    onTaken();
    let goesBack = true;
    // Who goes on with the mouse wants no button to have the keys afterwards.
    element.addEventListener('pointerdown', () => (goesBack = false), { once: true });
    return () => {
      if (goesBack && document.activeElement === element && before.isConnected) {
        before.focus({ preventScroll: true });
      }
    };
    // Once, when the tool is chosen.
    // oxlint-disable-next-line react-hooks/exhaustive-deps
  }, []);
}
