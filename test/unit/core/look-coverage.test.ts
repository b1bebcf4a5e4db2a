/** What was looked at: what a grid of closest looks keeps and tells. */
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { closeLook, LookCoverage } from '../../../src-main/core/look-coverage.ts';

const image = { width: 9600, height: 4800 };
const whole = { x: 0, y: 0, ...image };

describe('what was looked at', () => {
  it('is kept at its closest, and counted', () => {
    const coverage = new LookCoverage(image);
    expect([coverage.columns, coverage.rows]).toEqual([96, 48]);
    coverage.add(whole, 8);
    expect(coverage.share(8)).toBe(1);
    expect(coverage.share(1)).toBe(0);
    coverage.add({ x: 0, y: 0, width: 4800, height: 2400 }, 1);
    coverage.add(whole, 4);
    expect(coverage.share(1)).toBe(0.25);
    expect(coverage.at(0, 0)).toBe(1);
    expect(coverage.at(95, 47)).toBe(4);
    expect(new LookCoverage(image, coverage.cells).share(1)).toBe(0.25);
    // Of an image of another shape.
    expect(new LookCoverage(image, new Uint8Array(7)).share(4)).toBe(0);
  });

  it('is the same in whatever order looks come, and however they are split between windows', () => {
    const look = fc.record({
      x: fc.nat(9000),
      y: fc.nat(4500),
      width: fc.nat(5000),
      height: fc.nat(3000),
      pixels: fc.constantFrom(0.5, 1, 2, 4, 16),
    });
    fc.assert(
      fc.property(fc.array(look, { maxLength: 8 }), fc.nat(8), (looks, at) => {
        const once = new LookCoverage(image);
        for (const { pixels, ...rect } of looks) once.add(rect, pixels);
        const [one, other] = [new LookCoverage(image), new LookCoverage(image)];
        for (const { pixels, ...rect } of looks.slice(at).toReversed()) one.add(rect, pixels);
        for (const { pixels, ...rect } of looks.slice(0, at)) other.add(rect, pixels);
        one.merge(other);
        expect(one.cells).toEqual(once.cells);
      }),
      { numRuns: 50 },
    );
  });

  it('is close from 10x on, or from a quarter of the full resolution where there is no scale', () => {
    expect(closeLook({ x: 0.25 })).toBeCloseTo(4.4, 9);
    expect(closeLook({ x: 0.5 })).toBeCloseTo(2.2, 9);
    expect(closeLook(null)).toBeCloseTo(4.4, 9);
  });
});
