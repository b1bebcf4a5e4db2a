/** A single tile as a codestream of its own, and moving one to the origin of the reference grid. */
import { marker } from './codestream.ts';
import type { CodingStyle, MainHeader } from './codestream.ts';
import type { Rect } from './tile-layout.ts';

/** SIZ begins after SOC; its numbers from Xsiz on (A.5.1). */
const xsizAt = 8;

/**
 * A codestream that holds one tile of another: the main header with the grid cut to the tile's area, then the tile's parts (each
 * from its SOT), which become those of tile 0. Coordinates stay, so that what is anchored at the origin stays where it was.
 */
export function oneTileStream(
  header: Uint8Array,
  main: MainHeader,
  tile: Rect,
  parts: readonly Uint8Array[],
): Buffer {
  const { size } = main;
  const stream = Buffer.concat([header.subarray(0, main.length), ...parts, Buffer.from([0xff, 0xd9])]);
  const gridX = size.tileX0 + Math.floor((tile.x0 - size.tileX0) / size.tileWidth) * size.tileWidth;
  const gridY = size.tileY0 + Math.floor((tile.y0 - size.tileY0) / size.tileHeight) * size.tileHeight;
  writeGrid(stream, [tile.x1, tile.y1, tile.x0, tile.y0, size.tileWidth, size.tileHeight, gridX, gridY]);
  let at = main.length;
  for (const part of parts) {
    stream.writeUInt16BE(0, at + 4);
    // A part that said "to the end" is followed by EOC now.
    stream.writeUInt32BE(part.length, at + 6);
    at += part.length;
  }
  return stream;
}

/**
 * The codestream of a single tile with the tile's corner at (0, 0), where some decoders want it. null: its precincts or
 * code-blocks, which are anchored at the origin, would be others there.
 */
export function movedToOrigin(stream: Uint8Array, main: MainHeader): Buffer | null {
  const { size, coding } = main;
  const isOneTile = size.x1 - size.tileX0 <= size.tileWidth && size.y1 - size.tileY0 <= size.tileHeight;
  if (!isOneTile || size.components.some(({ dx, dy }) => dx !== 1 || dy !== 1)) return null;
  for (const { style } of coding.components) {
    if (!staysAlike(style, size.x0, size.x1, 'width') || !staysAlike(style, size.y0, size.y1, 'height')) {
      return null;
    }
  }
  const moved = Buffer.from(stream);
  const [width, height] = [size.x1 - size.x0, size.y1 - size.y0];
  writeGrid(moved, [width, height, 0, 0, size.tileWidth, size.tileHeight, 0, 0]);
  return moved;
}

/** Along one axis: every partition cuts [start, end) and [0, end - start) at the same places. */
function staysAlike(style: CodingStyle, start: number, end: number, axis: 'width' | 'height'): boolean {
  const block = axis === 'width' ? style.blockWidth : style.blockHeight;
  // Then coordinates at every resolution move by whole samples, and low and high samples stay what they are.
  if (start % 2 ** style.levels !== 0) return false;
  return style.precincts.every((precinct, resolution) => {
    const scale = 2 ** (style.levels - resolution);
    const bandScale = resolution === 0 ? scale : scale * 2;
    const [from, to] = [start / scale, Math.ceil(end / scale)];
    const blockCell = 2 ** Math.min(block, precinct[axis] - (resolution === 0 ? 0 : 1));
    return (
      isCutAlike(from, to, 2 ** precinct[axis]) &&
      isCutAlike(start / bandScale, Math.ceil(end / bandScale), blockCell)
    );
  });
}

function isCutAlike(from: number, to: number, cell: number): boolean {
  if (from % cell === 0) return true;
  return Math.floor(from / cell) === Math.floor((to - 1) / cell) && to - from <= cell;
}

function writeGrid(stream: Buffer, values: readonly number[]): void {
  if (stream.readUInt16BE(2) !== marker.siz) throw new TypeError('no SIZ at its place');
  for (const [i, value] of values.entries()) stream.writeUInt32BE(value, xsizAt + i * 4);
}
