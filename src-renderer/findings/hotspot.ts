/** The square of a given area with the most findings that count, from the threshold on. */
import type { ImageInfo } from '../../src-main/contract/image.ts';
import { sceneHotspotArea, slideHotspotArea } from '../../src-main/core/hotspots.ts';
import { verdictCode, type FindingSet } from '../state/finding-set.ts';

export interface HotspotSize {
  /** Of the square. */
  area: number;
  unit: 'mm²' | 'km²';
  /** Edges of a level-0 pixel in mm or km. */
  pixel: { width: number; height: number };
}

/**
 * What is usual in the field; null without a physical size.
 * @param ownMpp what the person said of the image at the run, which goes before the file's
 */
export function hotspotSize(
  { mpp: fileMpp, geo }: Pick<ImageInfo, 'mpp' | 'geo'>,
  ownMpp?: number,
): HotspotSize | null {
  const mpp = ownMpp === undefined ? fileMpp : { x: ownMpp, y: ownMpp };
  if (mpp !== null) {
    return { area: slideHotspotArea, unit: 'mm²', pixel: { width: mpp.x / 1000, height: mpp.y / 1000 } };
  }
  const metres = geo?.metersPerPixel;
  if (metres == null) return null;
  return { area: sceneHotspotArea, unit: 'km²', pixel: { width: metres.x / 1000, height: metres.y / 1000 } };
}

/** x, y of each finding that counts. */
export function countedCentres(set: FindingSet, threshold: number): Float64Array<ArrayBuffer> {
  const centres = new Float64Array(2 * set.count);
  let end = 0;
  for (let i = 0; i < set.count; i++) {
    if ((set.scores[i] ?? 0) < threshold || set.verdicts[i] === verdictCode.rejected) continue;
    centres[end++] = set.centreX(i);
    centres[end++] = set.centreY(i);
  }
  return centres.slice(0, end);
}
