/** Associated images (label, macro, thumbnail): asked for by name, shown as JPEG where that holds their bands, else as PNG. */
import { GigatileError } from '../contract/errors.ts';
import type { ImageInfo } from '../contract/image.ts';
import type { Codecs, EncodedImage, Raster } from './image-source.ts';
import type { PixelBackend } from './pixel-backend.ts';

/** People read small print on a label. */
const quality = 90;

export function noSuchAssociatedImage(file: string, has: readonly string[], name: string): GigatileError {
  return new GigatileError('usage', `This image has no associated image "${name}"`, {
    where: file,
    hint: `It has: ${has.join(', ') || 'none'}.`,
  });
}

/** @throws {GigatileError} usage where the image has none of this name */
export async function associatedImage(
  { name: file, associated }: Pick<ImageInfo, 'name' | 'associated'>,
  backend: PixelBackend,
  name: string,
): Promise<EncodedImage> {
  if (!associated.includes(name) || backend.associatedImage === undefined) {
    throw noSuchAssociatedImage(file, associated, name);
  }
  return backend.associatedImage(name);
}

export async function encodePicture(
  raster: Raster,
  codecs: Pick<Codecs, 'encodeJpeg' | 'encodePng'>,
): Promise<EncodedImage> {
  return raster.bands === 1 || raster.bands === 3
    ? { type: 'image/jpeg', bytes: codecs.encodeJpeg(raster, quality) }
    : { type: 'image/png', bytes: await codecs.encodePng(raster) };
}
