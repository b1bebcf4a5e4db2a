/**
 * The engine's side of the image worker: one process that opens images and makes what people see of them. Where it crashes, the
 * requests in its hands fail with a clear error, and the next request starts a new one.
 */
import { GigatileError } from '../contract/errors.ts';
import type { ImageInfo } from '../contract/image.ts';
import type { DisplayLook, ImageLook } from '../contract/look.ts';
import type { Rect } from '../contract/run.ts';
import type { WorkerHost, WorkerProcess } from '../core/worker-host.ts';
import type { ImageAnswer, ImageRequest, ImageValue } from '../core/worker-protocol.ts';

type WithoutId<T> = T extends { id: number } ? Omit<T, 'id'> : never;

/** Opening or decoding that takes longer hangs: the worker is ended. */
const timeoutMs = 60_000;

interface Pending {
  resolve: (value: ImageValue) => void;
  reject: (error: Error) => void;
  timer: NodeJS.Timeout;
}

interface Session {
  process: WorkerProcess<ImageRequest, ImageAnswer>;
  pending: Map<number, Pending>;
  /** Opened in this process, by path. */
  opened: Map<string, Promise<{ image: number; info: ImageInfo; fingerprint: string }>>;
}

export interface Picture {
  type: string;
  bytes: Uint8Array;
}

export class ImageService {
  readonly #host: WorkerHost;
  #session: Session | null = null;
  #nextId = 1;
  #closed = false;

  constructor(host: WorkerHost) {
    this.#host = host;
  }

  /** @throws {GigatileError} file-not-found, format-unknown, image-corrupt … */
  async open(path: string): Promise<{ info: ImageInfo; fingerprint: string }> {
    const { info, fingerprint } = await this.#opened(path);
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
    const { image } = await this.#opened(path);
    return this.#picture(await this.#ask({ op: 'tile', image, level, column, row, look }));
  }

  /** The image's default look and its bands' histograms. */
  async look(path: string): Promise<ImageLook> {
    const { image } = await this.#opened(path);
    const value = await this.#ask({ op: 'look', image });
    if (value.op !== 'look') throw new GigatileError('internal', 'The image worker gave no look');
    return value.look;
  }

  /** JPEG of a part of the image (level-0 pixels) at a size. */
  async render(
    path: string,
    rect: Rect,
    width: number,
    height: number,
    look?: DisplayLook,
  ): Promise<Picture> {
    const { image } = await this.#opened(path);
    const picture = this.#picture(await this.#ask({ op: 'render', image, rect, width, height, look }));
    if (!picture) throw new GigatileError('internal', 'The image worker rendered nothing');
    return picture;
  }

  async png(width: number, height: number, bands: 1 | 3 | 4, data: Uint8Array): Promise<Picture> {
    const picture = this.#picture(await this.#ask({ op: 'png', width, height, bands, data }));
    if (!picture) throw new GigatileError('internal', 'The image worker encoded nothing');
    return picture;
  }

  async doctor(): Promise<{ name: string; ok: boolean; detail: string }[]> {
    const value = await this.#ask({ op: 'doctor' });
    return value.op === 'doctor' ? value.codecs : [];
  }

  /** Forgets an image, so that opening it again reads it again (it was moved back, or replaced). */
  forget(path: string): void {
    this.#session?.opened.delete(path);
  }

  close(): void {
    this.#closed = true;
    this.#session?.process.kill();
  }

  #picture(value: ImageValue): Picture | null {
    return value.op === 'bytes' ? { type: value.type, bytes: value.bytes } : null;
  }

  #opened(path: string): Promise<{ image: number; info: ImageInfo; fingerprint: string }> {
    const session = this.#current();
    const known = session.opened.get(path);
    if (known) return known;
    const opening = this.#ask({ op: 'open', path }).then((value) => {
      if (value.op !== 'open') throw new GigatileError('internal', 'The image worker did not open the image');
      return value;
    });
    session.opened.set(path, opening);
    // A file that could not be opened is tried again when it is asked for again.
    opening.catch(() => session.opened.delete(path));
    return opening;
  }

  #current(): Session {
    if (this.#closed) throw new GigatileError('cancelled', 'The application is closing');
    if (this.#session) return this.#session;
    const session: Session = {
      process: this.#host.fork<ImageRequest, ImageAnswer>('image'),
      pending: new Map(),
      opened: new Map(),
    };
    session.process.onMessage((answer) => {
      const pending = session.pending.get(answer.id);
      if (!pending) return;
      session.pending.delete(answer.id);
      clearTimeout(pending.timer);
      if (answer.ok) pending.resolve(answer.value);
      else pending.reject(GigatileError.fromPlain(answer.error));
    });
    session.process.onExit(({ code, signal }) => {
      if (this.#session === session) this.#session = null;
      for (const pending of session.pending.values()) {
        clearTimeout(pending.timer);
        pending.reject(
          new GigatileError(
            'worker-crashed',
            `The image worker ended (${signal ?? `exit code ${code ?? 'unknown'}`})`,
            {
              hint: 'It starts again by itself with the next request; "gigatile doctor" says whether a codec cannot be loaded.',
            },
          ),
        );
      }
      session.pending.clear();
    });
    this.#session = session;
    return session;
  }

  #ask(request: WithoutId<ImageRequest>): Promise<ImageValue> {
    const session = this.#current();
    const id = this.#nextId++;
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        session.pending.delete(id);
        session.process.kill();
        reject(
          new GigatileError(
            'worker-timeout',
            `The image worker gave no answer within ${timeoutMs / 1000} s`,
            {
              hint: 'The file may be damaged, or its disk too slow.',
            },
          ),
        );
      }, timeoutMs);
      session.pending.set(id, { resolve, reject, timer });
      session.process.post({ ...request, id });
    });
  }
}
