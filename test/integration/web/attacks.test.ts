/** The server under somebody who means harm and has nothing but the port: it refuses, and goes on for the person whose it is. */
import { connect, type Socket } from 'node:net';
import { randomBytes } from 'node:crypto';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startWebServer, type WebServer } from '../../../src-main/web/start-server.ts';
import { fakeEngine } from '../../support/fake-engine.ts';
import { rawExchange, request } from '../../support/raw-http.ts';

let folder: string;
let server: WebServer;
let host: string;
let cookie: string;
let token: string;
const errors: unknown[] = [];
const sockets: Socket[] = [];

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'gigatile-attacks-'));
  writeFileSync(join(folder, 'index.html'), '<!doctype html><title>screens</title>');
  server = await startWebServer({
    engine: fakeEngine(),
    staticDir: folder,
    dataDir: folder,
    headersTimeoutMs: 1500,
    onError: (error) => errors.push(error),
  });
  host = `127.0.0.1:${server.port}`;
  token = new URL(server.url).searchParams.get('t') ?? '';
  const opened = await rawExchange(server.port, request(`GET /?t=${token}`, { Host: host }), 5000);
  cookie = (opened.headers.get('set-cookie') ?? '').split(';')[0] ?? '';
});
afterAll(async () => {
  for (const socket of sockets) socket.destroy();
  await server.close();
  rmSync(folder, { recursive: true, force: true });
});

const asPerson = () => rawExchange(server.port, request('GET /', { Host: host, Cookie: cookie }), 10_000);

/** A connection that stays as it is left; resolves when the server has taken it. */
function hold(text = ''): Promise<{ ended: Promise<string> }> {
  const socket = connect({ host: '127.0.0.1', port: server.port });
  sockets.push(socket);
  let heard = '';
  socket.on('data', (chunk: Buffer) => (heard += chunk.toString('latin1')));
  const ended = new Promise<string>((resolve) => {
    socket.on('close', () => resolve(heard));
    socket.on('error', () => resolve(heard));
  });
  return new Promise((resolve) => {
    socket.on('connect', () => {
      if (text !== '') socket.write(text);
      resolve({ ended });
    });
  });
}

describe('who wants to wear the server out', () => {
  it('with 1,000 connections that say nothing leaves room for the person', async () => {
    await Promise.all(Array.from({ length: 1000 }, () => hold()));
    const answer = await asPerson();
    expect([answer.status, answer.body.includes('<title>screens</title>')]).toEqual([200, true]);
    for (const socket of sockets.splice(0)) socket.destroy();
  });

  it('with requests that never end is cut off, and the person is served meanwhile', async () => {
    const slow = await Promise.all(
      Array.from({ length: 50 }, (_, i) => hold(`GET / HTTP/1.1\r\nHost: ${host}\r\nX-${i}: `)),
    );
    expect((await asPerson()).status).toBe(200);
    for (const heard of await Promise.all(slow.map(({ ended }) => ended))) {
      expect(heard).toMatch(/^(HTTP\/1\.1 408 |$)/);
    }
  });

  it('with headers without end is cut off', async () => {
    const answer = await rawExchange(
      server.port,
      `GET / HTTP/1.1\r\nHost: ${host}\r\n${'X-Filler: aaaaaaaaaaaaaaaa\r\n'.repeat(4000)}\r\n`,
      5000,
    );
    expect(answer.status).toBe(431);
  });

  it('with a drop that announces more than it sends leaves nothing on the disk', async () => {
    const head = request('PUT /drop?name=a.tif', {
      Host: host,
      Cookie: cookie,
      Origin: `http://${host}`,
      'Content-Length': '1000000',
    });
    const { ended } = await hold();
    sockets.at(-1)!.write(Buffer.concat([head, randomBytes(1000)]));
    await expect.poll(() => readdirSync(join(folder, 'dropped')).length, { timeout: 10_000 }).toBe(1);
    sockets.at(-1)!.destroy();
    await ended;
    await expect.poll(() => readdirSync(join(folder, 'dropped')), { timeout: 10_000 }).toEqual([]);
  });
});

