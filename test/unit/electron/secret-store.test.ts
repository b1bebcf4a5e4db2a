import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync, readdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { answerSecrets, askedSecrets } from '../../../src-main/electron/asked-secrets.ts';
import { openSecretStore, type Keychain } from '../../../src-main/electron/secret-store.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'gigatile-secrets-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

const flipped = (bytes: Buffer) => Buffer.from(bytes.map((byte) => byte ^ 0x5a));

function keychain(changes: Partial<Keychain> = {}): Keychain {
  return {
    isAsyncEncryptionAvailable: () => Promise.resolve(true),
    getSelectedStorageBackend: () => 'gnome_libsecret',
    encryptStringAsync: (text) => Promise.resolve(flipped(Buffer.from(text))),
    decryptStringAsync: (bytes) =>
      Promise.resolve({ result: flipped(bytes).toString(), shouldReEncrypt: false }),
    ...changes,
  };
}

const setAside: string[] = [];
const open = (given: Partial<Keychain> = {}, platform: NodeJS.Platform = 'linux') =>
  openSecretStore(keychain(given), platform, join(folder, 'secrets.json'), (path, why) =>
    setAside.push(`${path}: ${why}`),
  );

describe('secrets', () => {
  it('are kept over a restart, encrypted, in a file that only the person can read', async () => {
    const store = await open();
    expect(await store.keeping()).toEqual({ kept: 'keychain' });
    await store.set('OPENAI_API_KEY', ' sk-very-secret ');
    await store.set('queue', 'postgres://anna:word@db/queue');
    const text = readFileSync(join(folder, 'secrets.json'), 'utf8');
    expect(text).not.toMatch(/very-secret|anna|word/);
    if (process.platform !== 'win32') expect(statSync(join(folder, 'secrets.json')).mode & 0o777).toBe(0o600);

    const next = await open();
    expect(await next.names()).toEqual(['OPENAI_API_KEY', 'queue']);
    expect(await next.get('OPENAI_API_KEY')).toBe('sk-very-secret');
    await next.set('OPENAI_API_KEY', null);
    expect(await next.get('OPENAI_API_KEY')).toBeNull();
    expect(await next.get('queue')).toBe('postgres://anna:word@db/queue');
  });

  it.each([
    ['there is no keychain', { isAsyncEncryptionAvailable: () => Promise.resolve(false) }, 'darwin'],
    ['Linux would hide nothing', { getSelectedStorageBackend: () => 'basic_text' }, 'linux'],
  ] as const)('stay in memory where %s, and it is said', async (_what, changes, platform) => {
    const store = await open(changes, platform);
    await store.set('KEY', 'value');
    expect(await store.get('KEY')).toBe('value');
    expect(await store.keeping()).toEqual({
      kept: 'until-quit',
      why: expect.stringMatching(/key(chain|ring)/),
    });
    expect(readdirSync(folder)).toEqual([]);
    expect(await (await open(changes, platform)).get('KEY')).toBeNull();
  });

  it('are encrypted anew where the keychain asks for it', async () => {
    await (await open()).set('KEY', 'value');
    const before = readFileSync(join(folder, 'secrets.json'), 'utf8');
    const encryptStringAsync = (text: string) => Promise.resolve(flipped(Buffer.from(`${text}+`)));
    const store = await open({
      encryptStringAsync,
      decryptStringAsync: (bytes) =>
        Promise.resolve({ result: flipped(bytes).toString(), shouldReEncrypt: true }),
    });
    expect(await store.get('KEY')).toBe('value');
    expect(readFileSync(join(folder, 'secrets.json'), 'utf8')).not.toBe(before);
  });

  it('that the keychain does not open are told, and stay: it may be locked', async () => {
    await (await open()).set('KEY', 'value');
    const store = await open({ decryptStringAsync: () => Promise.reject(new Error('no key')) });
    await expect(store.get('KEY')).rejects.toThrow('does not open the key that is stored as KEY');
    expect(await store.names()).toEqual(['KEY']);
    expect(await (await open()).get('KEY')).toBe('value');
  });

  it('in a damaged file are set aside, not overwritten', async () => {
    writeFileSync(join(folder, 'secrets.json'), '{"version":1,"secrets":{"KEY":"%%%"}}');
    const store = await open();
    expect(await store.names()).toEqual([]);
    expect(readdirSync(folder)).toEqual(['secrets.damaged.json']);
    expect(setAside.at(-1)).toMatch(/secrets\.damaged\.json: secrets\.KEY/);
  });

  it.each([
    ['../x', 'value'],
    ['__proto__', 'value'],
    ['KEY', ' '],
    ['KEY', 'a\nb'],
  ])('%j = %j is refused, and the value is not quoted', async (name, value) => {
    const refused = (await open()).set(name, value);
    await expect(refused).rejects.toMatchObject({ code: 'usage' });
    await expect(refused).rejects.not.toThrow(/a\nb|value/);
  });

  it('are asked for over the process border', async () => {
    const store = await open();
    const seen = askedSecrets((question) => answerSecrets(store, structuredClone(question)));
    await seen.set('KEY', 'value');
    expect(await seen.get('KEY')).toBe('value');
    expect(await seen.names()).toEqual(['KEY']);
    expect(await seen.keeping()).toEqual({ kept: 'keychain' });
  });
});
