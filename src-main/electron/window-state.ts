/** Where the last window was, so that the next one is there too, if there is still a display at that place. */
import type { Rectangle } from 'electron';
import { z } from 'zod';

const whole = z.number().int().min(-100_000).max(100_000);

export const windowStateSchema = z.object({
  bounds: z.object({ x: whole, y: whole, width: whole.positive(), height: whole.positive() }).nullable(),
  maximized: z.boolean(),
  fullScreen: z.boolean(),
});
export type WindowState = z.infer<typeof windowStateSchema>;

export const firstState: WindowState = { bounds: null, maximized: false, fullScreen: false };

export const usualSize = { width: 1440, height: 900 };
export const smallestSize = { width: 800, height: 560 };

/** So much of a window must be on a display that a person can take hold of it, device-independent pixels. */
const grip = { width: 160, height: 60 };
/** A further window lies so far from the one before. */
const step = 28;

const clamp = (value: number, low: number, high: number): number =>
  Math.min(Math.max(value, low), Math.max(low, high));

function overlap(a: Rectangle, b: Rectangle): { width: number; height: number } {
  return {
    width: Math.min(a.x + a.width, b.x + b.width) - Math.max(a.x, b.x),
    height: Math.min(a.y + a.height, b.y + b.height) - Math.max(a.y, b.y),
  };
}

/**
 * @param workAreas of all displays, without taskbar and dock; the main display's first
 * @param others windows that are there already
 */
export function placeWindow(
  { bounds }: WindowState,
  workAreas: readonly Rectangle[],
  others: number,
): Rectangle | { width: number; height: number } {
  const main = workAreas[0];
  if (main === undefined) return usualSize;
  if (bounds === null) {
    return {
      width: clamp(usualSize.width, smallestSize.width, main.width),
      height: clamp(usualSize.height, smallestSize.height, main.height),
    };
  }
  const moved = { ...bounds, x: bounds.x + step * others, y: bounds.y + step * others };
  const home = workAreas.find((area) => {
    const seen = overlap(area, { ...moved, height: grip.height });
    return seen.width >= grip.width && seen.height >= grip.height;
  });
  const area = home ?? main;
  const width = clamp(moved.width, smallestSize.width, area.width);
  const height = clamp(moved.height, smallestSize.height, area.height);
  if (home !== undefined) {
    return {
      x: clamp(moved.x, home.x + grip.width - width, home.x + home.width - grip.width),
      y: clamp(moved.y, home.y, home.y + home.height - grip.height),
      width,
      height,
    };
  }
  return {
    x: area.x + Math.round((area.width - width) / 2),
    y: area.y + Math.round((area.height - height) / 2),
    width,
    height,
  };
}
