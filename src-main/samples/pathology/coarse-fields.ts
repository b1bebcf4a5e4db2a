/**
 * The slowly varying properties of the tissue on a grid of 16 px that is the same for all blocks: a value between grid points
 * is interpolated, so that neighbouring blocks agree to the last bit.
 */
import { fractalNoise, smoothStep, valueNoise } from '../random.ts';
import { tissueDistance, type TissuePiece } from './tissue-layout.ts';

export const fieldStep = 16;

export const fieldNames = [
  /** px to the tissue's border, negative inside. */
  'distance',
  /** Above 0: glands grow here. */
  'gland',
  /** 0-1: how many of them are solid nests. */
  'solid',
  /** Above 0: fat cells. */
  'fat',
  /** Above 0: densely packed lymphocytes. */
  'lymph',
  /** 0-1: how far the fibres have come apart. */
  'loose',
  /** Strength of the eosin, about 1. */
  'eosin',
  /** Strength of the haematoxylin, about 1. */
  'haematoxylin',
  /** px that the fibres are displaced by, and 0-1 which of two fibre directions is seen. */
  'fibreX',
  'fibreY',
  'fibreMix',
  /** px that glands are displaced by. */
  'glandX',
  'glandY',
  /** Unevenness of the light, optical density. */
  'light',
] as const;
export type FieldName = (typeof fieldNames)[number];

/** Largest displacement of a gland in px along each axis. */
export const largestGlandShift = 60;

export interface TissuePlan {
  seed: number;
  width: number;
  height: number;
  pieces: TissuePiece[];
}

export class CoarseFields {
  readonly #x0: number;
  readonly #y0: number;
  readonly #columns: number;
  readonly #values: Record<FieldName, Float32Array>;

  /** Covers a rectangle of the slide, in px. */
  constructor(plan: TissuePlan, x: number, y: number, width: number, height: number) {
    this.#x0 = Math.floor(x / fieldStep);
    this.#y0 = Math.floor(y / fieldStep);
    this.#columns = Math.ceil((x + width) / fieldStep) - this.#x0 + 2;
    const rows = Math.ceil((y + height) / fieldStep) - this.#y0 + 2;
    const values = {} as Record<FieldName, Float32Array>;
    for (const name of fieldNames) values[name] = new Float32Array(this.#columns * rows);
    this.#values = values;
    for (let row = 0; row < rows; row++) {
      for (let column = 0; column < this.#columns; column++) {
        this.#fill(
          plan,
          row * this.#columns + column,
          (this.#x0 + column) * fieldStep,
          (this.#y0 + row) * fieldStep,
        );
      }
    }
  }

  /** The field's grid values, for loops over many pixels. */
  grid(name: FieldName): { values: Float32Array; columns: number; x0: number; y0: number } {
    return { values: this.#values[name], columns: this.#columns, x0: this.#x0, y0: this.#y0 };
  }

  /** Bilinear between the grid points. */
  at(name: FieldName, x: number, y: number): number {
    // The fractions do not depend on where this block begins.
    const gx = Math.floor(x / fieldStep);
    const gy = Math.floor(y / fieldStep);
    const fx = x / fieldStep - gx;
    const fy = y / fieldStep - gy;
    const column = gx - this.#x0;
    const row = gy - this.#y0;
    const values = this.#values[name];
    const i = row * this.#columns + column;
    const a = values[i];
    const d = values[i + this.#columns + 1];
    if (a === undefined || d === undefined || column < 0 || column + 1 >= this.#columns) {
      throw new RangeError(`(${x}, ${y}) lies outside the block's fields`);
    }
    const b = values[i + 1] as number;
    const c = values[i + this.#columns] as number;
    const top = a + (b - a) * fx;
    return top + (c + (d - c) * fx - top) * fy;
  }

  #fill(plan: TissuePlan, i: number, x: number, y: number): void {
    const { seed } = plan;
    const v = this.#values;
    const { distance, piece } = tissueDistance(plan.pieces, seed, x, y);
    v.distance[i] = distance;
    v.light[i] = 0.004 * valueNoise(seed, 31, x / 5000, y / 5000);
    if (!piece || distance > 200) return;
    const depth = -distance;
    const wide = fractalNoise(piece.seed, 32, x / 2400, y / 2400, 2);
    const medium = fractalNoise(seed, 33, x / 1300, y / 1300, 2);
    const small = fractalNoise(seed, 34, x / 620, y / 620, 2);
    const nodules = fractalNoise(seed, 35, x / 480, y / 480, 2);
    // Layers follow the depth below the border; small pieces have thin ones.
    const layer = Math.min(700, piece.radius * 0.45);
    switch (piece.style) {
      case 'mucosa': {
        const under = depth - layer * (1 + 0.35 * medium);
        v.gland[i] = 0.35 + 0.35 * wide + 0.25 * small - smoothStep(-80, 120, under) * 1.4;
        v.solid[i] = smoothStep(0.25, 0.5, wide) * 0.5;
        v.fat[i] = Math.min(under / 400 - 0.6, small + 0.6 * wide - 0.25);
        v.lymph[i] = Math.max(0.1 - Math.abs(under - 130) / 260 + small * 0.7 - 0.05, nodules - 0.62);
        break;
      }
      case 'lobular':
        v.gland[i] = 0.9 * medium + 0.75 * small - 0.12;
        v.solid[i] = 0.12;
        v.fat[i] = wide * 0.9 + 0.6 * small - 0.12;
        v.lymph[i] = Math.min(nodules - 0.55, 0.6);
        break;
      case 'tumour':
        v.gland[i] = 0.12 + 0.7 * wide + 0.75 * small;
        v.solid[i] = 0.8;
        v.fat[i] = -1;
        v.lymph[i] = Math.max(small - 0.5 - 0.3 * wide, nodules - 0.58);
        break;
    }
    // Fat and lymphocytes keep away from glands and from the border.
    v.fat[i] = Math.min(v.fat[i], -v.gland[i] * 1.5 + 0.1, depth / 150 - 0.6);
    v.lymph[i] = Math.min(v.lymph[i], depth / 120 - 0.4, -v.fat[i] * 2);
    v.loose[i] = Math.min(1, Math.max(0, 0.3 + 0.45 * fractalNoise(seed, 36, x / 800, y / 800, 2)));
    v.eosin[i] = 1 + 0.22 * fractalNoise(seed, 37, x / 1800, y / 1800, 3) + (piece.seed % 97) / 900;
    v.haematoxylin[i] = 1 + 0.12 * valueNoise(seed, 38, x / 2600, y / 2600) + (piece.seed % 89) / 1000;
    v.fibreX[i] = 120 * valueNoise(seed, 39, x / 700, y / 700);
    v.fibreY[i] = 150 * valueNoise(seed, 40, x / 640, y / 640) + 34 * valueNoise(seed, 41, x / 170, y / 170);
    v.fibreMix[i] = smoothStep(-0.22, 0.22, fractalNoise(seed, 42, x / 760, y / 760, 2));
    v.glandX[i] = largestGlandShift * valueNoise(seed, 43, x / 340, y / 340);
    v.glandY[i] = largestGlandShift * valueNoise(seed, 44, x / 340, y / 340);
  }
}
