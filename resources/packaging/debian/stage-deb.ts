/** Lays out what the package installs: the sources (Node runs them as they are), what they import, Node itself, the screens. */
import {
  chmodSync,
  copyFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { readLockedPackages } from '../check/lock-file.ts';
import { neededPackages, type PackageManifest } from '../needed-packages.ts';
import { pruneForLinux } from '../pruned-files.ts';
import { copyrightFile, debianChangelog, lintianOverrides, manPage } from './metadata.ts';
import { sourceImports } from './source-imports.ts';

const here = import.meta.dirname;

/** The first packaging of that version. */
export const debianVersion = (version: string): string => `${version}-1`;

/** @param to an empty folder that becomes the root of the file system */
export function stageDeb(root: string, to: string, version: string, date: Date): void {
  const put = (path: string, content: string | Buffer, mode = 0o644): void => {
    mkdirSync(join(to, dirname(path)), { recursive: true });
    writeFileSync(join(to, path), content, { mode });
    chmodSync(join(to, path), mode);
  };
  const copy = (from: string, path: string, mode = 0o644): void => {
    mkdirSync(join(to, dirname(path)), { recursive: true });
    copyFileSync(from, join(to, path));
    chmodSync(join(to, path), mode);
  };
  const lib = 'usr/lib/gigatile';

  const { files, packages } = sourceImports(root);
  for (const file of files) copy(join(root, file), join(lib, file));
  for (const folder of installedFor(root, packages))
    copyPackage(root, folder, (file) => copy(join(root, folder, file), join(lib, folder, file)));
  copy(join(root, 'node_modules/node/bin/node'), `${lib}/bin/node`, 0o755);
  cpSync(join(root, 'out/renderer'), join(to, lib, 'out/renderer'), { recursive: true });
  for (const file of readdirSync(join(root, 'models'), { recursive: true, encoding: 'utf8' })) {
    if (/(gigatile\.json|\.onnx|MODEL-CARD\.md)$/.test(file))
      copy(join(root, 'models', file), join(lib, 'models', file));
  }
  copy(join(root, 'resources/sample-slide.tif'), `${lib}/resources/sample-slide.tif`);
  const { name, type } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
    name: string;
    type: string;
  };
  put(`${lib}/package.json`, `${JSON.stringify({ name, version, type, private: true }, null, 2)}\n`);

  // Finds its files from where it lies itself, so that a package unpacked anywhere works too.
  put(
    'usr/bin/gigatile',
    '#!/bin/sh\nlib="$(dirname "$(readlink -f "$0")")/../lib/gigatile"\nexec "$lib/bin/node" "$lib/src-main/cli/main.ts" "$@"\n',
    0o755,
  );
  put(
    'usr/share/man/man1/gigatile.1.gz',
    gzipSync(manPage(version, date.toISOString().slice(0, 10)), { level: 9 }),
  );
  put('usr/share/doc/gigatile/copyright', copyrightFile());
  put(
    'usr/share/doc/gigatile/changelog.gz',
    gzipSync(readFileSync(join(root, 'CHANGELOG.md')), { level: 9 }),
  );
  put(
    'usr/share/doc/gigatile/changelog.Debian.gz',
    gzipSync(debianChangelog(debianVersion(version), date), { level: 9 }),
  );
  put('usr/share/lintian/overrides/gigatile', lintianOverrides);
  copy(join(here, 'gigatile.desktop'), 'usr/share/applications/gigatile.desktop');
  copy(join(here, 'gigatile.xml'), 'usr/share/mime/packages/gigatile.xml');
  for (const side of [16, 24, 32, 48, 64, 128, 256, 512]) {
    copy(
      join(root, `resources/icons/${side}x${side}.png`),
      `usr/share/icons/hicolor/${side}x${side}/apps/gigatile.png`,
    );
  }
}

/** Folders of the packages that these imports need. @throws {Error} where one is not installed */
function installedFor(root: string, imports: ReadonlySet<string>): string[] {
  const locked = readLockedPackages(root);
  const { needed, missing } = neededPackages(
    imports,
    (folder) => locked.get(folder)?.dev !== true && existsSync(join(root, folder, 'package.json')),
    (folder) => JSON.parse(readFileSync(join(root, folder, 'package.json'), 'utf8')) as PackageManifest,
  );
  if (missing.length > 0) throw new Error(`Not installed: ${missing.join(', ')}`);
  return [...needed].toSorted();
}

function copyPackage(root: string, folder: string, copy: (file: string) => void): void {
  const isPruned = pruneForLinux(root);
  const walk = (below: string): void => {
    for (const entry of readdirSync(join(root, folder, below), { withFileTypes: true })) {
      const file = below === '' ? entry.name : `${below}/${entry.name}`;
      if (entry.isDirectory()) {
        if (entry.name !== 'node_modules') walk(file);
      } else if (entry.isFile() && !isPruned(folder, file)) copy(file);
    }
  };
  walk('');
}
