/** A level of a Leica slide: regions of whole tiles on a canvas of the slide's size. */
import { GigatileError } from '../../contract/errors.ts';
import { mosaicTileSize } from '../mosaic/mosaic.ts';
import type { MosaicLevel, MosaicPiece } from '../mosaic/mosaic.ts';
import type { Rectangle } from '../tile-store.ts';
import type { TiffPage } from '../tiff/page.ts';
import { missingTilesOf } from '../tiff/tile-reader.ts';

export interface ScnArea {
  readonly page: TiffPage;
  /** Of its top-left corner on the canvas, in whole pixels of the level. */
  readonly x: number;
  readonly y: number;
}

interface Size {
  readonly x: number;
  readonly y: number;
}

const largestSide = 2 ** 31 - 1;

/** @throws {GigatileError} image-corrupt where the canvas has an absurd size */
export function scnLevel(size: Size, areas: readonly ScnArea[], base: Size, where: string): MosaicLevel {
  for (const side of [size.x, size.y]) {
    if (side >= 1 && side <= largestSide) continue;
    throw new GigatileError('image-corrupt', `The Leica slide would be ${size.x} x ${size.y} pixels large`, {
      where,
      hint: 'The file is damaged.',
    });
  }
  const stored = areas[0]?.page;
  const [storedWidth, storedHeight] = [stored?.tileWidth ?? 1, stored?.tileHeight ?? 1];
  const isAligned = areas.every(
    ({ page, x, y }) =>
      page.tiled &&
      page.tileWidth === storedWidth &&
      page.tileHeight === storedHeight &&
      x % storedWidth === 0 &&
      y % storedHeight === 0,
  );
  return {
    width: size.x,
    height: size.y,
    scaleX: base.x / size.x,
    scaleY: base.y / size.y,
    tileWidth: isAligned ? storedWidth : mosaicTileSize,
    tileHeight: isAligned ? storedHeight : mosaicTileSize,
    storedTileWidth: storedWidth,
    storedTileHeight: stored?.storedTileHeight ?? 1,
    isAligned,
    missingTiles: areas.reduce((sum, { page }) => sum + missingTilesOf(page), 0),
    piecesIn: (rect) => areas.flatMap((area) => piecesOf(area, rect)),
  };
}

function piecesOf({ page, x, y }: ScnArea, rect: Rectangle): MosaicPiece[] {
  const { tileWidth, tileHeight } = page;
  const pieces: MosaicPiece[] = [];
  const firstColumn = Math.max(0, Math.floor((rect.x - x) / tileWidth));
  const firstRow = Math.max(0, Math.floor((rect.y - y) / tileHeight));
  for (let row = firstRow; row < page.rows && y + row * tileHeight < rect.y + rect.height; row++) {
    for (
      let column = firstColumn;
      column < page.columns && x + column * tileWidth < rect.x + rect.width;
      column++
    ) {
      const width = Math.min(tileWidth, page.width - column * tileWidth);
      const height = Math.min(tileHeight, page.height - row * tileHeight);
      const [left, top] = [x + column * tileWidth, y + row * tileHeight];
      if (left + width <= rect.x || top + height <= rect.y) continue;
      const from = { x: 0, y: 0, width, height };
      pieces.push({ page, index: row * page.columns + column, from, x: left, y: top });
    }
  }
  return pieces;
}
