/** Quantities that a model gives for each pixel: what is kept of a tile is their mean over its core. */
import { GigatileError } from '../../contract/errors.ts';
import type { ModelManifest } from '../../contract/model.ts';
import { notFinite, type OutputTensor } from '../outputs.ts';
import { eachPixel, fieldOf, type TilePixels } from './tile-pixels.ts';

/** Names of the numbers that a model gives a tile, in their order: its tile values, then the quantities of its map. */
export function valueNames({ outputs }: Pick<ModelManifest, 'outputs'>): string[] {
  return [...(outputs.tileValues?.names ?? []), ...(outputs.valueMap?.names ?? [])];
}

/** @throws {GigatileError} model-invalid for a wrong shape; internal where a number in the core is NaN or infinite */
export function mapMeans(
  { name, names, factor }: NonNullable<ModelManifest['outputs']['valueMap']>,
  tensor: OutputTensor,
  tile: TilePixels,
): number[] {
  const field = fieldOf(name, tensor, tile, names.length, 'NCHW');
  const sums = names.map(() => 0);
  let pixels = 0;
  eachPixel(field, tile.wanted, (_, from) => {
    pixels++;
    for (let v = 0; v < sums.length; v++) sums[v]! += field.data[from + v * field.plane] ?? Number.NaN;
  });
  if (pixels === 0) {
    throw new GigatileError(
      'model-invalid',
      `The output ${name} does not reach the part that a tile stands for`,
      {
        hint: 'Pass a larger --overlap, or give gigatile.json a halo of what is left out on each side.',
      },
    );
  }
  const means = sums.map((sum) => (sum / pixels) * (factor ?? 1));
  if (!means.every(Number.isFinite)) throw notFinite(name);
  return means;
}
