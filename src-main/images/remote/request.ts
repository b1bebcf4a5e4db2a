/** One GET for a part of a file: redirects, timeouts, and the body at its right length; no retries. */
import { Agent as HttpAgent, request as httpRequest } from 'node:http';
import type { IncomingMessage, RequestOptions } from 'node:http';
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https';
import { AddressRule, RefusedAddress } from './addresses.ts';
import { connectionFailure, failure } from './failure.ts';
import type { Stage } from './failure.ts';

export interface RequestTimes {
  /** From the socket to the first byte of an answer, ms. */
  answerMs: number;
  /** Without a byte of the body, ms. */
  idleMs: number;
}

const redirects: ReadonlySet<number> = new Set([301, 302, 303, 307, 308]);
const maxRedirects = 5;
/** Requests of one image at a time. Browsers take six; a server that is asked more answers 429. */
export const maxConnections = 6;

export interface Answer {
  message: IncomingMessage;
  /** Where it came from, after redirects. */
  url: URL;
}

export class Requester {
  readonly #times: RequestTimes;
  readonly #rule = new AddressRule();
  // Two more than are used at a time: a reader that is asleep while it waits is not put behind the others.
  readonly #http = new HttpAgent({ keepAlive: true, maxSockets: maxConnections + 2 });
  readonly #https = new HttpsAgent({ keepAlive: true, maxSockets: maxConnections + 2 });

  constructor(times: RequestTimes) {
    this.#times = times;
  }

  /** The answer's head; its body is the caller's to read or to destroy. @throws {RequestFailure} */
  async get(from: URL, headers: Record<string, string>, stage: Stage, signal: AbortSignal): Promise<Answer> {
    let url = from;
    for (let step = 0; ; step++) {
      const message = await this.#ask(url, from, headers, stage, signal);
      const { location } = message.headers;
      if (!redirects.has(message.statusCode ?? 0) || location === undefined) return { message, url };
      message.destroy();
      if (step === maxRedirects) {
        throw failure(
          stage,
          'file-unreadable',
          `The server sends us from one address to the next, more than ${maxRedirects} times`,
          'Take the address that the file really has.',
        );
      }
      url = nextUrl(url, location, stage);
    }
  }

  close(): void {
    this.#http.destroy();
    this.#https.destroy();
  }

  #ask(
    url: URL,
    from: URL,
    headers: Record<string, string>,
    stage: Stage,
    signal: AbortSignal,
  ): Promise<IncomingMessage> {
    const secure = url.protocol === 'https:';
    const options: RequestOptions = {
      method: 'GET',
      headers,
      agent: secure ? this.#https : this.#http,
      lookup: this.#rule.lookup,
      signal,
      // Of the address itself only: another server has no business with them.
      auth: url.origin === from.origin && from.username !== '' ? credentials(from) : null,
    };
    return new Promise((resolve, reject) => {
      const fail = (error: unknown): void => {
        if (error instanceof RefusedAddress) reject(refused(stage));
        else if (signal.aborted) reject(tooSlow(stage));
        else reject(connectionFailure(stage, error));
      };
      try {
        this.#rule.checkHost(url.hostname);
      } catch (error) {
        fail(error);
        return;
      }
      const bare = new URL(url);
      bare.username = '';
      bare.password = '';
      const request = (secure ? httpsRequest : httpRequest)(bare, options);
      // Only from when it has a connection: it may have waited for one.
      request.once('socket', () => {
        const timer = setTimeout(() => {
          request.destroy();
          reject(tooSlow(stage));
        }, this.#times.answerMs);
        request.once('response', () => clearTimeout(timer));
        request.once('close', () => clearTimeout(timer));
      });
      request.once('response', resolve);
      request.on('error', fail);
      request.end();
    });
  }

  /** The body, which must have `length` bytes. @throws {RequestFailure} */
  readBody(
    message: IncomingMessage,
    length: number,
    stage: Stage,
    signal: AbortSignal,
  ): Promise<Buffer<ArrayBuffer>> {
    return new Promise((resolve, reject) => {
      const body = Buffer.allocUnsafeSlow(length);
      let done = 0;
      const end = (act: () => void): void => {
        clearTimeout(timer);
        act();
      };
      const fail = (error: unknown): void => {
        end(() => reject(signal.aborted ? tooSlow(stage) : connectionFailure(stage, error)));
        message.destroy();
      };
      const timer = setTimeout(() => fail(tooSlow(stage)), this.#times.idleMs);
      message.on('data', (chunk: Buffer) => {
        timer.refresh();
        if (done + chunk.length > length) {
          fail(shortBody(stage, `more than the ${length} bytes that it announced`));
          return;
        }
        done += chunk.copy(body, done);
      });
      message.once('end', () => {
        if (done === length) end(() => resolve(body));
        else fail(shortBody(stage, `${done} of ${length} bytes`));
      });
      message.once('error', fail);
      message.once('close', () => {
        if (done < length) fail(shortBody(stage, `${done} of ${length} bytes`));
      });
    });
  }
}

function credentials({ username, password }: URL): string {
  return `${decoded(username)}:${decoded(password)}`;
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    // A stray % stands for itself.
    return text;
  }
}

function nextUrl(url: URL, location: string, stage: Stage): URL {
  const next = URL.canParse(location, url.href) ? new URL(location, url.href) : null;
  if (next === null || (next.protocol !== 'https:' && next.protocol !== 'http:')) {
    throw failure(
      stage,
      'file-unreadable',
      'The server sends us to something that is no address of the web',
      'Take the address that the file really has.',
    );
  }
  if (url.protocol === 'https:' && next.protocol === 'http:') {
    throw failure(
      stage,
      'file-unreadable',
      'The server sends us from a safe address (https) to an unsafe one (http)',
      'Take the address that the file really has, if that one may be trusted.',
    );
  }
  return next;
}

function refused(stage: Stage): Error {
  return failure(
    stage,
    'file-unreadable',
    'The address leads into a network that it may not lead into',
    'A server out there cannot send Gigatile to this computer or its network, and nobody to link-local addresses.',
  );
}

function tooSlow(stage: Stage): Error {
  return failure(stage, 'io', 'The server does not answer in time', 'Check the connection and try again.', {
    transient: true,
  });
}

function shortBody(stage: Stage, how: string): Error {
  return failure(
    stage,
    'io',
    `The server cut its answer off: ${how}`,
    'Check the connection and try again.',
    {
      transient: true,
    },
  );
}
