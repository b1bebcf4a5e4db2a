/**
 * Where findings are densest: the square windows of a given area with the most of them, as a pathologist looks for the field to
 * count in. Exact: no window of that size within the image holds more than the first one.
 */
import type { Rect } from '../contract/run.ts';
import { densestWindow, type WeightedPoints, type WindowRequest } from './densest-window.ts';
import { coveredBy, overlap, pointsWorthSweeping } from './window-bounds.ts';

export interface Hotspot {
  /** Level-0 pixels, within the image. */
  rect: Rect;
  count: number;
  /** What was made as large as can be: the sum of the findings' weights, or their number where they have none. */
  weight: number;
}

export interface HotspotRequest {
  imageWidth: number;
  imageHeight: number;
  /** Edges of the window in level-0 pixels; an image that is smaller in one direction cuts it there. */
  windowWidth: number;
  windowHeight: number;
  /** At most so many, none overlapping another. */
  most: number;
  /** Of each finding, 0 or more; absent: 1 each. */
  weights?: ArrayLike<number>;
}

/** Window edges of a square of an area (2 mm² where nothing else is asked for slides, 1 km² for scenes). */
export function windowFor(
  area: number,
  pixel: { width: number; height: number },
): { width: number; height: number } {
  const edge = Math.sqrt(area);
  return { width: edge / pixel.width, height: edge / pixel.height };
}

export const slideHotspotArea = 2;
export const sceneHotspotArea = 1;

/**
 * @param centres x, y of each finding, level-0 pixels; what lies outside of the image counts nowhere
 * @returns the densest first, each the densest of those that overlap none before it. Windows without a finding are none.
 */
export function findHotspots(centres: ArrayLike<number>, asked: HotspotRequest): Hotspot[] {
  const points = { centres, ...(asked.weights !== undefined && { weights: asked.weights }) };
  const hotspots: Hotspot[] = [];
  while (hotspots.length < asked.most) {
    const request = {
      imageWidth: asked.imageWidth,
      imageHeight: asked.imageHeight,
      windowWidth: Math.min(asked.imageWidth, asked.windowWidth),
      windowHeight: Math.min(asked.imageHeight, asked.windowHeight),
      taken: hotspots.map(({ rect }) => rect),
    };
    const at = densestWindow(pointsWorthSweeping(points, request), request);
    if (at === null) break;
    hotspots.push(centred(points, request, at));
  }
  return hotspots;
}

/** The window moved so that what it covers lies in its middle, where it then covers as much. */
function centred(points: WeightedPoints, request: WindowRequest, at: { x: number; y: number }): Hotspot {
  const { windowWidth: width, windowHeight: height, taken } = request;
  const found = { x: at.x, y: at.y, width, height };
  const { around, count, weight } = coveredBy(points, found);
  const along = (from: number, length: number, window: number, image: number): number =>
    Math.max(0, Math.min(image - window, from + (length - window) / 2));
  const middle = {
    x: along(around.x, around.width, width, request.imageWidth),
    y: along(around.y, around.height, height, request.imageHeight),
    width,
    height,
  };
  const moved = coveredBy(points, middle);
  if (moved.weight >= weight && !taken.some((other) => overlap(middle, other)))
    return { rect: middle, count: moved.count, weight: moved.weight };
  return { rect: found, count, weight };
}
