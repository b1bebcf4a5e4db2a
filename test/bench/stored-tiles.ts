/** The stored JPEG tiles that a run needs, as libjpeg-turbo alone gets them, and the time that it takes for them. */
import { execFile } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { GridPlan } from '../../src-main/contract/run.ts';
import { tileModelRect } from '../../src-main/core/grid.ts';
import type { ImageSource } from '../../src-main/images/image-source.ts';

/** Writes each stored tile under any of `tiles` once. @returns how many */
export async function writeStreams(
  source: ImageSource,
  plan: GridPlan,
  tiles: readonly number[],
  file: string,
): Promise<number> {
  const [level] = source.info.levels;
  if (level === undefined || level.tileWidth === null || level.tileHeight === null)
    throw new Error('no tiles');
  const stored = new Set<string>();
  for (const tile of tiles) {
    const { x, y, width, height } = tileModelRect(plan, tile);
    const right = Math.min(x + width, level.width);
    const bottom = Math.min(y + height, level.height);
    for (let row = Math.floor(y / level.tileHeight); row * level.tileHeight < bottom; row++) {
      for (let column = Math.floor(x / level.tileWidth); column * level.tileWidth < right; column++) {
        stored.add(`${column},${row}`);
      }
    }
  }
  const parts: Uint8Array[] = [];
  for (const each of stored) {
    const [column = 0, row = 0] = each.split(',').map(Number);
    const tile = await source.displayTile(0, column, row);
    if (tile === null) throw new Error(`no tile ${each}`);
    const head = Buffer.alloc(4);
    head.writeUInt32LE(tile.bytes.length);
    parts.push(head, tile.bytes);
  }
  writeFileSync(file, Buffer.concat(parts));
  return stored.size;
}

/** Seconds until the last of the processes, one a file, has decoded its tiles. */
export async function decodeAlone(files: readonly string[]): Promise<number> {
  const script = join(import.meta.dirname, 'jpeg-turbo-alone.py');
  const times = await Promise.all(
    files.map(async (file) => {
      const { stdout } = await promisify(execFile)('/usr/bin/python3', [script, file]);
      return (JSON.parse(stdout) as { seconds: number }).seconds;
    }),
  );
  return Math.max(...times);
}
