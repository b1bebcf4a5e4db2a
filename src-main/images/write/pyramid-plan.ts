/** The levels of a pyramid whose every level is half the one before, rounded up, and their tile grids. */

export interface PlannedLevel {
  width: number;
  height: number;
  /** Tiles across and down. */
  columns: number;
  rows: number;
}

/**
 * Levels from the full size down to the first that fits into one tile, at most `maxLevels`.
 * Sizes round up, so that pixel (x, y) of level n covers exactly pixels 2x, 2x + 1, 2y, 2y + 1 of level n - 1.
 */
export function planPyramid(
  width: number,
  height: number,
  tileSize: number,
  maxLevels = Number.POSITIVE_INFINITY,
): PlannedLevel[] {
  const levels: PlannedLevel[] = [];
  let [w, h] = [width, height];
  for (;;) {
    const level = { width: w, height: h, columns: Math.ceil(w / tileSize), rows: Math.ceil(h / tileSize) };
    levels.push(level);
    if (levels.length >= maxLevels || (level.columns === 1 && level.rows === 1)) return levels;
    w = Math.ceil(w / 2);
    h = Math.ceil(h / 2);
  }
}
