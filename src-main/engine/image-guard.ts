/**
 * Is the image of a case still the one that it was? Asked before anything that was read from it is believed: results are only
 * written while the file behind the path has not been written to, moved or removed since it was last known to be right.
 */
import { basename } from 'node:path';
import { GigatileError } from '../contract/errors.ts';
import { imageStamp } from '../images/image-stamp.ts';
import type { ImageStamp } from '../images/image-stamp.ts';
import type { ImageService } from './image-service.ts';

const locate = 'show where it is now ("Locate the image…", or "gigatile resume <case> --image <path>")';

export function imageMissing(path: string): GigatileError {
  return new GigatileError('image-missing', `The image "${basename(path)}" is not where it was`, {
    where: path,
    hint: `Put it back or connect its disk, or ${locate}. Runs, findings and decisions are safe.`,
  });
}

export function imageChanged(path: string, found?: GigatileError): GigatileError {
  const now = found === undefined ? 'it is another image now' : `now it says: ${found.message}`;
  return new GigatileError(
    'image-changed',
    `The image "${basename(path)}" has changed since it was analysed: ${now}`,
    {
      where: path,
      hint: `Put the original back, or ${locate}. The changed image can be opened as a case of its own. Runs, findings and decisions are safe.`,
      cause: found,
    },
  );
}

/** Errors after which a run goes on as soon as its image is shown again. */
export function isAboutImage(code: string | undefined): boolean {
  return code === 'image-missing' || code === 'image-changed';
}

export class ImageGuard {
  readonly path: string;
  readonly fingerprint: string;
  readonly #images: ImageService;
  #stamp: ImageStamp;

  /** `stamp` was taken before the fingerprint was made sure of. */
  constructor(images: ImageService, path: string, fingerprint: string, stamp: ImageStamp) {
    this.#images = images;
    this.path = path;
    this.fingerprint = fingerprint;
    this.#stamp = stamp;
  }

  /**
   * One look at the disk; only where size or time differ, the image is opened and its fingerprint taken.
   * @throws {GigatileError} image-missing, image-changed; what keeps the image worker from answering
   */
  async check(): Promise<void> {
    const stamp = await imageStamp(this.path);
    if (stamp === null) throw imageMissing(this.path);
    if (stamp === this.#stamp) return;
    // Written to, or only touched or copied back: the content decides.
    await fingerprintAgain(this.#images, this.path, this.fingerprint);
    this.#stamp = stamp;
  }
}

/** @throws {GigatileError} image-changed where the file at this path is not the image of this fingerprint (any more) */
export async function fingerprintAgain(
  images: ImageService,
  path: string,
  fingerprint: string,
): Promise<void> {
  images.forget(path);
  let found: string;
  try {
    ({ fingerprint: found } = await images.open(path));
  } catch (error) {
    if (!(error instanceof GigatileError)) throw error;
    if (error.code === 'file-not-found') throw imageMissing(path);
    // What was an image when the case was made, and is none now, has changed.
    const isContent = error.code.startsWith('image-') || error.code === 'format-unknown';
    throw isContent ? imageChanged(path, error) : error;
  }
  if (found !== fingerprint) throw imageChanged(path);
}
