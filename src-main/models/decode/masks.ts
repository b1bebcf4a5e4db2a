/** Outlines of instance masks, in pixels of the model's input. */
import { outlineMask } from '../../core/outline.ts';
import type { Candidate, TileTensor } from './tile-tensor.ts';

/** A part of the input; need not be whole pixels. */
export type Area = Pick<Candidate, 'x1' | 'y1' | 'x2' | 'y2'>;

/** Whole pixels of the input: from, and up to but without. */
interface Pixels {
  left: number;
  top: number;
  width: number;
  height: number;
}

/** The pixels of a box: those whose number is at or after its start and before its end (as Ultralytics' crop_mask). */
function pixelsOf({ x1, y1, x2, y2 }: Area): Pixels {
  const [left, top] = [Math.ceil(x1), Math.ceil(y1)];
  return { left, top, width: Math.max(0, Math.ceil(x2) - left), height: Math.max(0, Math.ceil(y2) - top) };
}

/** Where lines of the output lie between lines of the input: bilinear, pixel centres, the border repeated. */
function betweenLines(from: number, length: number, size: number, outSize: number) {
  const lower = new Int32Array(length);
  const weight = new Float64Array(length);
  for (let i = 0; i < length; i++) {
    const at = Math.max(0, ((from + i + 0.5) * size) / outSize - 0.5);
    lower[i] = Math.min(size - 1, Math.floor(at));
    weight[i] = lower[i] === size - 1 ? 0 : at - lower[i]!;
  }
  const first = lower[0] ?? 0;
  const last = Math.min(size - 1, (lower[length - 1] ?? 0) + 1);
  return { lower, weight, first, count: last - first + 1 };
}

/**
 * sigmoid(coefficients . prototypes) > 0.5, enlarged to the input by bilinear interpolation of what is under the sigmoid, cropped
 * to the box.
 *
 * @param protos [M, h, w]
 * @param box inside the input
 */
export function protoPolygons(
  coefficients: Float64Array,
  protos: TileTensor,
  box: Area,
  input: { width: number; height: number },
): number[][][] {
  const [, h = 0, w = 0] = protos.dims;
  const { left, top, width, height } = pixelsOf(box);
  if (width === 0 || height === 0 || w === 0 || h === 0) return [];
  const across = betweenLines(left, width, w, input.width);
  const down = betweenLines(top, height, h, input.height);
  const logits = new Float64Array(across.count * down.count);
  coefficients.forEach((coefficient, m) => {
    for (let y = 0; y < down.count; y++) {
      const from = (m * h + down.first + y) * w + across.first;
      const to = y * across.count;
      for (let x = 0; x < across.count; x++) {
        logits[to + x] = logits[to + x]! + coefficient * protos.data[from + x]!;
      }
    }
  });
  const mask = new Uint8Array(width * height);
  for (let y = 0; y < height; y++) {
    const upper = (down.lower[y]! - down.first) * across.count;
    const below = down.weight[y]!;
    const lower = below === 0 ? upper : upper + across.count;
    for (let x = 0; x < width; x++) {
      const at = across.lower[x]! - across.first;
      const beside = across.weight[x]!;
      const next = beside === 0 ? at : at + 1;
      const above = logits[upper + at]! * (1 - beside) + logits[upper + next]! * beside;
      const under = logits[lower + at]! * (1 - beside) + logits[lower + next]! * beside;
      if (above * (1 - below) + under * below > 0) mask[y * width + x] = 1;
    }
  }
  return moved(outlineMask(mask, width, height, 'smooth'), left, top);
}

/** Where a mask of the input's size is 0.5 or more (or true), within `area`. */
export function maskPolygons(
  masks: TileTensor,
  row: number,
  area: Area,
  input: { width: number; height: number },
): number[][][] {
  const start = row * input.width * input.height;
  const { left, top, width, height } = pixelsOf(area);
  const mask = new Uint8Array(width * height);
  for (let y = 0; y < height; y++) {
    const from = start + (top + y) * input.width + left;
    for (let x = 0; x < width; x++) if (masks.data[from + x]! >= 0.5) mask[y * width + x] = 1;
  }
  return moved(outlineMask(mask, width, height, 'smooth'), left, top);
}

function moved(polygons: readonly number[][][], dx: number, dy: number): number[][][] {
  return polygons.map((rings) =>
    rings.map((ring) => ring.map((value, i) => value + (i % 2 === 0 ? dx : dy))),
  );
}
