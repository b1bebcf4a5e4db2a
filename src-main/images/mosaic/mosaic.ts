/**
 * An image that is put together from stored tiles which do not lie on one grid: regions on a slide's canvas (Leica), or a camera's
 * fields that overlap, at places between pixels (Ventana).
 */
import type { TiffPage } from '../tiff/page.ts';
import type { Rectangle } from '../tile-store.ts';

/** A part of a stored tile, and where it lies in its level. */
export interface MosaicPiece {
  readonly page: TiffPage;
  /** The stored tile's place in the page's table. */
  readonly index: number;
  /** The part, in the tile's pixels. Its corner may lie between pixels; its size is whole. */
  readonly from: Rectangle;
  /** The part's top-left corner, in the level's pixels; may lie between them. */
  readonly x: number;
  readonly y: number;
}

export interface MosaicLevel {
  readonly width: number;
  readonly height: number;
  /** Level-0 pixels per pixel of this level. */
  readonly scaleX: number;
  readonly scaleY: number;
  /** The grid in which the level is read; equal to the stored tiles' where those lie on a grid after all. */
  readonly tileWidth: number;
  readonly tileHeight: number;
  /** As the file has it, for `info`. */
  readonly storedTileWidth: number;
  readonly storedTileHeight: number;
  /** All stored tiles lie on the level's grid: a browser can be given them as they are, where it can read them. */
  readonly isAligned: boolean;
  readonly missingTiles: number;
  /** The pieces that touch a rectangle. Where they overlap, the first covers those after it. */
  piecesIn(rect: Rectangle): MosaicPiece[];
}

/** Side of the tiles that a level is read in where the stored ones lie across its grid. */
export const mosaicTileSize = 512;
