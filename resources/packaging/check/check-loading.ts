/** Starts the packed packages on this machine: what was left out by mistake shows here. */
import { spawnSync } from 'node:child_process';
import { globSync } from 'node:fs';
import { join } from 'node:path';
import { bundleImports } from './bundle-imports.ts';
import { besides, type Check } from './checks.ts';
import type { PackedApp } from './packed-app.ts';
import type { Platform } from './platforms.ts';

/** @param folder what was packed, away from any node_modules that could step in (unpack.ts) */
export function checkLoading(root: string, app: PackedApp, folder: string, platform: Platform): Check {
  const { dependencies = {} } = JSON.parse(app.text('package.json')) as {
    dependencies?: Record<string, string>;
  };
  const names = [...bundleImports(app, Object.keys(dependencies)).values()].flatMap(({ all }) => all);
  const specifiers = [...new Set([...besides(platform), ...names])]
    .filter((name) => !name.startsWith('.'))
    .map((name) => (name === '@img/sharp-wasm32' ? `${name}/sharp.node` : name));
  const model = globSync('models/*/*.onnx', { cwd: root })[0]!;
  const { status, stderr } = spawnSync(
    process.execPath,
    [
      '--experimental-import-meta-resolve',
      join(import.meta.dirname, 'load-packed.mjs'),
      join(root, model),
      ...specifiers,
    ],
    { cwd: folder, encoding: 'utf8' },
  );
  return {
    name: 'loading',
    ok: status === 0,
    detail:
      status === 0
        ? `${specifiers.length} packages loaded, five native modules at work, from the packed files alone`
        : (/^\w*Error.*$/m.exec(stderr)?.[0] ?? stderr.trim()),
  };
}
