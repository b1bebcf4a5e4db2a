/** The order in which exact merging prefers detections, and in which findings are listed. */
import { detectionStride as stride } from '../worker-protocol.ts';
import { rankBy } from './sort.ts';

/** Indexes by score descending, y, x, height, width, class, tile. */
export function rankDetections(packed: Float32Array, tiles: Int32Array): Int32Array {
  const key = (offset: number) => ({ values: packed, stride, offset });
  return rankBy(tiles.length, [
    { ...key(5), descending: true },
    key(1),
    key(0),
    key(3),
    key(2),
    key(4),
    // Float32 holds tile indexes up to 2^24 exactly; beyond, two detections that agree in all else are interchangeable.
    { values: new Float32Array(tiles), stride: 1, offset: 0 },
  ]);
}
