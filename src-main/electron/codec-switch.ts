/**
 * On Linux, Electron's window brings GTK and with it GLib, whose symbols sharp's native libvips has too: it can crash there, in a
 * utility process as well. So it decodes test pictures first, in a process that is thrown away. Where that one crashes, hangs or
 * decodes wrongly, all workers take libvips' WebAssembly build, which is slower and brings nothing that could clash.
 */
import { utilityProcess } from 'electron';
import type { CodecVerdict } from '../core/worker-host.ts';
import type { CodecTestResult } from '../core/worker-protocol.ts';

/** Loading takes a second on a slow disk; a process that says nothing for so long has hung. */
const patienceMs = 30_000;

/** Workers read it, and inherit main's environment (workers/codecs/load-sharp.ts). A person can say it too. */
const variable = 'GIGATILE_SHARP';

export class CodecSwitch {
  readonly #trial: () => Promise<string | null>;
  readonly #env: NodeJS.ProcessEnv;
  readonly #isNeeded: boolean;
  #latest: Promise<CodecVerdict> | null = null;

  /** @param trial tries what workers would load now; null, or what is wrong with it */
  constructor(
    trial: () => Promise<string | null>,
    platform: NodeJS.Platform = process.platform,
    env: NodeJS.ProcessEnv = process.env,
  ) {
    this.#trial = trial;
    this.#env = env;
    const asked = env[variable] ?? '';
    this.#isNeeded = platform === 'linux' && asked === '';
  }

  /** At the start, and again when somebody asks; one after the other. What it decides holds for workers from then on. */
  test(): Promise<CodecVerdict> {
    const before = this.#latest;
    this.#latest = (async () => {
      const known = await before;
      return known?.build === 'wasm' ? known : this.#decide();
    })();
    return this.#latest;
  }

  async #decide(): Promise<CodecVerdict> {
    if (!this.#isNeeded) {
      return { build: this.#env[variable] === 'wasm' ? 'wasm' : 'native', problem: null, works: true };
    }
    const problem = await this.#tryOut();
    if (problem === null) return { build: 'native', problem, works: true };
    this.#env[variable] = 'wasm';
    const second = await this.#tryOut();
    if (second === null) return { build: 'wasm', problem, works: true };
    delete this.#env[variable];
    return { build: 'native', problem: `${problem}; of the WebAssembly build, ${second}`, works: false };
  }

  /** Workers wait for it: that no process can be started is an answer too. */
  async #tryOut(): Promise<string | null> {
    try {
      return await this.#trial();
    } catch (error) {
      return error instanceof Error ? error.message : String(error);
    }
  }
}

let trials = 0;

/** @param entry of the built codec test */
export function tryCodecs(entry: string): Promise<string | null> {
  const child = utilityProcess.fork(entry, [], { serviceName: `Gigatile codec test ${++trials}` });
  const { promise, resolve } = Promise.withResolvers<string | null>();
  const timer = setTimeout(() => {
    resolve(`a test process gave no answer within ${patienceMs / 1000} s`);
    child.kill();
  }, patienceMs);
  child.on('message', ({ problem }: CodecTestResult) => resolve(problem));
  child.on('exit', (code) => resolve(`a test process crashed (exit code ${code})`));
  return promise.finally(() => clearTimeout(timer));
}
