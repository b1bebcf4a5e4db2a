/** From one grid to another, against looking at every pair of cells. */
import { assert, constantFrom, integer, property, record } from 'fast-check';
import { expect, it } from 'vitest';
import type { GridPlan } from '../../../src-main/contract/run.ts';
import { cellsOver, highestOver } from '../../../src-main/core/gate-cells.ts';
import { coreRect, planGrid, tileCount } from '../../../src-main/core/grid.ts';

const image = record({
  imageWidth: integer({ min: 1, max: 900 }),
  imageHeight: integer({ min: 1, max: 900 }),
});
const tiles = record({
  tileWidth: integer({ min: 24, max: 200 }),
  tileHeight: integer({ min: 24, max: 200 }),
  overlap: integer({ min: 0, max: 20 }),
  scale: constantFrom(0.5, 1, 1.7, 4),
});
type Tiles = { tileWidth: number; tileHeight: number; overlap: number; scale: number };

const planOf = (size: { imageWidth: number; imageHeight: number }, { scale, ...request }: Tiles): GridPlan =>
  planGrid({ ...size, ...request, scaleX: scale, scaleY: scale });

function overlaps(plan: GridPlan, cell: number, over: GridPlan, other: number): boolean {
  const [a, b] = [coreRect(plan, cell), coreRect(over, other)];
  const shares = (from: number, length: number, start: number, size: number): boolean =>
    start + size > from + 1e-6 && start < from + length - 1e-6;
  return shares(a.x, a.width, b.x, b.width) && shares(a.y, a.height, b.y, b.height);
}

it('each cell has the highest value of all that lie over it', () => {
  assert(
    property(image, tiles, tiles, integer(), (size, ownTiles, overTiles, seed) => {
      const [plan, over] = [planOf(size, ownTiles), planOf(size, overTiles)];
      const values = Float32Array.from(
        { length: tileCount(over) },
        (_, i) => Math.abs(Math.sin(seed + i * 12.9898) * 43_758.5453) % 1,
      );
      const highest = highestOver(plan, over, values);
      for (let cell = 0; cell < tileCount(plan); cell++) {
        const lying = [...values.keys()].filter((other) => overlaps(plan, cell, over, other));
        // At the edge of the image rounding may leave a cell with none: then its neighbour speaks, whichever that is.
        if (lying.length === 0) continue;
        expect(highest[cell]).toBe(Math.max(...lying.map((other) => values[other]!)));
      }
    }),
    { numRuns: 60 },
  );
});

it('what is not known lets through', () => {
  const plan = planOf(
    { imageWidth: 100, imageHeight: 100 },
    { tileWidth: 50, tileHeight: 50, overlap: 0, scale: 1 },
  );
  expect(
    [...highestOver(plan, plan, Float32Array.of(0.2, Number.NaN, 0, 0.9))].map((v) => Math.round(v * 10)),
  ).toEqual([2, 10, 0, 9]);
});

it('looks only where a cell is wanted', () => {
  const plan = planOf(
    { imageWidth: 100, imageHeight: 100 },
    { tileWidth: 25, tileHeight: 25, overlap: 0, scale: 1 },
  );
  const over = planOf(
    { imageWidth: 100, imageHeight: 100 },
    { tileWidth: 50, tileHeight: 50, overlap: 0, scale: 1 },
  );
  expect([...cellsOver(plan, over, (cell) => cell === 0 || cell === 5)]).toEqual([1, 0, 0, 0]);
  expect([...cellsOver(plan, over, (cell) => cell === 6 || cell === 15)]).toEqual([0, 1, 0, 1]);
  expect([...cellsOver(plan, over, () => false)]).toEqual([0, 0, 0, 0]);
});
