/**
 * `npm run dist:check [-- linux|win|mac …] [--keep]`: packs the application for each system with electron-builder and a
 * stand-in for Electron, and checks what an installer would hold. Needs `npm run build` before. Fails where a check fails.
 */
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { checkCodecs } from './check-codecs.ts';
import { checkFuses } from './check-fuses.ts';
import { checkLoading } from './check-loading.ts';
import { checkApp, sizeByPart, totalBytes, type Check } from './checks.ts';
import { PackedApp } from './packed-app.ts';
import { pack } from './pack.ts';
import { hostPlatform, platforms } from './platforms.ts';
import { unpack } from './unpack.ts';

const root = resolve(import.meta.dirname, '../../..');
const names = process.argv.slice(2).filter((argument) => !argument.startsWith('-'));
const chosen = platforms.filter(({ name }) => names.length === 0 || names.includes(name));
const megabytes = (bytes: number): string => (bytes / 1e6).toFixed(1).padStart(7);

if (!existsSync(join(root, 'out/main/main.js'))) {
  console.error('Nothing is built: run "npm run build" first.');
  process.exit(2);
}
let failed = 0;
const sizes = new Map<string, Map<string, number>>();
for (const platform of chosen) {
  // On the same disk as the project, for hard links.
  const folder = join(root, 'dist/check', platform.name);
  const packed = pack(root, folder, platform);
  const app = new PackedApp(join(packed, platform.resources));
  const checks: Check[] = [...checkApp(root, app, platform), checkFuses(packed, platform)];
  if (platform === hostPlatform()) {
    const away = mkdtempSync(join(tmpdir(), 'gigatile-packed-'));
    try {
      const unpacked = unpack(app, away);
      checks.push(checkLoading(root, app, unpacked, platform));
      // The others pack no WebAssembly build.
      if (platform.os === 'linux') checks.push(checkCodecs(unpacked));
    } finally {
      rmSync(away, { recursive: true });
    }
  }
  console.log(`\n${platform.name} (${platform.os}-${platform.arch})`);
  for (const { name, ok, detail } of checks)
    console.log(`  ${ok ? 'ok    ' : 'FAILED'} ${name.padEnd(15)} ${detail}`);
  failed += checks.filter(({ ok }) => !ok).length;
  sizes.set(platform.name, new Map([...sizeByPart(app), ['all', totalBytes(app)]]));
  if (!process.argv.includes('--keep')) rmSync(folder, { recursive: true });
}

console.log(`\nMB without Electron      ${chosen.map(({ name }) => name.padStart(7)).join(' ')}`);
const parts = [...new Set([...sizes.values()].flatMap((part) => [...part.keys()]))];
for (const part of [...parts.filter((part) => part !== 'all'), 'all']) {
  const cells = chosen.map(({ name }) => megabytes(sizes.get(name)?.get(part) ?? 0));
  console.log(`  ${part.padEnd(22)} ${cells.join(' ')}`);
}
console.log(failed === 0 ? '\nAll checks passed.' : `\n${failed} checks failed.`);
process.exitCode = failed === 0 ? 0 : 1;
