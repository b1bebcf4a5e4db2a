/**
 * How many of an image's tiles the viewer keeps decoded, to come back to them at once. Counted in bytes of pixels, not in tiles: some
 * files have tiles of 256 pixels, others of 1,024, and each of those takes sixteen times as much.
 */
import type { Level } from '../../src-main/contract/image.ts';

const keptBytes = 64 * 1024 ** 2;
/** As many as a large screen shows of the largest tiles, and the coarser ones below. What is in view stays in any case. */
const fewest = 24;
/** Small tiles cost more than their pixels. */
const most = 1000;

/** @param level the one with the largest tiles */
export function tilesKept({ tileWidth, tileHeight }: Pick<Level, 'tileWidth' | 'tileHeight'>): number {
  const bytes = tileWidth * tileHeight * 4;
  return Math.min(most, Math.max(fewest, Math.floor(keptBytes / bytes)));
}
