/** The image that a case is about: looked at for the first time, found where it was, found elsewhere. */
import { statSync } from 'node:fs';
import { GigatileError } from '../contract/errors.ts';
import { isUrl, withoutSecrets } from '../core/image-address.ts';
import { imageStamp, type ImageStamp } from '../images/image-stamp.ts';
import type { StoredImage } from '../store/case-file.ts';
import { imageNameOf } from './case-location.ts';
import { fingerprintAgain, imageMissing } from './image-guard.ts';
import type { ImageService } from './image-service.ts';

export interface FoundImage {
  image: StoredImage;
  stamp: ImageStamp;
}

/** An image at a place, whatever case it belongs to. */
export interface SeenImage extends Pick<StoredImage, 'path' | 'info' | 'fingerprint'> {
  stamp: ImageStamp;
}

const thumbnailSize = 512;

/** @throws {GigatileError} what opening an image throws */
export async function lookAt(images: ImageService, path: string): Promise<SeenImage> {
  const stamp = await imageStamp(path);
  images.forget(path);
  const { info, fingerprint } = await images.open(path);
  return { path, stamp, info, fingerprint };
}

/**
 * The image that a case is opened for.
 * @param known what the case is about already; null where it is new
 * @throws {GigatileError} image-changed where that is another image
 */
export async function imageToWorkOn(
  images: ImageService,
  { path, info, fingerprint }: SeenImage,
  known: StoredImage | null,
  casePath: string,
): Promise<StoredImage> {
  if (known && known.fingerprint !== fingerprint) {
    throw new GigatileError('image-changed', `This case belongs to another image (${known.name})`, {
      where: casePath,
      hint: 'Choose another file with --case, or open the image that the case was made for.',
    });
  }
  const thumbnail = known?.thumbnail ?? (await thumbnailOf(images, path, info));
  return { path, name: imageNameOf(path), fingerprint, ...sizeAndTime(path), info, thumbnail };
}

/** null of an image that is being prepared: what is not there yet must not stay in the case for good, the next opening makes it. */
async function thumbnailOf(
  images: ImageService,
  path: string,
  { width, height }: StoredImage['info'],
): Promise<StoredImage['thumbnail']> {
  const preparation = await images.preparation(path);
  if (preparation !== null && preparation.state !== 'ready') return null;
  const scale = Math.min(1, thumbnailSize / Math.max(width, height));
  const along = (length: number): number => Math.max(1, Math.round(length * scale));
  const picture = await images.render(path, { x: 0, y: 0, width, height }, along(width), along(height));
  return picture.bytes;
}

/** The image of a case where it was. @throws {GigatileError} image-missing, image-changed */
export async function imageAgain(images: ImageService, image: StoredImage): Promise<FoundImage> {
  const stamp = await imageStamp(image.path);
  if (stamp === null) throw imageMissing(image.path);
  await fingerprintAgain(images, image.path, image.fingerprint).catch((error: unknown) => {
    throw isUrl(image.path) ? notThere(error, image.path) : error;
  });
  return { image, stamp };
}

/** The image of a case at another place. @throws {GigatileError} image-changed, naming both, where it is not the same one */
export async function imageElsewhere(
  images: ImageService,
  known: StoredImage,
  path: string,
): Promise<FoundImage> {
  const { stamp, info, fingerprint } = await lookAt(images, path);
  const name = imageNameOf(path);
  if (fingerprint !== known.fingerprint) {
    throw new GigatileError('image-changed', `"${name}" is not the image of this case, "${known.name}"`, {
      where: name,
      hint: `Their contents differ (fingerprints ${fingerprint.slice(0, 12)} and ${known.fingerprint.slice(0, 12)}). Show a copy of the original, or open this image as a case of its own.`,
    });
  }
  return { image: { ...known, path, name, info, ...sizeAndTime(path) }, stamp };
}

/** As it is kept: an address can be a credential. */
export function stored(image: StoredImage): StoredImage {
  return isUrl(image.path) ? { ...image, path: withoutSecrets(image.path) } : image;
}

/** Of an image on a server its fingerprint alone tells what it is; its size is in it. */
function sizeAndTime(path: string): { bytes: number; modifiedMs: number } {
  if (isUrl(path)) return { bytes: 0, modifiedMs: 0 };
  const { size, mtimeMs } = statSync(path);
  return { bytes: size, modifiedMs: mtimeMs };
}

/** A server that refuses the image of a case: the address that the case keeps has no secrets, and may have needed some. */
function notThere(error: unknown, address: string): unknown {
  const refused =
    error instanceof GigatileError && (error.code === 'file-unreadable' || error.code === 'file-not-found');
  if (!refused) return error;
  return new GigatileError('image-missing', `The image of this case cannot be read: ${error.message}`, {
    where: address,
    hint: 'Open the image by a new address, or a copy of it: its case is found by its content. A case keeps no presigned addresses. Runs, findings and decisions are safe.',
    cause: error,
  });
}
