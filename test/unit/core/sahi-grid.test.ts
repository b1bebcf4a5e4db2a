import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readRunOptions } from '../../../src-main/cli/run-options.ts';
import { planGrid, tileAt, tileCount, tileModelRect, coreModelRect } from '../../../src-main/core/grid.ts';
import { sahiAuto, sahiSlices, sahiSlicing } from '../../../src-main/core/sahi-grid.ts';

const starts = (slices: readonly (readonly number[])[], axis: 0 | 1) => [
  ...new Set(slices.map((s) => s[axis])),
];

describe("SAHI's slices", () => {
  it('as SAHI cuts, seen by running it', () => {
    const slices = sahiSlices(1000, 1000, sahiSlicing(512, 512));
    expect(slices).toHaveLength(9);
    expect(starts(slices, 0)).toEqual([0, 410, 488]);
    expect(slices[1]).toEqual([410, 0, 922, 512]);
    expect(starts(sahiSlices(513, 512, sahiSlicing(512, 512)), 0)).toEqual([0, 1]);
    expect(sahiSlices(300, 200, sahiSlicing(512, 512))).toEqual([[0, 0, 300, 200]]);
  });

  it('by themselves: few for small images, useless ones for large', () => {
    const count = (width: number, height: number) =>
      sahiSlices(width, height, sahiAuto(width, height)).length;
    expect(count(512, 512)).toBe(1);
    // A factor of 20 (1024² has 19): the whole image, cut by nothing.
    expect(count(1024, 1024)).toBe(1);
    expect(sahiAuto(2048, 2048)).toMatchObject({ sliceWidth: 1024, sliceHeight: 1024, overlapX: 409 });
    expect(count(2048, 2048)).toBe(9);
    expect(count(4097, 4097)).toBe(36);
    expect(sahiAuto(80_000, 100_000)).toMatchObject({ sliceWidth: 20_000, sliceHeight: 12_500 });
    expect(count(80_000, 100_000)).toBe(78);
  });

  it('refuse a ratio of 1 or more', () => {
    for (const ratio of [1, 1.5, -0.1, NaN]) expect(() => sahiSlicing(512, 512, ratio)).toThrow(/ratio/);
  });

  const request = fc.record({
    imageWidth: fc.integer({ min: 1, max: 3000 }),
    imageHeight: fc.integer({ min: 1, max: 3000 }),
    width: fc.integer({ min: 40, max: 700 }),
    height: fc.integer({ min: 40, max: 700 }),
    ratio: fc.double({ min: 0, max: 0.95, noNaN: true }),
  });

  it('are the tiles of a grid with their overlap, where the image is no smaller than a slice', () => {
    fc.assert(
      fc.property(request, ({ imageWidth, imageHeight, width, height, ratio }) => {
        const slicing = sahiSlicing(width, height, ratio);
        const slices = sahiSlices(imageWidth, imageHeight, slicing);
        const plan = planGrid({
          imageWidth,
          imageHeight,
          scaleX: 1,
          scaleY: 1,
          tileWidth: width,
          tileHeight: height,
          overlap: slicing.overlapX,
          overlapY: slicing.overlapY,
        });
        expect(tileCount(plan)).toBe(slices.length);
        // One assertion a grid: there are many thousand tiles in all.
        const rects = slices.map((_, tile) => {
          const { x, y } = tileModelRect(plan, tile);
          // Of an image smaller than a slice SAHI's ends with the image, ours reaches beyond.
          return [x, y, Math.min(imageWidth, x + width), Math.min(imageHeight, y + height)];
        });
        expect(slices.map(String).join('\n')).toBe(rects.map(String).join('\n'));
        // What each tile owns partitions the image, whatever the overlaps.
        let area = 0;
        const owned: number[] = [];
        for (let tile = 0; tile < tileCount(plan); tile++) {
          const core = coreModelRect(plan, tile);
          area += core.width * core.height;
          owned.push(tileAt(plan, core.x, core.y));
        }
        expect(owned.findIndex((found, tile) => found !== tile)).toBe(-1);
        expect(area).toBe(imageWidth * imageHeight);
      }),
      { numRuns: 100 },
    );
  });
});

describe('--grid', () => {
  it('takes columns and rows, or slices of SAHI by size, ratio or itself', () => {
    expect(readRunOptions({ grid: '8x6' })).toEqual({ grid: { columns: 8, rows: 6 } });
    expect(readRunOptions({ grid: 'sahi:auto' })).toEqual({ slices: { by: 'auto' } });
    expect(readRunOptions({ grid: 'sahi:640x512' })).toEqual({
      slices: { by: 'size', width: 640, height: 512 },
    });
    expect(readRunOptions({ grid: 'sahi:640x512:0.25' })).toEqual({
      slices: { by: 'size', width: 640, height: 512, ratio: 0.25 },
    });
    for (const grid of [
      'sahi',
      'sahi:',
      'sahi:640',
      'sahi:640x512:1',
      'sahi:640x512:',
      'sahi:0x5',
      '0x5',
      '8',
    ]) {
      expect(() => readRunOptions({ grid })).toThrow(/--grid/);
    }
  });
});
