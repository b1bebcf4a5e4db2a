/**
 * From rows of the full size, from the top, to the tiles of all levels. Holds one row of tiles a level (twice that of the
 * full size together), whatever the image's height.
 */
import type { PixelType } from '../../contract/image.ts';
import { halve as halveByArea } from '../box-filter.ts';
import type { PixelArray, Raster } from '../image-source.ts';
import { pixelArray } from '../raster.ts';
import { halve as halveWhole } from '../write/halve.ts';
import type { PyramidPlan } from './plan.ts';

export interface CascadedTile {
  level: number;
  column: number;
  row: number;
  /** tileSize x tileSize pixels; beyond the image its border is repeated. */
  pixels: PixelArray;
}

interface Band {
  width: number;
  height: number;
  /** Pixels a row of the buffer: the width, made even by repeating the last column, so that it can be halved. */
  stride: number;
  data: PixelArray;
  /** First row of the level that the buffer holds, and how many. */
  top: number;
  filled: number;
}

export interface CascadeEvents {
  /** The pixels' memory is the cascade's again when the promise has resolved. */
  tile(tile: CascadedTile): Promise<void>;
  /** Rows of a level as they come, valid only during the call. The raster may be a column wider than the level. */
  rows?(level: number, top: number, raster: Raster): void;
}

export class RowCascade {
  readonly #plan: PyramidPlan;
  readonly #noData: number | null;
  readonly #events: CascadeEvents;
  readonly #bands: Band[];
  readonly #spare: PixelArray[] = [];

  constructor(plan: PyramidPlan, noData: number | null, events: CascadeEvents) {
    this.#plan = plan;
    this.#noData = noData;
    this.#events = events;
    this.#bands = plan.levels.map(({ width, height }) => {
      const stride = width + (width & 1);
      const rows = Math.min(plan.tileSize, height + (height & 1));
      const data = pixelArray(plan.dtype, stride * rows * plan.bands);
      return { width, height, stride, data, top: 0, filled: 0 };
    });
  }

  /** Rows of level 0 that have come. */
  get rowsTaken(): number {
    const [band] = this.#bands;
    return band === undefined ? 0 : band.top + band.filled;
  }

  /** The next rows of level 0; as wide as the image. Rows beyond its height are dropped. */
  async put(raster: Raster): Promise<void> {
    await this.#put(0, raster, raster.width);
  }

  /** @param stride pixels a row of `raster.data` */
  async #put(level: number, raster: Raster, stride: number): Promise<void> {
    const band = this.#bands[level];
    if (band === undefined) return;
    const { bands, tileSize } = this.#plan;
    for (let row = 0; row < raster.height;) {
      const room = Math.min(tileSize - band.filled, band.height - band.top - band.filled);
      if (room <= 0) return;
      const rows = Math.min(room, raster.height - row);
      for (let i = 0; i < rows; i++) {
        const from = (row + i) * stride * bands;
        const to = (band.filled + i) * band.stride * bands;
        band.data.set(raster.data.subarray(from, from + band.width * bands), to);
        if (band.stride !== band.width) repeatLastPixel(band.data, to + band.width * bands, bands);
      }
      this.#events.rows?.(level, band.top + band.filled, this.#part(band, band.filled, rows));
      band.filled += rows;
      row += rows;
      if (band.filled === tileSize || band.top + band.filled === band.height) await this.#flush(level, band);
    }
  }

  #part(band: Band, from: number, rows: number): Raster {
    const { bands, dtype } = this.#plan;
    const { stride } = band;
    const data = band.data.subarray(from * stride * bands, (from + rows) * stride * bands);
    return { width: stride, height: rows, bands, dtype, data };
  }

  /** A full row of tiles, or the last one: its tiles go out, and half of it into the next level. */
  async #flush(level: number, band: Band): Promise<void> {
    const { tileSize } = this.#plan;
    const row = band.top / tileSize;
    const columns = this.#plan.levels[level]?.columns ?? 0;
    const pending: Promise<void>[] = [];
    for (let column = 0; column < columns; column++) {
      const pixels = this.#cut(band, column);
      const made = this.#events
        .tile({ level, column, row, pixels })
        .then(() => void this.#spare.push(pixels));
      // A failure is told by the await below; until then it must not count as unheard.
      made.catch(() => undefined);
      pending.push(made);
      // Two at a time: one is compressed while the next one is cut.
      if (pending.length > 1) await pending.shift();
    }
    await Promise.all(pending);
    if (level + 1 < this.#bands.length) {
      const half = this.#halved(band);
      await this.#put(level + 1, half, half.width);
    }
    band.top += band.filled;
    band.filled = 0;
  }

  #cut(band: Band, column: number): PixelArray {
    const { tileSize, bands, dtype } = this.#plan;
    const pixels = this.#spare.pop() ?? pixelArray(dtype, tileSize * tileSize * bands);
    const width = Math.min(tileSize, band.width - column * tileSize);
    const rowLength = tileSize * bands;
    for (let y = 0; y < tileSize; y++) {
      const to = y * rowLength;
      if (y >= band.filled) {
        pixels.copyWithin(to, to - rowLength, to);
        continue;
      }
      const from = (y * band.stride + column * tileSize) * bands;
      pixels.set(band.data.subarray(from, from + width * bands), to);
      for (let x = width; x < tileSize; x++) repeatLastPixel(pixels, to + x * bands, bands);
    }
    return pixels;
  }

  /** As the source of an image without a pyramid halves its levels (tile-store.ts), to the last bit. */
  #halved(band: Band): Raster {
    const { bands, dtype } = this.#plan;
    const { data, stride } = band;
    const isWhole = data instanceof Uint8Array || data instanceof Uint16Array;
    if (this.#noData !== null || !isWhole) return this.#halvedByArea(band, dtype);
    if (band.filled % 2 === 1) {
      // An odd last row counts with itself: the mean of what there is.
      const rowLength = stride * bands;
      data.copyWithin(band.filled * rowLength, (band.filled - 1) * rowLength, band.filled * rowLength);
    }
    const height = Math.ceil(band.filled / 2);
    const target =
      data instanceof Uint8Array
        ? new Uint8Array((stride / 2) * height * bands)
        : new Uint16Array((stride / 2) * height * bands);
    const source = data.subarray(0, stride * height * 2 * bands);
    halveWhole({ source, width: stride, height: height * 2, bands, target });
    return { width: stride / 2, height, bands, dtype, data: target };
  }

  #halvedByArea(band: Band, dtype: PixelType): Raster {
    const { bands } = this.#plan;
    const { width, stride, filled } = band;
    const data = pixelArray(dtype, width * filled * bands);
    for (let y = 0; y < filled; y++) {
      data.set(band.data.subarray(y * stride * bands, (y * stride + width) * bands), y * width * bands);
    }
    return halveByArea({ width, height: filled, bands, dtype, data }, this.#noData);
  }
}

/** The pixel before `at` once more, at `at`. */
function repeatLastPixel(data: PixelArray, at: number, bands: number): void {
  for (let band = 0; band < bands; band++) data[at + band] = data[at - bands + band] ?? 0;
}
