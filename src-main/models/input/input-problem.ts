/** Fields of a manifest's input that contradict each other, beyond what all models had from the start. */
import type { ModelManifest } from '../../contract/model.ts';

/** The first contradiction, or null. */
export function inputProblem({ input, files, halo }: ModelManifest): Problem | null {
  const { tileStatistics, clip, multipleOf, tileSize, tileHeight = tileSize } = input;
  const needsFloat = (['tileStatistics', 'pixelValues', 'clip'] as const).find(
    (key) => input[key] !== undefined && input[key] !== 'stored',
  );
  const whole = files.find(({ dtype = input.dtype }) => !dtype.startsWith('float'));
  if (needsFloat !== undefined && whole !== undefined) {
    return problem(
      `input.${needsFloat}`,
      `needs a float32 or float16 input, and ${whole.file} takes ${whole.dtype ?? input.dtype}`,
      'Remove it, or correct dtype.',
    );
  }
  if (tileStatistics?.kind === 'percentiles' && tileStatistics.low >= tileStatistics.high) {
    return problem(
      'input.tileStatistics',
      `low (${tileStatistics.low}) is not below high (${tileStatistics.high})`,
      'Give two percentiles from 0 to 100, the lower one as low.',
    );
  }
  if (clip !== undefined && clip[0] >= clip[1]) {
    return problem(
      'input.clip',
      `${clip[0]} is not below ${clip[1]}`,
      'Give the lowest value first, then the highest.',
    );
  }
  if (multipleOf !== undefined && (tileSize % multipleOf !== 0 || tileHeight % multipleOf !== 0)) {
    return problem(
      'input.multipleOf',
      `tiles of ${tileSize} x ${tileHeight} px are no multiples of ${multipleOf}`,
      'Correct tileSize, tileHeight or multipleOf.',
    );
  }
  if (input.resize !== undefined && !input.fixedSize) {
    return problem(
      'input.resize',
      'resizes tiles to the only size that a model takes, and this one takes any',
      'Remove resize, or set fixedSize to true.',
    );
  }
  const names = [input.name, ...(input.extra ?? []).map(({ name }) => name)];
  if (new Set(names).size !== names.length) {
    return problem('input.extra', 'an input is named twice', 'Name each input of the ONNX file once.');
  }
  if (2 * halo >= Math.min(tileSize, tileHeight)) {
    return problem(
      'halo',
      `a halo of ${halo} px on both sides leaves nothing of a tile of ${tileSize} x ${tileHeight} px`,
      'Make the tiles larger than twice the halo.',
    );
  }
  return null;
}

interface Problem {
  field: string;
  message: string;
  hint: string;
}

function problem(field: string, message: string, hint: string): Problem {
  return { field, message, hint };
}
