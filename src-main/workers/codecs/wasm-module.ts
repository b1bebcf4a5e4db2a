/** WebAssembly modules of codecs: loaded when first needed, and made anew after one has failed inside. */
import { GigatileError } from '../../contract/errors.ts';

/** What every module built by Emscripten has. */
interface EmscriptenModule {
  HEAPU8: Uint8Array;
}

/** A module whose memory has grown beyond is dropped once it is not in use: its memory never shrinks. */
const largestKept = 192 * 1024 * 1024;

export class WasmModule<M extends EmscriptenModule> {
  readonly #name: string;
  readonly #create: () => Promise<M>;
  #current: Promise<M> | null = null;

  constructor(name: string, create: () => Promise<M>) {
    this.#name = name;
    this.#create = create;
  }

  /**
   * `use` runs synchronously on the module. Where it throws, the module is dropped: after a C++ exception nothing was cleaned up
   * in its memory, and after an abort it answers nothing more.
   *
   * @throws {GigatileError} codec-missing, or what `use` throws
   */
  async run<T>(use: (module: M) => T): Promise<T> {
    this.#current ??= this.#create().catch((cause: unknown) => {
      this.#current = null;
      throw missing(this.#name, cause);
    });
    const module = await this.#current;
    try {
      const result = use(module);
      if (module.HEAPU8.length > largestKept) this.#current = null;
      return result;
    } catch (error) {
      this.#current = null;
      throw error;
    }
  }
}

export function missing(name: string, cause: unknown): GigatileError {
  const why = cause instanceof Error ? `: ${cause.message.split('\n')[0] ?? ''}` : '';
  return new GigatileError('codec-missing', `The image codec ${name} cannot be loaded${why}`, {
    hint: 'Install Gigatile again for this system (npm ci); `gigatile doctor` shows what works.',
    cause,
  });
}

/** An exception of C++ arrives as a number; what it says only where the build can tell. */
export function whyOf(
  cause: unknown,
  module: { getExceptionMessage?: (pointer: number) => unknown },
): string {
  if (typeof cause !== 'number') return cause instanceof Error ? cause.message : String(cause);
  const told: unknown = module.getExceptionMessage?.(cause);
  const text = Array.isArray(told) ? told.filter(Boolean).join(': ') : told;
  return typeof text === 'string' && text !== '' ? text : 'the decoder gave up';
}
