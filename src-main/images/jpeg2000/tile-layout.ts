/**
 * How a tile falls into components, resolutions, sub-bands, precincts and code-blocks: ISO/IEC 15444-1 annex B. All coordinates
 * are absolute, as in the standard, because the partitions are anchored at the origin of the reference grid.
 */
import { corrupt, unsupported } from './codestream.ts';
import type { CodingStyle, ImageSize, Quantization, TileCoding } from './codestream.ts';
import type { TagTree } from './tag-tree.ts';

export interface Rect {
  x0: number;
  y0: number;
  x1: number;
  y1: number;
}

/** The part of a sub-band's code-block that was found in the stream. */
export interface CodeBlock {
  /** In the sub-band's coordinates. */
  rect: Rect;
  /** Bit-planes above the first one that is coded. */
  zeroPlanes: number;
  lengthBits: number;
  /** Coding passes so far. */
  passes: number;
  segments: BlockSegment[];
}

/** Bytes of one terminated piece of a code-block. */
export interface BlockSegment {
  passes: number;
  /** How many passes it can take before the coder was terminated. */
  maxPasses: number;
  chunks: Uint8Array[];
  length: number;
}

export interface PrecinctBand {
  band: Band;
  /** Code-blocks across and down. */
  columns: number;
  rows: number;
  /** Of the code-block grid's first column and row. */
  firstColumn: number;
  firstRow: number;
  /** Made when the first packet with data arrives. */
  blocks: (CodeBlock | null)[];
  inclusion: TagTree | null;
  planes: TagTree | null;
}

export interface Precinct {
  /** Where the progressions by position meet it, on the reference grid. */
  x: number;
  y: number;
  /** The next layer whose packet has not been read. */
  nextLayer: number;
  bands: PrecinctBand[];
}

export interface Band {
  rect: Rect;
  /** 0 LL, 1 HL (horizontally high), 2 LH, 3 HH. */
  orientation: number;
  /** Bit-planes that a code-block can have (E-2), region of interest included. */
  planes: number;
  /** Value of a quantization step; 1 where reversible. */
  step: number;
  /** Exponents of the code-block's size here, which a small precinct limits. */
  blockWidth: number;
  blockHeight: number;
}

export interface Resolution {
  rect: Rect;
  bands: Band[];
  precincts: Precinct[];
}

export interface TileComponent {
  rect: Rect;
  style: CodingStyle;
  roiShift: number;
  resolutions: Resolution[];
}

/** A tile with more is refused: no encoder makes so many, and each takes memory. */
const mostPrecincts = 2 ** 19;

/** Area of tile `index`, or null where the grid has no such tile (B.3). */
export function tileRect(size: ImageSize, index: number): Rect | null {
  const columns = Math.ceil((size.x1 - size.tileX0) / size.tileWidth);
  const rows = Math.ceil((size.y1 - size.tileY0) / size.tileHeight);
  if (index >= columns * rows) return null;
  const [column, row] = [index % columns, Math.floor(index / columns)];
  const [x, y] = [size.tileX0 + column * size.tileWidth, size.tileY0 + row * size.tileHeight];
  return {
    x0: Math.max(x, size.x0),
    y0: Math.max(y, size.y0),
    x1: Math.min(x + size.tileWidth, size.x1),
    y1: Math.min(y + size.tileHeight, size.y1),
  };
}

/** A rectangle on a grid that is `dx` x `dy` times coarser. */
export function coarser({ x0, y0, x1, y1 }: Rect, dx: number, dy: number): Rect {
  return { x0: Math.ceil(x0 / dx), y0: Math.ceil(y0 / dy), x1: Math.ceil(x1 / dx), y1: Math.ceil(y1 / dy) };
}

/** All components of a tile, down to their precincts; code-blocks come with the packets. */
export function layOutTile(size: ImageSize, coding: TileCoding, tile: Rect): TileComponent[] {
  let precincts = 0;
  return size.components.map(({ precision, dx, dy }, index) => {
    const own = coding.components[index];
    if (own === undefined) throw corrupt(`component ${index} is not described`);
    const { style, quantization, roiShift } = own;
    const rect = coarser(tile, dx, dy);
    const resolutions = style.precincts.map((exponents, resolution) => {
      const scale = 2 ** (style.levels - resolution);
      const area = coarser(rect, scale, scale);
      const bands = bandsOf(rect, resolution, style, quantization, precision, roiShift);
      const grid = precinctGrid(area, exponents);
      precincts += grid.columns * grid.rows;
      if (precincts > mostPrecincts) throw unsupported(`more than ${mostPrecincts} precincts in a tile`);
      const at = (first: number, i: number, exponent: number, step: number, start: number): number =>
        Math.max(start, (first + i) * 2 ** exponent * scale * step);
      const list: Precinct[] = [];
      for (let row = 0; row < grid.rows; row++) {
        for (let column = 0; column < grid.columns; column++) {
          list.push({
            x: at(grid.firstColumn, column, exponents.width, dx, tile.x0),
            y: at(grid.firstRow, row, exponents.height, dy, tile.y0),
            nextLayer: 0,
            bands: bands.map((band) =>
              precinctBand(band, grid.firstColumn + column, grid.firstRow + row, exponents, resolution),
            ),
          });
        }
      }
      return { rect: area, bands, precincts: list };
    });
    return { rect, style, roiShift, resolutions };
  });
}

