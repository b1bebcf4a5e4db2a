/**
 * Makes the lower levels of a pyramid while the tiles of the level above stream in, in any order: a tile is complete as soon
 * as its four children were there. Holds only tiles that wait for a child.
 */
import { halve, type PyramidPixels } from './halve.ts';
import { modeOfFour } from './mode-of-four.ts';
import type { PlannedLevel } from './pyramid-plan.ts';

export interface CascadeTile {
  level: number;
  column: number;
  row: number;
  /** tileSize x tileSize interleaved pixels. */
  pixels: PyramidPixels;
}

export interface CascadeOptions {
  levels: readonly PlannedLevel[];
  /** Even. */
  tileSize: number;
  bands: number;
  noData?: number | undefined;
  /** Pixels are numbers of classes (one band, uint8): the most frequent one goes down, and `noData` where nothing else is. */
  classes?: boolean;
}

interface Waiting {
  pixels: PyramidPixels;
  missing: number;
}

function blank(like: PyramidPixels, length: number): PyramidPixels {
  return like instanceof Uint8Array ? new Uint8Array(length) : new Uint16Array(length);
}

export class PyramidCascade {
  readonly #options: CascadeOptions;
  readonly #waiting = new Map<string, Waiting>();

  constructor(options: CascadeOptions) {
    if (options.tileSize % 2 !== 0) throw new RangeError(`A tile size of ${options.tileSize} px is odd`);
    this.#options = options;
  }

  /** Tiles that wait for a child. */
  get waiting(): number {
    return this.#waiting.size;
  }

  /** Half a tile's size: what it gives to its parent. */
  halve(pixels: PyramidPixels): PyramidPixels {
    const { tileSize, bands, noData, classes } = this.#options;
    const target = blank(pixels, pixels.length / 4);
    if (classes === true && pixels instanceof Uint8Array && target instanceof Uint8Array) {
      modeOfFour(pixels, tileSize, target, noData ?? -1);
      return target;
    }
    halve({ source: pixels, width: tileSize, height: tileSize, bands, target, noData });
    return target;
  }

  /**
   * Takes the halved pixels of a tile of `level`. Returns its parent where that is complete now, else null (also where
   * `level` is the last).
   */
  putHalved(level: number, column: number, row: number, halved: PyramidPixels): CascadeTile | null {
    const { levels, tileSize, bands } = this.#options;
    const child = levels[level];
    const parent = levels[level + 1];
    if (!child || !parent) return null;
    const at = { level: level + 1, column: column >> 1, row: row >> 1 };
    const key = `${at.level}/${at.column}/${at.row}`;
    const across = Math.min(2, child.columns - at.column * 2);
    const down = Math.min(2, child.rows - at.row * 2);
    let waiting = this.#waiting.get(key);
    if (!waiting) {
      waiting = { pixels: blank(halved, tileSize * tileSize * bands), missing: across * down };
      this.#waiting.set(key, waiting);
    }
    const half = tileSize / 2;
    for (let y = 0; y < half; y++) {
      const source = halved.subarray(y * half * bands, (y + 1) * half * bands);
      const start = (((row & 1) * half + y) * tileSize + (column & 1) * half) * bands;
      waiting.pixels.set(source, start);
    }
    waiting.missing--;
    if (waiting.missing > 0) return null;
    this.#waiting.delete(key);
    // What lies beyond the image repeats its border at every level, so that an odd last pixel is averaged with itself.
    const validWidth = Math.min(tileSize, parent.width - at.column * tileSize);
    repeatEdge(
      waiting.pixels,
      tileSize,
      bands,
      validWidth,
      Math.min(tileSize, parent.height - at.row * tileSize),
    );
    return { ...at, pixels: waiting.pixels };
  }

  /** Takes a tile; returns the tiles of lower levels that it completes, largest level first. */
  put(tile: CascadeTile): CascadeTile[] {
    const completed: CascadeTile[] = [];
    let current: CascadeTile | null = tile;
    while (current && current.level + 1 < this.#options.levels.length) {
      current = this.putHalved(current.level, current.column, current.row, this.halve(current.pixels));
      if (current) completed.push(current);
    }
    return completed;
  }
}

function repeatLast(pixels: PyramidPixels, last: number, count: number, bands: number): void {
  for (let i = 1; i <= count; i++) pixels.copyWithin(last + i * bands, last, last + bands);
}

/** Fills the part of an edge tile that lies beyond the image with the image's last column and row. In place. */
export function repeatEdge(
  pixels: PyramidPixels,
  tileSize: number,
  bands: number,
  validWidth: number,
  validHeight: number,
): void {
  const rowLength = tileSize * bands;
  if (validWidth < tileSize) {
    for (let y = 0; y < validHeight; y++) {
      repeatLast(pixels, y * rowLength + (validWidth - 1) * bands, tileSize - validWidth, bands);
    }
  }
  for (let y = validHeight; y < tileSize; y++) {
    pixels.copyWithin(y * rowLength, (validHeight - 1) * rowLength, validHeight * rowLength);
  }
}
