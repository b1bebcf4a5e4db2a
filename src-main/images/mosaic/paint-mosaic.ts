/**
 * Pieces of stored tiles painted on a tile of a level. Where pieces lie at whole pixels they are copied. Where they lie between
 * pixels they are interpolated linearly, and the parts of pixels that a piece covers add up, so that two pieces that meet leave no
 * seam: as OpenSlide has cairo do it (operator SATURATE, bilinear filter, weights of 7 bits), whose pixels these are.
 */
import type { Raster } from '../image-source.ts';
import { copyRect } from '../raster.ts';
import type { Rectangle } from '../tile-store.ts';

export interface PlacedRaster {
  /** 8 bits a sample, as many bands as the target. */
  readonly raster: Raster;
  readonly from: Rectangle;
  /** In the target's pixels. */
  readonly x: number;
  readonly y: number;
}

/** Paints over a target of one background value; the first piece covers those after it. */
export function paintMosaic(target: Raster, pieces: readonly PlacedRaster[], background: number): void {
  const snapped = pieces.map(snap);
  if (snapped.every(isWhole)) {
    target.data.fill(background);
    for (const piece of snapped.toReversed()) copyPiece(target, piece);
    return;
  }
  const coverage = new Uint8Array(target.width * target.height);
  target.data.fill(0);
  for (const piece of snapped) addPiece(target, coverage, isAtWhole(piece.from) ? piece : cutOut(piece));
  const { bands, data } = target;
  for (let pixel = 0; pixel < coverage.length; pixel++) {
    const missing = 255 - (coverage[pixel] ?? 0);
    if (missing === 0) continue;
    const share = Math.floor((missing * background) / 255);
    for (let i = pixel * bands; i < (pixel + 1) * bands; i++) data[i] = (data[i] ?? 0) + share;
  }
}

/** Cairo takes a place for a whole one where it is so in 1/256 of a pixel, on both axes. */
function snap(piece: PlacedRaster): PlacedRaster {
  const [x, y] = [Math.round(piece.x * 256) / 256, Math.round(piece.y * 256) / 256];
  return Number.isInteger(x) && Number.isInteger(y) ? { ...piece, x, y } : piece;
}

function isWhole(piece: PlacedRaster): boolean {
  return isAtWhole(piece) && isAtWhole(piece.from);
}

function isAtWhole({ x, y }: { x: number; y: number }): boolean {
  return Number.isInteger(x) && Number.isInteger(y);
}

function copyPiece(target: Raster, { raster, from, x, y }: PlacedRaster): void {
  const left = Math.max(0, x);
  const top = Math.max(0, y);
  const right = Math.min(target.width, x + Math.min(from.width, raster.width - from.x));
  const bottom = Math.min(target.height, y + Math.min(from.height, raster.height - from.y));
  if (right <= left || bottom <= top) return;
  const start = { x: from.x + left - x, y: from.y + top - y };
  copyRect(raster, start, target, { x: left, y: top }, right - left, bottom - top);
}

/** A part whose corner lies between pixels, as pixels of its own; what it takes from outside the tile is left out. */
function cutOut({ raster, from, x, y }: PlacedRaster): PlacedRaster {
  const { width, height } = from;
  const data = new Uint8Array(width * height * raster.bands);
  const part: Raster = { ...raster, width, height, data };
  const coverage = new Uint8Array(width * height);
  const whole = { x: 0, y: 0, width: raster.width, height: raster.height };
  addPiece(part, coverage, { raster, from: whole, x: -from.x, y: -from.y });
  return { raster: part, from: { x: 0, y: 0, width, height }, x, y };
}

/** One axis: source index of a target pixel is target + first, and the next one; their weights of 128. */
function step(at: number): { first: number; second: number } {
  const fixed = Math.round(-at * 65_536);
  const first = Math.floor(fixed / 65_536);
  return { first, second: Math.floor((fixed - first * 65_536) / 512) };
}

