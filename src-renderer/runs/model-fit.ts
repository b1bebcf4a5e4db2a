/** Whether a model suits an image, as far as the screen can tell. The engine has the last word when the run starts. */
import type { ImageInfo } from '../../src-main/contract/image.ts';
import type { ModelManifest } from '../../src-main/contract/model.ts';
import { quantity } from '../ui/format.ts';
import { words } from '../words/words.ts';

const tasks = {
  classify: words.runs.classifiesTiles,
  detect: words.runs.findsObjects,
  segment: words.runs.measuresAreas,
  regress: words.runs.measuresValues,
} as const;

export function taskWords(task: ModelManifest['task']): string {
  return tasks[task];
}

/** "0.5 µm/px" or "any resolution". */
export function resolutionWords(manifest: Pick<ModelManifest, 'mpp'>): string {
  return manifest.mpp === null ? words.runs.anyResolution : `${manifest.mpp} µm/px`;
}

/** Why the model will not, or may not, work on this image; empty where it suits. */
export function misfits(
  manifest: ModelManifest,
  image: Pick<ImageInfo, 'mpp' | 'geo' | 'bands' | 'dtype'>,
): string[] {
  const reasons: string[] = [];
  const needed = manifest.input.bands.length;
  if (image.bands < needed) {
    reasons.push(words.runs.needsBands(needed, manifest.input.bands.join(', '), image.bands));
  }
  const types = manifest.files.flatMap((file) => file.imageTypes);
  if (!types.some((type) => type === image.dtype)) {
    reasons.push(words.runs.takesPixels([...new Set(types)], image.dtype));
  }
  if (manifest.mpp !== null && image.mpp === null) {
    reasons.push(
      image.geo === null
        ? words.runs.worksAtMPxAndTheImage(manifest.mpp)
        : words.runs.madeForMicroscopyThisImageIsAMap,
    );
  }
  const isForScenes = manifest.metresPerPixel != null || manifest.background === 'nodata';
  if (manifest.mpp === null && isForScenes && image.mpp !== null)
    reasons.push(words.runs.madeForSatelliteScenesThisImage);
  if (manifest.mpp !== null && image.mpp !== null && image.mpp.x > manifest.mpp * 1.5) {
    reasons.push(words.runs.worksAtTheImageIsCoarser(quantity(manifest.mpp), quantity(image.mpp.x)));
  }
  return reasons;
}
