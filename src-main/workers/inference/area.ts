/** Physical areas of tiles, for densities. */
import type { ImageInfo } from '../../contract/image.ts';
import type { ModelManifest } from '../../contract/model.ts';
import type { GridPlan } from '../../contract/run.ts';
import type { AreaOf } from '../../models/tile-result.ts';

/**
 * mm² where the model has a resolution (its pixels then have that size); km² on maps; else million pixels, which the fit has
 * told the person.
 */
export function areaMeasure(manifest: ModelManifest, info: ImageInfo, plan: GridPlan): AreaOf {
  if (manifest.mpp !== null) {
    const pixel = (manifest.mpp / 1000) ** 2;
    return (pixels) => pixels * pixel;
  }
  const metres = info.geo?.metersPerPixel;
  if (metres) {
    const pixel = (metres.x * plan.scaleX * metres.y * plan.scaleY) / 1e6;
    return (pixels) => pixels * pixel;
  }
  return (pixels) => pixels / 1e6;
}
