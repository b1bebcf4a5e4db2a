/**
 * Answers image requests over any number of ports. Images are shared: opening the same file twice gives the same one, kept
 * until everyone who opened it has closed it.
 */
import { toPlainError, GigatileError } from '../../contract/errors.ts';
import type { PreparationView } from '../../contract/preparation.ts';
import type { ImageAnswer, ImageRequest, ImageValue } from '../../core/worker-protocol.ts';
import { imageStamp } from '../../images/image-stamp.ts';
import type { ImageStamp } from '../../images/image-stamp.ts';
import type { EncodedImage, ImagePreparation, ImageSource, Raster } from '../../images/image-source.ts';
import type { WorkerPort } from '../port.ts';

export interface ImageServices {
  open(path: string): Promise<ImageSource>;
  encodePng(raster: Raster): Promise<Uint8Array>;
  report(): Promise<{ name: string; ok: boolean; detail: string }[]>;
}

interface OpenImage {
  path: string;
  /** Of the file when it was opened. */
  stamp: ImageStamp;
  source: Promise<ImageSource>;
  /** How often it was opened and not closed. */
  users: number;
}

/** How long a file that was replaced stays open for the reads that are under way. */
const staleMs = 5000;

export class ImageService {
  readonly #services: ImageServices;
  readonly #images = new Map<number, OpenImage>();
  #nextImage = 1;

  constructor(services: ImageServices) {
    this.#services = services;
  }

  /** Each request gets exactly one answer on the port that it came from; answers come as they are ready, in any order. */
  serve(port: WorkerPort<ImageRequest, ImageAnswer>): void {
    port.onMessage((request) => {
      void this.answer(request).then((answer) => port.post(answer));
    });
  }

  /** Never rejects. */
  async answer(request: ImageRequest): Promise<ImageAnswer> {
    try {
      return { id: request.id, ok: true, value: await this.#perform(request) };
    } catch (error) {
      if ('image' in request && isAboutImage(error)) this.#outdate(request.image);
      return { id: request.id, ok: false, error: toPlainError(error) };
    }
  }

  /** An image on a server that is another one by now, or refused: whoever opens it again gets what is there then. */
  #outdate(number: number): void {
    const image = this.#images.get(number);
    if (image !== undefined) image.stamp = null;
  }

  async #perform(request: ImageRequest): Promise<ImageValue> {
    switch (request.op) {
      case 'open':
        return this.#open(request.path);
      case 'tile': {
        const source = await this.#source(request.image);
        const tile = await source.displayTile(request.level, request.column, request.row, request.look);
        return tile === null ? { op: 'none' } : encoded(tile);
      }
      case 'render': {
        const source = await this.#source(request.image);
        return encoded(await source.renderScaled(request.rect, request.width, request.height, request.look));
      }
      case 'look':
        return { op: 'look', look: await (await this.#source(request.image)).look() };
      case 'associated':
        return encoded(await (await this.#source(request.image)).associatedImage(request.name));
      case 'png':
        return encoded({ type: 'image/png', bytes: await this.#services.encodePng(rasterOf(request)) });
      case 'preparation':
        return {
          op: 'preparation',
          view: await prepare((await this.#source(request.image)).preparation, request.act),
        };
      case 'close':
        await this.#close(request.image);
        return { op: 'none' };
      case 'doctor':
        return { op: 'doctor', codecs: await this.#services.report() };
      default:
        throw new GigatileError(
          'usage',
          `The image worker has no operation "${String(Reflect.get(request, 'op'))}"`,
        );
    }
  }

  async #open(path: string, isAgain = false): Promise<ImageValue> {
    const stamp = await imageStamp(path);
    const known = [...this.#images].find(([, image]) => image.path === path);
    const number = known?.[0] ?? this.#nextImage++;
    const image = known?.[1] ?? { path, stamp, source: this.#services.open(path), users: 0 };
    if (image.stamp !== stamp) this.#reopen(image, stamp);
    this.#images.set(number, image);
    image.users++;
    try {
      const source = await image.source;
      return { op: 'open', image: number, info: source.info, fingerprint: await source.fingerprint() };
    } catch (error) {
      if (known !== undefined && !isAgain && isAboutImage(error)) {
        // Known from before, and on its server it is another one by now.
        this.#outdate(number);
        image.users--;
        return this.#open(path, true);
      }
      // The next one to open this path tries again: the file may have come back.
      this.#images.delete(number);
      throw error;
    }
  }

  /** Another file lies at the path now, or it was written to: everybody who has it open sees that one from here on. */
  #reopen(image: OpenImage, stamp: ImageStamp): void {
    const before = image.source;
    image.stamp = stamp;
    image.source = this.#services.open(image.path);
    const close = async (): Promise<void> => (await before).close();
    // Reads that are under way end first.
    setTimeout(() => void close().catch(() => undefined), staleMs).unref();
  }

  async #source(number: number): Promise<ImageSource> {
    const image = this.#images.get(number);
    if (image === undefined) {
      throw new GigatileError('image-missing', 'This image is not open in the image worker', {
        hint: 'Open it again.',
      });
    }
    return image.source;
  }

  async #close(number: number): Promise<void> {
    const image = this.#images.get(number);
    if (image === undefined || --image.users > 0) return;
    this.#images.delete(number);
    (await image.source).close();
  }
}

function isAboutImage(error: unknown): boolean {
  return error instanceof GigatileError && (error.code === 'image-changed' || error.code === 'image-missing');
}

async function prepare(
  preparation: ImagePreparation | undefined,
  act: Extract<ImageRequest, { op: 'preparation' }>['act'],
): Promise<PreparationView | null> {
  if (preparation === undefined) return null;
  if (act === 'cancel') await preparation.cancel();
  else if (act !== 'look') preparation[act]();
  return preparation.view;
}

function encoded(image: EncodedImage): ImageValue {
  return { op: 'bytes', type: image.type, bytes: image.bytes };
}

function rasterOf(request: Extract<ImageRequest, { op: 'png' }>): Raster {
  const { width, height, bands, data } = request;
  if (!(data instanceof Uint8Array) || data.length !== width * height * bands) {
    throw new GigatileError(
      'usage',
      `A picture of ${width} x ${height} with ${bands} bands needs as many bytes`,
    );
  }
  return { width, height, bands, dtype: 'uint8', data };
}
