/**
 * The engine's side of the image worker: one process that opens images and makes what people see of them. Where it crashes, hangs
 * or outgrows its memory it is ended, and what else was in its hands is asked of a new one, once.
 */
import { basename } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { GigatileError } from '../contract/errors.ts';
import { ByteLru } from '../core/byte-lru.ts';
import type { ImageInfo } from '../contract/image.ts';
import type { DisplayLook, ImageLook } from '../contract/look.ts';
import type { PreparationView } from '../contract/preparation.ts';
import type { Rect } from '../contract/run.ts';
import { isUrl, urlImageName } from '../core/image-address.ts';
import { readLimits } from '../core/limits.ts';
import type { WorkerHost } from '../core/worker-host.ts';
import type { ImageValue } from '../core/worker-protocol.ts';
import { ImageWorker, LostRequest } from './image-worker.ts';
import type { ImageQuestion, ImageWorkerLimits, OpenedImage } from './image-worker.ts';

export interface Picture {
  type: string;
  bytes: Uint8Array;
}

/** Tiles that people go back to: a few screens at several magnifications, without a way to the worker and back. */
const tileCacheBytes = 48 * 2 ** 20;

/** So long a closing application waits for what is being prepared to be given up. */
const settleMs = 2000;

export class ImageService {
  readonly #host: WorkerHost;
  readonly #limits: ImageWorkerLimits;
  #worker: ImageWorker | null = null;
  readonly #tiles = new ByteLru<Picture, string>(tileCacheBytes, ({ bytes }) => bytes.byteLength);
  #closed = false;
  readonly #preparing = new Set<string>();
  /** The last of the requests that are asked again: one after the other, so that the one that ends the worker is alone. */
  #again: Promise<unknown> = Promise.resolve();

