/** Stored tiles of an image on a server, as many at once as the cache holds. */
import type { ImageFile } from '../image-file.ts';
import type { ByteRange } from './protocol.ts';
import { aheadBytes } from './remote-bytes.ts';

/**
 * `tiles`: where each is stored. What PixelBackend.prefetch gives: `count` of them are fetched, from the first on.
 */
export function fetchTiles(
  file: ImageFile,
  tiles: readonly (readonly ByteRange[])[],
): { count: number; done: Promise<void> | null } {
  const ranges: ByteRange[] = [];
  let [count, bytes] = [0, 0];
  for (const tile of tiles) {
    const length = tile.reduce((sum, range) => sum + range.length, 0);
    if (count > 0 && bytes + length > aheadBytes) break;
    bytes += length;
    count++;
    ranges.push(...tile);
  }
  return { count, done: file.prefetch(ranges) };
}
