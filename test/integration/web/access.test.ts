import { createServer } from 'node:net';
import * as fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { GigatileError } from '../../../src-main/contract/errors.ts';
import { contentSecurityPolicy } from '../../../src-main/core/csp.ts';
import { startWebServer } from '../../../src-main/web/start-server.ts';
import { rawExchange, request } from '../../support/raw-http.ts';
import { serverUnderTest, type ServerUnderTest } from './server-under-test.ts';

let web: ServerUnderTest;
beforeAll(async () => {
  web = await serverUnderTest();
});
afterAll(() => web.stop());

const get = (path: string, headers: Record<string, string | undefined> = {}) =>
  rawExchange(web.server.port, request(`GET ${path}`, { Host: web.host, Cookie: web.cookie, ...headers }));

describe('the token', () => {
  it('has 256 bits and trades for a cookie that scripts cannot read and other sites cannot send', async () => {
    expect(Buffer.from(web.token, 'base64url')).toHaveLength(32);
    const answer = await rawExchange(
      web.server.port,
      request(`GET /?t=${web.token}`, { Host: web.host, 'Sec-Fetch-Site': 'none' }),
    );
    expect(answer.status).toBe(303);
    expect(answer.headers.get('location')).toBe('/');
    const cookie = answer.headers.get('set-cookie') ?? '';
    expect(cookie).toMatch(
      new RegExp(`^gigatile_${web.server.port}=[\\w-]{43}; HttpOnly; SameSite=Strict; Path=/$`),
    );
    expect(cookie).not.toContain(web.token);
    expect((await get('/')).body).toContain('<title>screens</title>');
  });

  it('opens nothing where it is wrong, short, long, empty or given to another path', async () => {
    const flipped = (web.token.startsWith('A') ? 'B' : 'A') + web.token.slice(1);
    const wrong = [flipped, web.token.slice(0, -1), `${web.token}A`, '', '%00', 'x'.repeat(1500)];
    for (const token of wrong) {
      const answer = await get(`/?t=${token}`, { Cookie: undefined });
      expect([token, answer.status, answer.headers.get('set-cookie')]).toEqual([token, 401, undefined]);
    }
    expect((await get(`/assets/index-Ab3_-xYz.js?t=${web.token}`, { Cookie: undefined })).status).toBe(401);
  });

  it('is needed as a session for everything, also for what does not exist', async () => {
    for (const path of [
      '/',
      '/assets/index-Ab3_-xYz.js',
      '/tiles/a/0/0/0',
      '/exports/a/b/html',
      '/nothing',
    ]) {
      expect([path, (await get(path, { Cookie: undefined })).status]).toEqual([path, 401]);
    }
    expect(web.engine.asked).toEqual([]);
  });

  it('does not take a cookie that is wrong, of another port, or ambiguous', async () => {
    const [name = '', value = ''] = web.cookie.split('=');
    const wrong = [
      `${name}=${value}x`,
      `${name}=`,
      `${name}=${web.token}`,
      `gigatile_${web.server.port + 1}=${value}`,
      `x${name}=${value}`,
      `${name}=${value}; ${name}=${value}`,
    ];
    for (const cookie of wrong) {
      expect([cookie, (await get('/', { Cookie: cookie })).status]).toEqual([cookie, 401]);
    }
    expect((await get('/', { Cookie: `a=1; ${web.cookie}; b=2` })).status).toBe(200);
  });
});

