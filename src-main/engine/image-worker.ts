/** One image worker process: its requests, their time limits, its memory limit, and what becomes of all when it ends. */
import { GigatileError } from '../contract/errors.ts';
import type { ImageInfo } from '../contract/image.ts';
import { memoryExitCode } from '../core/limits.ts';
import type { WorkerHost, WorkerProcess } from '../core/worker-host.ts';
import type { ImageAnswer, ImageRequest, ImageValue } from '../core/worker-protocol.ts';
import { watchMemory } from './memory-watch.ts';

type WithoutId<T> = T extends { id: number } ? Omit<T, 'id'> : never;
export type ImageQuestion = WithoutId<ImageRequest>;

export interface ImageWorkerLimits {
  /** Opening, and decoding what was opened, that takes longer hangs: the worker is ended. */
  openMs: number;
  readMs: number;
  memoryBytes: number;
}

/** A request whose worker ended before it was answered, and that may not be to blame: it can be asked again. */
export class LostRequest extends Error {
  /** What is said where it is lost again. */
  readonly reason: GigatileError;

  constructor(reason: GigatileError) {
    super(reason.message);
    this.reason = reason;
  }
}

interface Pending {
  /** Name of the image that it is about; undefined where about none. */
  where: string | undefined;
  resolve: (value: ImageValue) => void;
  reject: (error: Error) => void;
  timer: NodeJS.Timeout;
}

export interface OpenedImage {
  image: number;
  info: ImageInfo;
  fingerprint: string;
}

export class ImageWorker {
  /** Opened in this process, by path. */
  readonly opened = new Map<string, Promise<OpenedImage>>();
  /** How often that process opened it, by path: it keeps the image until it has closed it as often. */
  readonly opens = new Map<string, number>();
  readonly #process: WorkerProcess<ImageRequest, ImageAnswer>;
  readonly #limits: ImageWorkerLimits;
  readonly #pending = new Map<number, Pending>();
  readonly #stopWatching: () => void;
  readonly #onEnd: () => void;
  #nextId = 1;

  /** `onEnd`: nothing can be asked of it any more. */
  constructor(host: WorkerHost, limits: ImageWorkerLimits, onEnd: () => void) {
    this.#limits = limits;
    this.#onEnd = onEnd;
    this.#process = host.fork<ImageRequest, ImageAnswer>('image');
    this.#process.onMessage((answer) => {
      const pending = this.#take(answer.id);
      if (answer.ok) pending?.resolve(answer.value);
      else pending?.reject(GigatileError.fromPlain(answer.error));
    });
    this.#process.onExit(({ code, signal }) => {
      if (code === memoryExitCode) this.#outgrown();
      else this.#lose((where) => crashed(signal ?? `exit code ${code ?? 'unknown'}`, where));
    });
    this.#stopWatching = watchMemory(this.#process, limits.memoryBytes, () => this.#outgrown());
  }

  /** @throws {GigatileError} the worker's own answer, worker-timeout, worker-memory; {LostRequest} */
  ask(question: ImageQuestion, where: string | undefined): Promise<ImageValue> {
    const id = this.#nextId++;
    const limitMs = question.op === 'open' ? this.#limits.openMs : this.#limits.readMs;
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => this.#hangs(id, limitMs), limitMs);
      this.#pending.set(id, { where, resolve, reject, timer });
      this.#process.post({ ...question, id });
    });
  }

  kill(): void {
    this.#process.kill();
  }

  #take(id: number): Pending | undefined {
    const pending = this.#pending.get(id);
    this.#pending.delete(id);
    clearTimeout(pending?.timer);
    return pending;
  }

  #hangs(id: number, limitMs: number): void {
    const pending = this.#take(id);
    pending?.reject(
      new GigatileError('worker-timeout', `The image gave no answer within ${limitMs / 1000} s`, {
        where: pending.where,
        hint: 'The file may be damaged, or its disk too slow.',
      }),
    );
    this.#lose((where) => crashed('another image hung', where));
  }

  #outgrown(): void {
    const error = (where: string | undefined): GigatileError => memoryLimit(this.#limits.memoryBytes, where);
    // One image in its hands: there is no doubt which.
    const images = new Set([...this.#pending.values()].map(({ where }) => where));
    if (images.size === 1) {
      for (const id of this.#pending.keys()) {
        const pending = this.#take(id);
        pending?.reject(error(pending.where));
      }
    }
    this.#lose(error);
  }

  #lose(reason: (where: string | undefined) => GigatileError): void {
    this.#onEnd();
    this.#stopWatching();
    this.#process.kill();
    for (const id of this.#pending.keys()) {
      const pending = this.#take(id);
      pending?.reject(new LostRequest(reason(pending.where)));
    }
  }
}

function crashed(how: string, where: string | undefined): GigatileError {
  return new GigatileError('worker-crashed', `The image worker ended (${how})`, {
    where,
    hint: 'It starts again by itself with the next request; "gigatile doctor" says whether a codec cannot be loaded.',
  });
}

function memoryLimit(bytes: number, where: string | undefined): GigatileError {
  return new GigatileError(
    'worker-memory',
    `The worker memory limit of ${Math.round(bytes / 2 ** 20)} MB was reached while this image was read`,
    {
      where,
      hint: 'The file may be damaged, or made to use up memory. GIGATILE_WORKER_MEMORY_MB sets another limit.',
    },
  );
}
