/** What makes two runs the same analysis: the image's content, the model's content, the parameters that shape results. */
import { createHash } from 'node:crypto';
import type { StoredRun } from '../store/run-store.ts';

export function runKey(
  run: Pick<StoredRun, 'modelSha256' | 'parameters' | 'grid' | 'fit' | 'manifest'>,
  fingerprint: string,
): string {
  const { merge, roi, exclude, jpeg } = run.parameters;
  const { gate } = run.fit;
  const { tileHeight, multipleOf, resample, resize, padValue, pixelValues, tileStatistics, clip } =
    run.manifest.input;
  const { scale, mean, std } = run.manifest.input;
  // What is undefined is no part of the JSON: {} for models that have none of these.
  const pixels = JSON.stringify({
    tileHeight,
    multipleOf,
    resample,
    resize,
    padValue,
    pixelValues,
    tileStatistics,
    clip,
    scale,
    mean,
    std,
  });
  const shape = {
    merge: merge ?? { mode: 'exact' },
    roi: roi ?? null,
    grid: run.grid,
    bands: run.fit.bandIndexes,
    // Only where it was asked for, so that the keys of earlier runs stay what they are.
    ...(exclude && { exclude }),
    ...(jpeg === 'exact' && { jpeg }),
    ...(pixels !== '{}' && { pixels }),
    ...(run.manifest.stains?.estimated && { stains: run.manifest.stains }),
    ...(run.fit.wholeImage && { wholeImage: run.fit.wholeImage }),
    ...(gate && { gate: [gate.modelSha256, gate.accept, gate.from, gate.grid] }),
  };
  return createHash('sha256')
    .update(`${fingerprint}\n${run.modelSha256}\n${JSON.stringify(shape)}`)
    .digest('hex');
}
