/** How large a part of the image is in reality, and the unit that people of the field count in. */
import type { ImageInfo } from '../contract/image.ts';
import type { Rect } from '../contract/run.ts';
import { pixelArea } from './geo.ts';

export type AreaUnit = 'mm²' | 'km²';

export interface AreaMeasure {
  unit: AreaUnit;
  /** Area of a rectangle of level-0 pixels, in `unit`. */
  of(rect: Rect): number;
}

/**
 * mm² for slides, km² for geo-referenced scenes; null where the image has no physical size.
 * @param mpp the person's own µm per pixel, which goes before the file's
 */
export function areaMeasure(
  image: Pick<ImageInfo, 'mpp' | 'geo' | 'width' | 'height'>,
  mpp?: number,
): AreaMeasure | null {
  const { geo } = image;
  const size = mpp === undefined ? image.mpp : { x: mpp, y: mpp };
  if (size !== null) {
    return { unit: 'mm²', of: (rect) => (rect.width * size.x * rect.height * size.y) / 1e6 };
  }
  if (geo === null || pixelArea(geo, image.width / 2, image.height / 2) === null) return null;
  return {
    unit: 'km²',
    // A pixel's ground area changes nearly linearly over a tile: the one at its centre stands for all.
    of: (rect) => {
      const one = pixelArea(geo, rect.x + rect.width / 2, rect.y + rect.height / 2);
      return ((one ?? 0) * rect.width * rect.height) / 1e6;
    },
  };
}

/** The part of a rectangle that lies in the image. */
export function withinImage(rect: Rect, image: { width: number; height: number }): Rect {
  const x = Math.min(image.width, Math.max(0, rect.x));
  const y = Math.min(image.height, Math.max(0, rect.y));
  return {
    x,
    y,
    width: Math.max(0, Math.min(image.width, rect.x + rect.width) - x),
    height: Math.max(0, Math.min(image.height, rect.y + rect.height) - y),
  };
}
