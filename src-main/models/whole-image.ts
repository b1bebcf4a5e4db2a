/** The whole image as one tile, scaled to what the model takes: how SAHI's full-image pass and an image-level gate see it. */
import type { ModelManifest } from '../contract/model.ts';
import type { GridPlan } from '../contract/run.ts';
import { inputSize } from './input/letterbox.ts';

/** In the image's own proportions; a model that resizes nothing by itself sees what is left of its input as beyond the edge. */
export function wholeImagePlan(
  input: ModelManifest['input'],
  image: Pick<GridPlan, 'imageWidth' | 'imageHeight'>,
): GridPlan {
  const own = inputSize(input, { width: input.tileSize, height: input.tileHeight ?? input.tileSize });
  const { imageWidth, imageHeight } = image;
  // Never enlarged: a small image has no more to show.
  const scale = Math.max(1, imageWidth / own.width, imageHeight / own.height);
  const width = Math.max(1, Math.round(imageWidth / scale));
  const height = Math.max(1, Math.round(imageHeight / scale));
  const isPadded = input.resize === undefined;
  const tile = !isPadded ? { width, height } : input.fixedSize ? own : inputSize(input, { width, height });
  return {
    imageWidth,
    imageHeight,
    scaleX: isPadded ? scale : imageWidth / width,
    scaleY: isPadded ? scale : imageHeight / height,
    tileWidth: tile.width,
    tileHeight: tile.height,
    overlap: 0,
    columns: 1,
    rows: 1,
  };
}
