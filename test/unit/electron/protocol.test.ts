import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { contentSecurityPolicy } from '../../../src-main/core/csp.ts';
import { answerAppRequest, customSchemes, resolveAppFile } from '../../../src-main/electron/protocol.ts';

let folder: string;
let root: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'gigatile-protocol-'));
  root = join(folder, 'renderer');
  mkdirSync(join(root, 'assets'), { recursive: true });
  writeFileSync(join(root, 'index.html'), '<!doctype html>');
  writeFileSync(join(root, 'assets/app.js'), 'export {};');
  writeFileSync(join(root, 'assets/secret.sqlite'), 'x');
  writeFileSync(join(folder, 'secret.html'), 'secret');
});
afterAll(() => rmSync(folder, { recursive: true }));

const get = (url: string, method = 'GET') => answerAppRequest(root, { url, method });

describe('app://gigatile', () => {
  it('serves the screens with the headers of the house', async () => {
    const page = await get('app://gigatile/index.html');
    expect(page.status).toBe(200);
    expect(await page.text()).toBe('<!doctype html>');
    expect(Object.fromEntries(page.headers)).toEqual({
      'content-security-policy': contentSecurityPolicy,
      'content-type': 'text/html; charset=utf-8',
      'cross-origin-opener-policy': 'same-origin',
      'cross-origin-resource-policy': 'same-origin',
      'referrer-policy': 'no-referrer',
      'x-content-type-options': 'nosniff',
    });
    expect((await get('app://gigatile/')).status).toBe(200);
    const script = await get('app://gigatile/assets/app.js?v=1#x');
    expect(script.headers.get('content-type')).toBe('text/javascript; charset=utf-8');
  });

  it.each([
    'app://gigatile/missing.html',
    'app://gigatile/assets',
    'app://gigatile/assets/secret.sqlite',
    'app://gigatile/../secret.html',
    'app://gigatile/%2e%2e/secret.html',
    'app://gigatile/..%2fsecret.html',
    'app://gigatile/%2e%2e%2fsecret.html',
    'app://gigatile/..%5csecret.html',
    'app://gigatile/assets/..%2f..%2fsecret.html',
    'app://gigatile//etc/passwd.html',
    'app://gigatile/%00index.html',
    'app://gigatile/index.html%00.js',
    'app://gigatile/%zz',
    'app://elsewhere/index.html',
    'app://gigatile:80/index.html',
    'https://gigatile/index.html',
    'file:///etc/hosts.html',
    'nonsense',
  ])('does not serve %s, and still sends the policy', async (url) => {
    const answer = await get(url);
    expect(answer.status).toBe(404);
    expect(answer.headers.get('content-security-policy')).toBe(contentSecurityPolicy);
  });

  it('answers GET only', async () => {
    expect((await get('app://gigatile/index.html', 'POST')).status).toBe(405);
  });

  it('never leaves its folder, however a URL is written', () => {
    const piece = fc.constantFrom(
      '..',
      '.',
      '%2e',
      '%2E%2e',
      '/',
      '%2f',
      '\\',
      '%5c',
      'assets',
      'secret.html',
      '%00',
      '~',
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 10 }), (pieces) => {
        const file = resolveAppFile(root, `app://gigatile/${pieces.join('')}`);
        if (file !== null) expect(join(file).startsWith(`${root}/`)).toBe(true);
      }),
      { numRuns: 2000 },
    );
  });

  it('is standard and secure, and gets around nothing', () => {
    expect(customSchemes).toEqual([
      { scheme: 'app', privileges: { standard: true, secure: true, supportFetchAPI: true } },
    ]);
  });
});