/** Adds a piece where pixels are not covered yet. Colours in `target` are multiplied with coverage until all pieces are there. */
function addPiece(target: Raster, coverage: Uint8Array, { raster, from, x, y }: PlacedRaster): void {
  const [across, down] = [step(x), step(y)];
  const { bands } = target;
  const columns = Math.min(from.width, raster.width - from.x);
  const rows = Math.min(from.height, raster.height - from.y);
  const left = Math.max(0, -across.first - 1);
  const right = Math.min(target.width, columns - across.first);
  const bottom = Math.min(target.height, rows - down.first);
  // Pixels that both columns are there for: all but one at either end.
  const innerLeft = Math.min(right, Math.max(left, -across.first));
  const innerRight = Math.max(innerLeft, Math.min(right, columns - 1 - across.first));
  for (let row = Math.max(0, -down.first - 1); row < bottom; row++) {
    const upper = row + down.first;
    const weightOfUpper = upper >= 0 && upper < rows ? 128 - down.second : 0;
    const weightOfLower = upper + 1 >= 0 && upper + 1 < rows ? down.second : 0;
    const place = {
      upper: ((from.y + Math.max(0, upper)) * raster.width + from.x + across.first) * bands,
      lower:
        ((from.y + Math.max(0, Math.min(rows - 1, upper + 1))) * raster.width + from.x + across.first) *
        bands,
      pixel: row * target.width,
    };
    const addColumns = (start: number, end: number, before: number, after: number): void => {
      if (end <= start) return;
      // Of 65536, as the products of two weights of 128 each, four times.
      const weights = [
        weightOfUpper * before * 4,
        weightOfUpper * after * 4,
        weightOfLower * before * 4,
        weightOfLower * after * 4,
      ] as const;
      // Where there is only one column, it is read twice: reads outside of the memory would slow down all others.
      const shift = before === 0 ? bands : 0;
      const run = { ...place, upper: place.upper + shift, lower: place.lower + shift, start, end };
      addRun(target, coverage, raster, run, before === 0 || after === 0 ? 0 : bands, weights);
    };
    addColumns(left, innerLeft, 0, across.second);
    addColumns(innerLeft, innerRight, 128 - across.second, across.second);
    addColumns(innerRight, right, 128 - across.second, 0);
  }
}

interface Run {
  /** Of column 0 in the source's rows, in samples. */
  readonly upper: number;
  readonly lower: number;
  /** Of column 0 in the target, in pixels. */
  readonly pixel: number;
  /** Columns of the target. */
  readonly start: number;
  readonly end: number;
}

/** Pixels of one row that have the same weights; `next`: from a sample to that of the next column. */
function addRun(
  target: Raster,
  coverage: Uint8Array,
  source: Raster,
  { upper: upperStart, lower: lowerStart, pixel: pixelStart, start, end }: Run,
  next: number,
  [a, b, c, d]: readonly [number, number, number, number],
): void {
  const alpha = (255 * (a + b + c + d)) >> 16;
  if (alpha === 0) return;
  const { bands, data: pixels } = target;
  const { data } = source;
  for (let column = start; column < end; column++) {
    const pixel = pixelStart + column;
    const covered = coverage[pixel] ?? 0;
    if (covered === 255) continue;
    const upper = upperStart + column * bands;
    const lower = lowerStart + column * bands;
    const to = pixel * bands;
    const room = 255 - covered;
    for (let band = 0; band < bands; band++) {
      const value =
        ((data[upper + band] ?? 0) * a +
          (data[upper + next + band] ?? 0) * b +
          (data[lower + band] ?? 0) * c +
          (data[lower + next + band] ?? 0) * d) >>
        16;
      // The first piece on a pixel is nearly always the only one.
      if (covered === 0) pixels[to + band] = value;
      else {
        const added = alpha <= room ? value : Math.round((value * room) / alpha);
        pixels[to + band] = Math.min(255, (pixels[to + band] ?? 0) + added);
      }
    }
    coverage[pixel] = covered === 0 ? alpha : Math.min(255, covered + alpha);
  }
}
