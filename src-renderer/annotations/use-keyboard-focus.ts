/**
 * A drawing tool that was chosen by a key gets the focus, so that the keys are about drawing and not about whatever had it; it gives it
 * back at the end. One that was chosen with the mouse leaves the focus alone.
 */
import { useLayoutEffect, type RefObject } from 'react';

/** @param onTaken the focus came by a key */
export function useKeyboardFocus(surface: RefObject<HTMLElement | null>, onTaken: () => void): void {
  useLayoutEffect(() => {
    const element = surface.current;
    if (element === null) return undefined;
    let goesBackTo: HTMLElement | null = null;
    const take = (): void => {
      const before = document.activeElement;
      if (before === element || !(before instanceof HTMLElement)) return;
      element.focus({ preventScroll: true });
      // The browser knows by what the person came here.
      if (element.matches(':focus-visible')) {
        goesBackTo = before;
        onTaken();
      } else before.focus({ preventScroll: true });
    };
    take();
    // The palette gives the focus back to whoever had it, a moment after the tool was chosen there.
    const frame = requestAnimationFrame(take);
    // Who goes on with the mouse wants no button to have the keys afterwards.
    const forget = (): void => {
      goesBackTo = null;
    };
    element.addEventListener('pointerdown', forget);
    return () => {
      cancelAnimationFrame(frame);
      element.removeEventListener('pointerdown', forget);
      if (document.activeElement === element && goesBackTo?.isConnected === true) {
        goesBackTo.focus({ preventScroll: true });
      }
    };
    // Once, when the tool is chosen.
    // oxlint-disable-next-line react-hooks/exhaustive-deps
  }, []);
}
