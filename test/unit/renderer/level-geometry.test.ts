import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { LevelGeometry } from '../../../src-renderer/viewer/level-geometry.ts';

/** Levels as scanners write them: any downsample, each side rounded down by itself, tiles not always square. */
const images = fc
  .record({
    width: fc.integer({ min: 1, max: 200_000 }),
    height: fc.integer({ min: 1, max: 200_000 }),
    steps: fc.array(fc.constantFrom(2, 3, 4, 5.33), { maxLength: 4 }),
    tileWidth: fc.constantFrom(240, 256, 512),
    tileHeight: fc.constantFrom(240, 256, 512),
  })
  .map(({ width, height, steps, tileWidth, tileHeight }) => {
    let downsample = 1;
    const levels = [1, ...steps].map((step) => {
      downsample *= step;
      return {
        width: Math.max(1, Math.floor(width / downsample)),
        height: Math.max(1, Math.floor(height / downsample)),
        downsample,
        tileWidth,
        tileHeight,
      };
    });
    return { width, height, display: { levels, passthrough: true } };
  });

describe('the pyramid as the viewer sees it', () => {
  it('counts levels from the coarsest, the engine from the finest', () => {
    fc.assert(
      fc.property(images, (image) => {
        const geometry = new LevelGeometry(image);
        expect(geometry.imageLevel(geometry.maxLevel)).toBe(0);
        expect(geometry.imageLevel(0)).toBe(image.display.levels.length - 1);
        expect(geometry.scale(geometry.maxLevel)).toBe(1);
      }),
    );
  });

  it('covers the image exactly at each level, without gap or overlap', () => {
    fc.assert(
      fc.property(images, fc.nat(), (image, pick) => {
        const geometry = new LevelGeometry(image);
        const level = pick % (geometry.maxLevel + 1);
        const columns = geometry.columns(level);
        const rows = geometry.rows(level);
        const aspect = image.height / image.width;
        expect(geometry.bounds(level, 0, 0)).toMatchObject({ x: 0, y: 0 });
        const last = geometry.bounds(level, columns - 1, rows - 1);
        expect(last.x + last.width).toBeCloseTo(1, 9);
        expect((last.y + last.height) / aspect).toBeCloseTo(1, 9);
        if (columns > 1) {
          const next = geometry.bounds(level, 1, 0);
          const first = geometry.bounds(level, 0, 0);
          expect(first.x + first.width).toBeCloseTo(next.x, 12);
        }
        // What is drawn of a tile has no more pixels than the tile, and the last ones none of the padding.
        const source = geometry.source(level, columns - 1, rows - 1);
        const { width, height, tileWidth, tileHeight } = geometry.level(level);
        expect((columns - 1) * tileWidth + source.width).toBe(width);
        expect((rows - 1) * tileHeight + source.height).toBe(height);
      }),
    );
  });

  it('finds the tile under a point by the same bounds', () => {
    fc.assert(
      fc.property(images, fc.nat(), fc.nat(), fc.nat(), (image, pickLevel, pickColumn, pickRow) => {
        const geometry = new LevelGeometry(image);
        const level = pickLevel % (geometry.maxLevel + 1);
        const column = pickColumn % geometry.columns(level);
        const row = pickRow % geometry.rows(level);
        const { x, y, width, height } = geometry.bounds(level, column, row);
        expect(geometry.tileAt(level, x + width / 2, y + height / 2)).toEqual({ column, row });
      }),
    );
  });
});
