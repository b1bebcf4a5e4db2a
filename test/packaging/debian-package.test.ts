/** The Debian package as somebody installs it: by dpkg where that may be, else unpacked; and at work, away from this checkout. */
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const root = resolve(import.meta.dirname, '../..');
const hasDpkg = spawnSync('dpkg-deb', ['--version'], { stdio: 'ignore' }).error === undefined;
if (!hasDpkg) console.log('No dpkg-deb here: the Debian package is not tested.');

const folder = mkdtempSync(join(tmpdir(), 'gigatile-deb-test-'));
// Root installs it and takes it away again, unless somebody has it already.
const installs = process.getuid?.() === 0 && !existsSync('/usr/bin/gigatile');
let gigatile = '/usr/bin/gigatile';
let deb = '';

const environment = { PATH: '/usr/bin:/bin', HOME: join(folder, 'home') };

function run(...args: string[]): string {
  return execFileSync(gigatile, args, { cwd: join(folder, 'work'), env: environment, encoding: 'utf8' });
}

beforeAll(() => {
  if (!hasDpkg) return;
  for (const name of ['home', 'work']) mkdirSync(join(folder, name));
  const builder = join(root, 'resources/packaging/debian/main.ts');
  execFileSync(process.execPath, [builder, '--out', folder, '--compression', 'none']);
  deb = join(
    folder,
    readdirSync(folder).find((file) => file.endsWith('.deb'))!,
  );
  if (installs) {
    execFileSync('dpkg', ['--force-unsafe-io', '--install', deb], { stdio: 'ignore' });
  } else {
    execFileSync('dpkg-deb', ['--extract', deb, join(folder, 'root')]);
    gigatile = join(folder, 'root/usr/bin/gigatile');
  }
});

afterAll(() => {
  if (hasDpkg && installs) execFileSync('dpkg', ['--purge', 'gigatile'], { stdio: 'ignore' });
  rmSync(folder, { recursive: true, force: true });
});

describe.skipIf(!hasDpkg)('the Debian package', () => {
  it('says what it is, needs and installs', () => {
    const field = (name: string): string =>
      execFileSync('dpkg-deb', ['--field', deb, name], { encoding: 'utf8' }).trim();
    expect(field('Package')).toBe('gigatile');
    expect(field('Depends')).toMatch(/libc6/);
    const listed = execFileSync('dpkg-deb', ['--contents', deb], { encoding: 'utf8' });
    for (const path of [
      'usr/bin/gigatile',
      'usr/share/man/man1/gigatile.1.gz',
      'usr/share/doc/gigatile/copyright',
      'usr/share/applications/gigatile.desktop',
      'usr/share/mime/packages/gigatile.xml',
      'usr/lib/gigatile/out/renderer/licences.txt',
    ]) {
      expect(listed).toContain(` ./${path}\n`);
    }
    // All of it belongs to root, and nobody else may write to it.
    const lines = listed.trim().split('\n');
    expect(lines.filter((line) => !/^[d-]rw[x-]r-[x-]r-[x-] root\/root /.test(line))).toEqual([]);
    expect(
      lines.filter((line) => /node_modules\/(electron|vitest|typescript|@img\/sharp-win32)/.test(line)),
    ).toEqual([]);
  });

  it('analyses a sample, reports and tells its licences', () => {
    run('sample', 'pathology', '--size', '1024x768', '--out', 'sample.tif');
    expect(JSON.parse(run('info', 'sample.tif', '--json'))).toMatchObject({ width: 1024, height: 768 });
    const told = run('analyze', 'sample.tif', '--model', 'he-nuclei', '--case', 'c.gigatile', '--json');
    const last = JSON.parse(told.trim().split('\n').at(-1)!) as { state: string; findings: number };
    expect(last.state).toBe('complete');
    expect(last.findings).toBeGreaterThan(0);
    run('export', 'c.gigatile', '--format', 'pdf', '--out', 'report.pdf');
    expect(existsSync(join(folder, 'work/report.pdf'))).toBe(true);
    expect(run('licences')).toContain('onnxruntime-node');
  });

  it('holds what a queue needs, down to its database', () => {
    const away = ['queue', 'show', '--queue', 'postgres://nobody@127.0.0.1:1/none'];
    const { status, stderr } = spawnSync(gigatile, away, { env: environment, encoding: 'utf8' });
    expect(status).toBe(1);
    // Loaded as far as the network.
    expect(stderr).toContain('ECONNREFUSED');
  });

  it('serves the screens', async () => {
    const server = spawn(gigatile, ['serve', 'sample.tif'], {
      cwd: join(folder, 'work'),
      env: environment,
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    try {
      let told = '';
      for await (const part of server.stdout) {
        told += String(part);
        if (/http:\S+\s/.test(told)) break;
      }
      const address = /http:\S+/.exec(told)![0];
      const entrance = await fetch(address, { redirect: 'manual' });
      const cookie = entrance.headers.get('set-cookie')!.split(';')[0]!;
      const page = await fetch(new URL('/', address), { headers: { cookie } });
      expect(page.status).toBe(200);
      expect(await page.text()).toContain('<title>Gigatile');
    } finally {
      server.kill('SIGKILL');
    }
  });
});
