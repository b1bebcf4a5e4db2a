/**
 * Where a request comes from, checked before anything else: a page of another site that knows the port must get nothing,
 * neither by name tricks (DNS rebinding shows in Host) nor by sending blindly (Origin, Sec-Fetch-Site).
 */
import type { IncomingMessage } from 'node:http';

export interface OriginRules {
  /** Exact values of Host that are ours, as `127.0.0.1:4711`. */
  readonly hosts: ReadonlySet<string>;
  /** Exact values of Origin that are ours, as `http://127.0.0.1:4711`. */
  readonly origins: ReadonlySet<string>;
}

/** The names by which a loopback server is reached; 80 is left out of Host and Origin by browsers. */
export function originRules(host: string, port: number): OriginRules {
  const names = host === '::1' ? ['[::1]', 'localhost'] : [host, 'localhost'];
  const hosts = new Set(names.flatMap((name) => (port === 80 ? [name, `${name}:80`] : [`${name}:${port}`])));
  return { hosts, origins: new Set([...hosts].map((entry) => `http://${entry}`)) };
}

/**
 * The reason to refuse a request, or null. Headers that could be sent twice are refused then: two readers could differ.
 * `originNeeded`: for everything that changes something (WebSocket, PUT), where browsers always send Origin.
 */
export function refuseOrigin(
  request: IncomingMessage,
  rules: OriginRules,
  originNeeded: boolean,
): string | null {
  const { host, origin } = request.headers;
  for (const name of ['host', 'origin'] as const) {
    if ((request.headersDistinct[name]?.length ?? 0) > 1) return `more than one ${name} header`;
  }
  if (host === undefined || !rules.hosts.has(host)) return 'this server does not answer to that host name';
  if (origin === undefined ? originNeeded : !rules.origins.has(origin)) return 'this page may not do that';
  // Both headers name ours; they must name the same one, or the page is of another name for this server.
  if (origin !== undefined && origin !== `http://${host}`) return 'this page may not do that';
  const site = request.headers['sec-fetch-site'];
  if (site !== undefined && site !== 'same-origin' && site !== 'none') {
    return 'this address may be opened directly only, not from another site';
  }
  return null;
}
