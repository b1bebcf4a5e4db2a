import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { tileStateCode } from '../../src-main/contract/run.ts';
import { areaMeasure } from '../../src-main/core/areas.ts';
import { planGrid, tileCount } from '../../src-main/core/grid.ts';
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
