/** Crops of findings, and pictures of cases, as object URLs; the least recently used ones are let go. */
import { bytePaths } from '../../src-main/contract/bytes.ts';
import type { DisplayLook } from '../../src-main/contract/look.ts';
import type { Rect } from '../../src-main/contract/run.ts';
import type { Connection } from '../client/connection.ts';

const mostKept = 300;
/** The image's own tiles share the connections: crops leave room for them. */
const mostAtOnce = 3;

/**
 * A square around a box with some of its surroundings, level-0 pixels, inside the image where that is large enough.
 * @param least shortest side, so that a small thing is seen in its context
 */
export function cropRect(box: Rect, image: { width: number; height: number }, least = 64): Rect {
  const side = Math.min(
    Math.max(least, Math.ceil(Math.max(box.width, box.height) * 1.6)),
    image.width,
    image.height,
  );
  const place = (centre: number, length: number) =>
    Math.min(Math.max(0, Math.round(centre - side / 2)), length - side);
  return {
    x: place(box.x + box.width / 2, image.width),
    y: place(box.y + box.height / 2, image.height),
    width: side,
    height: side,
  };
}

export class CropStore {
  readonly #connection: Connection;
  /** In order of use, oldest first. */
  readonly #kept = new Map<string, Promise<string>>();
  /** Those that wait for their turn; the newest goes first, because the person looks at it. */
  readonly #waiting: (() => void)[] = [];
  #loading = 0;

  constructor(connection: Connection) {
    this.#connection = connection;
  }

  /** An object URL of the crop; stays valid while it is among the last few hundred that were asked for. */
  get(imageId: string, rect: Rect, size: number, look: DisplayLook | null = null): Promise<string> {
    return this.#at(bytePaths.crop(imageId, rect, size, look));
  }

  /** The picture that a case holds of its image. */
  ofCase(fileId: string): Promise<string> {
    return this.#at(bytePaths.casePicture(fileId));
  }

  #at(path: string): Promise<string> {
    const known = this.#kept.get(path);
    if (known !== undefined) {
      this.#kept.delete(path);
      this.#kept.set(path, known);
      return known;
    }
    const loading = this.#load(path);
    this.#kept.set(path, loading);
    loading.catch(() => this.#kept.delete(path));
    this.#trim();
    return loading;
  }

  async #load(path: string): Promise<string> {
    if (this.#loading >= mostAtOnce) {
      const { promise, resolve } = Promise.withResolvers<void>();
      this.#waiting.push(resolve);
      await promise;
    }
    this.#loading++;
    try {
      const { type, data } = await this.#connection.bytes(path);
      return URL.createObjectURL(new Blob([data], { type }));
    } finally {
      this.#loading--;
      this.#waiting.pop()?.();
    }
  }

  #trim(): void {
    for (const [path, url] of this.#kept) {
      if (this.#kept.size <= mostKept) return;
      this.#kept.delete(path);
      // One that failed has nothing to let go.
      url.then(
        (made) => URL.revokeObjectURL(made),
        () => undefined,
      );
    }
  }
}

const stores = new WeakMap<Connection, CropStore>();

export function cropsOf(connection: Connection): CropStore {
  const known = stores.get(connection);
  if (known !== undefined) return known;
  const made = new CropStore(connection);
  stores.set(connection, made);
  return made;
}
