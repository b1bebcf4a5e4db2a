/**
 * The preparation of one image: found in the cache, waited for where another process is at it, or made here. One object an open
 * image; whoever shows or reads the image asks it how far it is.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { GigatileError, toPlainError } from '../../contract/errors.ts';
import type { PreparationView } from '../../contract/preparation.ts';
import type { ImagePreparation, Raster } from '../image-source.ts';
import { BuildLock, holderOf } from './build-lock.ts';
import type { CacheFolder } from './cache-folder.ts';
import { openPrepared } from './prepared-file.ts';
import type { PreparedFile } from './prepared-file.ts';
import type { PyramidPlan } from './plan.ts';
import { PyramidBuilder } from './pyramid-builder.ts';
import type { PyramidInput } from './pyramid-input.ts';

const pollMs = 250;
/** What is shown changes at most so often while it is made: each change is a reload of what is on the screen. */
const showEveryMs = 2500;
/** Longer side of the quick small picture, px. */
const previewSize = 2048;

export interface PreparationParts {
  plan: PyramidPlan;
  input: PyramidInput;
  cache: CacheFolder;
  key: string;
}

type State = PreparationView['state'];

export class Preparation implements ImagePreparation {
  readonly #parts: PreparationParts;
  #state: State = 'idle';
  #error: GigatileError | null = null;
  #otherFraction = 0;
  #builder: PyramidBuilder | null = null;
  #file: PreparedFile | null = null;
  #preview: Raster | null = null;
  #run: Promise<void> | null = null;
  #abort = new AbortController();
  #shown = 0;
  #shownAt = 0;
  #listeners: (() => void)[] = [];
  #builds = 0;

  constructor(parts: PreparationParts) {
    this.#parts = parts;
    this.#find();
  }

  get view(): PreparationView {
    return {
      state: this.#state,
      fraction: this.#state === 'ready' ? 1 : (this.#builder?.fraction ?? this.#otherFraction),
      shown: this.#shown,
      error: this.#error?.toPlain() ?? null,
    };
  }

  /** How often this object has read the image from end to end, or tried to. */
  get builds(): number {
    return this.#builds;
  }

  /** The prepared image, once the state is `ready`. */
  get file(): PreparedFile | null {
    return this.#file;
  }

  /** What there is of one that is being made, or could not be kept. */
  get builder(): PyramidBuilder | null {
    return this.#builder;
  }

  get preview(): Raster | null {
    return this.#preview;
  }

  /** Begins, unless it has begun (or has ended, however). */
  start(): void {
    if (this.#state === 'idle') this.restart();
  }

  /** Begins, also after it was cancelled or failed. */
  restart(): void {
    if (this.#run !== null || this.#state === 'ready') return;
    this.#abort = new AbortController();
    this.#error = null;
    this.#set('working');
    this.#run = this.#work(this.#abort.signal).finally(() => {
      this.#run = null;
    });
  }

  /** Gives it up; what can be shown of it without the disk stays. Resolves when nothing is left on the disk. */
  async cancel(): Promise<void> {
    this.#abort.abort(
      new GigatileError('cancelled', 'The preparation of this image was cancelled', {
        hint: 'Prepare it again to see it in full and to analyse it.',
      }),
    );
    await this.#run;
  }

  /** The prepared image, begun if need be. @throws {GigatileError} why there is none */
  async whenReady(): Promise<PreparedFile> {
    this.start();
    await this.#run;
    if (this.#file !== null) return this.#file;
    throw this.#error ?? new GigatileError('internal', 'The image is not prepared');
  }

  /** Resolves at the next change of `view`, or after `withinMs`. */
  async changed(withinMs: number): Promise<void> {
    const timer = new AbortController();
    await Promise.race([
      new Promise<void>((resolve) => this.#listeners.push(resolve)),
      sleep(withinMs, undefined, { signal: timer.signal }).catch(() => undefined),
    ]);
    timer.abort();
  }

  /** The prepared file turned out to be damaged: it goes, and the image is prepared again. */
  discard(file: PreparedFile): void {
    if (this.#file !== file) return;
    this.#file.close();
    this.#file = null;
    this.#parts.cache.remove(this.#parts.key);
    this.#set('idle');
    this.start();
  }

  async close(): Promise<void> {
    await this.cancel();
    this.#file?.close();
    this.#file = null;
    this.#builder = null;
    this.#preview = null;
  }

  /** Looks into the cache. */
  #find(): boolean {
    const { cache, key, plan } = this.#parts;
    const file = openPrepared(cache.pathOf(key), plan);
    if (file === null) return false;
    cache.touch(key);
    this.#file = file;
    this.#builder = null;
    this.#preview = null;
    this.#shown++;
    this.#set('ready');
    return true;
  }

  async #work(signal: AbortSignal): Promise<void> {
    try {
      void this.#lookQuickly(signal);
      while (!this.#find()) {
        signal.throwIfAborted();
        const lock = this.#lock();
        if (lock === 'taken') {
          await this.#waitForOther(signal);
          continue;
        }
        try {
          // It may have been finished between the look and the lock.
          if (this.#find()) return;
          await this.#build(signal, lock);
        } finally {
          lock?.release();
        }
        if (!this.#find()) {
          throw new GigatileError('io', 'The prepared image cannot be read back', {
            where: this.#parts.cache.folder,
            hint: 'The disk may be failing; name a folder on another one in GIGATILE_CACHE_DIR.',
          });
        }
        return;
      }
    } catch (error) {
      this.#error = error instanceof GigatileError ? error : GigatileError.fromPlain(toPlainError(error));
      this.#shown++;
      this.#set(this.#error.code === 'cancelled' ? 'cancelled' : 'failed');
    }
  }

  /** null: there can be no lock here (the disk is full or may not be written to), so the build says what is wrong. */
  #lock(): BuildLock | 'taken' | null {
    const { cache, key } = this.#parts;
    try {
      cache.make();
      return BuildLock.take(cache.lockOf(key)) ?? 'taken';
    } catch {
      return null;
    }
  }

  async #waitForOther(signal: AbortSignal): Promise<void> {
    const { cache, key } = this.#parts;
    for (;;) {
      const holder = holderOf(cache.lockOf(key));
      if (holder === null) break;
      this.#otherFraction = holder.fraction;
      this.#changed();
      await sleep(pollMs);
      signal.throwIfAborted();
    }
    this.#otherFraction = 0;
  }

  async #build(signal: AbortSignal, lock: BuildLock | null): Promise<void> {
    const { plan, input, cache, key } = this.#parts;
    const builder = new PyramidBuilder(plan, input, cache, key);
    this.#builder = builder;
    this.#builds++;
    await builder.build(signal, () => {
      lock?.renew(builder.fraction);
      if (Date.now() - this.#shownAt >= showEveryMs) {
        this.#shownAt = Date.now();
        this.#shown++;
      }
      this.#changed();
    });
  }

  /** Only for looking at: where it fails, the rows will say what is wrong. */
  async #lookQuickly(signal: AbortSignal): Promise<void> {
    const preview = await this.#parts.input.preview?.(previewSize).catch(() => undefined);
    if (preview === undefined || signal.aborted || this.#file !== null) return;
    this.#preview = preview;
    this.#shown++;
    this.#changed();
  }

  #set(state: State): void {
    this.#state = state;
    this.#changed();
  }

  #changed(): void {
    const listeners = this.#listeners;
    this.#listeners = [];
    for (const listener of listeners) listener();
  }
}
