/** A file system of a size of its own, to be filled; root can mount one. */
import { execFileSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';

export interface SmallDisk {
  path: string;
  /** Why there is none; null where it is mounted. */
  why: string | null;
  resize(size: string): void;
  unmount(): void;
}

/** @param size as mount(8) takes it for tmpfs: `260k`, `24m` */
export function mountSmallDisk(path: string, size: string): SmallDisk {
  mkdirSync(path, { recursive: true });
  const mount = (options: string): void =>
    void execFileSync('mount', ['-t', 'tmpfs', '-o', options, 'tmpfs', path], { stdio: 'pipe' });
  try {
    mount(`size=${size}`);
  } catch (error) {
    const why = `no small file system can be mounted here: ${String(error).split('\n')[0] ?? ''}`;
    return { path, why, resize: () => undefined, unmount: () => undefined };
  }
  return {
    path,
    why: null,
    resize: (to) => void execFileSync('mount', ['-o', `remount,size=${to}`, path]),
    unmount: () => void execFileSync('umount', [path]),
  };
}
