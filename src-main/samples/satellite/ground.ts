/**
 * The land of the satellite sample: slowly varying properties on a grid of 16 px, and the parcels and roads between them.
 * A pixel is 10 m.
 */
import { fractalNoise, hash, smoothStep, valueNoise } from '../random.ts';

export const groundStep = 16;

export const groundNames = [
  /** Above 0: mountains; above 0.35 snow may lie. */
  'height',
  /** Light on slopes, about 1. */
  'shade',
  /** Above 0: forest. */
  'forest',
  /** px from the middle of the river (negative on one side), and its half width. */
  'river',
  'riverWidth',
  /** Above 0: lake. */
  'lake',
  /** Above 0: town. */
  'town',
  /** 0-1: how much of the ground clouds hide, before their fine structure. */
  'cloud',
  /** How strongly the fields grow, about 1. */
  'vigour',
] as const;
export type GroundName = (typeof groundNames)[number];

function heightAt(seed: number, x: number, y: number): number {
  return (
    fractalNoise(seed, 201, x / 2600, y / 2600, 2) * 0.9 +
    fractalNoise(seed, 202, x / 420, y / 420, 3) * 0.28 -
    0.3
  );
}

/** Values of all fields on the grid points that a square needs. */
export class Ground {
  readonly columns: number;
  readonly #values: Record<GroundName, Float32Array>;
  /** The same, in the order of their names. */
  readonly #list: Float32Array[];
  readonly #x0: number;
  readonly #y0: number;

  /** x0, y0 and size are multiples of the grid's step. */
  constructor(seed: number, x0: number, y0: number, size: number) {
    this.columns = size / groundStep + 1;
    this.#x0 = x0 / groundStep;
    this.#y0 = y0 / groundStep;
    const values = {} as Record<GroundName, Float32Array>;
    for (const name of groundNames) values[name] = new Float32Array(this.columns * this.columns);
    this.#values = values;
    this.#list = groundNames.map((name) => values[name]);
    for (let row = 0; row < this.columns; row++) {
      for (let column = 0; column < this.columns; column++) {
        this.#fill(seed, row * this.columns + column, x0 + column * groundStep, y0 + row * groundStep);
      }
    }
  }

  /** Interpolates all fields at a pixel into `into`, in the order of `groundNames`. */
  read(x: number, y: number, into: Float64Array): void {
    const gx = x / groundStep - this.#x0;
    const gy = y / groundStep - this.#y0;
    const column = Math.floor(gx);
    const row = Math.floor(gy);
    const fx = gx - column;
    const fy = gy - row;
    const i = row * this.columns + column;
    for (let k = 0; k < this.#list.length; k++) {
      const values = this.#list[k] as Float32Array;
      const a = values[i] as number;
      const top = a + ((values[i + 1] as number) - a) * fx;
      const c = values[i + this.columns] as number;
      const bottom = c + ((values[i + this.columns + 1] as number) - c) * fx;
      into[k] = top + (bottom - top) * fy;
    }
  }

