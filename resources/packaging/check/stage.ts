/**
 * The project as it would lie on another system's machine before packing: the application's packages, with that system's
 * optional ones in place of this one's. Real files are hard links; files of other systems are holes of the right size.
 */
import { existsSync, linkSync, mkdirSync, readdirSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { productionPackages } from './lock-file.ts';
import { platformPackages } from './platform-packages.ts';
import type { Platform } from './platforms.ts';

/** As hard links; `skip`: nested node_modules have their own line in the lock file. */
function linkTree(from: string, to: string, skip?: string): void {
  mkdirSync(to, { recursive: true });
  for (const entry of readdirSync(from, { withFileTypes: true })) {
    if (entry.name === skip) continue;
    const [source, target] = [join(from, entry.name), join(to, entry.name)];
    if (entry.isDirectory()) linkTree(source, target);
    else if (entry.isFile()) linkSync(source, target);
  }
}

/** Lays the project out at `to`, an empty folder on the same disk as `root`. */
export function stage(root: string, to: string, platform: Platform): void {
  for (const [path] of productionPackages(root)) {
    if (existsSync(join(root, path))) linkTree(join(root, path), join(to, path), 'node_modules');
  }
  for (const [name, { manifest, files }] of platformPackages(root, platform)) {
    const folder = join(to, 'node_modules', name);
    const installed = join(root, 'node_modules', name);
    if (existsSync(installed)) {
      linkTree(installed, folder);
      continue;
    }
    for (const [path, size] of Object.entries(files)) {
      const file = join(folder, path);
      mkdirSync(join(file, '..'), { recursive: true });
      writeFileSync(file, '');
      truncateSync(file, size);
    }
    writeFileSync(join(folder, 'package.json'), JSON.stringify(manifest));
  }
  for (const folder of ['out', 'models', 'resources']) linkTree(join(root, folder), join(to, folder));
  for (const file of ['package.json', 'package-lock.json', 'LICENSE', 'electron-builder.yml']) {
    linkSync(join(root, file), join(to, file));
  }
}
