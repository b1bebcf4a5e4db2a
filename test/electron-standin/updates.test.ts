/** The real updater, as it lies in the bundle, against a server for updates: it finds, checks and fetches a newer version. */
import { createHash } from 'node:crypto';
import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { repository } from './application.ts';

const newProgram = Buffer.from('a newer program\n'.repeat(1000));
let promised = createHash('sha512').update(newProgram).digest('base64');
const server = createServer((request, response) => {
  const path = new URL(request.url ?? '', 'http://here').pathname;
  if (path === '/latest-linux.yml') {
    const file = `sha512: ${promised}\n    size: ${newProgram.length}`;
    response.end(`version: 99.0.0\nfiles:\n  - url: new.AppImage\n    ${file}\nreleaseDate: '2030-01-01'\n`);
  } else if (path === '/new.AppImage') {
    response.writeHead(200, { 'content-length': newProgram.length }).end(newProgram);
  } else response.writeHead(404).end();
});
let folder: string;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'gigatile-updates-'));
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  writeFileSync(
    join(folder, 'app-update.yml'),
    `provider: generic\nurl: http://127.0.0.1:${port}\nupdaterCacheDirName: gigatile-updater\n`,
  );
  writeFileSync(join(folder, 'old.AppImage'), 'the old program');
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
  rmSync(folder, { recursive: true });
});

/** What a process that has nothing but the bundle says. */
async function update(): Promise<{
  version: string;
  isNewer: boolean;
  files: string[];
  failed: string | null;
}> {
  const main = readFileSync(join(repository, 'out/main/main.js'), 'utf8');
  const [, chunk] = /autoUpdater \} = \(await import\("\.\/([\w-]+\.js)"\)/.exec(main) ?? [];
  const { stdout } = await promisify(execFile)(
    process.execPath,
    [
      join(import.meta.dirname, '../support/update-with-bundle.mjs'),
      join(repository, 'out/main', chunk!),
      folder,
    ],
    {
      env: { ...process.env, APPIMAGE: join(folder, 'old.AppImage'), XDG_CACHE_HOME: join(folder, 'cache') },
    },
  );
  return JSON.parse(stdout.trim().split('\n').at(-1)!) as Awaited<ReturnType<typeof update>>;
}

it.runIf(process.platform === 'linux')(
  'fetches a newer version, and only what has the promised checksum',
  async () => {
    const good = await update();
    expect(good).toMatchObject({ version: '99.0.0', isNewer: true, failed: null });
    expect(readFileSync(good.files[0]!)).toEqual(newProgram);
    rmSync(join(folder, 'cache'), { recursive: true });
    promised = createHash('sha512').update('something else').digest('base64');
    expect((await update()).failed).toMatch(/sha512 checksum mismatch/);
  },
);
