/** A client for parts of a file against a server that misbehaves in every way that servers do. */
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { GigatileError } from '../../../../src-main/contract/errors.ts';
import { isInside } from '../../../../src-main/images/remote/addresses.ts';
import { RangeClient } from '../../../../src-main/images/remote/range-client.ts';
import { RangeServer } from '../../../support/range-server.ts';
import type { Misbehaviour } from '../../../support/range-server.ts';

const content = Buffer.from(Array.from({ length: 3_000_000 }, (_, i) => (i * 31 + (i >> 8)) & 255));
const secret = 'S3CRETsignature';
const times = { answerMs: 2_000, idleMs: 2_000, totalMs: 20_000 };

let server: RangeServer;
const opened: RangeClient[] = [];

beforeAll(async () => {
  server = await RangeServer.start({ '/scene.tif': content, '/empty.tif': Buffer.alloc(0) });
});
afterEach(() => {
  for (const client of opened.splice(0)) client.close();
  server.reset();
});
afterAll(() => server.close());

function address(path = '/scene.tif'): string {
  return `${server.origin.replace('//', `//user:${secret}@`)}${path}?X-Amz-Signature=${secret}`;
}

async function open(path?: string, limits: Partial<typeof times> = {}): Promise<RangeClient> {
  const { client, head } = await RangeClient.open(address(path), 1000, { ...times, ...limits });
  opened.push(client);
  expect(Buffer.compare(head, content.subarray(0, 1000))).toBe(0);
  return client;
}

/** The error's code; whatever is said of it tells nothing of the address but its file. */
async function codeOf(failing: Promise<unknown>): Promise<GigatileError> {
  try {
    await failing;
  } catch (error) {
    if (!(error instanceof GigatileError)) throw error;
    const told = JSON.stringify({ ...error.toPlain(), stack: error.stack, cause: String(error.cause) });
    expect(told).not.toContain(secret);
    expect(told).not.toContain('127.0.0.1');
    expect(error.where).toMatch(/\.tif$/);
    expect(error.hint).toMatch(/\.$/);
    return error;
  }
  return expect.unreachable();
}

describe('a server that does right', () => {
  test('gives parts, and the whole in several at once', async () => {
    const client = await open();
    expect(client.size).toBe(content.length);
    expect(server.asked).toHaveLength(1);
    expect(server.asked[0]?.headers).toMatchObject({ range: 'bytes=0-999', 'accept-encoding': 'identity' });
    server.misbehave = () => ({ together: 3 });
    expect(Buffer.compare(await client.get({ offset: 0, length: content.length }), content)).toBe(0);
    expect(Buffer.compare(await client.get({ offset: 2_999_999, length: 1 }), content.subarray(-1))).toBe(0);
    expect(server.mostAtOnce).toBe(3);
  });

  test('is asked by six at a time at most, and keeps its version said in every request', async () => {
    const client = await open();
    server.misbehave = () => ({ together: 6 });
    await Promise.all(Array.from({ length: 36 }, (_, i) => client.get({ offset: i * 50_000, length: 1000 })));
    expect(server.mostAtOnce).toBe(6);
    expect(server.asked.slice(1).every(({ headers }) => headers['if-match'] === '"v1"')).toBe(true);
  });

  test('gets user and password as such, and the query as it is', async () => {
    await open();
    const [asked] = server.asked;
    expect(asked?.headers.authorization).toBe(`Basic ${Buffer.from(`user:${secret}`).toString('base64')}`);
    expect(asked?.url).toBe(`/scene.tif?X-Amz-Signature=${secret}`);
  });

  test('may give a file that is shorter than the first part', async () => {
    server.misbehave = () => ({ content: Buffer.from('short') });
    const { client, head } = await RangeClient.open(address(), 1000, times);
    opened.push(client);
    expect([client.size, head.toString()]).toEqual([5, 'short']);
  });
});

