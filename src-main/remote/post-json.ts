/** One POST of JSON to a server that is not trusted: bounded in time and size, and never sent on to another host. */
import { EndpointFailure, failed, refused, retryAfterMs } from './failure.ts';

/** No answer about a tile is as large; what is larger is not read. */
const largestAnswer = 4 * 2 ** 20;
const mostRedirects = 3;

export interface Reply {
  status: number;
  text: string;
  retryAfterMs: number | null;
}

/**
 * @param signal aborts with the caller's reason
 * @throws {EndpointFailure} transient: no connection, too slow, cut off; fatal: sent on to another host
 */
export async function postJson(
  url: URL,
  headers: Record<string, string>,
  body: unknown,
  timeoutMs: number,
  signal: AbortSignal,
): Promise<Reply> {
  const timeout = AbortSignal.timeout(timeoutMs);
  const text = JSON.stringify(body);
  try {
    return await send(url, headers, text, AbortSignal.any([signal, timeout]));
  } catch (error) {
    if (signal.aborted) throw signal.reason;
    if (error instanceof EndpointFailure) throw error;
    if (timeout.aborted) {
      throw new EndpointFailure('transient', failed(`No whole answer within ${timeoutMs / 1000} s`));
    }
    const code = systemCode(error);
    const isUnreachable = unreachable.has(code);
    throw new EndpointFailure(
      'transient',
      isUnreachable
        ? failed(`The endpoint cannot be reached (${code})`, 'Is it running, and is its address right?')
        : failed(`The connection broke before the answer was whole${code === '' ? '' : ` (${code})`}`),
      { isUnreachable },
    );
  }
}

const unreachable = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'UND_ERR_CONNECT_TIMEOUT',
  'CERT_HAS_EXPIRED',
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
  'ERR_TLS_CERT_ALTNAME_INVALID',
]);

/** The system's or the HTTP client's code; a message could quote the address. */
function systemCode(error: unknown): string {
  for (let e: unknown = error; e instanceof Error; e = e.cause) {
    if ('code' in e && typeof e.code === 'string' && /^[A-Z][A-Z0-9_]*$/.test(e.code)) return e.code;
    if (e instanceof AggregateError) return systemCode(e.errors[0]);
  }
  return '';
}

async function send(
  from: URL,
  headers: Record<string, string>,
  body: string,
  signal: AbortSignal,
): Promise<Reply> {
  let url = from;
  for (let redirects = 0; ; redirects++) {
    const response = await fetch(url.href, {
      method: 'POST',
      headers: { ...headers, 'content-type': 'application/json', accept: 'application/json' },
      body,
      redirect: 'manual',
      signal,
    });
    const location = response.headers.get('location');
    if (response.status >= 300 && response.status < 400 && location !== null) {
      await response.body?.cancel();
      url = redirected(url, location, response.status, redirects);
      continue;
    }
    return {
      status: response.status,
      text: await limitedText(response),
      retryAfterMs: retryAfterMs(response.headers.get('retry-after'), Date.now()),
    };
  }
}

/** Pictures and keys go to the host that the person agreed to and to no other; 301 to 303 would turn the POST into a GET. */
function redirected(url: URL, location: string, status: number, redirects: number): URL {
  const next = URL.canParse(location, url.href) ? new URL(location, url) : null;
  if (next !== null && next.origin === url.origin && status >= 307 && redirects < mostRedirects) return next;
  const where = next === null || next.origin === url.origin ? 'elsewhere' : `to ${next.origin}`;
  throw new EndpointFailure(
    'fatal',
    refused(
      `The endpoint at ${url.origin} sends requests on ${where}, and they are not sent there`,
      'Correct remote.baseUrl: it must be the address that answers itself.',
    ),
  );
}

async function limitedText(response: Response): Promise<string> {
  if (response.body === null) return '';
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of response.body) {
    length += chunk.byteLength;
    if (length > largestAnswer) {
      throw new EndpointFailure(
        'permanent',
        failed(`The endpoint's answer has more than ${largestAnswer / 2 ** 20} MB`),
      );
    }
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}
