/** Bilinear resize where some pixels hold no data: the others count alone, by the same weights. */
import { bilinearWeights, type AxisWeights } from './bilinear-weights.ts';
import type { Samples } from './samples.ts';
import type { Size } from './letterbox.ts';
import { isNoData } from './pixel-meaning.ts';

/**
 * As BilinearResize, in double precision and rounded once: for each output pixel the weighted mean of those source pixels that hold
 * data; where none does, no data again.
 */
export class ValidBilinear {
  readonly #from: Size;
  readonly #to: Size;
  readonly #bands: number;
  readonly #noData: readonly (number | null)[];
  readonly #across: AxisWeights;
  readonly #down: AxisWeights;
  /** Of each source row, narrowed: weighted values, and the weights that counted. */
  readonly #values: Float64Array;
  readonly #shares: Float64Array;
  #row = 0;

  constructor(from: Size, to: Size, noData: readonly (number | null)[]) {
    this.#from = from;
    this.#to = to;
    this.#bands = noData.length;
    this.#noData = noData;
    this.#across = bilinearWeights(from.width, to.width);
    this.#down = bilinearWeights(from.height, to.height);
    this.#values = new Float64Array(to.width * from.height * noData.length);
    this.#shares = new Float64Array(this.#values.length);
  }

  add(data: Samples, rows: number): void {
    const bands = this.#bands;
    const { starts, counts, stride, weights } = this.#across;
    let to = this.#row * this.#to.width * bands;
    for (let row = 0, base = 0; row < rows; row++, base += this.#from.width * bands) {
      for (let x = 0; x < starts.length; x++) {
        for (let band = 0; band < bands; band++, to++) {
          let [sum, share] = [0, 0];
          let from = base + starts[x]! * bands + band;
          for (let k = x * stride; k < x * stride + counts[x]!; k++, from += bands) {
            const value = data[from]!;
            if (isNoData(value, this.#noData[band])) continue;
            sum += value * weights[k]!;
            share += weights[k]!;
          }
          this.#values[to] = sum;
          this.#shares[to] = share;
        }
      }
    }
    this.#row += rows;
  }

  finish(into: Samples): void {
    this.#row = 0;
    const { starts, counts, stride, weights } = this.#down;
    const rowLength = this.#to.width * this.#bands;
    const isRounded = !(into instanceof Float32Array || into instanceof Float64Array);
    for (let y = 0; y < starts.length; y++) {
      for (let i = 0; i < rowLength; i++) {
        let [sum, share] = [0, 0];
        for (let k = 0; k < counts[y]!; k++) {
          const weight = weights[y * stride + k]!;
          const from = (starts[y]! + k) * rowLength + i;
          sum += this.#values[from]! * weight;
          share += this.#shares[from]! * weight;
        }
        // Weights at the rim of the triangle are 0, and make no data out of none.
        const value = share > 1e-9 ? sum / share : (this.#noData[i % this.#bands] ?? Number.NaN);
        into[y * rowLength + i] = isRounded && share > 1e-9 ? Math.floor(value + 0.5) : value;
      }
    }
  }
}

/** Whether any of these interleaved pixels holds no data. */
export function hasNoData(data: Samples, noData: readonly (number | null)[]): boolean {
  const bands = noData.length;
  for (let band = 0; band < bands; band++) {
    const none = noData[band];
    for (let i = band; i < data.length; i += bands) if (isNoData(data[i]!, none)) return true;
  }
  return false;
}
