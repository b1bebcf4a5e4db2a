/** Which frame shows which part of the total pixel matrix (PS3.3 C.7.6.17.3, C.8.12.14.1). */
import type { DataSet } from './part10.ts';
import type { Instance } from './instance.ts';

/** One plane of an image: one optical path, one focal plane. */
export interface TileMap {
  /** Frames lie on the grid of tiles; else `frameAt` knows none, and `overlapping` must be asked. */
  aligned: boolean;
  /** Tiles of the grid that no frame is stored for; 0 where frames lie off the grid, or anywhere else. */
  gaps: number;
  /** The frame that is the tile; -1: a gap. */
  frameAt(column: number, row: number): number;
  /** Frames that show a part of the tile, in their order, with their place in the matrix (from 0). */
  overlapping(column: number, row: number): { frame: number; x: number; y: number }[];
}

/** Positions of frames, in typed arrays because there can be a million. */
export interface FramePositions {
  x: Int32Array;
  y: Int32Array;
  z: Float64Array;
  /** Index into `paths`. */
  path: Uint16Array;
  paths: readonly string[];
}

interface Grid {
  width: number;
  height: number;
  tileWidth: number;
  tileHeight: number;
}

/** Frames row by row; focal planes outside of that, optical paths outermost. The first focal plane is taken. */
export function fullTileMap(instance: Instance, frames: number, path: number): TileMap {
  const columns = Math.ceil(instance.width / instance.format.columns);
  const rows = Math.ceil(instance.height / instance.format.rows);
  const first = path * instance.focalPlanes * columns * rows;
  if (first + columns * rows > frames) {
    throw instance.data.error(
      'NumberOfFrames',
      `says ${frames} frames, where ${columns} x ${rows} tiles of a TILED_FULL image need ` +
        `${first + columns * rows}${path === 0 ? '' : ` for optical path ${path + 1}`}`,
    );
  }
  return {
    aligned: true,
    gaps: 0,
    frameAt: (column, row) => first + row * columns + column,
    overlapping: () => [],
  };
}

/** @param first number of the instance's first frame in its concatenation */
export function readPositions(parts: readonly { instance: Instance; first: number }[]): FramePositions {
  const frames = parts.reduce((sum, { instance }) => sum + instance.frames, 0);
  const positions = {
    x: new Int32Array(frames),
    y: new Int32Array(frames),
    z: new Float64Array(frames),
    path: new Uint16Array(frames),
  };
  const paths: string[] = [];
  for (const { instance, first } of parts) {
    const { data } = instance;
    let index = first;
    for (const groups of framesOf(instance)) {
      if (index === first + instance.frames) {
        throw data.error('PerFrameFunctionalGroupsSequence', `has more items than ${instance.frames} frames`);
      }
      const place = groups.first('PlanePositionSlideSequence');
      positions.x[index] = coordinate(instance, place, 'ColumnPositionInTotalImagePixelMatrix', index);
      positions.y[index] = coordinate(instance, place, 'RowPositionInTotalImagePixelMatrix', index);
      positions.z[index] = place?.decimals('ZOffsetInSlideCoordinateSystem')[0] ?? 0;
      const id = groups.first('OpticalPathIdentificationSequence')?.text('OpticalPathIdentifier') ?? '';
      let path = paths.indexOf(id);
      if (path < 0) path = paths.push(id) - 1;
      if (path > 255) throw data.error('OpticalPathIdentificationSequence', 'names more than 256 paths');
      positions.path[index] = path;
      index++;
    }
    if (index !== first + instance.frames) {
      throw data.error(
        'PerFrameFunctionalGroupsSequence',
        `has ${index - first} items for ${instance.frames} frames`,
      );
    }
  }
  return { ...positions, paths };
}

/** An only frame may have its position among what all frames share, or none, where it is the whole image. */
function framesOf({ data, frames }: Instance): Iterable<DataSet> {
  if (frames > 1 || data.element('PerFrameFunctionalGroupsSequence') !== null) {
    return data.items('PerFrameFunctionalGroupsSequence');
  }
  const shared = data.first('SharedFunctionalGroupsSequence');
  return [shared ?? data];
}

