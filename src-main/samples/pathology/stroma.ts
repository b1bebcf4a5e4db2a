/** Connective tissue: bundles of eosin-coloured fibres in two directions, with gaps, up to the ragged border of the tissue. */
import { clamp01 } from '../random.ts';
import type { Texture } from '../textures.ts';
import { fieldStep, type CoarseFields } from './coarse-fields.ts';
import { fatCellAt, isFree } from './fat.ts';
import { stainUnit, type StainBlock } from './stains.ts';

/** Directions of the two sets of fibres, radians. */
const directions = [0.35, 1.75] as const;
const rotation = directions.map((angle) => ({ c: Math.cos(angle), s: Math.sin(angle) }));
const [first, second] = rotation as [{ c: number; s: number }, { c: number; s: number }];
/** Shifts the second lookup, so that the two sets differ. */
const offset = 389;

/** How much of the fibre texture is seen at a place, 0-255. */
export function fibreValue(fields: CoarseFields, fibres: Texture, x: number, y: number): number {
  const px = x + fields.at('fibreX', x, y);
  const py = y + fields.at('fibreY', x, y);
  return mixed(fibres, px, py, fields.at('fibreMix', x, y));
}

function mixed(fibres: Texture, px: number, py: number, mix: number): number {
  const mask = fibres.size - 1;
  const size = fibres.size;
  const a =
    fibres.data[((py * first.c - px * first.s) & mask) * size + ((px * first.c + py * first.s) & mask)] ?? 0;
  const b =
    fibres.data[
      ((py * second.c - px * second.s + offset) & mask) * size + ((px * second.c + py * second.s) & mask)
    ] ?? 0;
  return a + (b - a) * mix;
}

/** Direction of the stronger set of fibres at a place, radians. */
export function fibreDirection(fields: CoarseFields, x: number, y: number): number {
  const { c, s } = fields.at('fibreMix', x, y) < 0.5 ? first : second;
  // Fibres run where v = py * c - px * s stays the same.
  const v = (qx: number, qy: number): number =>
    (qy + fields.at('fibreY', qx, qy)) * c - (qx + fields.at('fibreX', qx, qy)) * s;
  const dvx = v(x + 4, y) - v(x - 4, y);
  const dvy = v(x, y + 4) - v(x, y - 4);
  return Math.atan2(-dvx, dvy);
}

/**
 * Fills the block whose corner lies at (x0, y0) with connective tissue and fat; what is no tissue stays clear.
 * Returns false where there is no tissue at all.
 */
export function paintStroma(
  block: StainBlock,
  x0: number,
  y0: number,
  seed: number,
  fields: CoarseFields,
  textures: { fibres: Texture; clouds: Texture; fine: Texture },
): boolean {
  const { fibres, clouds, fine: grains } = textures;
  const size = block.size;
  const grid = fields.grid('distance');
  const names = ['fibreX', 'fibreY', 'fibreMix', 'loose', 'eosin', 'gland', 'lymph', 'distance'] as const;
  const values = names.map((name) => fields.grid(name).values);
  const left = new Float64Array(8);
  const step = new Float64Array(8);
  const cloudMask = clouds.size - 1;
  const grainMask = grains.size - 1;
  let any = false;
  for (let by = 0; by < size; by += fieldStep) {
    for (let bx = 0; bx < size; bx += fieldStep) {
      const i = ((y0 + by) / fieldStep - grid.y0) * grid.columns + (x0 + bx) / fieldStep - grid.x0;
      const j = i + grid.columns;
      const distances = grid.values;
      const a = distances[i] as number;
      const b = distances[i + 1] as number;
      const c = distances[j] as number;
      const d = distances[j + 1] as number;
      if (Math.min(a, b, c, d) > 20) continue;
      any = true;
      paintCell(i, bx, by, Math.max(a, b, c, d) < -30);
    }
  }
  return any;

  /** One cell of the coarse grid: the fields change linearly along each of its rows. */
  function paintCell(i: number, bx: number, by: number, inside: boolean): void {
    const fatty = !isFree(seed, fields, x0 + bx, y0 + by, fieldStep);
    const j = i + grid.columns;
    for (let y = 0; y < fieldStep; y++) {
      const fy = y / fieldStep;
      for (let k = 0; k < values.length; k++) {
        const field = values[k] as Float32Array;
        const a = field[i] as number;
        const b = field[i + 1] as number;
        const start = a + ((field[j] as number) - a) * fy;
        left[k] = start;
        step[k] = (b + ((field[j + 1] as number) - b) * fy - start) / fieldStep;
      }
      let out = (by + y) * size + bx;
      const sy = y0 + by + y;
      for (let x = 0; x < fieldStep; x++, out++) {
        const sx = x0 + bx + x;
        const cloud = clouds.data[(sy & cloudMask) * clouds.size + (sx & cloudMask)] as number;
        let cover = 1;
        if (!inside) {
          const fray = clouds.data[((sy >> 1) & cloudMask) * clouds.size + ((sx >> 1) & cloudMask)] as number;
          cover = clamp01(0.5 - ((left[7] as number) + (step[7] as number) * x + (fray - 128) * 0.09) / 3);
          if (cover === 0) continue;
        }
        const px = sx + (left[0] as number) + (step[0] as number) * x;
        const py = sy + (left[1] as number) + (step[1] as number) * x;
        const fibre = mixed(fibres, px, py, (left[2] as number) + (step[2] as number) * x);
        const loose = (left[3] as number) + (step[3] as number) * x;
        const gland = (left[5] as number) + (step[5] as number) * x;
        const lymph = (left[6] as number) + (step[6] as number) * x;
        // Gaps take the lowest values of the texture; around glands and lymphocytes the tissue is finer and paler.
        const fine = Math.max(clamp01((gland + 0.2) * 3), 0.8 * clamp01((lymph + 0.25) * 4));
        const gap = loose * (66 - 26 * fine);
        let solid = clamp01((fibre - gap) / 34);
        if (solid < 1) solid = 0.1 + 0.9 * solid;
        const grain = grains.data[(sy & grainMask) * grains.size + (sx & grainMask)] as number;
        let e =
          (0.12 + (fibre * 0.001 + cloud * 0.0002) * (1 - 0.5 * fine) + grain * (0.0003 + 0.0003 * fine)) *
          solid;
        let h = (0.016 + fine * 0.035 + cloud * 0.0001 + (255 - fibre) * 0.00007) * solid;
        if (fatty) {
          const wall = fatCellAt(seed, fields, sx, sy);
          if (wall !== null) {
            const keep = wall < 1.1 ? 1 : wall > 2.6 ? 0 : (2.6 - wall) / 1.5;
            e = keep * (0.14 + cloud * 0.0005) + 0.004;
            h = keep * 0.04;
          }
        }
        const strength = ((left[4] as number) + (step[4] as number) * x) * cover * stainUnit;
        block.eosin[out] = e * strength;
        block.haematoxylin[out] = h * strength;
      }
    }
  }
}
