import { createHash } from 'node:crypto';
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { connect } from 'node:net';
import { join, relative } from 'node:path';
import * as fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { safeFileName } from '../../../src-main/web/drop.ts';
import { rawExchange, request } from '../../support/raw-http.ts';
import { serverUnderTest, type ServerUnderTest } from './server-under-test.ts';

let web: ServerUnderTest;
beforeAll(async () => {
  web = await serverUnderTest({ maxDropBytes: 1_000_000 });
});
afterAll(() => web.stop());

const session = () => ({ Host: web.host, Cookie: web.cookie, Origin: web.origin });

function put(name: string, body: Buffer, headers: Record<string, string | undefined> = {}) {
  return rawExchange(
    web.server.port,
    request(
      `PUT /drop?name=${encodeURIComponent(name)}`,
      { ...session(), 'Content-Length': String(body.length), ...headers },
      body,
    ),
  );
}

const dropped = () => join(web.dataDir, 'dropped');
const filesBelow = (folder: string) =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)));

async function fileOf(answer: { status: number; body: string }): Promise<string> {
  expect(answer.status).toBe(200);
  const { fileId } = JSON.parse(answer.body) as { fileId: string };
  return web.engine.files.resolve(fileId);
}

describe('dropped files', () => {
  it('arrive byte for byte under their own name, behind an opaque id', async () => {
    const body = Buffer.from(Array.from({ length: 300_000 }, (_, i) => (i * 31) % 251));
    const answer = await put('Schnitt Ä 1.svs', body);
    const path = await fileOf(answer);
    expect(readFileSync(path).equals(body)).toBe(true);
    expect(path.endsWith('Schnitt Ä 1.svs')).toBe(true);
    expect(answer.body).not.toContain('dropped');
  });

  it('are kept once where they are the same, and apart where only name and size are', async () => {
    const first = await fileOf(await put('twin.tif', Buffer.from('one')));
    const again = await fileOf(await put('twin.tif', Buffer.from('one')));
    const other = await fileOf(await put('twin.tif', Buffer.from('two')));
    expect(again).toBe(first);
    expect(other).not.toBe(first);
    expect([first, other].map((path) => readFileSync(path, 'utf8'))).toEqual(['one', 'two']);
  });

  it('cannot leave their folder, whatever they are called', async () => {
    const before = filesBelow(web.folder).filter((path) => !path.startsWith('data'));
    for (const name of [
      '../x.tif',
      '..\\x.tif',
      '/etc/x',
      'a/b.tif',
      'C:\\x.tif',
      '..',
      '.',
      '',
      'a\0.tif',
      'NUL',
    ]) {
      expect([name, (await put(name, Buffer.from('x'))).status]).toEqual([name, 400]);
    }
    expect(filesBelow(web.folder).filter((path) => !path.startsWith('data'))).toEqual(before);
  });

  it('have names that are one harmless component, or none', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 300 }), (name) => {
        let safe: string;
        try {
          safe = safeFileName(name);
        } catch {
          return;
        }
        expect(safe).not.toMatch(/[/\\\0:*?"<>|]|^\.|[. ]$/);
        expect(Buffer.byteLength(safe)).toBeLessThanOrEqual(200);
        expect(safeFileName(safe)).toBe(safe);
      }),
    );
  });

  it('leave nothing behind where they are too large, of unknown size, or cut off', async () => {
    const before = filesBelow(dropped());
    expect(before.filter((path) => path.endsWith('.upload'))).toEqual([]);
    const large = await put('large.tif', Buffer.alloc(0), { 'Content-Length': '1000001' });
    expect(large.status).toBe(413);
    expect(JSON.parse(large.body)).toMatchObject({ code: 'image-too-large', where: 'large.tif' });
    expect((await put('x.tif', Buffer.alloc(0), { 'Content-Length': undefined })).status).toBe(411);
    const chunked = await put('x.tif', Buffer.from('3\r\nabc\r\n0\r\n\r\n'), {
      'Content-Length': undefined,
      'Transfer-Encoding': 'chunked',
    });
    expect(chunked.status).toBe(411);

    const socket = connect({ host: '127.0.0.1', port: web.server.port });
    const head = request('PUT /drop?name=cut.tif', { ...session(), 'Content-Length': '5000' }, 'only this');
    socket.write(head);
    await expect.poll(() => filesBelow(dropped()).some((path) => path.endsWith('.upload'))).toBe(true);
    socket.destroy();
    await expect.poll(() => filesBelow(dropped())).toEqual(before);
    expect(web.errors).toEqual([]);
  });

  it('are refused from another page and without a session', async () => {
    const before = filesBelow(dropped());
    expect((await put('x.tif', Buffer.from('x'), { Origin: 'http://evil.example' })).status).toBe(403);
    expect((await put('x.tif', Buffer.from('x'), { Origin: undefined })).status).toBe(403);
    expect((await put('x.tif', Buffer.from('x'), { Cookie: undefined })).status).toBe(401);
    expect(filesBelow(dropped())).toEqual(before);
  });
});

describe('exports', () => {
  const get = (path: string) => rawExchange(web.server.port, request(`GET ${path}`, session()));

  it('come whole as a download with their own name, and leave no temporary folder', async () => {
    web.engine.exportContent = '<p>report</p>'.repeat(200_000);
    const answer = await get('/exports/case1/run1/html');
    expect(answer.status).toBe(200);
    expect(answer.headers.get('content-disposition')).toBe(
      `attachment; filename="Bericht _1_.html"; filename*=UTF-8''Bericht%20%E2%80%9C1%E2%80%9D.html`,
    );
    const sha = (text: string) => createHash('sha256').update(text).digest('hex');
    expect(sha(answer.body)).toBe(sha(web.engine.exportContent));
    await expect.poll(() => web.engine.exportFolders.some((folder) => existsSync(folder))).toBe(false);
  });

  it('answer the engine’s error instead of half a file', async () => {
    const answer = await get('/exports/case1/none/html');
    expect(answer.status).toBe(404);
    expect(JSON.parse(answer.body)).toMatchObject({ code: 'run-not-found', where: 'none' });
    expect((await get('/exports/case1/run1/../html')).status).toBe(404);
  });
});
