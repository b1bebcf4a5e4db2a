import { describe, expect, it } from 'vitest';
import {
  cividis,
  classColour,
  cssColour,
  okabeIto,
  paletteOf,
  patternOf,
  sampleRamp,
  stateColours,
  tileColour,
  viridis,
  type Rgb,
} from '../../src-main/core/colour.ts';
import { tileStateCode } from '../../src-main/contract/run.ts';
import { manifest } from '../support/sample-report.ts';

/** CIE L*a*b* (D65) of an sRGB colour: CIE 15, IEC 61966-2-1. */
function lab([r, g, b]: Rgb): [number, number, number] {
  const linear = (value: number) =>
    value <= 10.31475 ? value / 255 / 12.92 : ((value / 255 + 0.055) / 1.055) ** 2.4;
  const [lr, lg, lb] = [linear(r), linear(g), linear(b)];
  const f = (t: number) => (t > 216 / 24389 ? Math.cbrt(t) : (24389 / 27 / 116) * t + 16 / 116);
  const x = f((0.4124 * lr + 0.3576 * lg + 0.1805 * lb) / 0.9505);
  const y = f(0.2126 * lr + 0.7152 * lg + 0.0722 * lb);
  const z = f((0.0193 * lr + 0.1192 * lg + 0.9505 * lb) / 1.089);
  return [116 * y - 16, 500 * (x - y), 200 * (y - z)];
}

/** ΔE*ab of 1976. */
function difference(a: Rgb, b: Rgb): number {
  const [l1, a1, b1] = lab(a);
  const [l2, a2, b2] = lab(b);
  return Math.hypot(l1 - l2, a1 - a2, b1 - b2);
}

/** As eyes without the medium (deuteranopia) or long (protanopia) cones see it: Viénot, Brettel and Mollon 1999. */
function simulate([r, g, b]: Rgb, kind: 'deuteranopia' | 'protanopia'): Rgb {
  const linear = (value: number) =>
    value <= 10.31475 ? value / 255 / 12.92 : ((value / 255 + 0.055) / 1.055) ** 2.4;
  const back = (value: number) => {
    const v = Math.min(1, Math.max(0, value));
    return 255 * (v <= 0.0031308 ? 12.92 * v : 1.055 * v ** (1 / 2.4) - 0.055);
  };
  const [lr, lg, lb] = [linear(r), linear(g), linear(b)];
  const l = 17.8824 * lr + 43.5161 * lg + 4.11935 * lb;
  const m = 3.45565 * lr + 27.1554 * lg + 3.86714 * lb;
  const s = 0.0299566 * lr + 0.184309 * lg + 1.46709 * lb;
  const [l2, m2] = kind === 'protanopia' ? [2.02344 * m - 2.52581 * s, m] : [l, 0.494207 * l + 1.24827 * s];
  return [
    back(0.0809444479 * l2 - 0.130504409 * m2 + 0.116721066 * s),
    back(-0.0102485335 * l2 + 0.0540193266 * m2 - 0.113614708 * s),
    back(-0.000365296938 * l2 - 0.00412161469 * m2 + 0.693511405 * s),
  ];
}

const done = (score: number, classIndex = 255) => ({ state: tileStateCode.done, score, classIndex });

describe('palettes', () => {
  it.each([
    ['cividis', cividis],
    ['viridis', viridis],
  ])('%s grows lighter with the score, for colour-blind eyes too', (_, stops) => {
    for (const see of [
      (c: Rgb) => c,
      (c: Rgb) => simulate(c, 'deuteranopia'),
      (c: Rgb) => simulate(c, 'protanopia'),
    ]) {
      const lightness = Array.from({ length: 33 }, (_, i) => lab(see(sampleRamp(stops, i / 32)))[0]);
      for (let i = 1; i < lightness.length; i++) expect(lightness[i]!).toBeGreaterThan(lightness[i - 1]!);
    }
  });

  it('tells classes apart, for colour-blind eyes too', () => {
    for (const kind of ['deuteranopia', 'protanopia'] as const) {
      for (const [i, a] of okabeIto.entries()) {
        for (const b of okabeIto.slice(i + 1)) {
          expect(difference(a, b)).toBeGreaterThan(20);
          expect(difference(simulate(a, kind), simulate(b, kind))).toBeGreaterThan(7);
        }
      }
    }
  });

  it('shows high scores and failed tiles on stained tissue and on glass', () => {
    const tissue: Rgb[] = [
      [214, 150, 190],
      [160, 90, 160],
      [90, 60, 130],
      [245, 243, 246],
    ];
    for (const colour of tissue) {
      expect(difference(sampleRamp(cividis, 1), colour)).toBeGreaterThan(50);
      expect(
        difference([stateColours.failed[0], stateColours.failed[1], stateColours.failed[2]], colour),
      ).toBeGreaterThan(25);
    }
  });

  it('clamps what lies beyond', () => {
    expect(sampleRamp(cividis, -1)).toEqual(cividis[0]);
    expect(sampleRamp(cividis, 2)).toEqual(cividis.at(-1));
  });
});

describe('colour of a tile', () => {
  const byScore = paletteOf(manifest);
  const byClass = paletteOf({ ...manifest, tileColor: { by: 'class' } });

  it('shows the score along the ramp, or the class, stronger with the score', () => {
    expect(tileColour(done(255), byScore)).toEqual([254, 232, 56, 255]);
    expect(tileColour(done(0), byScore)).toEqual([0, 34, 78, 255]);
    expect(tileColour(done(255, 1), byClass)).toEqual([230, 159, 0, 255]);
    const weak = tileColour(done(50, 1), byClass);
    expect(weak.slice(0, 3)).toEqual([230, 159, 0]);
    expect(weak[3]).toBeLessThan(255);
  });

  it('steps back below the threshold, but stays', () => {
    const above = tileColour(done(128), byScore, 0.5);
    const below = tileColour(done(127), byScore, 0.5);
    expect(above[3]).toBe(255);
    expect(below[3]).toBeGreaterThan(0);
    expect(below[3]).toBeLessThan(100);
  });

  it('gives each state its own colour and pattern', () => {
    const states = ['failed', 'skipped', 'waiting', 'running'] as const;
    const colours = states.map((state) => tileColour({ ...done(200), state: tileStateCode[state] }, byScore));
    expect(new Set(colours.map(String)).size).toBe(4);
    expect(states.map((state) => patternOf(tileStateCode[state]))).toEqual([
      'hatch',
      'hatch',
      'outline',
      'outline',
    ]);
    expect(tileColour({ ...done(200), state: tileStateCode.pending }, byScore)[3]).toBe(0);
    expect(patternOf(tileStateCode.pending)).toBe('none');
  });

  it('takes the model’s class colours, else the default ones', () => {
    expect(classColour(manifest, 0)).toEqual([86, 180, 233]);
    expect(classColour(manifest, 9)).toEqual(okabeIto[2]);
    expect(cssColour([1, 16, 255])).toBe('#0110ff');
  });
});