describe('who tries to get in', () => {
  it('by guessing the token gets nothing, however often', async () => {
    const guess = () => {
      const text = randomBytes(32).toString('base64url');
      return `GET /?t=${text} HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`;
    };
    for (let round = 0; round < 10; round++) {
      const answers = await Promise.all(
        Array.from({ length: 50 }, () => rawExchange(server.port, guess(), 10_000)),
      );
      expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([401]));
      expect(answers.some(({ headers }) => headers.has('set-cookie'))).toBe(false);
    }
    expect((await asPerson()).status).toBe(200);
  });

  it('by a name that leads here (DNS rebinding) is refused before the token or the session count', async () => {
    for (const line of [`GET /?t=${token}`, 'GET /', 'GET /tiles/a/0/0/0', 'PUT /drop?name=a.tif']) {
      const answer = await rawExchange(
        server.port,
        request(line, {
          Host: `rebound.example:${server.port}`,
          Origin: `http://rebound.example:${server.port}`,
          Cookie: cookie,
          'Content-Length': '0',
        }),
        5000,
      );
      expect([line, answer.status, answer.headers.get('set-cookie')]).toEqual([line, 403, undefined]);
    }
  });

  it.each([
    ['two lengths', `Content-Length: 0\r\nContent-Length: 30`],
    ['a length and chunks', `Content-Length: 4\r\nTransfer-Encoding: chunked`],
    ['a length that is none', `Content-Length: 0x10`],
    ['a header that is folded', `X-A: b\r\n c: d`],
    ['a bare line feed', `X-A: b\nX-Hidden: c`],
    ['a name with a space', `Content-Length : 5`],
    ['a zero byte', `X-A: \0`],
  ])('by a second request hidden behind %s is refused', async (_what, lines) => {
    const hidden = `GET /?t=${token} HTTP/1.1\r\nHost: ${host}\r\n\r\n`;
    const answer = await rawExchange(
      server.port,
      `GET / HTTP/1.1\r\nHost: ${host}\r\nCookie: ${cookie}\r\n${lines}\r\n\r\n${hidden}`,
      2000,
    );
    expect(answer.status).toBeGreaterThanOrEqual(400);
    expect(answer.headers.has('set-cookie')).toBe(false);
    expect(answer.body).not.toContain('Set-Cookie');
  });
});

describe('who has a session and sends what is no WebSocket', () => {
  const key = 'dGhlIHNhbXBsZSBub25jZQ==';
  const handshake = (headers: Record<string, string | undefined> = {}) =>
    request('GET /rpc', {
      Host: host,
      Origin: `http://${host}`,
      Cookie: cookie,
      Connection: 'Upgrade',
      Upgrade: 'websocket',
      'Sec-WebSocket-Version': '13',
      'Sec-WebSocket-Key': key,
      ...headers,
    });

  it.each([
    ['a frame without a mask', Buffer.from([0x81, 0x05, 0x68, 0x65, 0x6c, 0x6c, 0x6f])],
    ['reserved bits', Buffer.from([0xf1, 0x80, 0, 0, 0, 0])],
    ['an unknown opcode', Buffer.from([0x8f, 0x80, 0, 0, 0, 0])],
    ['a frame of 2^62 bytes', Buffer.from([0x82, 0xff, 0x40, 0, 0, 0, 0, 0, 0, 0, 1, 2, 3, 4])],
    ['a ping in pieces', Buffer.from([0x09, 0x80, 0, 0, 0, 0])],
    ['a continuation of nothing', Buffer.from([0x80, 0x80, 0, 0, 0, 0])],
    ['text that is no UTF-8', Buffer.from([0x81, 0x82, 0, 0, 0, 0, 0xc3, 0x28])],
  ])('%s ends the connection and nothing else', async (_what, frame) => {
    const { ended } = await hold();
    sockets.at(-1)!.write(handshake());
    sockets.at(-1)!.write(frame);
    expect(await ended).toMatch(/^HTTP\/1\.1 101 /);
    expect((await asPerson()).status).toBe(200);
  });

  it('a handshake that is half right is refused', async () => {
    const halves: Record<string, string | undefined>[] = [
      { 'Sec-WebSocket-Key': undefined },
      { 'Sec-WebSocket-Key': 'short' },
      { 'Sec-WebSocket-Version': '12' },
    ];
    for (const half of halves) {
      const answer = await rawExchange(server.port, handshake(half), 5000);
      expect([half, answer.status]).toEqual([
        half,
        expect.toSatisfy((status: number) => [400, 426].includes(status)),
      ]);
    }
  });
});

it('no defect came to light meanwhile', () => {
  expect(errors).toEqual([]);
});
