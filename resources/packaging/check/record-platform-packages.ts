/** `npm run dist:record`: writes platform-packages.json from the registry, after a dependency with binaries was updated. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { lockedFor, recordFile, type PlatformPackage } from './platform-packages.ts';
import { platforms } from './platforms.ts';

const root = resolve(import.meta.dirname, '../../..');
const folder = mkdtempSync(join(tmpdir(), 'gigatile-record-'));
const record: Record<string, PlatformPackage> = {};
try {
  for (const platform of platforms) {
    for (const [name, { version, integrity }] of lockedFor(root, platform)) {
      const args = ['pack', '--json', '--silent', '--pack-destination', folder, `${name}@${version}`];
      const [packed] = JSON.parse(execFileSync('npm', args, { encoding: 'utf8' })) as [
        { filename: string; integrity: string; files: { path: string; size: number }[] },
      ];
      if (packed.integrity !== integrity)
        throw new Error(`${name}@${version} is not what the lock file names`);
      const manifest = execFileSync('tar', ['-xOf', join(folder, packed.filename), 'package/package.json'], {
        encoding: 'utf8',
      });
      record[name] = {
        version,
        integrity,
        manifest: JSON.parse(manifest) as Record<string, unknown>,
        files: Object.fromEntries(packed.files.map(({ path, size }) => [path, size])),
      };
    }
  }
} finally {
  rmSync(folder, { recursive: true });
}
writeFileSync(recordFile, `${JSON.stringify(record, null, 2)}\n`);
console.log(`${Object.keys(record).length} packages recorded in ${recordFile}`);
