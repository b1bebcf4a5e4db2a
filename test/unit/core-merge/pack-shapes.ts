/** Detections with outlines, in columns as merging takes them. */
import type { Outlines } from '../../../src-main/core/merge/outlines.ts';
import { encodeShape, shapeBounds } from '../../../src-main/core/shape.ts';
import type { Polygons } from './polygons.ts';

export interface Found {
  polygons: Polygons;
  score: number;
  tile: number;
  classIndex?: number;
}

export function packShapes(list: readonly Found[]): {
  packed: Float32Array;
  tiles: Int32Array;
  outlines: Outlines;
} {
  const shapes = list.map(({ polygons }) =>
    polygons.length === 0 ? new Float32Array(0) : encodeShape({ polygons, keypoints: [] }),
  );
  const starts = new Uint32Array(list.length + 1);
  shapes.forEach((shape, i) => (starts[i + 1] = starts[i]! + shape.length));
  const numbers = new Float32Array(starts.at(-1)!);
  shapes.forEach((shape, i) => numbers.set(shape, starts[i]));
  const packed = Float32Array.from(
    list.flatMap(({ polygons, score, classIndex = 0 }) => {
      const { x, y, width, height } = shapeBounds({ polygons, keypoints: [] }) ?? {
        x: 0,
        y: 0,
        width: 0,
        height: 0,
      };
      return [x, y, width, height, classIndex, score];
    }),
  );
  return { packed, tiles: Int32Array.from(list, ({ tile }) => tile), outlines: { numbers, starts } };
}
