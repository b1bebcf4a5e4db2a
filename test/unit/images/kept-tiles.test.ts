/** How often a worker's reader has stored tiles decoded, and how many it keeps, at scales with a level of their own and without. */
import { expect, test } from 'vitest';
import { planGrid } from '../../../src-main/core/grid.ts';
import { workingOrder } from '../../../src-main/core/tile-order.ts';
import type { PixelBackend } from '../../../src-main/images/pixel-backend.ts';
import { PyramidSource } from '../../../src-main/images/pyramid-source.ts';
import { tileReader } from '../../../src-main/workers/inference/tile-reader.ts';
import { noCodecs } from './forge-tiff.ts';

const side = 4096;
const stored = 256;

/** One level of grey tiles, which tells what was asked of it. */
function countingBackend(): { backend: PixelBackend; decoded: Map<string, number>; places: Set<number> } {
  const decoded = new Map<string, number>();
  const places = new Set<number>();
  const backend: PixelBackend = {
    levels: [
      {
        width: side,
        height: side,
        scaleX: 1,
        scaleY: 1,
        passthrough: false,
        tileWidth: stored,
        tileHeight: stored,
        storedTileWidth: stored,
        storedTileHeight: stored,
      },
    ],
    bands: 3,
    dtype: 'uint8',
    colours: { natural: true, palette: null, alphaBand: null },
    missingFromFiner: false,
    decodeTile(_level, column, row, memory) {
      if (memory === undefined) throw new Error('no memory was given');
      decoded.set(`${column},${row}`, (decoded.get(`${column},${row}`) ?? 0) + 1);
      places.add(memory.byteOffset);
      return { width: stored, height: stored, bands: 3, dtype: 'uint8', data: memory };
    },
    storedTile: () => null,
    close: () => undefined,
  };
  return { backend, decoded, places };
}

test.each([
  { scale: 1, mostMB: 12 },
  { scale: 1.9, mostMB: 20 },
  // Levels that are made by halving: stored tiles go into them and are needed no more.
  { scale: 2, mostMB: 10 },
  { scale: 4, mostMB: 10 },
])('at $scale each stored tile is decoded once in a band, and few are kept', async ({ scale, mostMB }) => {
  const { backend, decoded, places } = countingBackend();
  const description = { name: 'x', format: 'x', vendor: null, mpp: null, geo: null, objectivePower: null };
  const source = new PyramidSource(
    backend,
    { ...description, bandNames: null, associated: [], compression: 'x', noData: null },
    noCodecs,
    { maxPixels: 2 ** 28 },
    () => '',
  );
  const plan = planGrid({
    imageWidth: side,
    imageHeight: side,
    scaleX: scale,
    scaleY: scale,
    tileWidth: 256,
    tileHeight: 256,
    overlap: 32,
  });
  const reader = tileReader(source, plan, {
    mpp: null,
    input: {
      name: 'x',
      layout: 'NHWC',
      dtype: 'uint8',
      bands: ['red', 'green', 'blue'],
      tileSize: 256,
      fixedSize: false,
    },
  });
  const [first] = workingOrder(plan, new Float32Array(plan.columns * plan.rows).fill(1));
  for (const tile of first?.band.tiles ?? []) await reader.read(tile);
  expect(decoded.size).toBeGreaterThan(100);
  expect(Math.max(...decoded.values())).toBe(1);
  expect((places.size * stored * stored * 3) / 1e6).toBeLessThan(mostMB);
  source.close();
});
