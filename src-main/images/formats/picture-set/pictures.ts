/** The pictures of a set: what each is, found when the set is opened, and its pixels, decoded when they are asked for. */
import { basename } from 'node:path';
import { GigatileError } from '../../../contract/errors.ts';
import type { PixelType } from '../../../contract/image.ts';
import type { Raster } from '../../image-source.ts';
import { coarsestTrustedMpp } from '../generic-tiff.ts';
import type { OpenOptions } from '../format.ts';

export interface Picture {
  path: string;
  name: string;
  width: number;
  height: number;
  bands: number;
  dtype: PixelType;
  /** µm per pixel, where the file says so. */
  mpp: number | null;
  compression: string;
  /** Why it cannot be read; its size is then unknown (1 x 1). */
  error: GigatileError | null;
}

/** A single picture of a set is decoded as a whole: larger ones are opened on their own. */
const mostPixels = 64 * 1024 * 1024;

export async function readPicture(path: string, { codecs }: OpenOptions): Promise<Picture> {
  const name = basename(path);
  try {
    const image = await codecs.openFlat(path, { maxPixels: mostPixels });
    image.close?.();
    const mpp = image.pixelsPerMm === null ? null : 1000 / image.pixelsPerMm;
    return {
      path,
      name,
      width: image.width,
      height: image.height,
      bands: image.bands,
      dtype: image.dtype,
      mpp: mpp !== null && mpp > 0 && mpp <= coarsestTrustedMpp ? mpp : null,
      compression: image.format === 'png' ? 'deflate' : image.format,
      error: null,
    };
  } catch (cause) {
    // No codec at all is no fault of the picture.
    if (!(cause instanceof GigatileError) || cause.code === 'codec-missing') throw cause;
    const message = `The picture ${name} of the set cannot be read: ${cause.message}`;
    const error = new GigatileError(cause.code, message, { where: name, hint: cause.hint, cause });
    return { path, name, width: 1, height: 1, bands: 3, dtype: 'uint8', mpp: null, compression: '', error };
  }
}

export type PictureReader = (picture: Picture) => Promise<Raster>;

/** @throws {GigatileError} naming the picture */
export function pictureReader({ codecs }: OpenOptions): PictureReader {
  return async (picture) => {
    if (picture.error !== null) throw picture.error;
    const image = await codecs.openFlat(picture.path, { maxPixels: mostPixels });
    try {
      const { width, height } = image;
      if (width !== picture.width || height !== picture.height) {
        throw new GigatileError(
          'image-changed',
          `The picture has ${width} x ${height} pixels now, and had ${picture.width} x ${picture.height}`,
          { where: picture.name, hint: 'Open the folder again.' },
        );
      }
      return await image.readRegion({ x: 0, y: 0, width, height });
    } finally {
      image.close?.();
    }
  };
}
