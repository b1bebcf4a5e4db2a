/**
 * Antialiased bilinear resize equal to Pillow's `Image.resize(size, BILINEAR)`, which is what torchvision's Resize does to pictures:
 * models of microscopy were trained on its pixels, and other filters shift their answers. Formulas: Pillow's Resample.c. Two
 * passes, across and then down, each rounded to the pixel's type; bytes in fixed point.
 */
import type { PixelType } from '../../contract/image.ts';
import { PixelMemory } from '../../core/pixel-kernel/pixel-memory.ts';
import { bilinearWeights, type AxisWeights } from './bilinear-weights.ts';
import { bytesKernel, type BytesKernel } from './bilinear-kernel.ts';
import type { Size } from './letterbox.ts';
import type { Samples } from './samples.ts';

/** Bits behind the point: 8 for the pixel and 2 for sums that overshoot are left of 32. */
const precision = 32 - 8 - 2;

const arrays = {
  uint8: Uint8Array,
  uint16: Uint16Array,
  uint32: Uint32Array,
  int8: Int8Array,
  int16: Int16Array,
  int32: Int32Array,
  float32: Float32Array,
  float64: Float64Array,
} as const satisfies Record<PixelType, unknown>;

/** Resizes pictures of one size to another, each given from the top in parts of whole rows: a large one is never in memory. */
export class BilinearResize {
  readonly from: Size;
  readonly to: Size;
  readonly #bands: number;
  readonly #isBytes: boolean;
  readonly #isRounded: boolean;
  readonly #across: AxisWeights;
  readonly #down: AxisWeights;
  readonly #fixedAcross: Int32Array;
  readonly #fixedDown: Int32Array;
  /** All source rows, narrowed. */
  #narrowed: Samples;
  /** Where the pixels lie in the kernel's memory, and what it needs beside them does too. */
  #kernel: BytesKernel | null = null;
  /** Chosen once a memory: where the kernel cannot work, it is not asked again. */
  #chosenFor: PixelMemory | undefined;
  readonly #sums: Int32Array | Float64Array;
  #row = 0;

  constructor(from: Size, to: Size, bands: number, dtype: PixelType) {
    this.from = from;
    this.to = to;
    this.#bands = bands;
    this.#isBytes = dtype === 'uint8';
    this.#isRounded = !dtype.startsWith('float');
    this.#across = bilinearWeights(from.width, to.width);
    this.#down = bilinearWeights(from.height, to.height);
    this.#fixedAcross = fixedPoint(this.#across.weights);
    this.#fixedDown = fixedPoint(this.#down.weights);
    this.#narrowed = new arrays[dtype](to.width * from.height * bands);
    const rowLength = to.width * bands;
    this.#sums = this.#isBytes ? new Int32Array(rowLength) : new Float64Array(rowLength);
  }

  /** Forgets a picture that was not finished. */
  begin(): void {
    this.#row = 0;
  }

