/** How large the pixels of an exported raster are, and where it lies: slides in µm, scenes in their coordinate system. */
import type { Geo } from '../../contract/image.ts';
import { modelSize } from '../../core/grid.ts';
import type { ReportData } from '../report-data.ts';

export interface RasterPlace {
  /** Pixels; the last column and row may reach beyond the image. */
  width: number;
  height: number;
  /** Model pixels a raster pixel, along both axes: a power of two. */
  factor: number;
  /** Level-0 pixels a raster pixel. */
  scaleX: number;
  scaleY: number;
}

/**
 * @param longest pixels of the longer side, where `coarsest` allows it
 * @param coarsest most model pixels a raster pixel
 */
export function rasterPlace(
  { plan }: Pick<ReportData, 'plan'>,
  longest: number,
  coarsest = Number.POSITIVE_INFINITY,
): RasterPlace {
  const size = modelSize(plan);
  let factor = 1;
  while (Math.max(size.width, size.height) / factor > longest && factor * 2 <= coarsest) factor *= 2;
  return {
    width: Math.ceil(size.width / factor),
    height: Math.ceil(size.height / factor),
    factor,
    scaleX: plan.scaleX * factor,
    scaleY: plan.scaleY * factor,
  };
}

export function rasterTransform(
  transform: Geo['transform'],
  { scaleX, scaleY }: RasterPlace,
): Geo['transform'] {
  const [x0, xByColumn, xByRow, y0, yByColumn, yByRow] = transform;
  return [x0, xByColumn * scaleX, xByRow * scaleY, y0, yByColumn * scaleX, yByRow * scaleY];
}

/** µm a raster pixel; undefined where the image has no size. */
export function rasterMpp(
  { image, run }: Pick<ReportData, 'image' | 'run'>,
  { scaleX, scaleY }: RasterPlace,
): { x: number; y: number } | undefined {
  const own = run.parameters.mpp;
  const mpp = own === undefined ? image.mpp : { x: own, y: own };
  return mpp === null ? undefined : { x: mpp.x * scaleX, y: mpp.y * scaleY };
}
