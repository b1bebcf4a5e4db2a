/** Area fractions of classes over a tile's core, from outputs that say something about each pixel. */
import { GigatileError } from '../contract/errors.ts';
import type { Rect } from '../contract/run.ts';
import { notFinite, type OutputTensor } from './outputs.ts';

/** From `labels` [N, H, W]. `rect` gives the input's size; `core` lies in it. */
export function labelFractions(
  tensor: OutputTensor,
  i: number,
  count: number,
  rect: Rect,
  core: Rect,
  classes: number,
): Float32Array {
  const start = startOf(tensor, i, count, rect, 'labels');
  const counts = new Float32Array(classes);
  for (let y = core.y; y < core.y + core.height; y++) {
    const row = start + y * rect.width;
    for (let at = row + core.x; at < row + core.x + core.width; at++) {
      const label = Number(tensor.data[at]);
      const before = counts[label];
      if (before === undefined) {
        throw new GigatileError(
          'model-invalid',
          `The model labels pixels as class ${label}, which has no name`,
          {
            hint: `Name it under classes in gigatile.json, which has ${classes}.`,
          },
        );
      }
      counts[label] = before + 1;
    }
  }
  return counts.map((n) => n / (core.width * core.height));
}

/** From `probability` [N, H, W, 1] or [N, 1, H, W]: class 1 where above the threshold. */
export function probabilityFractions(
  tensor: OutputTensor,
  i: number,
  count: number,
  rect: Rect,
  core: Rect,
  threshold: number,
): Float32Array {
  const start = startOf(tensor, i, count, rect, 'probability');
  let above = 0;
  // The model's numbers are float32: so is what they are compared with.
  const least = Math.fround(threshold);
  for (let y = core.y; y < core.y + core.height; y++) {
    const row = start + y * rect.width;
    for (let at = row + core.x; at < row + core.x + core.width; at++) {
      const value = tensor.data[at] ?? Number.NaN;
      if (!Number.isFinite(value)) throw notFinite('probability');
      if (value > least) above++;
    }
  }
  const fraction = above / (core.width * core.height);
  return Float32Array.of(1 - fraction, fraction);
}

function startOf(tensor: OutputTensor, i: number, count: number, rect: Rect, name: string): number {
  const pixels = rect.width * rect.height;
  const [width, height] = spatial(tensor);
  if (tensor.data.length !== count * pixels || width !== rect.width || height !== rect.height) {
    throw new GigatileError(
      'model-invalid',
      `The output ${name} has the shape ${tensor.dims.join(' x ')} for ${count} tiles of ${rect.width} x ${rect.height} px`,
      { hint: 'It must have one number for each pixel of the input.' },
    );
  }
  return i * pixels;
}

/** Width and height of [N, H, W], [N, H, W, 1] or [N, 1, H, W]. */
function spatial({ dims }: OutputTensor): [number | undefined, number | undefined] {
  const channelLast = dims.length === 4 && dims[3] === 1 && dims[1] !== 1;
  return channelLast ? [dims[2], dims[1]] : [dims[dims.length - 1], dims[dims.length - 2]];
}
