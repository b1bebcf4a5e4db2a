/**
 * Small textures that repeat without a seam, made once a process: looking fine detail up in them is far cheaper than
 * computing it for every pixel. Values are spread evenly over 0-255, so that a threshold is a fraction of the area.
 */
import { Draw, hash } from './random.ts';

export interface Texture {
  /** Edge length, a power of two. */
  size: number;
  data: Uint8Array;
}

/** Value noise on a grid of columns x rows cells that wraps around; adds `height` times it. */
function addPeriodic(
  target: Float32Array,
  size: number,
  columns: number,
  rows: number,
  height: number,
  seed: number,
  warp?: Float32Array,
): void {
  const grid = new Float32Array(columns * rows);
  const draw = new Draw(hash(seed, 71, columns, rows));
  for (let i = 0; i < grid.length; i++) grid[i] = draw.between(-1, 1);
  for (let y = 0; y < size; y++) {
    for (let x = 0; x < size; x++) {
      const gx = (x * columns) / size;
      const gy = ((((y + (warp?.[y * size + x] ?? 0)) % size) + size) % size) * (rows / size);
      const x0 = Math.floor(gx);
      const y0 = Math.floor(gy);
      const fx = gx - x0;
      const fy = gy - y0;
      const u = fx * fx * (3 - 2 * fx);
      const v = fy * fy * (3 - 2 * fy);
      const left = x0 % columns;
      const right = (x0 + 1) % columns;
      const top = (y0 % rows) * columns;
      const bottom = ((y0 + 1) % rows) * columns;
      const a = grid[top + left] as number;
      const b = grid[top + right] as number;
      const c = grid[bottom + left] as number;
      const d = grid[bottom + right] as number;
      const upper = a + (b - a) * u;
      target[y * size + x] =
        (target[y * size + x] as number) + height * (upper + (c + (d - c) * u - upper) * v);
    }
  }
}

/** Ranks instead of values: as many pixels have 0 as 1 as 255 (to within a 65,536th of the range). */
function spreadEvenly(values: Float32Array, size: number): Texture {
  const bins = 65_536;
  let low = Number.POSITIVE_INFINITY;
  let high = Number.NEGATIVE_INFINITY;
  for (const value of values) {
    if (value < low) low = value;
    if (value > high) high = value;
  }
  const scale = (bins - 1) / (high - low);
  const counts = new Uint32Array(bins);
  for (const value of values) {
    const bin = Math.floor((value - low) * scale);
    counts[bin] = (counts[bin] as number) + 1;
  }
  let below = 0;
  const rank = Uint8Array.from(counts, (count) => {
    const middle = below + count / 2;
    below += count;
    return Math.min(255, Math.floor((middle * 256) / values.length));
  });
  const data = new Uint8Array(values.length);
  for (let i = 0; i < data.length; i++) {
    data[i] = rank[Math.floor(((values[i] as number) - low) * scale)] as number;
  }
  return { size, data };
}

/** Strands along x: collagen, or the rows of a field. `thickness` and `length` in pixels. */
export function fibreTexture(seed: number, size: number, thickness: number, length: number): Texture {
  const warp = new Float32Array(size * size);
  addPeriodic(warp, size, 6, 6, thickness * 2.4, seed + 1);
  addPeriodic(warp, size, 14, 14, thickness * 0.9, seed + 2);
  const values = new Float32Array(size * size);
  const along = Math.max(2, Math.round(size / length));
  const across = Math.round(size / thickness);
  addPeriodic(values, size, along, Math.round(across / 2.2), 0.9, seed + 3, warp);
  addPeriodic(values, size, along * 2, across, 1, seed + 4, warp);
  addPeriodic(values, size, along * 3, Math.round(across * 1.9), 0.6, seed + 5, warp);
  return spreadEvenly(values, size);
}

/** Clouds whose largest features are `coarse` pixels wide, down to `fine` ones. */
export function cloudTexture(seed: number, size: number, coarse: number, fine: number): Texture {
  const values = new Float32Array(size * size);
  let height = 1;
  for (let wave = coarse; wave >= fine; wave /= 2) {
    const cells = Math.max(2, Math.round(size / wave));
    addPeriodic(values, size, cells, cells, height, seed + Math.round(wave * 16));
    height *= 0.7;
  }
  return spreadEvenly(values, size);
}

/** Normally distributed noise in steps of one grey level, to be looked up at any index (wraps around). */
export function sensorNoise(seed: number, length: number, sigma: number): Int8Array {
  const draw = new Draw(hash(seed, 72, length, 0));
  return Int8Array.from({ length }, () => {
    const sum = draw.next() + draw.next() + draw.next() + draw.next() - 2;
    return Math.round(sum * 1.73 * sigma);
  });
}
