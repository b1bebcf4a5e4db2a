/** The square of a given area that holds the most points; what it takes goes to another thread as it is (./hotspot.worker.ts). */
import { findHotspots, windowFor, type Hotspot } from '../../src-main/core/hotspots.ts';

export interface SquareRequest {
  /** x, y of each finding that counts; level-0 pixels. */
  centres: Float64Array<ArrayBuffer>;
  image: { width: number; height: number };
  /** Of the square, in the square of the unit of `pixel`. */
  area: number;
  /** Edges of a level-0 pixel. */
  pixel: { width: number; height: number };
}

/** null where nothing counts. */
export function densestSquare({ centres, image, area, pixel }: SquareRequest): Hotspot | null {
  const window = windowFor(area, pixel);
  const [first] = findHotspots(centres, {
    imageWidth: image.width,
    imageHeight: image.height,
    windowWidth: window.width,
    windowHeight: window.height,
    most: 1,
  });
  return first ?? null;
}
