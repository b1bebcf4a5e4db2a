/** The level-0 pixel in the middle of the view, frame by frame, while somebody wants it. */
import { useEffect, useState } from 'react';
import { toImage } from '../overlay/view-transform.ts';
import { viewSignal } from '../viewer/view-signal.ts';
import type { Point } from './key-drawing.ts';

export function useMiddle(isWanted: boolean): Point | null {
  const [middle, setMiddle] = useState<Point | null>(null);
  useEffect(() => {
    if (!isWanted) return undefined;
    const stop = viewSignal.subscribe((view) => {
      if (view === null) return;
      const screen = view.turn ?? view;
      const { x, y } = toImage(view, screen.width / 2, screen.height / 2);
      setMiddle([x, y]);
    });
    return () => {
      stop();
      setMiddle(null);
    };
  }, [isWanted]);
  return middle;
}
