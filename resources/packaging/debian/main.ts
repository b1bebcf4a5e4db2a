/**
 * `npm run dist:deb [-- --out <folder>] [--compression xz|zstd|none]`: the Debian package of the command line and the web shell.
 * Needs dpkg-deb, and `npm run build` before.
 */
import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { controlFile } from './metadata.ts';
import { debianVersion, stageDeb } from './stage-deb.ts';

const root = resolve(import.meta.dirname, '../../..');
const { values } = parseArgs({
  options: {
    out: { type: 'string', default: join(root, 'dist') },
    compression: { type: 'string', default: 'xz' },
  },
});
if (!existsSync(join(root, 'out/renderer/licences.txt'))) {
  console.error('The screens are not built: run "npm run build" first.');
  process.exit(2);
}

const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string };
// The same sources give the same package (reproducible-builds.org/specs/source-date-epoch).
const epoch = Number(
  process.env['SOURCE_DATE_EPOCH'] ?? Math.floor(statSync(join(root, 'CHANGELOG.md')).mtimeMs / 1000),
);
const date = new Date(epoch * 1000);

const staged = mkdtempSync(join(tmpdir(), 'gigatile-deb-'));
try {
  chmodSync(staged, 0o755);
  stageDeb(root, staged, version, date);
  const files = readdirSync(staged, { recursive: true, withFileTypes: true });
  for (const entry of files) if (entry.isDirectory()) chmodSync(join(entry.parentPath, entry.name), 0o755);
  const bytes = files
    .filter((entry) => entry.isFile())
    .reduce((sum, entry) => sum + statSync(join(entry.parentPath, entry.name)).size, 0);
  mkdirSync(join(staged, 'DEBIAN'), { mode: 0o755 });
  writeFileSync(join(staged, 'DEBIAN/control'), controlFile(debianVersion(version), bytes));
  writeFileSync(join(staged, 'DEBIAN/md5sums'), md5sums(staged));
  mkdirSync(values.out, { recursive: true });
  const deb = join(values.out, `gigatile_${debianVersion(version)}_amd64.deb`);
  execFileSync('dpkg-deb', ['--root-owner-group', `-Z${values.compression}`, '--build', staged, deb], {
    stdio: ['ignore', 'ignore', 'inherit'],
    env: { ...process.env, SOURCE_DATE_EPOCH: String(epoch) },
  });
  console.log(
    `${deb}: ${(statSync(deb).size / 1e6).toFixed(1)} MB, ${(bytes / 1e6).toFixed(1)} MB installed`,
  );
} finally {
  rmSync(staged, { recursive: true });
}

function md5sums(folder: string): string {
  const paths = execFileSync('find', ['usr', '-type', 'f', '-print0'], { cwd: folder, encoding: 'utf8' })
    .split('\0')
    .filter((path) => path !== '')
    .toSorted();
  return execFileSync('xargs', ['-0', 'md5sum'], { cwd: folder, encoding: 'utf8', input: paths.join('\0') });
}
