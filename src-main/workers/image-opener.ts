/** How every worker opens images: with its codecs, its cache, and within the limits that the environment sets. */
import type { JpegDecoder } from '../contract/run.ts';
import type { Limits } from '../core/limits.ts';
import type { Codecs, ImageSource } from '../images/image-source.ts';
import { openImage } from '../images/open-image.ts';
import { cacheSettings, maxFlatPixels, maxInMemory } from '../images/pyramid-cache/settings.ts';
import { createCodecs } from './codecs/codecs.ts';

export interface ImageOpener {
  codecs: Promise<Codecs>;
  /** @throws {GigatileError} what openImage throws */
  open(path: string, jpeg?: JpegDecoder): Promise<ImageSource>;
}

export function imageOpener({ maxPixels }: Pick<Limits, 'maxPixels'>): ImageOpener {
  const codecs = createCodecs(maxPixels);
  const cache = cacheSettings(process.env);
  const inMemory = maxInMemory(process.env);
  const limits = {
    maxPixels,
    maxFlatPixels: maxFlatPixels(process.env),
    ...(inMemory !== undefined && { maxInMemory: inMemory }),
  };
  return {
    codecs,
    open: async (path, jpeg = 'fast') =>
      openImage(path, await (jpeg === 'fast' ? codecs : createCodecs(maxPixels, jpeg)), limits, cache),
  };
}
