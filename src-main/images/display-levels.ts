/** Which levels a viewer is offered: the file's own, and halves where its pyramid is missing or too coarse. */
import type { NativeLevel } from './pixel-backend.ts';

export interface DisplayLevel {
  width: number;
  height: number;
  /** Level-0 pixels per pixel of this level. */
  scaleX: number;
  scaleY: number;
  /** Size of the tiles that a viewer asks for. */
  tileWidth: number;
  tileHeight: number;
  /** Index of the file's level; null: made by halving the display level before this one. */
  native: number | null;
}

/** Between two levels a viewer should never have to fetch more than 4 x 4 as many tiles as it shows. */
const widestGap = 4;
/** The coarsest level should fit on a screen. */
const largestTop = 1024;
/** Tiles that are rendered anyway: large enough to keep requests few. */
export const renderedTileSize = 512;

export function planDisplayLevels(native: readonly NativeLevel[]): DisplayLevel[] {
  const levels: DisplayLevel[] = [];
  for (const [index, level] of native.entries()) {
    const before = levels[levels.length - 1];
    if (before !== undefined) pushHalves(levels, before, (last) => level.scaleX / last.scaleX > widestGap);
    levels.push({ ...displayGrid(level), ...sizeOf(level), native: index });
  }
  const last = levels[levels.length - 1];
  if (last !== undefined) pushHalves(levels, last, (top) => Math.max(top.width, top.height) > largestTop);
  return levels;
}

function pushHalves(levels: DisplayLevel[], from: DisplayLevel, goOn: (last: DisplayLevel) => boolean): void {
  let last = from;
  while (goOn(last)) {
    last = {
      ...last,
      width: Math.ceil(last.width / 2),
      height: Math.ceil(last.height / 2),
      scaleX: last.scaleX * 2,
      scaleY: last.scaleY * 2,
      native: null,
    };
    levels.push(last);
  }
}

function sizeOf(level: NativeLevel): Pick<DisplayLevel, 'width' | 'height' | 'scaleX' | 'scaleY'> {
  const { width, height, scaleX, scaleY } = level;
  return { width, height, scaleX, scaleY };
}

/** The file's own tiles where they are passed through or of a handy size. */
function displayGrid(level: NativeLevel): { tileWidth: number; tileHeight: number } {
  const { tileWidth, tileHeight } = level;
  const isHandy = (size: number): boolean => size >= 128 && size <= 1024;
  return level.passthrough || (isHandy(tileWidth) && isHandy(tileHeight))
    ? { tileWidth, tileHeight }
    : { tileWidth: renderedTileSize, tileHeight: renderedTileSize };
}