  constructor(host: WorkerHost, limits: Partial<ImageWorkerLimits> = {}) {
    this.#host = host;
    this.#limits = {
      openMs: 60_000,
      readMs: 60_000,
      memoryBytes: readLimits(process.env).imageWorkerBytes,
      ...limits,
    };
  }

  /** @throws {GigatileError} file-not-found, format-unknown, image-corrupt … */
  async open(path: string): Promise<{ info: ImageInfo; fingerprint: string }> {
    const { info, fingerprint } = await this.#twice(() => this.#opened(path));
    return { info, fingerprint };
  }

  /** null outside the level's grid. Without a look, as the image is shown by default. */
  async tile(
    path: string,
    level: number,
    column: number,
    row: number,
    look?: DisplayLook,
  ): Promise<Picture | null> {
    const key = look === undefined ? `${level}/${column}/${row}/${path}` : null;
    const known = key === null ? undefined : this.#tiles.get(key);
    if (known !== undefined) return known;
    const tile = picture(
      await this.#read(path, (image) => ({ op: 'tile', image, level, column, row, look })),
    );
    // Only the file's own tiles stay what they are: those of an image that is being prepared become better.
    if (key !== null && tile !== null && (await this.#opened(path)).info.display.passthrough) {
      this.#tiles.set(key, tile);
    }
    return tile;
  }

  /** The image's default look and its bands' histograms. */
  async look(path: string): Promise<ImageLook> {
    const value = await this.#read(path, (image) => ({ op: 'look', image }));
    if (value.op !== 'look') throw new GigatileError('internal', 'The image worker gave no look');
    return value.look;
  }

  /** How far the preparation of a large image without tiles is, after doing what is wanted; null where it needs none. */
  async preparation(
    path: string,
    act: 'look' | 'start' | 'restart' | 'cancel' = 'look',
  ): Promise<PreparationView | null> {
    const value = await this.#read(path, (image) => ({ op: 'preparation', image, act }));
    if (value.op !== 'preparation') {
      throw new GigatileError('internal', 'The image worker did not say how far the preparation is');
    }
    if (value.view?.state === 'working') this.#preparing.add(path);
    else this.#preparing.delete(path);
    return value.view;
  }

  /** Gives up what is being prepared, so that nothing half-made is left on the disk. Never rejects. */
  async settle(): Promise<void> {
    const settled = [...this.#preparing].map((path) => this.preparation(path, 'cancel'));
    // A worker that does not answer is ended all the same, and the next one sweeps up.
    await Promise.race([Promise.allSettled(settled), sleep(settleMs, undefined, { ref: false })]);
  }

  /** JPEG of a part of the image (level-0 pixels) at a size. */
  async render(
    path: string,
    rect: Rect,
    width: number,
    height: number,
    look?: DisplayLook,
  ): Promise<Picture> {
    const rendered = picture(
      await this.#read(path, (image) => ({ op: 'render', image, rect, width, height, look })),
    );
    if (!rendered) throw new GigatileError('internal', 'The image worker rendered nothing');
    return rendered;
  }

  async png(width: number, height: number, bands: 1 | 3 | 4, data: Uint8Array): Promise<Picture> {
    const encoded = picture(await this.#ask({ op: 'png', width, height, bands, data }));
    if (!encoded) throw new GigatileError('internal', 'The image worker encoded nothing');
    return encoded;
  }

  async doctor(): Promise<{ name: string; ok: boolean; detail: string }[]> {
    const value = await this.#ask({ op: 'doctor' });
    return value.op === 'doctor' ? value.codecs : [];
  }

  /** Forgets an image, so that opening it again reads it again (it was moved back, or replaced). */
  forget(path: string): void {
    this.#worker?.opened.delete(path);
    this.#tiles.clear();
  }

  /** Nobody looks at the image any more: the worker closes it. Opening it again is all that it takes to go on. */
  release(path: string): void {
    const worker = this.#worker;
    const opened = worker?.opened.get(path);
    const opens = worker?.opens.get(path) ?? 0;
    worker?.opens.delete(path);
    this.forget(path);
    if (worker === null || opened === undefined) return;
    const close = async (): Promise<void> => {
      const { image } = await opened;
      for (let n = 0; n < opens; n++) await worker.ask({ op: 'close', image }, imageName(path));
    };
    // One that could not be opened, or whose worker has ended, holds nothing.
    close().catch(() => undefined);
  }

  close(): void {
    this.#closed = true;
    this.#worker?.kill();
  }

  #read(path: string, question: (image: number) => ImageQuestion): Promise<ImageValue> {
    return this.#twice(async () => {
      const { image } = await this.#opened(path);
      return this.#current().ask(question(image), imageName(path));
    });
  }

  #ask(question: ImageQuestion): Promise<ImageValue> {
    return this.#twice(() => this.#current().ask(question, undefined));
  }

  /** Asks again, once, where the worker ended over it: most likely over another one. */
  async #twice<T>(ask: () => Promise<T>): Promise<T> {
    try {
      return await ask();
    } catch (error) {
      if (!(error instanceof LostRequest)) throw error;
      if (this.#closed) throw error.reason;
    }
    const turn = this.#again.then(ask, ask);
    this.#again = turn.catch(() => undefined);
    try {
      return await turn;
    } catch (error) {
      throw error instanceof LostRequest ? error.reason : error;
    }
  }

  #opened(path: string): Promise<OpenedImage> {
    const worker = this.#current();
    const known = worker.opened.get(path);
    if (known) return known;
    const opening = worker.ask({ op: 'open', path }, imageName(path)).then((value) => {
      if (value.op !== 'open') throw new GigatileError('internal', 'The image worker did not open the image');
      return value;
    });
    worker.opened.set(path, opening);
    worker.opens.set(path, (worker.opens.get(path) ?? 0) + 1);
    // A file that could not be opened is tried again when it is asked for again.
    opening.catch(() => worker.opened.delete(path));
    return opening;
  }

  #current(): ImageWorker {
    if (this.#closed) throw new GigatileError('cancelled', 'The application is closing');
    this.#worker ??= this.#start();
    return this.#worker;
  }

  #start(): ImageWorker {
    const worker = new ImageWorker(this.#host, this.#limits, () => {
      if (this.#worker === worker) this.#worker = null;
    });
    return worker;
  }
}

function picture(value: ImageValue): Picture | null {
  return value.op === 'bytes' ? { type: value.type, bytes: value.bytes } : null;
}

/** What is named in errors: never a whole path, never the secrets of an address. */
function imageName(path: string): string {
  return isUrl(path) ? urlImageName(path) : basename(path);
}
