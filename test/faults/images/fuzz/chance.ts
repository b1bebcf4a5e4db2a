/** Seeded choices: a file of a run can be made again from the run's seed and its number. */
import { Draw, hash } from '../../../../src-main/samples/random.ts';

export class Chance {
  readonly #draw: Draw;

  constructor(seed: number, number: number) {
    this.#draw = new Draw(hash(seed, 77, number, number >>> 16));
  }

  /** 0 to below - 1. */
  below(below: number): number {
    return Math.floor(this.#draw.next() * below);
  }

  yes(probability: number): boolean {
    return this.#draw.next() < probability;
  }

  of<T>(values: readonly T[]): T {
    const value = values[this.below(values.length)];
    if (value === undefined && values.length === 0) throw new RangeError('nothing to choose from');
    return value as T;
  }
}

/** Numbers that counters, sizes and offsets break at. */
export const edges = [
  0,
  1,
  2,
  3,
  7,
  8,
  15,
  16,
  127,
  128,
  255,
  256,
  4095,
  4096,
  16_384,
  32_767,
  32_768,
  65_535,
  65_536,
  1_000_000,
  0x7fff_fffe,
  0x7fff_ffff,
  0x8000_0000,
  0xffff_fffe,
  0xffff_ffff,
  2 ** 40,
  2 ** 53,
  2 ** 63,
];
