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
  const [pixels, source] = [target.data, raster.data];
  const columns = Math.min(from.width, raster.width - from.x);
  const rows = Math.min(from.height, raster.height - from.y);
  const left = Math.max(0, -across.first - 1);
  const right = Math.min(target.width, columns - across.first);
  const bottom = Math.min(target.height, rows - down.first);
  for (let row = Math.max(0, -down.first - 1); row < bottom; row++) {
    const upper = row + down.first;
    const upperWeight = upper >= 0 && upper < rows ? 128 - down.second : 0;
    const lowerWeight = upper + 1 >= 0 && upper + 1 < rows ? down.second : 0;
    const upperAt = ((from.y + Math.max(0, upper)) * raster.width + from.x) * bands;
    const lowerAt = ((from.y + Math.max(0, Math.min(rows - 1, upper + 1))) * raster.width + from.x) * bands;
    for (let column = left; column < right; column++) {
      const pixel = row * target.width + column;
      const covered = coverage[pixel] ?? 0;
      if (covered === 255) continue;
      const before = column + across.first;
      const beforeWeight = before >= 0 && before < columns ? 128 - across.second : 0;
      const afterWeight = before + 1 >= 0 && before + 1 < columns ? across.second : 0;
      // Of 65536, as the products of two weights of 128 each, four times.
      const a = upperWeight * beforeWeight * 4;
      const b = upperWeight * afterWeight * 4;
      const c = lowerWeight * beforeWeight * 4;
      const d = lowerWeight * afterWeight * 4;
      const alpha = (255 * (a + b + c + d)) >> 16;
      if (alpha === 0) continue;
      const room = 255 - covered;
      const [i, j, to] = [upperAt + before * bands, lowerAt + before * bands, pixel * bands];
      for (let band = 0; band < bands; band++) {
        const value =
          ((source[i + band] ?? 0) * a +
            (source[i + bands + band] ?? 0) * b +
            (source[j + band] ?? 0) * c +
            (source[j + bands + band] ?? 0) * d) >>
          16;
        const added = alpha <= room ? value : Math.round((value * room) / alpha);
        pixels[to + band] = Math.min(255, (pixels[to + band] ?? 0) + added);
      }
      coverage[pixel] = Math.min(255, covered + alpha);
    }
  }
}
