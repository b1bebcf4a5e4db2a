import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { planDisplayLevels } from '../../../src-main/images/display-levels.ts';
import type { NativeLevel } from '../../../src-main/images/pixel-backend.ts';

function native(width: number, height: number, scale: number, tile = 256): NativeLevel {
  const [w, h] = [Math.max(1, Math.floor(width / scale)), Math.max(1, Math.floor(height / scale))];
  const grid = { tileWidth: tile, tileHeight: tile, storedTileWidth: tile, storedTileHeight: tile };
  return { width: w, height: h, scaleX: width / w, scaleY: height / h, ...grid, passthrough: true };
}

test('an Aperio pyramid (1, 4, 16) is shown as it is, with a top that fits on a screen', () => {
  const levels = planDisplayLevels([1, 4, 16].map((scale) => native(60_000, 40_000, scale)));
  expect(levels.map((level) => level.native)).toEqual([0, 1, 2, null, null]);
  expect(levels.map((level) => level.width)).toEqual([60_000, 15_000, 3750, 1875, 938]);
});

test('no step of more than 4, a top of at most 1024, and every native level is there once, in order', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 300_000 }),
      fc.integer({ min: 1, max: 300_000 }),
      fc.array(fc.integer({ min: 2, max: 40 }), { maxLength: 4 }),
      (width, height, steps) => {
        let scale = 1;
        const natives = [native(width, height, 1)];
        for (const step of steps) {
          scale *= step;
          if (width / scale >= 1 && height / scale >= 1) natives.push(native(width, height, scale));
        }
        const levels = planDisplayLevels(natives);
        const shown = levels.map((level) => level.native).filter((index) => index !== null);
        expect(shown).toEqual(natives.map((_, index) => index));
        const top = levels[levels.length - 1];
        expect(Math.max(top?.width ?? 0, top?.height ?? 0)).toBeLessThanOrEqual(1024);
        for (const [i, level] of levels.entries()) {
          const before = levels[i - 1];
          if (before === undefined) continue;
          expect(level.scaleX / before.scaleX).toBeLessThanOrEqual(4);
          if (level.native === null) expect(level.width).toBe(Math.ceil(before.width / 2));
        }
      },
    ),
  );
});

test('tiles of an awkward size or strips are not shown as they are', () => {
  const strips = { ...native(5000, 5000, 1), tileWidth: 5000, tileHeight: 3, passthrough: false };
  expect(planDisplayLevels([strips])[0]).toMatchObject({ tileWidth: 512, tileHeight: 512 });
  const small = { ...native(5000, 5000, 1, 64), passthrough: false };
  expect(planDisplayLevels([small])[0]).toMatchObject({ tileWidth: 512, tileHeight: 512 });
});