describe('where a request comes from', () => {
  it('refuses every Host but its own before anything else, with the right cookie and token too', async () => {
    const foreign = [
      'evil.example',
      `evil.example:${web.server.port}`,
      '127.0.0.1',
      `127.0.0.1:${web.server.port + 1}`,
      `127.0.0.1.evil.example:${web.server.port}`,
      `127.0.0.1:${web.server.port}.evil.example`,
      `127.0.0.2:${web.server.port}`,
      `0.0.0.0:${web.server.port}`,
      `user@127.0.0.1:${web.server.port}`,
      `LOCALHOST.:${web.server.port}`,
    ];
    for (const host of foreign) {
      const answer = await get(`/?t=${web.token}`, { Host: host });
      expect([host, answer.status, answer.headers.get('set-cookie')]).toEqual([host, 403, undefined]);
    }
    expect((await get('/', { Host: `localhost:${web.server.port}` })).status).toBe(200);
    const twice = `GET / HTTP/1.1\r\nHost: ${web.host}\r\nHost: evil.example\r\nCookie: ${web.cookie}\r\n\r\n`;
    expect((await rawExchange(web.server.port, twice)).status).toBeGreaterThanOrEqual(400);
    const none = `GET / HTTP/1.1\r\nCookie: ${web.cookie}\r\n\r\n`;
    expect((await rawExchange(web.server.port, none)).status).toBeGreaterThanOrEqual(400);
  });

  it('refuses a foreign Origin and any request that a browser marks as coming from another site', async () => {
    for (const origin of [
      'null',
      'http://evil.example',
      'https://127.0.0.1',
      `https://${web.host}`,
      `http://${web.host}.evil.example`,
      `http://localhost:${web.server.port}`,
    ]) {
      expect([origin, (await get('/', { Origin: origin })).status]).toEqual([origin, 403]);
    }
    for (const site of ['cross-site', 'same-site', 'unheard-of']) {
      expect([site, (await get('/tiles/a/0/0/0', { 'Sec-Fetch-Site': site })).status]).toEqual([site, 403]);
    }
    expect((await get('/', { Origin: web.origin, 'Sec-Fetch-Site': 'same-origin' })).status).toBe(200);
  });

  it('takes nothing but reading without an Origin', async () => {
    for (const method of ['PUT', 'POST', 'DELETE', 'OPTIONS', 'PATCH']) {
      const headers = { Host: web.host, Cookie: web.cookie, 'Content-Length': '0' };
      const without = await rawExchange(web.server.port, request(`${method} /drop?name=a.tif`, headers));
      expect([method, without.status]).toEqual([method, 403]);
    }
    for (const method of ['POST', 'DELETE', 'OPTIONS', 'TRACE']) {
      const headers = { Host: web.host, Cookie: web.cookie, Origin: web.origin, 'Content-Length': '0' };
      const answer = await rawExchange(web.server.port, request(`${method} /`, headers));
      expect([method, answer.status]).toEqual([method, 405]);
      expect(answer.headers.get('access-control-allow-methods')).toBeUndefined();
    }
  });
});

describe('what is sent', () => {
  it('carries the security headers on every answer and never allows another origin', async () => {
    const answers = [
      await get('/'),
      await get('/nothing'),
      await get('/tiles/a/0/0/0'),
      await get('/', { Cookie: undefined }),
      await get('/', { Host: 'evil.example' }),
      await get('/exports/a/none/html'),
    ];
    expect(answers.map((answer) => answer.status)).toEqual([200, 404, 200, 401, 403, 404]);
    for (const { headers } of answers) {
      expect(headers.get('content-security-policy')).toBe(contentSecurityPolicy);
      expect(headers.get('x-content-type-options')).toBe('nosniff');
      expect(headers.get('cross-origin-resource-policy')).toBe('same-origin');
      expect(headers.get('cross-origin-opener-policy')).toBe('same-origin');
      expect(headers.get('referrer-policy')).toBe('no-referrer');
      expect([...headers.keys()].filter((name) => name.startsWith('access-control'))).toEqual([]);
      expect(headers.has('x-powered-by')).toBe(false);
    }
  });

  it('lets nobody out of the folder of the screens, however the path is written', async () => {
    const attempts = [
      '/../secret.txt',
      '/assets/../../secret.txt',
      '/%2e%2e/secret.txt',
      '/%2e%2e%2fsecret.txt',
      '/..%2fsecret.txt',
      '/..%5csecret.txt',
      '/..\\secret.txt',
      '/assets/..%252f..%252fsecret.txt',
      '/%c0%ae%c0%ae/secret.txt',
      '//secret.txt',
      '/./../secret.txt',
      `${web.folder}/secret.txt`,
      '/etc/passwd',
      '/index.html%00.txt',
      '/index.html/',
      '/screens/../index.html',
      'http://evil.example/',
      'file:///etc/passwd',
    ];
    for (const path of attempts) {
      const answer = await get(path);
      expect([path, answer.status < 400]).toEqual([path, false]);
      expect(answer.body).not.toContain('outside of what is served');
    }
    await fc.assert(
      fc.asyncProperty(
        fc.array(
          fc.constantFrom('..', '%2e%2e', '/', '%2f', '\\', '%5c', '.', 'secret.txt', 'assets', '%00'),
          {
            minLength: 1,
            maxLength: 8,
          },
        ),
        async (parts) => {
          const answer = await get(`/${parts.join('')}`);
          expect(answer.body).not.toContain('outside of what is served');
        },
      ),
      { numRuns: 60 },
    );
  });

  it('keeps hashed assets, and nothing else, in the cache for good', async () => {
    expect((await get('/assets/index-Ab3_-xYz.js')).headers.get('cache-control')).toContain('immutable');
    expect((await get('/')).headers.get('cache-control')).toBe('no-cache');
    expect((await get('/findings/a/b')).headers.get('cache-control')).toBe('no-store');
  });
});

