/** The systems that Gigatile is packed for, and where electron-builder lays things there. */
import { join } from 'node:path';

export interface Platform {
  /** electron-builder's name of it. */
  name: 'linux' | 'win' | 'mac';
  os: 'linux' | 'win32' | 'darwin';
  arch: 'x64' | 'arm64';
  /** Folder of the packed application, below the output folder. */
  folder: string;
  /** Where Electron finds app.asar, below that. */
  resources: string;
}

export const platforms: readonly Platform[] = [
  { name: 'linux', os: 'linux', arch: 'x64', folder: 'linux-unpacked', resources: 'resources' },
  { name: 'win', os: 'win32', arch: 'x64', folder: 'win-unpacked', resources: 'resources' },
  {
    name: 'mac',
    os: 'darwin',
    arch: 'arm64',
    folder: 'mac-arm64',
    resources: join('Gigatile.app', 'Contents', 'Resources'),
  },
];

export function hostPlatform(): Platform | undefined {
  return platforms.find(({ os, arch }) => os === process.platform && arch === process.arch);
}
