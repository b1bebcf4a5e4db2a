/** How the image lies on the overlay's canvas. No rotation and no flip: the viewer offers neither. */
export interface ViewTransform {
  /** CSS pixels of the image's top-left corner from the canvas's. */
  originX: number;
  originY: number;
  /** CSS pixels per level-0 pixel. */
  scale: number;
  /** Canvas size, CSS pixels. */
  width: number;
  height: number;
  /** Device pixels per CSS pixel. */
  density: number;
}

/**
 * What remains of the tiles' colour at a zoom, 0-1: all of it while tiles are small and their pattern is what one looks at, less
 * where a tile fills the screen and the tissue in it is.
 * @param tileSize CSS pixels
 */
export function zoomFade(tileSize: number): number {
  const [from, to, least] = [160, 640, 0.35];
  const part = Math.min(1, Math.max(0, (tileSize - from) / (to - from)));
  return 1 - (1 - least) * part;
}

/** The part of the image that the canvas shows, level-0 pixels; may reach beyond the image. */
export function visibleRect(view: ViewTransform): { x: number; y: number; width: number; height: number } {
  return {
    x: -view.originX / view.scale,
    y: -view.originY / view.scale,
    width: view.width / view.scale,
    height: view.height / view.scale,
  };
}
