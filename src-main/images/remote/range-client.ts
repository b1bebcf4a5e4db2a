/**
 * Parts of one file on a server (RFC 9110, section 14): that it is the same file all the time, in parallel, with retries. A
 * HEAD is never sent: presigned addresses are for one method.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { parseImageUrl, urlImageName } from '../../core/image-address.ts';
import { backoffMs } from '../../core/retry.ts';
import type { RetryRule } from '../../core/retry.ts';
import { changed, failure, RequestFailure, statusFailure, withoutRanges } from './failure.ts';
import type { Stage } from './failure.ts';
import { maxConnections, Requester } from './request.ts';
import type { Answer, RequestTimes } from './request.ts';
import { fetchMs } from './protocol.ts';
import type { ByteRange } from './protocol.ts';
import { Turns } from './turns.ts';

export interface FetchTimes extends RequestTimes {
  /** For a part with all its retries, ms. */
  totalMs: number;
}

export const defaultTimes: FetchTimes = { answerMs: 12_000, idleMs: 12_000, totalMs: fetchMs };

const retries: RetryRule = { maxAttempts: 3, baseMs: 300, capMs: 4_000 };

/** Longer parts are asked for in pieces: a connection that breaks loses less, and several carry more. */
const pieceBytes = 1024 * 1024;

interface Validators {
  /** Strong or weak, as the server gives it. */
  etag: string | null;
  lastModified: string | null;
}

export class RangeClient {
  readonly #requester: Requester;
  readonly #times: FetchTimes;
  readonly #address: URL;
  readonly #stage: Stage;
  readonly #turns = new Turns(maxConnections);
  readonly #closed = new AbortController();
  /** Where the file really is, as redirects said. */
  #current: URL;
  #validators: Validators = { etag: null, lastModified: null };
  #size = 0;

  private constructor(address: URL, times: FetchTimes) {
    this.#address = address;
    this.#current = address;
    this.#times = times;
    this.#stage = { name: urlImageName(address.href), opened: false };
    this.#requester = new Requester(times);
  }

  /**
   * Asks for the first `head` bytes; their answer says how long the file is, and that parts are to be had.
   * @throws {GigatileError} usage, file-not-found, file-unreadable, image-unsupported (no parts), image-corrupt (empty), io
   */
  static async open(
    url: string,
    head: number,
    times: Partial<FetchTimes> = {},
  ): Promise<{ client: RangeClient; head: Buffer<ArrayBuffer> }> {
    const client = new RangeClient(parseImageUrl(url), { ...defaultTimes, ...times });
    try {
      const bytes = await client.#withRetries({ offset: 0, length: head });
      client.#stage.opened = true;
      return { client, head: bytes };
    } catch (error) {
      client.close();
      throw error;
    }
  }

  get size(): number {
    return this.#size;
  }

