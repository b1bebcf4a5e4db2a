/** What of level 0 a tile covers that is resized by itself. */
import type { GridPlan, Rect } from '../../contract/run.ts';

/**
 * Whole level-0 pixels: of every tile of a run as many, so that all are resized alike (a tile of 224 px of 0.5 µm on a slide of
 * 0.2521 µm is 444 px, as WSInfer rounds it).
 *
 * @param rect model pixels
 */
export function bilinearRect({ scaleX, scaleY }: Pick<GridPlan, 'scaleX' | 'scaleY'>, rect: Rect): Rect {
  return {
    x: Math.round(rect.x * scaleX),
    y: Math.round(rect.y * scaleY),
    width: Math.max(1, Math.round(rect.width * scaleX)),
    height: Math.max(1, Math.round(rect.height * scaleY)),
  };
}
