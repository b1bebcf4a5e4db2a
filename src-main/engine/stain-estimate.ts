/** The stains of a slide in the place of the model's, and what is told about it. */
import type { ModelManifest } from '../contract/model.ts';
import type { Vector } from '../core/stains.ts';

/**
 * @param found null: they could not be told
 * @returns the manifest of this run; null where the model's own stains stay
 */
export function withStains(
  manifest: ModelManifest,
  found: [Vector, Vector] | null,
): { manifest: ModelManifest | null; note: string } {
  const { stains } = manifest;
  if (stains === undefined || found === null) {
    return {
      manifest: null,
      note: 'The stains could not be estimated from this image (too little stained tissue, or one stain only): the published ones were used.',
    };
  }
  // As much as is shown is what is used, so that a run can be repeated from its report.
  const [first, second] = found.map(([red, green, blue]): [number, number, number] => [
    rounded(red),
    rounded(green),
    rounded(blue),
  ]) as [[number, number, number], [number, number, number]];
  const named = (name: string, vector: readonly number[]): string => `${name} ${vector.join(', ')}`;
  return {
    manifest: { ...manifest, stains: { ...stains, vectors: [first, second], estimated: 'macenko' } },
    note: `The stains were estimated from this image (Macenko): optical densities of red, green and blue are ${named(stains.names[0], first)} and ${named(stains.names[1], second)}.`,
  };
}

function rounded(value: number): number {
  return Number(value.toFixed(4));
}
