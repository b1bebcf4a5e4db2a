/**
 * The screens in a browser: a server on loopback over one engine. It checks who asks (origin.ts, auth.ts), routes, and holds
 * no logic of its own.
 */
import {
  createServer,
  STATUS_CODES,
  type IncomingMessage,
  type Server,
  type ServerResponse,
} from 'node:http';
import type { Duplex } from 'node:stream';
import { GigatileError, toPlainError } from '../contract/errors.ts';
import type { Engine } from '../engine/shell.ts';
import { Gate } from './auth.ts';
import { DropFolder } from './drop.ts';
import { serveExport } from './exports.ts';
import { abortWhenGone, answer, answerError, answerText, setSecurityHeaders } from './headers.ts';
import { originRules, refuseOrigin, type OriginRules } from './origin.ts';
import { rpcSockets, type RpcSockets } from './rpc.ts';
import { StaticFiles } from './static-files.ts';

export interface WebServerOptions {
  engine: Engine;
  /** Absolute; the built screens (out/renderer). */
  staticDir: string;
  /** Absolute; dropped files are copied below it. */
  dataDir: string;
  /** 0 or left out: a free one. */
  port?: number | undefined;
  /** 127.0.0.1 unless told; only loopback addresses are taken. */
  host?: string | undefined;
  /** Larger dropped files are refused. */
  maxDropBytes?: number | undefined;
  /** So long a client may take to say what it wants, ms; 20,000 unless told. */
  headersTimeoutMs?: number | undefined;
  /** Hears of defects: errors that nothing has turned into an answer for a person. Left out: they go to stderr. */
  onError?: ((error: unknown) => void) | undefined;
}

export interface WebServer {
  /** What the person opens: carries the token. */
  url: string;
  port: number;
  /** Ends all connections. The engine is the caller's to close. Idempotent. */
  close(): Promise<void>;
}

const bytesPath =
  /^\/(tiles|thumbnails|case-pictures|crops|tile-states|findings|shapes|comparisons|comparison-shapes|report-previews)(\/[\w.~-]+)+$/;
const longestUrl = 2_000;
/** Far more than the tabs of one person need, and few enough that descriptors are left for images and cases. */
const mostConnections = 1500;

/** @throws {GigatileError} port-in-use, usage (not a loopback address), file-not-found (the screens are not built). */
export async function startWebServer(options: WebServerOptions): Promise<WebServer> {
  const host = options.host ?? '127.0.0.1';
  if (!/^127\.\d+\.\d+\.\d+$/.test(host) && host !== '::1') {
    throw new GigatileError('usage', `The screens are served on this computer only, not on ${host}`, {
      hint: 'Leave the host out; reach another computer through an SSH tunnel.',
    });
  }
  const files = new StaticFiles(options.staticDir);
  const headersTimeout = options.headersTimeoutMs ?? 20_000;
  // A drop may take hours, as long as something comes (drop.ts).
  const server = createServer({
    requestTimeout: 0,
    headersTimeout,
    keepAliveTimeout: 5000,
    connectionsCheckingInterval: Math.min(5000, headersTimeout),
  });
  server.maxConnections = mostConnections;
  await listen(server, host, options.port ?? 0);
  const port = portOf(server);

  const report = options.onError ?? printDefect;
  const shell: Shell = {
    engine: options.engine,
    files,
    drops: new DropFolder(options.dataDir, options.engine.files, options.maxDropBytes),
    gate: new Gate(port),
    rules: originRules(host, port),
    rpc: rpcSockets(options.engine.router, report),
  };
  server.on('request', (request, response) => {
    handle(shell, request, response).catch((error: unknown) => {
      if (response.destroyed) return;
      const plain = toPlainError(error);
      if (plain.code === 'internal') report(error);
      answerError(response, plain);
    });
  });
  server.on('upgrade', (request, socket, head) => upgrade(shell, request, socket, head));

  let closing: Promise<void> | null = null;
  return {
    url: `http://${host === '::1' ? '[::1]' : host}:${port}/?t=${shell.gate.token}`,
    port,
    close() {
      closing ??= new Promise((resolve) => {
        shell.rpc.close();
        server.close(() => resolve());
        server.closeAllConnections();
      });
      return closing;
    },
  };
}

