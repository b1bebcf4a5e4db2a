/** See range-server.entry.ts. */
import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import type { Asked } from './range-server.ts';
import type { Rule } from './range-server.entry.ts';

interface News {
  asked: Asked[];
  origin: string;
}

export class RangeServerThread {
  readonly origin: string;
  readonly #thread: Worker;

  private constructor(thread: Worker, origin: string) {
    this.#thread = thread;
    this.origin = origin;
  }

  /** `files`: paths of the disk by the path that they are served at. */
  static async start(files: Record<string, string>): Promise<RangeServerThread> {
    const thread = new Worker(new URL('./range-server.entry.ts', import.meta.url), { workerData: files });
    const [news] = (await once(thread, 'message')) as [News];
    return new RangeServerThread(thread, news.origin);
  }

  /** What was asked so far. */
  async asked(): Promise<Asked[]> {
    return (await this.#ask({})).asked;
  }

  /** Forgets what was asked, and follows these rules from now on: the first that fits a request. */
  async follow(rules: Rule[] = []): Promise<void> {
    await this.#ask({ rules });
  }

  async close(): Promise<void> {
    await this.#thread.terminate();
  }

  async #ask(message: object): Promise<News> {
    this.#thread.postMessage(message, []);
    const [news] = (await once(this.#thread, 'message')) as [News];
    return news;
  }
}

export function bytesOf(asked: readonly Asked[]): number {
  return asked.reduce((sum, { bytes }) => sum + bytes, 0);
}

export function mostAtOnce(asked: readonly Asked[]): number {
  return Math.max(0, ...asked.map(({ atOnce }) => atOnce));
}