/** B.5: the sub-bands that a resolution adds to the one before it. */
function bandsOf(
  rect: Rect,
  resolution: number,
  style: CodingStyle,
  quantization: Quantization,
  precision: number,
  roiShift: number,
): Band[] {
  const { levels, reversible } = style;
  const own = style.precincts[resolution] ?? { width: 15, height: 15 };
  const shrink = resolution === 0 ? 0 : 1;
  const depth = resolution === 0 ? levels : levels - resolution + 1;
  const orientations = resolution === 0 ? [0] : [1, 2, 3];
  return orientations.map((orientation) => {
    const [high, low] = [orientation & 1, orientation >> 1];
    const scale = 2 ** depth;
    const half = depth === 0 ? 0 : scale / 2;
    const index = resolution === 0 ? 0 : 3 * (resolution - 1) + orientation;
    const derived = quantization.style === 1;
    const stored = quantization.steps[derived ? 0 : index];
    if (stored === undefined) throw corrupt(`sub-band ${index} has no quantization step`);
    const exponent = derived ? Math.max(0, stored.exponent - Math.max(0, resolution - 1)) : stored.exponent;
    const gain = orientation === 0 ? 0 : orientation === 3 ? 2 : 1;
    return {
      rect: {
        x0: Math.ceil((rect.x0 - half * high) / scale),
        y0: Math.ceil((rect.y0 - half * low) / scale),
        x1: Math.ceil((rect.x1 - half * high) / scale),
        y1: Math.ceil((rect.y1 - half * low) / scale),
      },
      orientation,
      planes: quantization.guardBits + exponent - 1 + roiShift,
      step: reversible ? 1 : 2 ** (precision + gain - exponent) * (1 + stored.mantissa / 2048),
      blockWidth: Math.min(style.blockWidth, own.width - shrink),
      blockHeight: Math.min(style.blockHeight, own.height - shrink),
    };
  });
}

function precinctGrid(
  area: Rect,
  exponents: { width: number; height: number },
): { firstColumn: number; firstRow: number; columns: number; rows: number } {
  const [w, h] = [2 ** exponents.width, 2 ** exponents.height];
  const [firstColumn, firstRow] = [Math.floor(area.x0 / w), Math.floor(area.y0 / h)];
  const isEmpty = area.x1 <= area.x0 || area.y1 <= area.y0;
  return {
    firstColumn,
    firstRow,
    columns: isEmpty ? 0 : Math.ceil(area.x1 / w) - firstColumn,
    rows: isEmpty ? 0 : Math.ceil(area.y1 / h) - firstRow,
  };
}

function precinctBand(
  band: Band,
  column: number,
  row: number,
  exponents: { width: number; height: number },
  resolution: number,
): PrecinctBand {
  const shrink = resolution === 0 ? 0 : 1;
  const [w, h] = [2 ** (exponents.width - shrink), 2 ** (exponents.height - shrink)];
  const x0 = Math.max(band.rect.x0, column * w);
  const y0 = Math.max(band.rect.y0, row * h);
  const x1 = Math.min(band.rect.x1, (column + 1) * w);
  const y1 = Math.min(band.rect.y1, (row + 1) * h);
  const isEmpty = x1 <= x0 || y1 <= y0;
  const [blockW, blockH] = [2 ** band.blockWidth, 2 ** band.blockHeight];
  const [firstColumn, firstRow] = [Math.floor(x0 / blockW), Math.floor(y0 / blockH)];
  return {
    band,
    firstColumn,
    firstRow,
    columns: isEmpty ? 0 : Math.ceil(x1 / blockW) - firstColumn,
    rows: isEmpty ? 0 : Math.ceil(y1 / blockH) - firstRow,
    blocks: [],
    inclusion: null,
    planes: null,
  };
}

/** A code-block of a precinct, cut to its precinct and sub-band. */
export function makeBlock(of: PrecinctBand, column: number, row: number): CodeBlock {
  const { band } = of;
  const [w, h] = [2 ** band.blockWidth, 2 ** band.blockHeight];
  const [x, y] = [(of.firstColumn + column) * w, (of.firstRow + row) * h];
  return {
    rect: {
      x0: Math.max(band.rect.x0, x),
      y0: Math.max(band.rect.y0, y),
      x1: Math.min(band.rect.x1, x + w),
      y1: Math.min(band.rect.y1, y + h),
    },
    zeroPlanes: 0,
    lengthBits: 3,
    passes: 0,
    segments: [],
  };
}
