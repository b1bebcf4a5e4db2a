/** How the tiles' colour gives the tissue free as one comes closer. */
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { insideStrength } from '../../../src-renderer/overlay/view-transform.ts';

describe('what remains of the colour inside of a tile', () => {
  it('is all of it on the overview, and a light tint at 1:1 whatever the size of the tiles', () => {
    expect(insideStrength(1 / 64, 8)).toBe(1);
    expect(insideStrength(1 / 4, 64)).toBe(1);
    for (const tileSize of [16, 64, 224, 512, 2048]) expect(insideStrength(1, tileSize)).toBeLessThan(0.1);
  });

  it('is less where a tile fills the screen, even far from the full resolution', () => {
    expect(insideStrength(1 / 32, 700)).toBeCloseTo(0.35, 6);
  });

  it('never grows on the way in', () => {
    fc.assert(
      fc.property(
        fc.double({ min: 1e-3, max: 8, noNaN: true }),
        fc.double({ min: 1, max: 4, noNaN: true }),
        fc.integer({ min: 8, max: 4096 }),
        (scale, closer, tile) => {
          const before = insideStrength(scale, tile * scale);
          const after = insideStrength(scale * closer, tile * scale * closer);
          expect(after).toBeLessThanOrEqual(before + 1e-12);
          expect(after).toBeGreaterThan(0);
        },
      ),
    );
  });
});
