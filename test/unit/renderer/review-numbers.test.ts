/** Numbers beside the decisions, what was looked at, and the region that annotations make for a run. */
import { describe, expect, it } from 'vitest';
import { decodeFindingFrame, encodeFindingFrame } from '../../../src-main/contract/finding-frame.ts';
import { findingNumbers, positiveIndex } from '../../../src-renderer/findings/finding-numbers.ts';
import { densestSquare } from '../../../src-renderer/findings/densest-square.ts';
import { countedCentres, hotspotSize } from '../../../src-renderer/findings/hotspot.ts';
import { everywhere, regionParameters } from '../../../src-renderer/runs/region-select.tsx';
import { FindingSet } from '../../../src-renderer/state/finding-set.ts';

const scores = [0.9, 0.8, 0.7, 0.6, 0.4];
const frame = encodeFindingFrame(scores.length, (i) => ({
  x: i * 10,
  y: 0,
  width: 5,
  height: 5,
  score: scores[i] ?? 0,
  classIndex: i % 2,
  verdict: i === 1 ? 2 : i === 2 ? 1 : 0,
}));
const set = new FindingSet(decodeFindingFrame(frame.buffer as ArrayBuffer), { width: 100, height: 100 });
const classes = [{ name: 'positive nucleus' }, { name: 'negative nucleus' }];

describe('the numbers', () => {
  it('count from the threshold on, by class, and follow a decision', () => {
    const before = findingNumbers(set, 0.5, 2);
    expect(before).toMatchObject({ accepted: 1, rejected: 1, undecided: 2 });
    expect(before.byClass).toEqual([
      { accepted: 1, rejected: 0, undecided: 1 },
      { accepted: 0, rejected: 1, undecided: 1 },
    ]);
    // Two positive and one negative count: the rejected one does not.
    expect(positiveIndex(classes, before.byClass)).toBeCloseTo(2 / 3, 9);
    set.verdicts[0] = 2;
    expect(positiveIndex(classes, findingNumbers(set, 0.5, 2).byClass)).toBeCloseTo(1 / 2, 9);
    set.verdicts[0] = 0;
  });

  it('have no positive index where there is no such pair of classes, or nothing counts', () => {
    expect(positiveIndex([{ name: 'nucleus' }], findingNumbers(set, 0, 1).byClass)).toBeNull();
    expect(positiveIndex(classes, findingNumbers(set, 0.99, 2).byClass)).toBeNull();
  });
});

describe('the hotspot', () => {
  it('is where most findings that count are, of an area in the image’s own units', () => {
    const at = [10, 12, 14, 900, 905, 910, 915];
    const near = encodeFindingFrame(at.length, (i) => ({
      x: at[i] ?? 0,
      y: 500,
      width: 2,
      height: 2,
      score: 0.9,
      classIndex: 0,
      verdict: i >= 5 ? 2 : 0,
    }));
    const findings = new FindingSet(decodeFindingFrame(near.buffer as ArrayBuffer), {
      width: 1000,
      height: 1000,
    });
    const size = hotspotSize({ mpp: { x: 1, y: 1 }, geo: null });
    expect(size).toEqual({ area: 2, unit: 'mm²', pixel: { width: 0.001, height: 0.001 } });
    const small = { area: 0.01, pixel: { width: 0.001, height: 0.001 } };
    const hotspot = (threshold: number) =>
      densestSquare({
        centres: countedCentres(findings, threshold),
        image: { width: 1000, height: 1000 },
        ...small,
      });
    const found = hotspot(0.5);
    // Two of the four on the right were rejected.
    expect(found?.count).toBe(3);
    expect(found?.rect.width).toBeCloseTo(100, 6);
    expect(found?.rect.x).toBeLessThan(12);
    expect(hotspot(0.95)).toBeNull();
    expect(hotspotSize({ mpp: null, geo: null })).toBeNull();
    // What the person said of the image at the run goes before the file, as it does for densities.
    expect(hotspotSize({ mpp: null, geo: null }, 1)).toEqual(size);
    expect(hotspotSize({ mpp: { x: 0.25, y: 0.25 }, geo: null }, 1)).toEqual(size);
  });
});

describe('the region of a run', () => {
  const box = (className: string, x: number) => ({
    kind: 'rectangle' as const,
    points: [
      [x, 0],
      [x + 10, 10],
    ] as [number, number][],
    className,
  });
  const drawn = [
    box('Tumour', 0),
    box('Stroma', 20),
    box('Exclude', 40),
    { kind: 'ruler' as const, points: box('Tumour', 0).points, className: 'Tumour' },
  ];

  it('is the areas of the chosen class; what is to be left out is so whatever is chosen', () => {
    const tumour = regionParameters(drawn, 'Tumour');
    expect(tumour.roi).toEqual([
      [
        [0, 0],
        [10, 0],
        [10, 10],
        [0, 10],
      ],
    ]);
    expect(tumour.exclude).toHaveLength(1);
    expect(regionParameters(drawn, everywhere)).toEqual({ exclude: tumour.exclude });
    expect(regionParameters(drawn.slice(0, 2), 'Necrosis')).toEqual({});
    const [corner] = tumour.roi?.[0] ?? [];
    const holed = { ...box('Stroma', 0), kind: 'polygon' as const, points: tumour.roi?.[0] ?? [] };
    const holes = [[[2, 2] as [number, number], [4, 2] as [number, number], [4, 4] as [number, number]]];
    // There and back again.
    expect(regionParameters([{ ...holed, holes }], 'Stroma').roi).toEqual([
      [corner, ...(holes[0] ?? []), [2, 2], corner, [10, 0], [10, 10], [0, 10]],
    ]);
  });
});
