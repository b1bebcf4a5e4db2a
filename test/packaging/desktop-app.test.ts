/** The desktop application, packed for this system by electron-builder with a stand-in for Electron, as `npm run dist:check` does. */
import { spawnSync } from 'node:child_process';
import { resolve } from 'node:path';
import { expect, it } from 'vitest';
import { hostPlatform } from '../../resources/packaging/check/platforms.ts';

const root = resolve(import.meta.dirname, '../..');
const platform = hostPlatform();
if (platform === undefined) console.log('Gigatile is not packed for this system: nothing is checked.');

it.skipIf(platform === undefined)('passes every check', () => {
  const check = resolve(root, 'resources/packaging/check/main.ts');
  const { status, stdout, stderr } = spawnSync(process.execPath, [check, platform!.name], {
    encoding: 'utf8',
  });
  expect(stdout.split('\n').filter((line) => line.includes('FAILED'))).toEqual([]);
  expect(stderr).toBe('');
  expect(stdout).toContain('All checks passed.');
  expect(status).toBe(0);
});