function printDefect(error: unknown): void {
  const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
  process.stderr.write(`gigatile: error in the web server: ${text}\n`);
}

interface Shell {
  engine: Engine;
  files: StaticFiles;
  drops: DropFolder;
  gate: Gate;
  rules: OriginRules;
  rpc: RpcSockets;
}

async function handle(shell: Shell, request: IncomingMessage, response: ServerResponse): Promise<void> {
  setSecurityHeaders(response);
  const method = request.method ?? '';
  const url = request.url ?? '';
  const reading = method === 'GET' || method === 'HEAD';
  const refused = refuseOrigin(request, shell.rules, !reading);
  if (refused !== null) return endWithText(response, 403, `Refused: ${refused}.`);
  if (url.length > longestUrl) return endWithText(response, 414, 'This address is too long.');
  const [path, search] = splitOnce(url, '?');
  if (!reading && !(method === 'PUT' && path === '/drop')) {
    response.setHeader('Allow', 'GET, HEAD');
    return endWithText(response, 405, 'This cannot be done here.');
  }
  if (reading && hasBody(request)) return endWithText(response, 413, 'This request may not have a body.');

  const query = new URLSearchParams(search);
  const token = query.get('t');
  if (token !== null && path === '/' && shell.gate.acceptsToken(token)) {
    response.setHeader('Set-Cookie', shell.gate.setCookie());
    response.setHeader('Location', '/');
    return answer(response, 303, 'text/plain; charset=utf-8', '');
  }
  if (!shell.gate.hasSession(request)) {
    return endWithText(
      response,
      401,
      'Open the whole address that `gigatile serve` printed, with the part behind the question mark.',
    );
  }

  const signal = abortWhenGone(request, response);
  if (method === 'PUT') return shell.drops.receive(request, query, response, signal);
  if (bytesPath.test(path)) {
    const found = await shell.engine.bytes(url, signal);
    if (!response.destroyed) answer(response, found.status, found.type, found.body);
    return;
  }
  if (await serveExport(shell.engine, path, response, signal)) return;
  if (await shell.files.serve(path, response)) return;
  if (path === '/favicon.ico') return answer(response, 204, 'image/x-icon', '');
  answerText(response, 404, 'There is nothing at this address.');
}

function upgrade(shell: Shell, request: IncomingMessage, socket: Duplex, head: Buffer): void {
  socket.on('error', () => socket.destroy());
  const refuse = (status: number): void => {
    socket.end(
      `HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`,
    );
  };
  if (refuseOrigin(request, shell.rules, true) !== null) return refuse(403);
  if (!shell.gate.hasSession(request)) return refuse(401);
  if (request.url !== '/rpc') return refuse(404);
  shell.rpc.accept(request, socket, head);
}

/** For requests that are refused unread: what follows on the connection is not looked at. */
function endWithText(response: ServerResponse, status: number, text: string): void {
  response.setHeader('Connection', 'close');
  answerText(response, status, text);
}

function hasBody(request: IncomingMessage): boolean {
  return (
    request.headers['transfer-encoding'] !== undefined || Number(request.headers['content-length'] ?? 0) > 0
  );
}

function splitOnce(text: string, separator: string): [string, string] {
  const at = text.indexOf(separator);
  return at < 0 ? [text, ''] : [text.slice(0, at), text.slice(at + 1)];
}

function listen(server: Server, host: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => reject(listenError(error, host, port)));
    server.listen({ host, port, exclusive: true }, () => resolve());
  });
}

function portOf(server: Server): number {
  const address = server.address();
  if (address === null || typeof address === 'string')
    throw new Error('the server does not listen on a port');
  return address.port;
}

function listenError(error: NodeJS.ErrnoException, host: string, port: number): GigatileError {
  const where = `${host}:${port}`;
  if (error.code === 'EADDRINUSE') {
    return new GigatileError('port-in-use', `Port ${port} is already in use`, {
      where,
      hint: 'Give another one with --port, or leave --port out to take a free one.',
      cause: error,
    });
  }
  return new GigatileError('usage', `The server cannot listen there: ${error.message}`, {
    where,
    hint: 'Leave --port out to take a free one.',
    cause: error,
  });
}
