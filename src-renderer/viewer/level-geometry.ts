/**
 * The display pyramid in the viewer's terms: OpenSeadragon counts levels from the coarsest and knows one scale per level, while
 * files have any downsample (1, 4, 16 …) and levels whose sides were rounded apart. All is computed per axis from the levels'
 * real sizes.
 */
import type { ImageInfo, Level } from '../../src-main/contract/image.ts';

export interface TileBounds {
  x: number;
  y: number;
  width: number;
  height: number;
}

export class LevelGeometry {
  /** Coarsest first, as the viewer counts. */
  readonly #levels: readonly Level[];
  readonly width: number;
  readonly height: number;

  constructor(info: Pick<ImageInfo, 'width' | 'height' | 'display'>) {
    this.#levels = info.display.levels.toReversed();
    this.width = info.width;
    this.height = info.height;
  }

  get maxLevel(): number {
    return this.#levels.length - 1;
  }

  level(viewerLevel: number): Level {
    const level = this.#levels[viewerLevel];
    if (level === undefined) throw new RangeError(`no display level ${viewerLevel}`);
    return level;
  }

  /** Index into `info.display.levels`: 0 is the full resolution. */
  imageLevel(viewerLevel: number): number {
    return this.maxLevel - viewerLevel;
  }

  /** Pixels of this level per level-0 pixel. */
  scale(viewerLevel: number): number {
    return this.level(viewerLevel).width / this.width;
  }

  columns(viewerLevel: number): number {
    const level = this.level(viewerLevel);
    return Math.ceil(level.width / level.tileWidth);
  }

  rows(viewerLevel: number): number {
    const level = this.level(viewerLevel);
    return Math.ceil(level.height / level.tileHeight);
  }

  /**
   * Where a tile lies, in the viewer's units (the image is 1 wide). Each axis uses its own downsample, so that a level whose
   * height was rounded still covers the image exactly.
   */
  bounds(viewerLevel: number, column: number, row: number): TileBounds {
    const level = this.level(viewerLevel);
    const aspect = this.height / this.width;
    const x = column * level.tileWidth;
    const y = row * level.tileHeight;
    return {
      x: x / level.width,
      y: (y / level.height) * aspect,
      width: Math.min(level.tileWidth, level.width - x) / level.width,
      height: (Math.min(level.tileHeight, level.height - y) / level.height) * aspect,
    };
  }

  /** The part of the tile's pixels to draw: files pad the tiles of the last row and column. */
  source(viewerLevel: number, column: number, row: number): TileBounds {
    const level = this.level(viewerLevel);
    return {
      x: 0,
      y: 0,
      width: Math.min(level.tileWidth, level.width - column * level.tileWidth),
      height: Math.min(level.tileHeight, level.height - row * level.tileHeight),
    };
  }

  /** The tile under a point in the viewer's units; points outside go to the nearest tile. */
  tileAt(viewerLevel: number, x: number, y: number): { column: number; row: number } {
    const level = this.level(viewerLevel);
    const aspect = this.height / this.width;
    const clamp = (value: number, count: number) => Math.min(count - 1, Math.max(0, value));
    return {
      column: clamp(Math.floor((x * level.width) / level.tileWidth), this.columns(viewerLevel)),
      row: clamp(Math.floor(((y / aspect) * level.height) / level.tileHeight), this.rows(viewerLevel)),
    };
  }
}
