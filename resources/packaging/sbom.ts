/**
 * `npm run dist:sbom`: dist/gigatile-<version>.cdx.json, what is passed on with Gigatile, as CycloneDX, from the lock file: of all
 * systems. npm writes it; what only development needs is taken out here, because `npm sbom --omit dev` also leaves out whatever a
 * development dependency needs too (seen with npm 11.19: 90 of 171).
 */
import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { packageName, readLockedPackages } from './check/lock-file.ts';

export interface Sbom {
  specVersion: string;
  components: { name: string; version: string; 'bom-ref': string; licenses?: unknown[] }[];
  dependencies: { ref: string; dependsOn: string[] }[];
}

export function writeSbom(root: string): Sbom {
  const args = ['sbom', '--sbom-format', 'cyclonedx', '--package-lock-only'];
  const all = JSON.parse(
    execFileSync('npm', args, {
      cwd: root,
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
      maxBuffer: 64e6,
      shell: process.platform === 'win32',
    }),
  ) as Sbom;
  const shipped = new Set(
    [...readLockedPackages(root)]
      .filter(([, { dev }]) => dev !== true)
      .map(([path, { name, version }]) => `${name ?? packageName(path)}@${version}`),
  );
  const components = all.components.filter(({ name, version }) => shipped.has(`${name}@${version}`));
  const kept = new Set(components.map((component) => component['bom-ref']));
  const isRoot = (ref: string): boolean => !all.components.some((component) => component['bom-ref'] === ref);
  return {
    ...all,
    components,
    dependencies: all.dependencies
      .filter(({ ref }) => kept.has(ref) || isRoot(ref))
      .map(({ ref, dependsOn }) => ({ ref, dependsOn: dependsOn.filter((other) => kept.has(other)) })),
  };
}

if (import.meta.main) {
  const root = resolve(import.meta.dirname, '../..');
  const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string };
  const sbom = writeSbom(root);
  mkdirSync(join(root, 'dist'), { recursive: true });
  const file = join(root, 'dist', `gigatile-${version}.cdx.json`);
  writeFileSync(file, `${JSON.stringify(sbom, null, 2)}\n`);
  console.log(`${file}: CycloneDX ${sbom.specVersion}, ${sbom.components.length} components`);
}
