import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { inputSize, placeTile, toTilePlace } from '../../../../src-main/models/input/letterbox.ts';

const square = (side: number) => ({ width: side, height: side });

describe('a tile in an input of another size', () => {
  // By hand from Ultralytics' LetterBox: r = min(h/H, w/W), round(size * r), round(pad / 2 -+ 0.1).
  it.each([
    { tile: square(640), input: square(640), left: 0, top: 0, width: 640, height: 640, scale: 1 },
    { tile: square(1024), input: square(640), left: 0, top: 0, width: 640, height: 640, scale: 0.625 },
    {
      tile: { width: 810, height: 1080 },
      input: square(640),
      left: 80,
      top: 0,
      width: 480,
      height: 640,
      scale: 640 / 1080,
    },
    // 1001 * 0.5 = 500.5, which Python rounds to the even 500; 140 px beside it.
    {
      tile: { width: 1280, height: 1001 },
      input: square(640),
      left: 0,
      top: 70,
      width: 640,
      height: 500,
      scale: 0.5,
    },
    // An odd rest of 139 gives 69 above and 70 below.
    {
      tile: { width: 1280, height: 1002 },
      input: square(640),
      left: 0,
      top: 69,
      width: 640,
      height: 501,
      scale: 0.5,
    },
    {
      tile: { width: 100, height: 50 },
      input: { width: 320, height: 640 },
      left: 0,
      top: 240,
      width: 320,
      height: 160,
      scale: 3.2,
    },
  ])('$tile.width x $tile.height', ({ tile, input, scale, ...place }) => {
    const placement = placeTile(tile, input, 'letterbox');
    expect(placement).toEqual({ ...place, scaleX: scale, scaleY: scale });
  });

  it('stretches to the whole input', () => {
    const placement = placeTile({ width: 800, height: 400 }, square(560), 'stretch');
    expect(placement).toEqual({ ...square(560), left: 0, top: 0, scaleX: 0.7, scaleY: 1.4 });
    expect(toTilePlace(placement, 560, 560)).toEqual([800, 400]);
  });

  it('is refused where nothing says how', () => {
    expect(() => placeTile(square(1024), square(640), undefined)).toThrow(RangeError);
  });

  it('stays within the input, and the way back leads to the tile', () => {
    const size = fc.record({
      width: fc.integer({ min: 1, max: 5000 }),
      height: fc.integer({ min: 1, max: 5000 }),
    });
    fc.assert(
      fc.property(size, size, fc.constantFrom('letterbox', 'stretch'), (tile, input, how) => {
        const p = placeTile(tile, input, how);
        expect(p.left).toBeGreaterThanOrEqual(0);
        expect(p.top).toBeGreaterThanOrEqual(0);
        expect(p.left + p.width).toBeLessThanOrEqual(input.width);
        expect(p.top + p.height).toBeLessThanOrEqual(input.height);
        const [x, y] = toTilePlace(p, p.left + p.width, p.top + p.height);
        // Within the pixel that rounding (and the least size of 1) may add or take.
        expect(Math.abs(x - tile.width) * p.scaleX).toBeLessThanOrEqual(1 + 1e-9);
        expect(Math.abs(y - tile.height) * p.scaleY).toBeLessThanOrEqual(1 + 1e-9);
      }),
    );
  });
});

describe('the size of the input', () => {
  const input = { name: 'x', layout: 'NCHW', dtype: 'float32', bands: ['red'], tileSize: 640 } as const;
  it('is the model’s where it takes one only, else the tile’s', () => {
    const tile = { width: 1024, height: 512 };
    expect(inputSize({ ...input, bands: ['red'], fixedSize: false }, tile)).toEqual(tile);
    expect(inputSize({ ...input, bands: ['red'], fixedSize: true }, tile)).toEqual(square(640));
    expect(inputSize({ ...input, bands: ['red'], fixedSize: true, tileHeight: 320 }, tile)).toEqual({
      width: 640,
      height: 320,
    });
  });
});
