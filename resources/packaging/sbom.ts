/** `npm run dist:sbom`: dist/gigatile-<version>.cdx.json, what is passed on with Gigatile, as CycloneDX; written by npm itself. */
import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

const root = resolve(import.meta.dirname, '../..');
const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string };
const sbom = execFileSync('npm', ['sbom', '--sbom-format', 'cyclonedx', '--omit', 'dev'], {
  cwd: root,
  encoding: 'utf8',
  stdio: ['ignore', 'pipe', 'ignore'],
  maxBuffer: 64e6,
  shell: process.platform === 'win32',
});
const { components, specVersion } = JSON.parse(sbom) as { components: unknown[]; specVersion: string };
mkdirSync(join(root, 'dist'), { recursive: true });
const file = join(root, 'dist', `gigatile-${version}.cdx.json`);
writeFileSync(file, sbom);
console.log(`${file}: CycloneDX ${specVersion}, ${components.length} components`);