function coordinate(
  instance: Instance,
  place: DataSet | null,
  keyword: 'ColumnPositionInTotalImagePixelMatrix' | 'RowPositionInTotalImagePixelMatrix',
  frame: number,
): number {
  const isColumn = keyword.startsWith('Column');
  const [size, tile] = isColumn
    ? [instance.width, instance.format.columns]
    : [instance.height, instance.format.rows];
  const value = place?.signed(keyword) ?? null;
  // An image of one frame needs no position.
  if (value === null && instance.frames === 1 && size <= tile) return 0;
  if (value === null) throw instance.data.error(keyword, `is missing for frame ${frame + 1}`);
  const from = value - 1;
  if (from <= -tile || from >= size) {
    throw instance.data.error(keyword, `puts frame ${frame + 1} at ${value}, outside of the image`);
  }
  return from;
}

/** Frames by the tile that their upper left corner lies in; where several are at one place, the lowest focal plane. */
export function sparseTileMap(grid: Grid, positions: FramePositions, path: string | null): TileMap {
  const { x, y, z } = positions;
  const wanted = path === null ? 0 : positions.paths.indexOf(path);
  const { tileWidth, tileHeight } = grid;
  // One column and row more on the left and above: frames may begin outside of the image.
  const columns = Math.ceil(grid.width / tileWidth) + 1;
  const keyOf = (column: number, row: number): number => (row + 1) * columns + column + 1;
  const order: number[] = [];
  for (let frame = 0; frame < x.length; frame++) if (positions.path[frame] === wanted) order.push(frame);
  const keys = new Float64Array(x.length);
  let aligned = true;
  for (const frame of order) {
    const [left, top] = [x[frame] ?? 0, y[frame] ?? 0];
    keys[frame] = keyOf(Math.floor(left / tileWidth), Math.floor(top / tileHeight));
    if (left % tileWidth !== 0 || top % tileHeight !== 0) aligned = false;
  }
  const value = (from: Float64Array | Int32Array, frame: number): number => from[frame] ?? 0;
  const compare = (a: number, b: number): number =>
    value(keys, a) - value(keys, b) ||
    value(y, a) - value(y, b) ||
    value(x, a) - value(x, b) ||
    value(z, a) - value(z, b) ||
    a - b;
  // Scanners mostly write them so.
  const isSorted = order.every((frame, i) => i === 0 || compare(order[i - 1] ?? 0, frame) < 0);
  const sorted = isSorted ? order : order.toSorted(compare);
  const kept = sorted.filter((frame, i) => {
    const before = sorted[i - 1];
    return before === undefined || x[before] !== x[frame] || y[before] !== y[frame];
  });
  const sortedKeys = Float64Array.from(kept, (frame) => value(keys, frame));
  const framesOfKept = Int32Array.from(kept);
  const tiles = (columns - 1) * Math.ceil(grid.height / tileHeight);
  return {
    aligned,
    gaps: aligned ? Math.max(0, tiles - kept.length) : 0,
    frameAt(column, row) {
      const at = lowerBound(sortedKeys, keyOf(column, row));
      return aligned && sortedKeys[at] === keyOf(column, row) ? (framesOfKept[at] ?? -1) : -1;
    },
    overlapping(column, row) {
      const found: { frame: number; x: number; y: number }[] = [];
      const [left, top] = [column * tileWidth, row * tileHeight];
      for (const [c, r] of neighbours(column, row)) {
        const key = keyOf(c, r);
        for (let at = lowerBound(sortedKeys, key); sortedKeys[at] === key; at++) {
          const frame = framesOfKept[at] ?? 0;
          const [fx, fy] = [value(x, frame), value(y, frame)];
          const isApart =
            fx + tileWidth <= left ||
            fx >= left + tileWidth ||
            fy + tileHeight <= top ||
            fy >= top + tileHeight;
          if (!isApart) found.push({ frame, x: fx, y: fy });
        }
      }
      return found.toSorted((a, b) => a.frame - b.frame);
    },
  };
}

/** Frames are of a tile's size, so only those that begin in the tile, or left of it, or above it, can reach into it. */
function neighbours(column: number, row: number): [number, number][] {
  return [
    [column, row],
    [column - 1, row],
    [column, row - 1],
    [column - 1, row - 1],
  ];
}

function lowerBound(keys: Float64Array, key: number): number {
  let [low, high] = [0, keys.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((keys[middle] ?? 0) < key) low = middle + 1;
    else high = middle;
  }
  return low;
}
