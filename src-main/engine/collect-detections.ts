/** The detections of all done tiles, in the order of the tiles, as columns: a million of them stay a few arrays. */
import { GigatileError } from '../contract/errors.ts';
import { shapeEnd, type Outlines } from '../core/merge/outlines.ts';
import { detectionStride } from '../core/worker-protocol.ts';
import type { TileStore } from '../store/tile-store.ts';

export interface Detections {
  /** See detectionStride. */
  packed: Float32Array;
  /** The tile of each. */
  tiles: Int32Array;
  /** Where the model gives more than boxes. */
  outlines: Outlines | undefined;
}

/** Numbers of a shape without polygons and key points. */
const emptyShape = 2;

type Column = Float32Array | Int32Array | Uint32Array;

/** The column with room for `length` numbers at least. */
function withRoom<T extends Column>(column: T, length: number): T {
  if (length <= column.length) return column;
  const Kind = column.constructor as new (length: number) => T;
  const larger = new Kind(Math.max(length, column.length * 2));
  larger.set(column);
  return larger;
}

/** What a tile gave, as the store has it. */
export type Given = Pick<
  ReturnType<TileStore['results']> extends Iterable<infer T> ? T : never,
  'tile' | 'detections' | 'shapes'
>;

/**
 * @param keepFrom detections with a lower score are left out (0: none)
 * @throws {GigatileError} case-corrupt where a tile's outlines are not those of its detections
 */
export function collectDetections(results: Iterable<Given>, keepFrom: number): Detections {
  let packed = new Float32Array(1 << 12);
  let tiles = new Int32Array(1 << 10);
  let numbers = new Float32Array(0);
  let starts = new Uint32Array(1 << 10);
  let count = 0;
  let used = 0;
  const lowest = Math.fround(keepFrom);
  for (const { tile, detections, shapes } of results) {
    const more = detections.length / detectionStride;
    const ends = shapes === null ? null : shapeEnds(shapes, more, tile);
    packed = withRoom(packed, (count + more) * detectionStride);
    tiles = withRoom(tiles, count + more);
    starts = withRoom(starts, count + more + 1);
    if (shapes !== null) numbers = withRoom(numbers, used + shapes.length);
    for (let i = 0, from = 0; i < more; i++) {
      const end = ends?.[i] ?? from;
      const isEmpty = end - from <= emptyShape;
      // Written so that a score that is no number goes on to be refused.
      if (!(detections[i * detectionStride + 5]! < lowest)) {
        packed.set(
          detections.subarray(i * detectionStride, (i + 1) * detectionStride),
          count * detectionStride,
        );
        tiles[count] = tile;
        if (shapes !== null && !isEmpty) {
          numbers.set(shapes.subarray(from, end), used);
          used += end - from;
        }
        starts[++count] = used;
      }
      from = end;
    }
  }
  return {
    packed: packed.subarray(0, count * detectionStride),
    tiles: tiles.subarray(0, count),
    outlines:
      used === 0 ? undefined : { numbers: numbers.subarray(0, used), starts: starts.subarray(0, count + 1) },
  };
}

/** Where each of a tile's outlines ends. @throws {GigatileError} case-corrupt */
export function shapeEnds(shapes: Float32Array, count: number, tile: number): Uint32Array {
  const ends = new Uint32Array(count);
  let at = 0;
  try {
    for (let i = 0; i < count; i++) ends[i] = at = shapeEnd(shapes, at);
    if (at !== shapes.length) throw new RangeError(`${shapes.length - at} numbers are left over`);
  } catch (error) {
    throw new GigatileError('case-corrupt', 'The outlines of a tile are not those of its detections', {
      where: `tile ${tile}: ${count} detections, ${shapes.length} numbers: ${String(error)}`,
      hint: 'Analyse the image anew.',
      cause: error,
    });
  }
  return ends;
}