describe('a server that cannot be read from', () => {
  test.each<[string, Misbehaviour, string, RegExp]>([
    ['no parts', { ignoreRange: true }, 'image-unsupported', /does not serve parts/],
    [
      'a web page',
      { ignoreRange: true, headers: { 'Content-Type': 'text/html' } },
      'image-unsupported',
      /web page/,
    ],
    ['compressed', { gzip: true }, 'image-unsupported', /compresses.*gzip/],
    ['no length', { contentRange: 'bytes 0-999/*' }, 'image-unsupported', /how long/],
    ['another part', { contentRange: 'bytes 5-1004/3000000' }, 'image-unsupported', /5 to 1004/],
    ['401', { status: 401 }, 'file-unreadable', /401/],
    ['403', { status: 403 }, 'file-unreadable', /403.*refuses/],
    ['404', { status: 404 }, 'file-not-found', /404/],
    ['410', { status: 410 }, 'file-not-found', /410/],
    ['418', { status: 418 }, 'file-unreadable', /418/],
    ['redirects without end', { redirect: '/scene.tif' }, 'file-unreadable', /more than 5/],
    ['redirect to nothing of the web', { redirect: 'file:///etc/passwd' }, 'file-unreadable', /no address/],
    ['redirect to link-local', { redirect: 'http://169.254.169.254/latest/' }, 'file-unreadable', /network/],
  ])('%s', async (_, wrong, code, message) => {
    server.misbehave = () => wrong;
    const error = await codeOf(open());
    expect(error.code).toBe(code);
    expect(error.message).toMatch(message);
  });

  test('an empty file', async () => {
    expect((await codeOf(open('/empty.tif'))).code).toBe('image-corrupt');
  });

  test('the whole file is not read where parts are not to be had', async () => {
    const big = Buffer.alloc(64 * 1024 * 1024);
    server.misbehave = () => ({ ignoreRange: true, content: big });
    await codeOf(open());
    // Nor where that comes up later, while the connection is still of use.
    server.reset();
    const client = await open();
    server.misbehave = () => ({ ignoreRange: true, content: big });
    expect((await codeOf(client.get({ offset: 0, length: 10 }))).code).toBe('image-unsupported');
    await expect.poll(() => server.open).toBe(0);
    expect(server.bytes).toBeLessThan(big.length / 2);
  });

  test('five redirects are followed, and remembered', async () => {
    server.misbehave = ({ url, index }) =>
      index < 5 ? { redirect: `${url.split('?')[0]}?step=${index}` } : {};
    const client = await open();
    expect(server.asked).toHaveLength(6);
    await client.get({ offset: 5000, length: 10 });
    expect(server.asked).toHaveLength(7);
    expect(server.asked[6]?.url).toBe('/scene.tif?step=4');
  });

  test('where a redirect led to ends after a while: the address is asked anew', async () => {
    let token = 1;
    server.misbehave = ({ url }) => {
      if (!url.includes('token=')) return { redirect: `/scene.tif?token=${token}` };
      return url.endsWith(`token=${token}`) ? {} : { status: 403 };
    };
    const client = await open();
    token = 2;
    expect(await client.get({ offset: 7, length: 3 })).toEqual(content.subarray(7, 10));
  });

  test('user and password are not told to the server that a redirect leads to', async () => {
    const other = await RangeServer.start({ '/scene.tif': content });
    try {
      server.misbehave = () => ({ redirect: `${other.origin}/scene.tif` });
      await open();
      expect(other.asked).toHaveLength(1);
      expect(other.asked[0]?.headers.authorization).toBeUndefined();
    } finally {
      await other.close();
    }
  });

  test('nobody listens there', async () => {
    const error = await codeOf(RangeClient.open(`http://127.0.0.1:1/scene.tif?s=${secret}`, 10, times));
    expect([error.code, error.message]).toEqual(['io', expect.stringMatching(/takes no connections/)]);
  });

  test('no HTTP at all', async () => {
    const plain = createServer((socket) => socket.end('220 smtp.example.org ready\r\n'));
    await new Promise<void>((done) => plain.listen(0, '127.0.0.1', done));
    const { port } = plain.address() as AddressInfo;
    const error = await codeOf(RangeClient.open(`http://127.0.0.1:${port}/scene.tif`, 10, times));
    expect(error.message).toMatch(/does not speak HTTP/);
    const tls = await codeOf(RangeClient.open(`https://127.0.0.1:${port}/scene.tif`, 10, times));
    expect(tls.code).toBe('file-unreadable');
    plain.close();
  });
});

