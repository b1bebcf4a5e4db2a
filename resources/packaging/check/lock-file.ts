/** package-lock.json, as far as packing asks it. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

export interface LockedPackage {
  name?: string;
  version: string;
  integrity?: string;
  license?: string;
  dev?: boolean;
  optional?: boolean;
  os?: string[];
  cpu?: string[];
  libc?: string[];
  dependencies?: Record<string, string>;
  optionalDependencies?: Record<string, string>;
}

/** By path below the project: `node_modules/…`. */
export function readLockedPackages(root: string): Map<string, LockedPackage> {
  const lock = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')) as {
    packages: Record<string, LockedPackage>;
  };
  return new Map(Object.entries(lock.packages).filter(([path]) => path !== ''));
}

/** Optional, because another system has another package in its place. */
export function isOfOneSystem({ optional, os, cpu }: LockedPackage): boolean {
  return optional === true && (os !== undefined || cpu !== undefined);
}

/** What is installed with the application, without what only one system has. */
export function productionPackages(root: string): [path: string, locked: LockedPackage][] {
  return [...readLockedPackages(root)].filter(([, locked]) => locked.dev !== true && !isOfOneSystem(locked));
}

/** `node_modules/a/node_modules/@b/c` is of the package @b/c. */
export function packageName(path: string): string {
  return path.slice(path.lastIndexOf('node_modules/') + 'node_modules/'.length);
}
