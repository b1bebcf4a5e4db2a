import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { tileStateCode } from '../../src-main/contract/run.ts';
import { areaMeasure } from '../../src-main/core/areas.ts';
import { planGrid, tileCount } from '../../src-main/core/grid.ts';
import { findHotspots, windowFor } from '../../src-main/core/hotspots.ts';
import { areaFractions, areaOfTiles, density, FindingCounter } from '../../src-main/core/statistics.ts';

const plan = planGrid({
  imageWidth: 2220,
  imageHeight: 2967,
  scaleX: 1.002,
  scaleY: 1.002,
  tileWidth: 512,
  tileHeight: 512,
  overlap: 64,
});
const measure = areaMeasure({ mpp: { x: 0.5, y: 0.5 }, geo: null, width: 2220, height: 2967 });

describe('areas', () => {
  it('of all tiles add up to the image', () => {
    const all = areaOfTiles(plan, new Uint8Array(tileCount(plan)).fill(tileStateCode.done), measure);
    expect(all?.unit).toBe('mm²');
    // A model pixel at the rim may be a part of an image pixel.
    expect(all?.value).toBeCloseTo((2220 * 2967 * 0.25) / 1e6, 2);
    expect(all?.value).toBeLessThanOrEqual((2220 * 2967 * 0.25) / 1e6);
  });

  it('of states partition them', () => {
    const states = Uint8Array.from({ length: tileCount(plan) }, (_, i) => i % 6);
    const sum = [0, 1, 2, 3, 4, 5].reduce(
      (area, state) => area + (areaOfTiles(plan, states, measure, state)?.value ?? NaN),
      0,
    );
    expect(sum).toBeCloseTo((2220 * 2967 * 0.25) / 1e6, 2);
    expect(areaOfTiles(plan, states, null)).toBeNull();
  });

  it('weigh class fractions, over done tiles only', () => {
    const states = new Uint8Array(tileCount(plan)).fill(tileStateCode.failed);
    const fractions = new Float32Array(tileCount(plan) * 2).fill(0.9);
    expect(areaFractions(plan, states, fractions, 2, measure)).toBeNull();
    states[0] = states[1] = tileStateCode.done;
    fractions.set([1, 0, 0, 1]);
    const [a = 0, b = 0] = areaFractions(plan, states, fractions, 2, measure) ?? [];
    expect(a + b).toBeCloseTo(1);
    // The first core reaches from the rim to the middle of the overlap, the second from middle to middle: 480 and 448 wide.
    expect(a / b).toBeCloseTo(480 / 448, 2);
  });

  it('give a density, or none', () => {
    expect(density(10, { value: 4, unit: 'mm²' })).toBe(2.5);
    expect(density(10, null)).toBeNull();
    expect(density(0, { value: 0, unit: 'mm²' })).toBeNull();
  });
});

describe('counts', () => {
  it('add up, whatever the findings', () => {
    const finding = fc.record({
      score: fc.double({ min: 0, max: 1, noNaN: true }),
      classIndex: fc.nat(2),
      verdict: fc.constantFrom('accepted' as const, 'rejected' as const, null),
    });
    fc.assert(
      fc.property(fc.array(finding), fc.double({ min: 0, max: 1, noNaN: true }), (findings, threshold) => {
        const counter = new FindingCounter(3, threshold);
        for (const each of findings) counter.add(each);
        const { counts } = counter;
        const sum = (values: number[]) => values.reduce((a, b) => a + b, 0);
        expect(counts.total).toBe(findings.filter(({ score }) => score >= threshold).length);
        expect(counts.accepted + counts.rejected + counts.undecided).toBe(counts.total);
        expect(sum(counts.byClass)).toBe(counts.total);
        expect(sum(counts.acceptedByClass)).toBe(counts.accepted);
        expect(sum(counts.rejectedByClass)).toBe(counts.rejected);
        expect(sum(counts.histogram)).toBe(findings.length);
        expect(counts.histogram).toHaveLength(20);
      }),
    );
  });
});

describe('hotspots', () => {
  const request = { imageWidth: 10_000, imageHeight: 8000, windowWidth: 1000, windowHeight: 1000, most: 3 };

  it('find the planted clusters, the densest first', () => {
    const centres: number[] = [];
    const plant = (x: number, y: number, count: number) => {
      for (let i = 0; i < count; i++) centres.push(x + (i % 10) * 40, y + Math.floor(i / 10) * 30);
    };
    plant(7000, 5000, 90);
    plant(1000, 900, 120);
    plant(8500, 200, 40);
    const found = findHotspots(centres, request);
    expect(found.map(({ count }) => count)).toEqual([120, 90, 40]);
    expect(found[0]?.rect.x).toBeGreaterThan(0);
    expect(found[0]!.rect.x).toBeLessThanOrEqual(1000);
    expect(found[0]!.rect.x + 1000).toBeGreaterThanOrEqual(1360);
  });

  it('don’t overlap, lie in the image, and count what lies in them', () => {
    const centre = fc.tuple(fc.nat(9999), fc.nat(7999));
    fc.assert(
      fc.property(
        fc.array(centre, { maxLength: 200 }),
        fc.integer({ min: 300, max: 20_000 }),
        fc.integer({ min: 300, max: 20_000 }),
        (points, windowWidth, windowHeight) => {
          const found = findHotspots(points.flat(), { ...request, windowWidth, windowHeight });
          if (points.length > 0) expect(found.length).toBeGreaterThan(0);
          for (const [i, { rect, count }] of found.entries()) {
            expect(rect.x).toBeGreaterThanOrEqual(0);
            expect(rect.y).toBeGreaterThanOrEqual(0);
            expect(rect.x + rect.width).toBeLessThanOrEqual(10_000 + 1e-6);
            expect(rect.y + rect.height).toBeLessThanOrEqual(8000 + 1e-6);
            const inside = points.filter(
              ([x, y]) => x >= rect.x && x < rect.x + rect.width && y >= rect.y && y < rect.y + rect.height,
            );
            expect(count).toBe(inside.length);
            for (const { rect: other } of found.slice(i + 1)) {
              const isApart =
                rect.x + rect.width <= other.x + 1e-6 ||
                other.x + other.width <= rect.x + 1e-6 ||
                rect.y + rect.height <= other.y + 1e-6 ||
                other.y + other.height <= rect.y + 1e-6;
              expect(isApart).toBe(true);
            }
          }
        },
      ),
      { numRuns: 5000 },
    );
  });

  it('don’t overlap where the last window is pushed back into the image', () => {
    const found = findHotspots([0, 0, 0, 4001], { ...request, windowWidth: 300, windowHeight: 4001 });
    expect(found).toHaveLength(1);
  });

  it('take the whole image where the window is larger, and nothing where there is nothing', () => {
    const small = { ...request, imageWidth: 500, imageHeight: 400 };
    expect(findHotspots([10, 10, 490, 390], small)).toEqual([
      { rect: { x: 0, y: 0, width: 500, height: 400 }, count: 2 },
    ]);
    expect(findHotspots([], request)).toEqual([]);
    expect(windowFor(2, { width: 0.0005, height: 0.001 }).width).toBeCloseTo(2828.43, 2);
  });
});
