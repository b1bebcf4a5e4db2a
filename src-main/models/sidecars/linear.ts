/**
 * Steps of preprocessing, one after the other, folded into what a manifest can say: the tile's statistics, then a scale and an
 * offset a band, then a clip. What cannot be folded exactly is an error that names the step; nothing is left out.
 */
import type { ModelManifest } from '../../contract/model.ts';

type Input = ModelManifest['input'];

/** The largest float32: no limit at all. */
const highest = 3.402_823_466_385_288_6e38;

/** A step that cannot be done here; the caller names sidecar and step. */
export class CannotFold extends Error {
  override readonly name = 'CannotFold';
}

export class InputFold {
  readonly #bands: number;
  #statistics: Input['tileStatistics'];
  #gain: number[];
  #offset: number[];
  #clip: [number, number] | null = null;

  constructor(bands: number) {
    this.#bands = bands;
    this.#gain = Array.from({ length: bands }, () => 1);
    this.#offset = Array.from({ length: bands }, () => 0);
  }

  /** Nothing has been done to the pixels yet. */
  get isPlain(): boolean {
    return (
      this.#statistics === undefined &&
      this.#clip === null &&
      this.#gain.every((g) => g === 1) &&
      this.#offset.every((o) => o === 0)
    );
  }

  /** value * gain + offset; one number for all bands, or one a band. */
  linear(gain: number | readonly number[], offset: number | readonly number[]): void {
    const gains = this.#perBand(gain);
    const offsets = this.#perBand(offset);
    if (![...gains, ...offsets].every(Number.isFinite) || gains.includes(0)) {
      throw new CannotFold('its numbers are not finite, or pixels would be multiplied by 0');
    }
    if (this.#clip !== null) {
      const [g = 1] = gains;
      const [o = 0] = offsets;
      if (!isUniform(gains) || !isUniform(offsets))
        throw new CannotFold('bands are scaled differently after a clip');
      const [a, b] = this.#clip.map((limit) => limit * g + o) as [number, number];
      this.#clip = g > 0 ? [a, b] : [b, a];
    }
    this.#gain = this.#gain.map((g, i) => g * (gains[i] ?? 1));
    this.#offset = this.#offset.map((o, i) => o * (gains[i] ?? 1) + (offsets[i] ?? 0));
  }

  /** Lowest and highest value; infinite where there is none. */
  clip(low: number, high: number): void {
    if (!(low < high)) throw new CannotFold(`${low} is not below ${high}`);
    const within = (value: number): number => Math.min(high, Math.max(low, value));
    const [a, b] = this.#clip === null ? [low, high] : [within(this.#clip[0]), within(this.#clip[1])];
    if (!(a < b)) throw new CannotFold('two clips leave one value only');
    this.#clip = [a, b];
  }

  /** @param of with `eps` in the values' unit at this place of the chain */
  statistics(of: NonNullable<Input['tileStatistics']>): void {
    if (this.#statistics !== undefined)
      throw new CannotFold('the statistics of a tile are taken a second time');
    if (this.#clip !== null) throw new CannotFold('statistics are taken after a clip');
    const [gain = 1] = this.#gain;
    if (!isUniform(this.#gain) || !isUniform(this.#offset) || gain < 0) {
      throw new CannotFold('statistics are taken of bands that were scaled differently');
    }
    // Statistics undo a scale and an offset before them, but for eps: (gx - gm) / (gs + eps) = (x - m) / (s + eps / g).
    this.#statistics = { ...of, eps: of.eps / gain };
    this.#gain = this.#gain.map(() => 1);
    this.#offset = this.#offset.map(() => 0);
  }

  /** The fields of a manifest's input that say it. */
  fields(): Pick<Input, 'tileStatistics' | 'scale' | 'mean' | 'std' | 'clip'> {
    const [gain = 1] = this.#gain;
    const hasOffset = this.#offset.some((o) => o !== 0);
    const scaled = isUniform(this.#gain)
      ? {
          ...(gain === 1 ? {} : { scale: gain }),
          ...(hasOffset ? { mean: this.#offset.map((o) => -o) } : {}),
        }
      : {
          mean: this.#offset.map((o, i) => (o === 0 ? 0 : -o / (this.#gain[i] ?? 1))),
          std: this.#gain.map((g) => 1 / g),
        };
    const limit = (value: number): number => Math.min(highest, Math.max(-highest, value));
    return {
      ...(this.#statistics === undefined ? {} : { tileStatistics: this.#statistics }),
      ...scaled,
      ...(this.#clip === null ? {} : { clip: [limit(this.#clip[0]), limit(this.#clip[1])] }),
    };
  }

  #perBand(numbers: number | readonly number[]): number[] {
    if (typeof numbers === 'number') return Array.from({ length: this.#bands }, () => numbers);
    if (numbers.length === 1) return Array.from({ length: this.#bands }, () => numbers[0] ?? 0);
    if (numbers.length !== this.#bands) {
      throw new CannotFold(`it has ${numbers.length} numbers for ${this.#bands} bands`);
    }
    return [...numbers];
  }
}

function isUniform(numbers: readonly number[]): boolean {
  return numbers.every((n) => n === numbers[0]);
}
