/**
 * A level of a Ventana slide. Each stored tile of a coarser level holds several tiles of level 0 side by side, without their
 * overlaps taken out: parts of it, each of which lies where its tile of level 0 does.
 */
import { mosaicTileSize } from '../mosaic/mosaic.ts';
import type { MosaicLevel, MosaicPiece } from '../mosaic/mosaic.ts';
import type { Rectangle } from '../tile-store.ts';
import type { TiffPage } from '../tiff/page.ts';
import { isStored } from '../tiff/tile-reader.ts';
import type { VentanaArea, VentanaStitching } from './ventana-xml.ts';

const largestSide = 2 ** 31 - 1;

/** An area in a level's pixels. */
interface LevelArea extends VentanaArea {
  /** Of tile 0, 0 of the directory, were it in this area. */
  readonly left: number;
  readonly top: number;
}

/** @throws {GigatileError} image-corrupt where the level would have an absurd size */
export function ventanaLevel(
  page: TiffPage,
  { areas, advanceX, advanceY }: VentanaStitching,
  downsample: number,
): MosaicLevel {
  const { tileWidth, tileHeight } = page;
  const [partWidth, partHeight] = [tileWidth / downsample, tileHeight / downsample];
  if (partWidth < 1 || partHeight < 1) {
    throw page.directory.error(
      `A level ${downsample} times coarser than the first has less than a pixel for each of its tiles`,
    );
  }
  const [stepX, stepY] = [advanceX / downsample, advanceY / downsample];
  const placed = areas.map((area): LevelArea => ({
    ...area,
    left: (area.x - area.firstColumn * advanceX) / downsample,
    top: (area.y - area.firstRow * advanceY) / downsample,
  }));
  const width = Math.ceil(
    Math.max(...placed.map((area) => (area.firstColumn + area.columns - 1) * stepX + area.left + partWidth)),
  );
  const height = Math.ceil(
    Math.max(...placed.map((area) => (area.firstRow + area.rows - 1) * stepY + area.top + partHeight)),
  );
  for (const side of [width, height]) {
    if (side >= 1 && side <= largestSide) continue;
    throw page.directory.error(`The Ventana slide would be ${width} x ${height} pixels large`);
  }
  const grid = { page, downsample, partWidth, partHeight, stepX, stepY };
  const isAligned =
    downsample === 1 &&
    placed.every(({ x, y }) => x % tileWidth === 0 && y % tileHeight === 0) &&
    stepX === tileWidth &&
    stepY === tileHeight;
  return {
    width,
    height,
    scaleX: downsample,
    scaleY: downsample,
    tileWidth: isAligned ? tileWidth : mosaicTileSize,
    tileHeight: isAligned ? tileHeight : mosaicTileSize,
    storedTileWidth: tileWidth,
    storedTileHeight: tileHeight,
    isAligned,
    missingTiles: missingTiles(page, areas, downsample),
    piecesIn: (rect) => piecesIn(placed, grid, rect),
  };
}

interface PartGrid {
  page: TiffPage;
  downsample: number;
  partWidth: number;
  partHeight: number;
  stepX: number;
  stepY: number;
}

interface NumberedPiece extends MosaicPiece {
  readonly column: number;
  readonly row: number;
  readonly area: number;
}

/** Tiles further down and further to the right cover those before them, as in OpenSlide. */
function piecesIn(areas: readonly LevelArea[], grid: PartGrid, rect: Rectangle): MosaicPiece[] {
  const pieces = areas.flatMap((area, index) => areaPieces(area, index, grid, rect));
  if (areas.length === 1) return pieces;
  // Where areas share a tile of the directory, it belongs to the last of them.
  const isOwn = ({ column, row, area }: NumberedPiece): boolean =>
    !areas.some((other, index) => index > area && holds(other, column, row));
  return pieces.filter(isOwn).toSorted((a, b) => b.row - a.row || b.column - a.column);
}

function holds({ firstColumn, firstRow, columns, rows }: VentanaArea, column: number, row: number): boolean {
  return column >= firstColumn && column < firstColumn + columns && row >= firstRow && row < firstRow + rows;
}

function areaPieces(area: LevelArea, index: number, grid: PartGrid, rect: Rectangle): NumberedPiece[] {
  const { page, downsample, partWidth, partHeight, stepX, stepY } = grid;
  const [size, lines] = [Math.ceil(partWidth), Math.ceil(partHeight)];
  // A pixel more on every side: a part that lies between pixels reaches into the next.
  const columns = range(area.left, stepX, size, rect.x - 1, rect.width + 2, area.firstColumn, area.columns);
  const rows = range(area.top, stepY, lines, rect.y - 1, rect.height + 2, area.firstRow, area.rows);
  const pieces: NumberedPiece[] = [];
  for (let row = rows.last; row >= rows.first; row--) {
    for (let column = columns.last; column >= columns.first; column--) {
      const [tileColumn, tileRow] = [Math.floor(column / downsample), Math.floor(row / downsample)];
      if (tileColumn >= page.columns || tileRow >= page.rows) continue;
      const from = {
        x: (column % downsample) * partWidth,
        y: (row % downsample) * partHeight,
        // What the directory's image does not reach is no part of the slide.
        width: Math.min(
          size,
          Math.ceil(page.width - tileColumn * page.tileWidth - (column % downsample) * partWidth),
        ),
        height: Math.min(
          lines,
          Math.ceil(page.height - tileRow * page.tileHeight - (row % downsample) * partHeight),
        ),
      };
      if (from.width <= 0 || from.height <= 0) continue;
      const [x, y] = [column * stepX + area.left, row * stepY + area.top];
      if (!touches(x, from.width, rect.x, rect.width) || !touches(y, from.height, rect.y, rect.height))
        continue;
      pieces.push({ page, index: tileRow * page.columns + tileColumn, from, x, y, column, row, area: index });
    }
  }
  return pieces;
}

/** A part that lies between pixels reaches into the next. */
function touches(at: number, size: number, start: number, length: number): boolean {
  return Math.floor(at) < start + length && Math.ceil(at + size) > start;
}

/** Tiles of an area that may touch a stretch of the level, along one axis. */
function range(
  origin: number,
  step: number,
  size: number,
  start: number,
  length: number,
  first: number,
  count: number,
): { first: number; last: number } {
  return {
    first: Math.max(first, Math.floor((start - origin - size) / step)),
    last: Math.min(first + count - 1, Math.ceil((start + length - origin) / step)),
  };
}

/** Of the scanned areas only: between them the directory has no tiles at all. */
function missingTiles(page: TiffPage, areas: readonly VentanaArea[], downsample: number): number {
  const missing = new Set<number>();
  for (const area of areas) {
    const lastColumn = Math.min(
      page.columns - 1,
      Math.floor((area.firstColumn + area.columns - 1) / downsample),
    );
    const lastRow = Math.min(page.rows - 1, Math.floor((area.firstRow + area.rows - 1) / downsample));
    for (let row = Math.floor(area.firstRow / downsample); row <= lastRow; row++) {
      for (let column = Math.floor(area.firstColumn / downsample); column <= lastColumn; column++) {
        const index = row * page.columns + column;
        if (!isStored(page, index)) missing.add(index);
      }
    }
  }
  return missing.size;
}
