/** Random numbers that depend on a seed and a position only: any part of a sample can be made alone, by any process. */

/** 32 well mixed bits for a cell (x, y) of the grid `salt`. */
export function hash(seed: number, salt: number, x: number, y: number): number {
  let h = Math.imul(x | 0, 0x27d4eb2f) ^ Math.imul((y | 0) + 0x165667b1, 0x9e3779b1);
  h = Math.imul(h ^ (h >>> 15) ^ Math.imul(seed ^ Math.imul(salt, 0x632be5ab), 0x85ebca6b), 0xc2b2ae35);
  h ^= h >>> 13;
  h = Math.imul(h, 0x27d4eb2f);
  return (h ^ (h >>> 16)) >>> 0;
}

/** A row of random numbers that starts at a hash (mulberry32). */
export class Draw {
  #state: number;

  constructor(state: number) {
    this.#state = state;
  }

  /** [0, 1). */
  next(): number {
    this.#state = (this.#state + 0x6d2b79f5) | 0;
    let t = Math.imul(this.#state ^ (this.#state >>> 15), this.#state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  }

  between(low: number, high: number): number {
    return low + (high - low) * this.next();
  }
}

/** Smooth value noise on the unit grid, -1 to 1. */
export function valueNoise(seed: number, salt: number, x: number, y: number): number {
  const x0 = Math.floor(x);
  const y0 = Math.floor(y);
  const fx = x - x0;
  const fy = y - y0;
  const u = fx * fx * (3 - 2 * fx);
  const v = fy * fy * (3 - 2 * fy);
  const a = hash(seed, salt, x0, y0);
  const b = hash(seed, salt, x0 + 1, y0);
  const c = hash(seed, salt, x0, y0 + 1);
  const d = hash(seed, salt, x0 + 1, y0 + 1);
  const top = a + (b - a) * u;
  const bottom = c + (d - c) * u;
  return (top + (bottom - top) * v) / 2147483648 - 1;
}

/** Sum of `octaves` noises, each at twice the frequency and half the height of the one before; about -1 to 1. */
export function fractalNoise(seed: number, salt: number, x: number, y: number, octaves: number): number {
  let sum = 0;
  let height = 1;
  let total = 0;
  for (let i = 0; i < octaves; i++) {
    sum += height * valueNoise(seed, salt + i * 7919, x, y);
    total += height;
    height /= 2;
    x = x * 2 + 13.7;
    y = y * 2 - 7.3;
  }
  return (sum / total) * 1.4;
}

export function clamp01(value: number): number {
  return value < 0 ? 0 : value > 1 ? 1 : value;
}

/** 0 below `low`, 1 above `high`, smooth between. */
export function smoothStep(low: number, high: number, value: number): number {
  const t = clamp01((value - low) / (high - low));
  return t * t * (3 - 2 * t);
}