describe('limits', () => {
  it('refuses a body where there is none to read, and addresses beyond 2,000 characters', async () => {
    expect((await get('/', { 'Content-Length': '10' })).status).toBe(413);
    expect((await get('/', { 'Transfer-Encoding': 'chunked' })).status).toBe(413);
    expect((await get(`/tiles/${'a'.repeat(2000)}/0/0/0`)).status).toBe(414);
  });

  it('stops the engine’s work when the asker goes', async () => {
    web.engine.hang = /^\/crops\//;
    await rawExchange(
      web.server.port,
      request('GET /crops/a?x=0&y=0&width=9&height=9&size=9', { Host: web.host, Cookie: web.cookie }),
      200,
    );
    await expect.poll(() => web.engine.asked.at(-1)?.aborted, { timeout: 5000 }).toBe(true);
    expect(web.engine.asked.at(-1)?.path).toBe('/crops/a?x=0&y=0&width=9&height=9&size=9');
  });
});

describe('starting', () => {
  const options = () => ({
    engine: web.engine,
    staticDir: `${web.folder}/screens`,
    dataDir: web.dataDir,
  });

  it('says which port is in use and what to do', async () => {
    const holder = createServer();
    const port = await new Promise<number>((resolve) => {
      holder.listen(0, '127.0.0.1', () => {
        const address = holder.address();
        resolve(typeof address === 'object' && address !== null ? address.port : 0);
      });
    });
    const error = await startWebServer({ ...options(), port }).catch((thrown: unknown) => thrown);
    holder.close();
    expect(error).toBeInstanceOf(GigatileError);
    expect(error).toMatchObject({ code: 'port-in-use', where: `127.0.0.1:${port}` });
    expect((error as GigatileError).hint).toContain('--port');
  });

  it('listens on loopback only', async () => {
    for (const host of ['0.0.0.0', '::', '192.168.1.1', 'example.org', '127.0.0.1.example.org']) {
      await expect(startWebServer({ ...options(), host })).rejects.toMatchObject({ code: 'usage' });
    }
  });

  it('says so where the screens are not built', async () => {
    await expect(startWebServer({ ...options(), staticDir: web.dataDir })).rejects.toMatchObject({
      code: 'file-not-found',
      hint: expect.stringContaining('npm run build'),
    });
  });

  it('keeps two servers apart, each with a cookie of its own', async () => {
    const second = await startWebServer(options());
    try {
      const answer = await rawExchange(
        second.port,
        request('GET /', { Host: `127.0.0.1:${second.port}`, Cookie: web.cookie }),
      );
      expect(answer.status).toBe(401);
      expect(new URL(second.url).searchParams.get('t')).not.toBe(web.token);
    } finally {
      await second.close();
      await second.close();
    }
  });
});
