/** From an image's own coordinate system to its pixels. Without proj4, so that a screen can have it at once. */
import type { Geo } from '../contract/image.ts';

/** The inverse of pixelToCrs (./geo.ts): level-0 pixels, 0, 0 = top left corner of the first one. */
export function crsToPixel(transform: Geo['transform'], east: number, north: number): [x: number, y: number] {
  const [x0, xByColumn, xByRow, y0, yByColumn, yByRow] = transform;
  const determinant = xByColumn * yByRow - xByRow * yByColumn;
  const [dx, dy] = [east - x0, north - y0];
  return [(dx * yByRow - dy * xByRow) / determinant, (dy * xByColumn - dx * yByColumn) / determinant];
}
