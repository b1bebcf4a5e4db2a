/** On which program the suite runs: Electron's where there is one, which is then started by Playwright as it would start any. */
import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { repository } from './application.ts';
import { findElectron } from './find-electron.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'gigatile-find-electron-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

it('is the one in the named folder, else what the package has fetched, else none', () => {
  expect(findElectron({}, folder, 'linux')).toBeNull();
  const dist = join(folder, 'node_modules/electron/dist');
  mkdirSync(join(dist, 'Electron.app/Contents/MacOS'), { recursive: true });
  for (const name of ['electron', 'electron.exe', 'Electron.app/Contents/MacOS/Electron']) {
    writeFileSync(join(dist, name), '');
  }
  expect(findElectron({}, folder, 'linux')).toBe(join(dist, 'electron'));
  expect(findElectron({}, folder, 'win32')).toBe(join(dist, 'electron.exe'));
  expect(findElectron({}, folder, 'darwin')).toBe(join(dist, 'Electron.app/Contents/MacOS/Electron'));

  const named = join(folder, 'named');
  mkdirSync(named);
  const env = { ELECTRON_OVERRIDE_DIST_PATH: named };
  // No stand-in for somebody who asked for the real one.
  expect(() => findElectron(env, folder, 'linux')).toThrow(/there is no electron.*for the stand-in/);
  writeFileSync(join(named, 'electron'), '');
  expect(findElectron(env, folder, 'linux')).toBe(join(named, 'electron'));
});

it.skipIf(process.platform === 'win32')(
  'is started with the application, before which the watcher is loaded',
  () => {
    writeFileSync(
      join(folder, 'electron'),
      `#!/bin/sh\nprintf '%s\\n' "$@" > "${folder}/arguments"\nexit 7\n`,
    );
    chmodSync(join(folder, 'electron'), 0o755);
    const script = `
    import { Application, onStandIn, screensOrigin } from ${JSON.stringify(join(import.meta.dirname, 'application.ts'))};
    // Playwright leaves some of its own promises behind where a program ends at once.
    process.on('unhandledRejection', () => undefined);
    const app = new Application({ userData: ${JSON.stringify(folder)}, args: ['slide.svs'] });
    await app.exited.catch(() => undefined);
    console.log(JSON.stringify({ onStandIn, screensOrigin }));`;
    const said = execFileSync(process.execPath, ['--input-type=module', '--eval', script], {
      env: { ...process.env, ELECTRON_OVERRIDE_DIST_PATH: folder },
      encoding: 'utf8',
    });
    expect(JSON.parse(said)).toEqual({ onStandIn: false, screensOrigin: 'app://gigatile' });
    const given = readFileSync(join(folder, 'arguments'), 'utf8').trimEnd().split('\n');
    expect(given).toContain('--remote-debugging-port=0');
    expect(given.slice(-4)).toEqual(['-r', join(import.meta.dirname, 'watch.cjs'), repository, 'slide.svs']);
  },
);
