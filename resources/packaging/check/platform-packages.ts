/**
 * Optional packages that npm installs on one system only (libvips, koffi). To see on one system how all are packed,
 * platform-packages.json holds their lists of files and sizes, tied to the lock file by version and integrity.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { isOfOneSystem, packageName, readLockedPackages } from './lock-file.ts';
import type { Platform } from './platforms.ts';

export interface PlatformPackage {
  version: string;
  integrity: string;
  /** Its package.json. */
  manifest: Record<string, unknown>;
  /** Bytes by path. */
  files: Record<string, number>;
}

export const recordFile = join(import.meta.dirname, 'platform-packages.json');

/** Names of the packages that only this system installs, with version and integrity, as locked. */
export function lockedFor(
  root: string,
  platform: Platform,
): Map<string, { version: string; integrity: string }> {
  const found = new Map<string, { version: string; integrity: string }>();
  for (const [path, locked] of readLockedPackages(root)) {
    const { version, integrity = '', dev, os, cpu, libc } = locked;
    const isHere =
      dev !== true &&
      isOfOneSystem(locked) &&
      os?.includes(platform.os) === true &&
      cpu?.includes(platform.arch) === true &&
      libc?.includes('musl') !== true;
    if (isHere) found.set(packageName(path), { version, integrity });
  }
  return found;
}

/** @throws {Error} where the record is not of the versions that the lock file names */
export function platformPackages(root: string, platform: Platform): Map<string, PlatformPackage> {
  const record = JSON.parse(readFileSync(recordFile, 'utf8')) as Record<string, PlatformPackage>;
  return new Map(
    [...lockedFor(root, platform)].map(([name, { version, integrity }]) => {
      const recorded = record[name];
      if (recorded?.version !== version || recorded.integrity !== integrity) {
        throw new Error(
          `platform-packages.json does not hold ${name}@${version}: run "npm run dist:record", which asks the registry`,
        );
      }
      return [name, recorded];
    }),
  );
}
