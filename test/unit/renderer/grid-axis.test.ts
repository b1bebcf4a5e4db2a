import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { coreRect, planGrid, tileAt } from '../../../src-main/core/grid.ts';
import { coreAlong, gridAxes, tileAlong } from '../../../src-renderer/overlay/grid-axis.ts';

const plans = fc
  .record({
    imageWidth: fc.integer({ min: 1, max: 30_000 }),
    imageHeight: fc.integer({ min: 1, max: 30_000 }),
    scale: fc.constantFrom(0.25, 0.5, 1, 1.002004, 2, 4),
    tile: fc.integer({ min: 64, max: 1024 }),
    overlapPart: fc.integer({ min: 0, max: 60 }),
  })
  .map(({ imageWidth, imageHeight, scale, tile, overlapPart }) =>
    planGrid({
      imageWidth,
      imageHeight,
      scaleX: scale,
      scaleY: scale,
      tileWidth: tile,
      tileHeight: tile,
      overlap: Math.floor((tile * overlapPart) / 100),
    }),
  );

describe('the closed form of the grid that the shader uses', () => {
  it('has the cores of core/grid.ts', () => {
    fc.assert(
      fc.property(plans, fc.nat(), (plan, pick) => {
        const { x, y } = gridAxes(plan);
        for (const index of [
          0,
          plan.columns - 1,
          plan.columns * plan.rows - 1,
          pick % (plan.columns * plan.rows),
        ]) {
          const core = coreRect(plan, index);
          const [x0, x1] = coreAlong(x, index % plan.columns);
          const [y0, y1] = coreAlong(y, Math.floor(index / plan.columns));
          expect(x0).toBeCloseTo(core.x, 6);
          expect(x1).toBeCloseTo(core.x + core.width, 6);
          expect(y0).toBeCloseTo(core.y, 6);
          expect(y1).toBeCloseTo(core.y + core.height, 6);
        }
      }),
    );
  });

  it('finds the tile that core/grid.ts finds, at borders too', () => {
    fc.assert(
      fc.property(plans, fc.double({ min: 0, max: 1, noNaN: true }), fc.nat(), (plan, part, pick) => {
        const { x, y } = gridAxes(plan);
        const core = coreRect(plan, pick % (plan.columns * plan.rows));
        // A quarter of a pixel off the border: on it, rounding may choose either side.
        const places = [
          [part * plan.imageWidth, part * plan.imageHeight],
          [core.x + 0.25 * plan.scaleX, core.y + 0.25 * plan.scaleY],
          [core.x + core.width - 0.25 * plan.scaleX, core.y + core.height - 0.25 * plan.scaleY],
        ] as const;
        for (const [atX, atY] of places) {
          const fraction = Math.abs(atX / plan.scaleX - Math.round(atX / plan.scaleX));
          if (fraction < 1e-6) continue;
          expect(tileAlong(y, atY) * plan.columns + tileAlong(x, atX)).toBe(tileAt(plan, atX, atY));
        }
      }),
    );
  });
});