  /** Bytes that lie in a PixelMemory are resized by its kernel: all of a picture, or none of it. */
  #choose(data: Samples): void {
    const memory = this.#isBytes && data instanceof Uint8Array ? PixelMemory.of(data) : undefined;
    if (memory === this.#chosenFor) return;
    this.#chosenFor = memory;
    const { from, to } = this;
    this.#kernel =
      memory === undefined
        ? null
        : bytesKernel(memory, from, to, this.#bands, {
            across: [this.#across, this.#fixedAcross],
            down: [this.#down, this.#fixedDown],
          });
    this.#narrowed = this.#kernel?.narrowed ?? new Uint8Array(to.width * from.height * this.#bands);
  }

  /** The next rows of the picture. */
  add(data: Samples, rows: number): void {
    if (this.#row === 0) this.#choose(data);
    const at = this.#row * this.to.width * this.#bands;
    if (this.#kernel?.narrow(data, rows, at) === true) {
      this.#row += rows;
      return;
    }
    if (this.from.width === this.to.width) this.#narrowed.set(data, at);
    else if (this.#isBytes) this.#narrowBytes(data, rows, at);
    else this.#narrowOthers(data, rows, at);
    this.#row += rows;
  }

  /**
   * Writes the result, to.width * to.height * bands interleaved samples; the next picture can begin.
   * @throws {RangeError} where rows are missing
   */
  finish(into: Samples): void {
    if (this.#row !== this.from.height)
      throw new RangeError(`${this.#row} of ${this.from.height} rows were given`);
    this.#row = 0;
    if (this.#kernel?.shorten(into) === true) return;
    if (this.from.height === this.to.height) into.set(this.#narrowed.subarray(0, into.length));
    else if (this.#isBytes) this.#shortenBytes(into);
    else this.#shortenOthers(into);
  }

  #narrowBytes(data: Samples, rows: number, at: number): void {
    const bands = this.#bands;
    const { starts, counts, stride } = this.#across;
    const weights = this.#fixedAcross;
    const out = this.#narrowed;
    const sourceLength = this.from.width * bands;
    let to = at;
    for (let row = 0, base = 0; row < rows; row++, base += sourceLength) {
      for (let x = 0; x < starts.length; x++) {
        const first = base + starts[x]! * bands;
        const w = x * stride;
        const count = counts[x]!;
        if (bands === 3) {
          let [red, green, blue] = [half, half, half];
          for (let k = 0, from = first; k < count; k++, from += 3) {
            const weight = weights[w + k]!;
            red += Math.imul(data[from]!, weight);
            green += Math.imul(data[from + 1]!, weight);
            blue += Math.imul(data[from + 2]!, weight);
          }
          out[to] = red >> precision;
          out[to + 1] = green >> precision;
          out[to + 2] = blue >> precision;
          to += 3;
          continue;
        }
        for (let band = 0; band < bands; band++) {
          let sum = half;
          for (let k = 0, from = first + band; k < count; k++, from += bands) {
            sum += Math.imul(data[from]!, weights[w + k]!);
          }
          out[to++] = sum >> precision;
        }
      }
    }
  }

  #narrowOthers(data: Samples, rows: number, at: number): void {
    const bands = this.#bands;
    const { starts, counts, stride, weights } = this.#across;
    const out = this.#narrowed;
    const isRounded = this.#isRounded;
    let to = at;
    for (let row = 0, base = 0; row < rows; row++, base += this.from.width * bands) {
      for (let x = 0; x < starts.length; x++) {
        for (let band = 0; band < bands; band++) {
          let sum = 0;
          let from = base + starts[x]! * bands + band;
          for (let k = x * stride; k < x * stride + counts[x]!; k++, from += bands) {
            sum += data[from]! * weights[k]!;
          }
          out[to++] = isRounded ? awayFromZero(sum) : sum;
        }
      }
    }
  }

  #shortenBytes(into: Samples): void {
    const { starts, counts, stride } = this.#down;
    const weights = this.#fixedDown;
    const sums = this.#sums;
    const narrowed = this.#narrowed;
    const rowLength = sums.length;
    for (let y = 0, to = 0; y < starts.length; y++, to += rowLength) {
      sums.fill(half);
      for (let k = 0; k < counts[y]!; k++) {
        const weight = weights[y * stride + k]!;
        const from = (starts[y]! + k) * rowLength;
        for (let i = 0; i < rowLength; i++) sums[i] = sums[i]! + Math.imul(narrowed[from + i]!, weight);
      }
      for (let i = 0; i < rowLength; i++) into[to + i] = sums[i]! >> precision;
    }
  }

  #shortenOthers(into: Samples): void {
    const { starts, counts, stride, weights } = this.#down;
    const sums = this.#sums;
    const narrowed = this.#narrowed;
    const rowLength = sums.length;
    const isRounded = this.#isRounded;
    for (let y = 0, to = 0; y < starts.length; y++, to += rowLength) {
      sums.fill(0);
      for (let k = 0; k < counts[y]!; k++) {
        const weight = weights[y * stride + k]!;
        const from = (starts[y]! + k) * rowLength;
        for (let i = 0; i < rowLength; i++) sums[i] = sums[i]! + narrowed[from + i]! * weight;
      }
      for (let i = 0; i < rowLength; i++) into[to + i] = isRounded ? awayFromZero(sums[i]!) : sums[i]!;
    }
  }
}

/** What is added before the bits behind the point are cut off. */
const half = 1 << (precision - 1);

/** Weights are not negative, and sums of them are 1 within a few of these units: bytes stay bytes. */
function fixedPoint(weights: Float64Array): Int32Array {
  return Int32Array.from(weights, (weight) => Math.trunc(0.5 + weight * (1 << precision)));
}

function awayFromZero(value: number): number {
  return value >= 0 ? Math.floor(value + 0.5) : -Math.floor(0.5 - value);
}
