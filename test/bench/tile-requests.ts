/** The same requests for display tiles every time: evenly over all levels, as somebody who zooms in and out asks. */
import { execFileSync } from 'node:child_process';
import type { ImageInfo } from '../../src-main/contract/image.ts';

export type TileRequest = readonly [level: number, column: number, row: number];

export function tileRequests(levels: ImageInfo['display']['levels'], count: number): TileRequest[] {
  let state = 12_345;
  const random = (): number => (state = (state * 1_103_515_245 + 12_345) % 2 ** 31) / 2 ** 31;
  return Array.from({ length: count }, () => {
    const level = Math.floor(random() * levels.length);
    const { width = 1, height = 1, tileWidth = 1, tileHeight = 1 } = levels[level] ?? {};
    const column = Math.floor(random() * Math.ceil(width / tileWidth));
    return [level, column, Math.floor(random() * Math.ceil(height / tileHeight))];
  });
}

/** Makes the system forget what it holds of a file in memory, so that the next reading goes to the disk. */
export function dropFromCache(path: string): void {
  const code =
    'import os,sys; f=os.open(sys.argv[1],os.O_RDONLY); os.fdatasync(f); os.posix_fadvise(f,0,0,os.POSIX_FADV_DONTNEED)';
  execFileSync('/usr/bin/python3', ['-c', code, path]);
}

/** @param share 0-1 of the sorted values */
export function percentile(values: readonly number[], share: number): number {
  return (
    values.toSorted((a, b) => a - b)[Math.min(values.length - 1, Math.floor(values.length * share))] ??
    Number.NaN
  );
}