describe('what passes is tried again', () => {
  test.each<[string, Misbehaviour]>([
    ['500', { status: 500 }],
    ['503 with Retry-After', { status: 503, headers: { 'Retry-After': '0' } }],
    ['429 with a date', { status: 429, headers: { 'Retry-After': new Date(0).toUTCString() } }],
    ['cut off in the middle', { cutAfter: 10 }],
    ['cut off before the first byte', { cutAfter: 0 }],
    ['fewer bytes than announced', { shortBy: 3 }],
    ['no answer', { silent: true }],
    ['stalls in the middle', { stallAfter: 10 }],
  ])('%s, twice', async (_, wrong) => {
    const client = await open(undefined, { answerMs: 300, idleMs: 300 });
    const before = server.asked.length;
    server.misbehave = ({ index }) => (index < before + 2 ? wrong : {});
    expect(await client.get({ offset: 100, length: 50 })).toEqual(content.subarray(100, 150));
    expect(server.asked).toHaveLength(before + 3);
  });

  test('three times at most', async () => {
    server.misbehave = () => ({ status: 502 });
    expect((await codeOf(open())).code).toBe('io');
    expect(server.asked).toHaveLength(3);
  });

  test('what the server wants us to wait longer for than anybody would is said at once', async () => {
    server.misbehave = () => ({ status: 429, headers: { 'Retry-After': '3600' } });
    expect((await codeOf(open())).message).toMatch(/429/);
    expect(server.asked).toHaveLength(1);
  });

  test('what is wrong for good is not tried again', async () => {
    server.misbehave = () => ({ status: 404 });
    await codeOf(open());
    expect(server.asked).toHaveLength(1);
  });
});

describe('the same file all the time', () => {
  test.each<[string, Misbehaviour, Misbehaviour]>([
    ['another tag, which the server itself compares', {}, { etag: '"v2"' }],
    ['another weak tag', { etag: 'W/"v1"' }, { etag: 'W/"v2"' }],
    [
      'without tags, written later',
      { etag: null },
      { etag: null, lastModified: 'Thu, 02 Jan 2025 00:00:00 GMT' },
    ],
    [
      'without tags, written earlier',
      { etag: null },
      { etag: null, lastModified: 'Tue, 31 Dec 2024 00:00:00 GMT' },
    ],
    [
      'without tags and dates, longer',
      { etag: null, lastModified: null },
      { etag: null, lastModified: null, content: Buffer.alloc(content.length + 1) },
    ],
    ['shorter than the part', { etag: null, lastModified: null }, { etag: null, content: Buffer.alloc(50) }],
    ['the whole of another version', {}, { ignoreRange: true, etag: '"v2"', status: 412 }],
  ])('%s', async (_, before, after) => {
    server.misbehave = () => before;
    const client = await open();
    await client.get({ offset: 100, length: 10 });
    server.misbehave = () => after;
    expect((await codeOf(client.get({ offset: 100, length: 10 }))).code).toBe('image-changed');
  });

  test.each([401, 403, 404, 410])('%i later on: the image is missing', async (status) => {
    const client = await open();
    server.misbehave = () => ({ status });
    expect((await codeOf(client.get({ offset: 100, length: 10 }))).code).toBe('image-missing');
  });

  test('a client that is closed asks no more', async () => {
    const client = await open();
    server.misbehave = () => ({ silent: true });
    const waiting = client.get({ offset: 0, length: 10 });
    client.close();
    await expect(waiting).rejects.toThrow();
  });
});

test.each([
  ['10.1.2.3', true],
  ['127.0.0.1', true],
  ['192.168.0.1', true],
  ['172.31.255.255', true],
  ['172.32.0.1', false],
  ['8.8.8.8', false],
  ['::1', true],
  ['fd12::1', true],
  ['::ffff:10.0.0.1', true],
  ['2001:4860:4860::8888', false],
])('%s is inside: %s', (ip, expected) => {
  expect(isInside(ip)).toBe(expected);
});
