/**
 * The thread of this process that fetches parts of files from servers. Readers are synchronous, because that is what makes local
 * files fast; so a reader that needs a part which nobody has fetched ahead sleeps until this thread has it.
 */
import { Worker } from 'node:worker_threads';
import { GigatileError, plainErrorSchema } from '../../contract/errors.ts';
import type { ByteRange, FromFetcher, ToFetcher } from './protocol.ts';
import { fetchMs, leastShared, sharedHead, sharedState } from './protocol.ts';

/** The thread gives an answer within its own limit; this is for a thread that has died. */
const sleepMs = fetchMs * 1.5;

/** Beside this file's bundle when built. */
const entry = new URL(
  import.meta.url.endsWith('.ts') ? './fetch.entry.ts' : './fetch.entry.js',
  import.meta.url,
);

type Fetched = Extract<FromFetcher, { ok: true }>;

class Fetcher {
  readonly #thread = new Worker(entry, { name: 'gigatile-fetch' });
  readonly #pending = new Map<
    number,
    { resolve: (value: Fetched) => void; reject: (error: Error) => void }
  >();
  #nextId = 1;
  #gone = false;

  constructor() {
    // Alone, it keeps no process alive.
    this.#thread.unref();
    this.#thread.on('message', (answer: FromFetcher) => {
      const pending = this.#pending.get(answer.id);
      this.#settled(answer.id);
      if (answer.ok) pending?.resolve(answer);
      else pending?.reject(GigatileError.fromPlain(answer.error));
    });
    this.#thread.on('error', (error) => this.#fail(error));
    this.#thread.on('exit', () => this.#fail(new Error('it ended')));
  }

  get isGone(): boolean {
    return this.#gone;
  }

  nextId(): number {
    return this.#nextId++;
  }

  ask(request: Exclude<ToFetcher, { kind: 'close' }>): Promise<Fetched> {
    return new Promise((resolve, reject) => {
      this.#pending.set(request.id, { resolve, reject });
      this.#thread.ref();
      this.#thread.postMessage(request, []);
    });
  }

  tell(request: ToFetcher): void {
    this.#thread.postMessage(request, []);
  }

  #settled(id: number): void {
    this.#pending.delete(id);
    if (this.#pending.size === 0) this.#thread.unref();
  }

  #fail(error: Error): void {
    this.#gone = true;
    for (const [id, { reject }] of this.#pending) {
      this.#settled(id);
      reject(
        new GigatileError('io', `Fetching has stopped: ${error.message}`, { hint: 'Open the image again.' }),
      );
    }
  }
}

let running: Fetcher | null = null;

function fetcher(): Fetcher {
  if (running === null || running.isGone) running = new Fetcher();
  return running;
}

/** A file on a server, through the thread. */
export class FetchedFile {
  readonly size: number;
  readonly #fetcher: Fetcher;
  readonly #file: number;

  private constructor(thread: Fetcher, file: number, size: number) {
    this.#fetcher = thread;
    this.#file = file;
    this.size = size;
  }

  /** @throws {GigatileError} see RangeClient.open */
  static async open(
    url: string,
    head: number,
  ): Promise<{ file: FetchedFile; head: Uint8Array<ArrayBuffer> }> {
    const thread = fetcher();
    const id = thread.nextId();
    const { size, bytes } = await thread.ask({ kind: 'open', id, file: id, url, head });
    return { file: new FetchedFile(thread, id, size), head: bytes };
  }

  async get(range: ByteRange): Promise<Uint8Array<ArrayBuffer>> {
    const id = this.#fetcher.nextId();
    return (await this.#fetcher.ask({ kind: 'get', id, file: this.#file, range, shared: null })).bytes;
  }

  /** Sleeps until the bytes are there. @throws {GigatileError} as RangeClient.get */
  getNow(range: ByteRange): Uint8Array {
    const shared = new SharedArrayBuffer(sharedHead + Math.max(leastShared, range.length));
    const head = new Int32Array(shared, 0, 2);
    const id = this.#fetcher.nextId();
    this.#fetcher.tell({ kind: 'get', id, file: this.#file, range, shared });
    Atomics.wait(head, 0, sharedState.waiting, sleepMs);
    const bytes = new Uint8Array(shared, sharedHead, Atomics.load(head, 1));
    switch (Atomics.load(head, 0)) {
      case sharedState.bytes:
        return bytes;
      case sharedState.error:
        throw GigatileError.fromPlain(
          plainErrorSchema.parse(JSON.parse(Buffer.from(bytes).toString('utf8'))),
        );
      default:
        throw new GigatileError('io', 'The server does not answer in time', {
          hint: 'Check the connection and try again.',
        });
    }
  }

  close(): void {
    this.#fetcher.tell({ kind: 'close', file: this.#file });
  }
}
