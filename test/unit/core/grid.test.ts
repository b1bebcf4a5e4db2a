import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  coreModelRect,
  modelSize,
  planGrid,
  tileAt,
  tileCount,
  tileModelRect,
  tilesIn,
} from '../../../src-main/core/grid.ts';
import type { GridRequest } from '../../../src-main/core/grid.ts';

const request = fc
  .record({
    imageWidth: fc.integer({ min: 1, max: 4000 }),
    imageHeight: fc.integer({ min: 1, max: 4000 }),
    scaleX: fc.constantFrom(1, 2, 0.5, 1.002, 3.7),
    scaleY: fc.constantFrom(1, 2, 0.5, 1.002),
    tileWidth: fc.integer({ min: 64, max: 600 }),
    tileHeight: fc.integer({ min: 64, max: 600 }),
    overlap: fc.integer({ min: 0, max: 63 }),
  })
  .map((r): GridRequest => r);

describe('a grid', () => {
  it('has cores that cover every model pixel exactly once', () => {
    fc.assert(
      fc.property(request, (r) => {
        const plan = planGrid(r);
        const size = modelSize(plan);
        let area = 0;
        for (let i = 0; i < tileCount(plan); i++) {
          const core = coreModelRect(plan, i);
          expect(core.width).toBeGreaterThan(0);
          expect(core.height).toBeGreaterThan(0);
          area += core.width * core.height;
          // Neighbours touch: where this core ends, the next one starts.
          if (i % plan.columns < plan.columns - 1)
            expect(coreModelRect(plan, i + 1).x).toBe(core.x + core.width);
          if (i + plan.columns < tileCount(plan)) {
            expect(coreModelRect(plan, i + plan.columns).y).toBe(core.y + core.height);
          }
        }
        expect(area).toBe(size.width * size.height);
      }),
      { numRuns: 200 },
    );
  });

  it('gives each core half the overlap as context on every inner side, and full tiles within the image', () => {
    fc.assert(
      fc.property(request, (r) => {
        const plan = planGrid(r);
        const size = modelSize(plan);
        const margin = Math.floor(plan.overlap / 2);
        // One assertion a grid: there are many thousand tiles in all.
        const wrong: object[] = [];
        for (let i = 0; i < tileCount(plan); i++) {
          const core = coreModelRect(plan, i);
          const tile = tileModelRect(plan, i);
          const right = core.x + core.width;
          const isRight =
            (size.width < plan.tileWidth || tile.x + tile.width <= size.width) &&
            (core.x <= 0 || core.x - tile.x >= margin) &&
            (right >= size.width || tile.x + tile.width - right >= margin) &&
            (core.y <= 0 || core.y - tile.y >= margin);
          if (!isRight) wrong.push({ i, core, tile });
        }
        expect(wrong).toEqual([]);
      }),
      { numRuns: 200 },
    );
  });

  it('finds the tile that owns a point, and the tiles of a rectangle', () => {
    fc.assert(
      fc.property(
        request,
        fc.double({ min: 0, max: 0.999, noNaN: true }),
        fc.double({ min: 0, max: 0.999, noNaN: true }),
        (r, fx, fy) => {
          const plan = planGrid(r);
          const size = modelSize(plan);
          const x = Math.floor(fx * size.width);
          const y = Math.floor(fy * size.height);
          const tile = tileAt(plan, (x + 0.5) * plan.scaleX, (y + 0.5) * plan.scaleY);
          const core = coreModelRect(plan, tile);
          expect(x >= core.x && x < core.x + core.width && y >= core.y && y < core.y + core.height).toBe(
            true,
          );
          const all = tilesIn(plan, { x: 0, y: 0, width: plan.imageWidth, height: plan.imageHeight });
          expect(all).toEqual(Array.from({ length: tileCount(plan) }, (_, i) => i));
        },
      ),
    );
  });

  it('refuses an overlap that leaves no step', () => {
    expect(() =>
      planGrid({
        imageWidth: 99,
        imageHeight: 99,
        scaleX: 1,
        scaleY: 1,
        tileWidth: 64,
        tileHeight: 64,
        overlap: 64,
      }),
    ).toThrow(RangeError);
  });
});