  /**
   * Exactly these bytes. `urgent`: before all others that wait.
   * @throws {GigatileError} image-changed, image-missing, image-unsupported, file-unreadable, io
   */
  async get({ offset, length }: ByteRange, urgent = false): Promise<Buffer<ArrayBuffer>> {
    if (length <= pieceBytes) return this.#withRetries({ offset, length }, urgent);
    const whole = Buffer.allocUnsafeSlow(length);
    const pieces = Array.from({ length: Math.ceil(length / pieceBytes) }, async (_, i) => {
      const at = i * pieceBytes;
      const piece = { offset: offset + at, length: Math.min(pieceBytes, length - at) };
      (await this.#withRetries(piece, urgent)).copy(whole, at);
    });
    await Promise.all(pieces);
    return whole;
  }

  close(): void {
    this.#closed.abort();
    this.#requester.close();
  }

  async #withRetries(range: ByteRange, urgent = false): Promise<Buffer<ArrayBuffer>> {
    const done = await this.#turns.take(urgent);
    const deadline = performance.now() + this.#times.totalMs;
    try {
      for (let attempt = 1; ; attempt++) {
        try {
          return await this.#attempt(range, deadline);
        } catch (error) {
          if (!(error instanceof RequestFailure)) throw error;
          const wait = Math.max(error.waitMs, backoffMs(retries, attempt, Math.random()));
          const late = performance.now() + wait > deadline;
          if (!error.transient || attempt >= retries.maxAttempts || late || this.#closed.signal.aborted) {
            throw error.error;
          }
          await sleep(wait, undefined, { signal: this.#closed.signal });
        }
      }
    } finally {
      done();
    }
  }

  async #attempt(range: ByteRange, deadline: number): Promise<Buffer<ArrayBuffer>> {
    const left = Math.max(1, Math.ceil(deadline - performance.now()));
    const signal = AbortSignal.any([this.#closed.signal, AbortSignal.timeout(left)]);
    const from = this.#current;
    try {
      return await this.#once(from, range, signal);
    } catch (error) {
      const redirected = from !== this.#address;
      if (!(error instanceof RequestFailure) || !error.mayHaveMoved || !redirected) throw error;
      // Where a redirect led to is often good for an hour only.
      this.#current = this.#address;
      return this.#once(this.#address, range, signal);
    }
  }

  async #once(from: URL, range: ByteRange, signal: AbortSignal): Promise<Buffer<ArrayBuffer>> {
    const { message, url } = await this.#requester.get(from, this.#headers(range), this.#stage, signal);
    try {
      const length = this.#check({ message, url }, range);
      const body = await this.#requester.readBody(message, length, this.#stage, signal);
      this.#current = url;
      return body;
    } catch (error) {
      // Without reading what follows: it may be the whole file.
      message.destroy();
      throw error;
    }
  }

  #headers({ offset, length }: ByteRange): Record<string, string> {
    const { etag, lastModified } = this.#validators;
    return {
      Range: `bytes=${offset}-${offset + length - 1}`,
      'Accept-Encoding': 'identity',
      'User-Agent': 'Gigatile',
      // A weak tag never matches here (RFC 9110, section 13.1.1): it is compared when the answer comes.
      ...(etag !== null && !etag.startsWith('W/')
        ? { 'If-Match': etag }
        : lastModified !== null
          ? { 'If-Unmodified-Since': lastModified }
          : {}),
    };
  }

  /** @returns how many bytes the body must have. @throws {RequestFailure} */
  #check({ message }: Answer, { offset, length }: ByteRange): number {
    const stage = this.#stage;
    const { headers } = message;
    const status = message.statusCode ?? 0;
    if (status === 200) {
      this.#compareVersions(headers.etag, headers['last-modified']);
      throw withoutRanges(stage, headers['content-type']?.startsWith('text/html') === true);
    }
    if (status !== 206) throw statusFailure(stage, status, headers['retry-after']);
    const encoding = headers['content-encoding'] ?? 'identity';
    if (encoding !== 'identity') {
      throw failure(
        stage,
        'image-unsupported',
        `The server compresses what it sends (${encoding.slice(0, 20)}), so that parts of the file cannot be told apart`,
        'Download it first, and open the copy.',
      );
    }
    const said = /^bytes (\d+)-(\d+)\/(\d+)$/.exec(headers['content-range'] ?? '');
    const [first, last, size] = (said?.slice(1) ?? []).map(Number);
    if (first === undefined || last === undefined || size === undefined) {
      throw failure(
        stage,
        'image-unsupported',
        'The server does not say which part of the file it sends, or how long the file is',
        'Download it first, and open the copy.',
      );
    }
    if (stage.opened || this.#size > 0) {
      this.#compareVersions(headers.etag, headers['last-modified']);
      if (size !== this.#size) throw changed(stage, `it has ${size} instead of ${this.#size} bytes`);
    } else {
      this.#size = size;
      this.#validators = { etag: headers.etag ?? null, lastModified: headers['last-modified'] ?? null };
    }
    const wanted = Math.min(length, size - offset);
    if (first !== offset || last !== offset + wanted - 1) {
      throw failure(
        stage,
        'image-unsupported',
        `The server sends bytes ${first} to ${last} where ${offset} to ${offset + wanted - 1} were asked for`,
        'Download it first, and open the copy.',
      );
    }
    return wanted;
  }

  #compareVersions(etag: string | undefined, lastModified: string | undefined): void {
    const known = this.#validators;
    if (known.etag !== null && etag !== undefined) {
      if (etag !== known.etag) throw changed(this.#stage, 'it is another version');
    } else if (
      known.lastModified !== null &&
      lastModified !== undefined &&
      lastModified !== known.lastModified
    ) {
      throw changed(this.#stage, 'it was written again');
    }
  }
}