  #fill(seed: number, i: number, x: number, y: number): void {
    const v = this.#values;
    const height = heightAt(seed, x, y);
    v.height[i] = height;
    // Light from the south-east, as at the time of an overpass.
    const slope =
      heightAt(seed, x + 12, y) -
      heightAt(seed, x - 12, y) +
      heightAt(seed, x, y + 12) -
      heightAt(seed, x, y - 12);
    v.shade[i] = 1 - Math.max(-0.55, Math.min(0.5, slope * 5 * smoothStep(-0.15, 0.2, height)));
    v.forest[i] =
      fractalNoise(seed, 203, x / 620, y / 620, 3) -
      0.26 +
      0.9 * smoothStep(-0.12, 0.12, height) * (height < 0.3 ? 1 : -1);
    // A river runs where a wide noise is 0; dividing by its slope makes the value a distance.
    const stream = (px: number, py: number): number =>
      fractalNoise(seed, 204, px / 2300, py / 2300, 2) + 0.02 * valueNoise(seed, 205, px / 130, py / 130);
    const s = stream(x, y);
    const steepness =
      Math.hypot(stream(x + 16, y) - stream(x - 16, y), stream(x, y + 16) - stream(x, y - 16)) / 32;
    v.river[i] = s / Math.max(0.0002, steepness);
    v.riverWidth[i] = height > 0.1 ? 0 : 5 + 3.5 * valueNoise(seed, 206, x / 900, y / 900);
    v.lake[i] = fractalNoise(seed, 207, x / 800, y / 800, 3) - 0.62 - (height > 0.1 ? 1 : 0);
    v.town[i] = fractalNoise(seed, 208, x / 420, y / 420, 2) - 0.52 - (height > 0 ? 1 : 0);
    v.cloud[i] = smoothStep(
      0.28,
      0.7,
      fractalNoise(seed, 209, x / 420, y / 420, 4) + 0.35 * valueNoise(seed, 217, x / 3000, y / 3000),
    );
    v.vigour[i] = 1 + 0.25 * valueNoise(seed, 210, x / 1500, y / 1500);
  }
}

export interface Parcel {
  /** Bits for everything that is the same all over the parcel. */
  seed: number;
  /** px to the parcel's border. */
  border: number;
  /** px along and across its rows. */
  along: number;
  across: number;
}

const regionPitch = 150;

/** The field that holds a point: strips of one region run in one direction. */
export function parcelAt(seed: number, x: number, y: number, into: Parcel): void {
  const column = Math.floor(x / regionPitch);
  const row = Math.floor(y / regionPitch);
  let nearest = Number.POSITIVE_INFINITY;
  let owner = 0;
  for (let r = row - 1; r <= row + 1; r++) {
    for (let c = column - 1; c <= column + 1; c++) {
      const h = hash(seed, 211, c, r);
      const dx = (c + (h & 0xffff) / 65536) * regionPitch - x;
      const dy = (r + (h >>> 16) / 65536) * regionPitch - y;
      const d = dx * dx + dy * dy;
      if (d < nearest) {
        nearest = d;
        owner = h;
      }
    }
  }
  const angle = ((owner >>> 3) & 255) / 81;
  const c = Math.cos(angle);
  const s = Math.sin(angle);
  const u = x * c + y * s;
  const v = y * c - x * s;
  const width = 9 + ((owner >>> 11) & 15);
  const strip = Math.floor(v / width);
  const length = width * (2 + ((owner >>> 15) & 3));
  const shift = (hash(owner, 212, strip, 0) & 63) / 64;
  const part = Math.floor(u / length + shift);
  const inV = v / width - strip;
  const inU = u / length + shift - part;
  into.seed = hash(owner, 213, strip, part);
  into.border = Math.min(Math.min(inV, 1 - inV) * width, Math.min(inU, 1 - inU) * length);
  into.along = u;
  into.across = v;
}

const roadPitch = 620;

/** px to the nearest main road: the roads are the borders between the surroundings of scattered places. */
export function roadDistance(seed: number, x: number, y: number): number {
  const column = Math.floor(x / roadPitch);
  const row = Math.floor(y / roadPitch);
  let nearest = Number.POSITIVE_INFINITY;
  let second = Number.POSITIVE_INFINITY;
  for (let r = row - 1; r <= row + 1; r++) {
    for (let c = column - 1; c <= column + 1; c++) {
      const h = hash(seed, 214, c, r);
      const dx = (c + 0.1 + ((h & 0xffff) / 65536) * 0.8) * roadPitch - x;
      const dy = (r + 0.1 + ((h >>> 16) / 65536) * 0.8) * roadPitch - y;
      const d = dx * dx + dy * dy;
      if (d < nearest) {
        second = nearest;
        nearest = d;
      } else if (d < second) second = d;
    }
  }
  return (Math.sqrt(second) - Math.sqrt(nearest)) / 2;
}
