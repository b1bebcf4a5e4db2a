/** Which parts of the readers a file has reached: V8's own block coverage, taken after each file. */
import { Session } from 'node:inspector/promises';

/** What reads untrusted bytes; coverage of the rest would only say how the fuzzer itself goes. */
const watched = /\/src-main\/(images|workers)\/(?!write\/)/;

export class Coverage {
  readonly #session = new Session();
  readonly #seen = new Set<string>();

  async start(): Promise<void> {
    this.#session.connect();
    await this.#session.post('Profiler.enable');
    await this.#session.post('Profiler.startPreciseCoverage', { callCount: true, detailed: true });
  }

  /** Blocks, with the order of magnitude of how often they ran, that no file before has reached in this process. */
  async taken(): Promise<string[]> {
    const { result } = await this.#session.post('Profiler.takePreciseCoverage');
    const fresh: string[] = [];
    for (const { url, functions } of result) {
      const at = url.indexOf('/src-main/');
      if (!watched.test(url)) continue;
      for (const { ranges } of functions) {
        for (const { startOffset, endOffset, count } of ranges) {
          if (count === 0) continue;
          const key = `${url.slice(at)}:${startOffset}-${endOffset}:${32 - Math.clz32(Math.min(count, 255))}`;
          if (this.#seen.has(key)) continue;
          this.#seen.add(key);
          fresh.push(key);
        }
      }
    }
    return fresh;
  }
}
