/** The rows of a segmented image out of the masks of its tiles, and how many of those are in memory. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { ModelManifest } from '../../../src-main/contract/model.ts';
import { planGrid } from '../../../src-main/core/grid.ts';
import { packMask } from '../../../src-main/core/segment-mask.ts';
import { maskPlace, seamRule } from '../../../src-main/core/segment-seams.ts';
import { labelRows, type MaskSource } from '../../../src-main/engine/label-rows.ts';
import { deflate, regionsOf, tileMask } from '../core/segment/segment-field.ts';

const nuclei = JSON.parse(
  readFileSync(join(import.meta.dirname, '../../../models/he-nuclei/gigatile.json'), 'utf8'),
) as ModelManifest;
const manifest: ModelManifest = {
  ...nuclei,
  task: 'segment',
  halo: 0,
  seams: 'blend',
  outputs: { classMap: { name: 'o', layout: 'NCHW', activation: 'softmax' } },
  classes: ['a', 'b', 'c'].map((name) => ({ name, color: [0, 0, 0] })),
};
/** More tiles a row than are read at a time. */
const grid = planGrid({
  imageWidth: 484,
  imageHeight: 60,
  scaleX: 1,
  scaleY: 1,
  tileWidth: 16,
  tileHeight: 16,
  overlap: 4,
});
/** Neighbours disagree here and there. */
const model = (x: number, y: number, tile: number): number[] =>
  [0, 1, 2].map((c) => ((x >> 2) * 7 + (y >> 2) * 13 + c * 5 + (tile % 3)) % 11);

/** As rows go by: the classes of all pixels; at the first and the last row of each row of tiles, of how many tiles masks were read. */
async function sweep(): Promise<{ labels: number[]; read: number[]; first: number[]; last: number[] }> {
  const rule = seamRule(manifest);
  const read: number[] = [];
  const file: MaskSource = {
    path: 'a case',
    tiles: {
      mask: (_run, tile) => {
        read.push(tile);
        return packMask(tileMask(model, grid, tile, rule), deflate);
      },
    },
  };
  const cores = Array.from({ length: grid.rows }, (_, row) => maskPlace(grid, row * grid.columns, rule).core);
  const labels: number[] = [];
  const first: number[] = [];
  const last: number[] = [];
  let y = 0;
  for await (const row of labelRows(file, { no: 1, grid, manifest }, null)) {
    for (let run = 0, x = 0; run < row.count; run++)
      for (; x < row.ends[run]!; x++) labels.push(row.labels[run]!);
    if (cores.some((core) => core.y === y)) first.push(read.length);
    y++;
    if (cores.some((core) => core.y + core.height === y)) last.push(read.length);
  }
  return { labels, read, first, last };
}

describe('rows of a segmented image', () => {
  it('are what the masks say, from two rows of tiles at a time', async () => {
    const { labels, read, first, last } = await sweep();
    const { columns, rows } = grid;
    expect(columns).toBeGreaterThan(32);
    expect(labels).toEqual([...regionsOf(model, grid, { classes: 3 }).labels]);
    expect(read).toEqual(Array.from({ length: columns * rows }, (_, tile) => tile));
    // In a row of tiles the next one is read, and none beyond it.
    const upTo = (row: number): number => columns * Math.min(rows, row + 1);
    expect(first).toEqual(Array.from({ length: rows }, (_, row) => upTo(row)));
    expect(last).toEqual(Array.from({ length: rows }, (_, row) => upTo(row + 1)));
  });
});
