/**
 * Who may speak to the server. The address that is printed carries a token of 256 bits; the first request trades it for a
 * cookie that scripts cannot read and other sites cannot send, and the token leaves the address bar by a redirect.
 */
import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage } from 'node:http';

const hash = (text: string): Buffer => createHash('sha256').update(text).digest();

/** Compares in a time that does not depend on where, or in length, the two differ. */
export function equalSecrets(left: string, right: string): boolean {
  return timingSafeEqual(hash(left), hash(right));
}

export class Gate {
  /** Goes into the printed address; 256 bits, base64url. */
  readonly token = randomBytes(32).toString('base64url');
  /** The cookie's value is another secret: who finds the address in a history has no session. */
  readonly #session = randomBytes(32).toString('base64url');
  /** Browsers keep cookies by host, not by port: the port in the name keeps two servers apart. */
  readonly cookieName: string;

  constructor(port: number) {
    this.cookieName = `gigatile_${port}`;
  }

  acceptsToken(given: string): boolean {
    return equalSecrets(given, this.token);
  }

  /** Value of the Set-Cookie header. Ends with the browser's session, and with this server. */
  setCookie(): string {
    return `${this.cookieName}=${this.#session}; HttpOnly; SameSite=Strict; Path=/`;
  }

  hasSession(request: IncomingMessage): boolean {
    const given = cookieOf(request.headers.cookie ?? '', this.cookieName);
    return given !== null && equalSecrets(given, this.#session);
  }
}

/** A cookie's value out of a Cookie header, or null. A name that comes twice counts as absent: which one is ours is unknown. */
export function cookieOf(header: string, name: string): string | null {
  const values = header
    .split(';')
    .map((pair) => pair.trim())
    .filter((pair) => pair.startsWith(`${name}=`))
    .map((pair) => pair.slice(name.length + 1));
  return values.length === 1 ? (values[0] ?? null) : null;
}
