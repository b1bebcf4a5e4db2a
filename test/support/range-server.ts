/** A file server on loopback that serves parts of files, counts what is asked of it, and misbehaves as a test wants it to. */
import { createServer } from 'node:http';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { gzipSync } from 'node:zlib';

export interface Asked {
  /** With the query. */
  url: string;
  headers: IncomingMessage['headers'];
  /** First and last byte that were asked for, or null where the whole file was. */
  range: readonly [number, number] | null;
  /** Of the body, as far as the socket took them. */
  bytes: number;
  /** Requests that were being answered when this one came, itself included. */
  atOnce: number;
}

/** What is different from a server that does right; nothing in it means that nothing is. */
export interface Misbehaviour {
  status?: number;
  headers?: Record<string, string>;
  /** Before the answer. */
  delayMs?: number;
  /** Waits until this many requests are there at once (or the server closes): shows what comes in parallel, without a clock. */
  together?: number;
  /** Says 200 and sends the whole file. */
  ignoreRange?: boolean;
  /** The connection is reset after so many bytes of the body. */
  cutAfter?: number;
  /** Nothing more comes after so many bytes of the body. */
  stallAfter?: number;
  /** No answer at all. */
  silent?: boolean;
  redirect?: string;
  gzip?: boolean;
  /** Replaces Content-Range. */
  contentRange?: string;
  /** Sends so many bytes fewer than were asked for, and says so in Content-Length only. */
  shortBy?: number;
  etag?: string | null;
  lastModified?: string | null;
  /** Another content under the same address. */
  content?: Buffer;
}

export class RangeServer {
  readonly asked: Asked[] = [];
  /** Asked before each answer; `index` counts all requests from 0. */
  misbehave: (request: { url: string; index: number; range: Asked['range'] }) => Misbehaviour = () => ({});
  readonly #files: ReadonlyMap<string, Buffer>;
  readonly #server: Server;
  #open = 0;
  #wake: (() => void)[] = [];

  private constructor(files: ReadonlyMap<string, Buffer>) {
    this.#files = files;
    this.#server = createServer((request, response) => void this.#answer(request, response));
  }

  /** `files`: content by path, for example `/slide.tif`. */
  static async start(files: Record<string, Buffer>): Promise<RangeServer> {
    const server = new RangeServer(new Map(Object.entries(files)));
    await new Promise<void>((done) => server.#server.listen(0, '127.0.0.1', done));
    return server;
  }

  get origin(): string {
    const address = this.#server.address();
    if (address === null || typeof address === 'string') throw new Error('the server does not listen');
    return `http://127.0.0.1:${address.port}`;
  }

  /** Requests that are being answered right now. */
  get open(): number {
    return this.#open;
  }

  get bytes(): number {
    return this.asked.reduce((sum, { bytes }) => sum + bytes, 0);
  }

  get mostAtOnce(): number {
    return Math.max(0, ...this.asked.map(({ atOnce }) => atOnce));
  }

  /** Forgets what was asked, and behaves again. */
  reset(): void {
    this.asked.length = 0;
    this.misbehave = () => ({});
  }

  async close(): Promise<void> {
    this.#wake.splice(0).forEach((wake) => wake());
    this.#server.closeAllConnections();
    await new Promise((done) => this.#server.close(done));
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    response.on('error', () => undefined);
    const url = request.url ?? '';
    const found = /^bytes=(\d+)-(\d+)$/.exec(request.headers.range ?? '');
    const range = found === null ? null : ([Number(found[1]), Number(found[2])] as const);
    this.#open++;
    const entry: Asked = { url, headers: request.headers, range, bytes: 0, atOnce: this.#open };
    const index = this.asked.push(entry) - 1;
    const wrong = this.misbehave({ url, index, range });
    const left = new Promise<void>((done) => {
      response.once('close', () => {
        this.#open--;
        done();
      });
    });
    this.#wake.splice(0).forEach((wake) => wake());
    // Once that many have been there, all go on.
    while (wrong.together !== undefined && this.mostAtOnce < wrong.together && this.#server.listening) {
      await Promise.race([new Promise<void>((wake) => this.#wake.push(wake)), left]);
      if (response.destroyed) return;
    }
    if (wrong.delayMs !== undefined) await new Promise((done) => setTimeout(done, wrong.delayMs));
    if (wrong.silent === true) return;
    this.#send(url.split('?')[0] ?? '', entry, response, wrong);
  }

  #send(path: string, entry: Asked, response: ServerResponse, wrong: Misbehaviour): void {
    const file = wrong.content ?? this.#files.get(path);
    for (const [name, value] of Object.entries(wrong.headers ?? {})) response.setHeader(name, value);
    if (wrong.redirect !== undefined) {
      response.writeHead(wrong.status ?? 302, { Location: wrong.redirect }).end('elsewhere');
      return;
    }
    const status = wrong.status ?? (file === undefined ? 404 : null);
    if (status !== null || file === undefined) {
      response.writeHead(status ?? 404).end('<p>no</p>');
      return;
    }
    const etag = wrong.etag === undefined ? '"v1"' : wrong.etag;
    if (etag !== null) response.setHeader('ETag', etag);
    const modified = wrong.lastModified === undefined ? 'Wed, 01 Jan 2025 00:00:00 GMT' : wrong.lastModified;
    if (modified !== null) response.setHeader('Last-Modified', modified);
    const wanted = entry.headers['if-match'];
    if (wanted !== undefined && etag !== null && wanted !== etag) {
      response.writeHead(412).end();
      return;
    }
    const since = entry.headers['if-unmodified-since'];
    if (since !== undefined && modified !== null && Date.parse(modified) > Date.parse(since)) {
      response.writeHead(412).end();
      return;
    }
    const { range } = entry;
    const isPart = range !== null && wrong.ignoreRange !== true;
    const last = Math.min(range?.[1] ?? 0, file.length - 1);
    if (isPart && (range[0] > last || file.length === 0)) {
      response.writeHead(416, { 'Content-Range': `bytes */${file.length}` }).end();
      return;
    }
    let body = isPart ? file.subarray(range[0], last + 1) : file;
    if (wrong.gzip === true) {
      body = gzipSync(body);
      response.setHeader('Content-Encoding', 'gzip');
    }
    if (isPart) {
      response.setHeader('Content-Range', wrong.contentRange ?? `bytes ${range[0]}-${last}/${file.length}`);
    }
    if (wrong.shortBy !== undefined) body = body.subarray(0, body.length - wrong.shortBy);
    response.writeHead(isPart ? 206 : 200, { 'Content-Length': body.length });
    const until = wrong.cutAfter ?? wrong.stallAfter ?? body.length;
    // In small pieces, so that what a reader leaves unread is not counted.
    const piece = 64 * 1024;
    const next = (at: number): void => {
      if (response.destroyed) return;
      if (at >= until) {
        if (wrong.cutAfter !== undefined) response.socket?.resetAndDestroy();
        else if (wrong.stallAfter === undefined) response.end();
        return;
      }
      const end = Math.min(at + piece, until);
      response.write(body.subarray(at, end), () => {
        entry.bytes = end;
        next(end);
      });
    };
    next(0);
  }
}
